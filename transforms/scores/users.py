"""Rep grades (method section 4): each covered account counts once, in its highest band of the user's own view.

A surplus in a band fills the one below, so the needs read "or better". Users below the minimum sample get no grade. What
is counted is a lower bound where inbound mail of a user is not captured: a grade that is reached stands, but nobody is
called Novice for want of captured mail. With individual grading off there is no row at all.
"""

from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.history.account_ops import scores_of_reps
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, since, summed, zero
from transforms.tables import people, users

BANDS = ("Initial", "Mid", "Strong")
GRADES = ("Novice", "Junior", "Intermediate", "Senior", "Top")


def select(context: Context) -> sa.Select[Any]:
    """One row per active user who is a person (`scores.users`)."""
    graded = _graded(context, sample(context))
    return graded if context.grade_individuals else graded.where(sa.false())


def sample(context: Context) -> sa.CTE:
    """What the grade of each active user who is a person rests on."""
    bands, known, capture = _bands(), _known(context), tables.user_capture
    joined: sa.FromClause = users
    for part in (bands, known, capture):
        joined = joined.outerjoin(part, users.c.user_key == part.c.user_key)
    counts = {name: zero(bands.c[name]) for name in ("covered", "accounts_initial", "accounts_mid", "accounts_strong")}
    return (
        sa.select(
            users.c.crm,
            users.c.user_id,
            users.c.user_key,
            *(value.label(name) for name, value in counts.items()),
            users.c.manager_id,
            users.c.industry_expert,
            sa.func.coalesce(capture.c.captured, False).label("captured"),
            zero(known.c.people).label("people_known"),
        )
        .select_from(joined)
        .where(users.c.is_active.is_(True), users.c.is_person.is_(True))
        .cte("sample")
    )


def _graded(context: Context, base: sa.CTE) -> sa.Select[Any]:
    """Adds the grade and what the next one needs; `reached` is what the log alone shows."""
    graded = sa.select(*base.c, _grade(context, base).label("reached")).cte("graded")
    steps = tuple(pairwise(GRADES))
    following = sa.case(*((graded.c.reached == now, after) for now, after in steps))
    unknown = sa.and_(graded.c.reached == GRADES[0], ~graded.c.captured)
    ops = scores_of_reps(context)
    return sa.select(
        *(column for column in graded.c if column.name in tables.users.c),
        ops.c.account_ops_score,
        sa.case((unknown, sa.null()), else_=graded.c.reached).label("grade"),
        following.label("next_grade"),
        *(_missing(context, graded, band).label(f"needs_{band}") for band in ("strong", "mid", "all")),
    ).select_from(graded.outerjoin(ops, (graded.c.crm == ops.c.crm) & (graded.c.user_id == ops.c.user_id)))


def _grade(context: Context, base: sa.CTE) -> Number:
    senior = _reaches(context, base, "Senior")
    top = sa.and_(senior, sa.or_(base.c.industry_expert.is_(True), _reaches(context, base, "Top")))
    return sa.case(
        (base.c.covered < context.method["rep.min_accounts"], sa.null()),
        (top, "Top"),
        (senior, "Senior"),
        (_reaches(context, base, "Intermediate"), "Intermediate"),
        (_reaches(context, base, "Junior"), "Junior"),
        else_="Novice",
    )


def at_least(base: sa.CTE, band: str) -> Number:
    """Accounts in a band or better: `strong`, `mid` or `all`."""
    strong, mid = base.c.accounts_strong, base.c.accounts_strong + base.c.accounts_mid
    return {"strong": strong, "mid": mid, "all": mid + base.c.accounts_initial}[band]


def _needed(context: Context, grade: str, band: str) -> int:
    return int(context.method.values.get(f"rep.{grade.lower()}_{band}", 0))


def _reaches(context: Context, base: sa.CTE, grade: str) -> Condition:
    return sa.and_(*(at_least(base, band) >= _needed(context, grade, band) for band in ("strong", "mid", "all")))


def _missing(context: Context, graded: sa.CTE, band: str) -> Number:
    have = at_least(graded, band)
    steps = tuple(pairwise(GRADES))
    return sa.case(*((graded.c.reached == now, sa.func.greatest(_needed(context, after, band) - have, 0)) for now, after in steps))


def _bands() -> sa.CTE:
    view = tables.views
    sums = [summed(view.c.level == band).label(f"accounts_{band.lower()}") for band in BANDS]
    return sa.select(view.c.user_key, sa.func.count().label("covered"), *sums).group_by(view.c.user_key).cte("bands")


def _known(context: Context) -> sa.CTE:
    """Contacts with two-way evidence in 365 days."""
    pair = tables.pairs
    joined = pair.join(people, pair.c.person_key == people.c.person_key)
    recent = sa.and_(pair.c.last_two_way_s > since(context, 365), people.c.person_kind == "contact")
    count = sa.func.count().label("people")
    return sa.select(pair.c.user_key, count).select_from(joined).where(recent).group_by(pair.c.user_key).cte("known")


MODEL = Model(
    tables.users, select, ("model.users", "model.people", "scores.averages", "scores.pairs", "scores.user_capture", "scores.views")
)
