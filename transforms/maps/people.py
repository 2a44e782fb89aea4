"""People of the customer map, with their place in the reporting tree.

The tree is walked down from its tops: those whom somebody answers to and who answer to nobody on the map. Lines that run in
a circle have no top, so nobody on or below a circle has a depth.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.maps.links import on_map
from transforms.scores import tables as scores
from transforms.scores.expressions import zero
from transforms.tables import people

COPIED = ("crm", "account_key", "account_id", "person_key", "person_id", "name", "title")
ENTERED = ("attitude", "solution_acceptance", "price_acceptance", "competitor_attitude")


def select(context: Context) -> sa.Select[Any]:
    """One row per live contact (`maps.people`)."""
    score, touch, key, depth, reports = scores.people, scores.person_touches, scores.key_persons, _depths(), _reports()
    joined: sa.FromClause = people.join(score, people.c.person_key == score.c.person_key)
    for part in (touch, key, depth, reports):
        joined = joined.outerjoin(part, part.c.person_key == people.c.person_key)
    return (
        sa.select(
            *(people.c[name] for name in COPIED),
            people.c.department_name.label("department"),
            people.c.buying_roles.label("roles"),
            people.c.vote,
            key.c.person_key.is_not(None).label("key_person"),
            key.c.entered.label("key_entered"),
            depth.c.depth,
            zero(reports.c.reports).label("reports"),
            *(people.c[name] for name in ENTERED),
            score.c.closeness_now.label("closeness"),
            score.c.effective_now.label("effective"),
            *(score.c[name] for name in ("grade", "level", "strongest_user_id")),
            touch.c.last_two_way_s,
        )
        .select_from(joined)
        .where(on_map(people))
    )


def _depths() -> sa.CTE:
    """Steps below the top; every person has at most one reporting line, so nobody is reached twice."""
    line = _reporting()
    below = sa.select(line.c.to_key).subquery("below")
    tops = sa.select(line.c.from_key.label("person_key"), sa.cast(0, sa.Integer).label("depth")).distinct()
    walk = tops.where(line.c.from_key.not_in(sa.select(below.c.to_key))).cte("tree", recursive=True)
    return walk.union_all(sa.select(line.c.to_key, walk.c.depth + 1).join(walk, walk.c.person_key == line.c.from_key))


def _reports() -> sa.CTE:
    line = _reporting()
    return sa.select(line.c.from_key.label("person_key"), sa.func.count().label("reports")).group_by(line.c.from_key).cte("reports")


def _reporting() -> sa.Subquery:
    link = tables.links
    return sa.select(link.c.from_key, link.c.to_key).where(link.c.kind == "reporting").subquery("line")


MODEL = Model(
    tables.people,
    select,
    ("model.people", "scores.people", "scores.person_touches", "scores.key_persons", "maps.links"),
)
