"""Closeness of our company to each outside person, and what follows from it (contract 4.1, Contact and Lead).

The five strongest users make the figure: 100 * (1 - prod(1 - S/100)), which is the same formula on the sum of their
intensity / kappa. Deliberately absent: any guess about people without a log; they stay blank.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Numeric

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import (
    Number,
    attitude_points,
    from_ratio,
    grade,
    num,
    real,
    rounded,
    since,
    summed,
    zero,
)
from transforms.scores.instants import TRENDS, instants
from transforms.scores.levels import interaction_level
from transforms.scores.log import EACH_CRM, Log
from transforms.tables import interactions
from transforms.tables import people as known_people


def select(context: Context) -> sa.Select[Any]:
    """One row per person that gets values (`scores.people`)."""
    person, touch = known_people, tables.person_touches
    summary, strongest, engaged, fresh = summarised(context), strongest_users(), _engaged(context), _freshness(context)
    joined: sa.FromClause = person.join(fresh, person.c.crm == fresh.c.crm)
    for part in (touch, summary, strongest, engaged):
        joined = joined.outerjoin(part, person.c.person_key == part.c.person_key)
    stated = attitude_points(context, person.c.attitude)
    closeness = {name: rounded(from_ratio(summary.c[f"ratio_{name}"]), 1) for name in TRENDS}
    effective = {name: sa.func.coalesce(stated, value) for name, value in closeness.items()}
    captured = zero(summary.c.users_captured) > 0
    return (
        sa.select(
            *(person.c[name] for name in ("crm", "person_id", "person_key", "person_kind", "account_id", "account_key")),
            *(value.label(f"closeness_{name}") for name, value in closeness.items()),
            *(value.label(f"effective_{name}") for name, value in effective.items()),
            *(sa.func.coalesce(engaged.c[name], False).label(f"engaged_{name}") for name in TRENDS),
            grade(context, effective["now"]).label("grade"),
            interaction_level(context, touch.c.two_way_days_365d, touch.c.meetings_365d, closeness["now"]).label("level"),
            strongest.c.user_id.label("strongest_user_id"),
            strongest.c.name.label("strongest_user_name"),
            zero(summary.c.known_by).label("known_by"),
            captured.label("captured"),
            sa.case((captured, _reciprocity(summary))).label("reciprocity"),
            _rhythm(context).label("rhythm"),
            _stated_gap(context, stated, closeness["now"]).label("stated_gap"),
            _confidence(context, summary, fresh.c.freshness).label("confidence"),
        )
        .select_from(joined)
        .where(person.c.is_live.is_(True))
    )


def summarised(context: Context, log: Log = EACH_CRM) -> sa.CTE:
    """Over the pairs of each person: the five strongest per instant, both sides, users in touch."""
    ranked, capture = _ranked(log), log.capture
    recent = ranked.c.last_s > since(context, 365)
    strong = [
        sa.func.sum(sa.case((ranked.c[f"rank_{name}"] <= context.method["closeness.top_users"], ranked.c[f"ratio_{name}"]))).label(
            f"ratio_{name}"
        )
        for name in TRENDS
    ]
    return (
        sa.select(
            ranked.c.person_key,
            *strong,
            sa.func.sum(ranked.c.x_out).label("x_out"),
            sa.func.sum(ranked.c.x_in).label("x_in"),
            summed(recent).label("users_recent"),
            summed(recent & capture.c.captured.is_(True)).label("users_captured"),
            summed(ranked.c.last_two_way_s > since(context, 365)).label("known_by"),
        )
        .select_from(ranked.outerjoin(capture, ranked.c.user_key == capture.c.user_key))
        .group_by(ranked.c.person_key)
        .cte("summary")
    )


def _ranked(log: Log) -> sa.CTE:
    pair = log.pairs
    ranks = [
        sa.func.row_number()
        .over(partition_by=pair.c.person_key, order_by=(pair.c[f"ratio_{name}"].desc().nulls_last(), pair.c.user_key))
        .label(f"rank_{name}")
        for name in TRENDS
    ]
    columns = ("user_key", "person_key", "x_out", "x_in", "last_s", "last_two_way_s", *(f"ratio_{name}" for name in TRENDS))
    return sa.select(*(pair.c[name] for name in columns), *ranks).cte("ranked")


def strongest_users(log: Log = EACH_CRM) -> sa.CTE:
    """The active user of the highest pair closeness; ties go to the latest touch, then the smallest id."""
    pair, users = log.pairs, log.users
    order = (sa.cast(pair.c.intensity, Numeric(18, 6)).desc(), pair.c.last_s.desc(), pair.c.user_id)
    rank = sa.func.row_number().over(partition_by=pair.c.person_key, order_by=order).label("rank")
    ranked = (
        sa.select(pair.c.person_key, pair.c.user_id, users.c.name, rank)
        .select_from(pair.join(users, pair.c.user_key == users.c.user_key))
        .where(users.c.is_active.is_(True), users.c.is_person.is_(True))
        .cte("active_ranked")
    )
    return sa.select(ranked.c.person_key, ranked.c.user_id, ranked.c.name).where(ranked.c.rank == 1).cte("strongest")


def _engaged(context: Context) -> sa.CTE:
    """Whether each person was at Occasional or above at each instant: two-way evidence in the 365 days before it."""
    pair, at = tables.pair_intensity, instants(context)
    columns = [(sa.func.max(pair.c[f"two_way_s_{name}"]) > at[name] - 365 * DAY).label(name) for name in TRENDS]
    return sa.select(pair.c.person_key, *columns).group_by(pair.c.person_key).cte("engaged")


def _freshness(context: Context) -> sa.CTE:
    """1 where the newest counted event of the CRM is recent, falling to 0 where its log stopped."""
    fresh, stale = context.method["confidence.fresh_days"], context.method["confidence.stale_days"]
    event = sa.select(interactions.c.crm, interactions.c.at_s).where(interactions.c.at_s <= context.as_of).subquery()
    age = real(context.as_of - sa.func.max(event.c.at_s)) / num(DAY)
    share = sa.func.least(sa.func.greatest((num(stale) - age) / num(max(stale - fresh, 1)), num(0)), num(1))
    crms = sa.select(known_people.c.crm).distinct().subquery()
    joined = crms.outerjoin(event, crms.c.crm == event.c.crm)
    return sa.select(crms.c.crm, share.label("freshness")).select_from(joined).group_by(crms.c.crm).cte("fresh")


def _reciprocity(summary: sa.CTE) -> Number:
    least, most = sa.func.least(summary.c.x_out, summary.c.x_in), sa.func.greatest(summary.c.x_out, summary.c.x_in)
    return rounded(num(100) * least / sa.func.nullif(most, num(0)), 1)


def _rhythm(context: Context) -> Number:
    """Silence since the last contact day over the usual gap; a cut belongs to the calmer label."""
    touch, method = tables.person_touches, context.method
    ratio = real(context.as_of // DAY - touch.c.last_day) / touch.c.usual_gap
    return sa.case(
        (zero(touch.c.contact_days) < method["rhythm.min_contact_days"], sa.null()),
        (ratio <= num(method["rhythm.late"]), "In rhythm"),
        (ratio <= num(method["rhythm.cooling"]), "Late"),
        (ratio <= num(method["rhythm.lapsed"]), "Cooling"),
        else_="Lapsed",
    )


def _stated_gap(context: Context, stated: Number, observed: Number) -> Number:
    apart = _steps(context, stated) - _steps(context, observed)
    limit = context.method["stated_gap.grades"]
    return sa.case(
        (stated.is_(None) | observed.is_(None), sa.null()),
        (apart > limit, "Stated higher"),
        (-apart > limit, "Observed higher"),
        else_="Agree",
    )


def _steps(context: Context, closeness: Number) -> Number:
    """Grades above Poor."""
    cuts = [num(context.method[f"grade.{name}"]) for name in ("excellent", "good", "fair")]
    return sa.case(*((closeness >= cut, 3 - step) for step, cut in enumerate(cuts)), else_=0)


def _confidence(context: Context, summary: sa.CTE, freshness: Number) -> Number:
    """Capture, evidence and freshness, each 0-1, weighed; null where there is no log to trust."""
    method, touch = context.method, tables.person_touches
    capture = real(summary.c.users_captured) / real(sa.func.greatest(summary.c.users_recent, 1))
    evidence = sa.func.least(real(touch.c.contact_days_365d) / num(method["confidence.full_days"]), num(1))
    parts = {"capture": capture, "evidence": evidence, "freshness": freshness}
    total = sum((num(method[f"confidence.{name}"]) * part for name, part in parts.items()), num(0))
    return sa.case((touch.c.contact_days.is_not(None), rounded(num(100) * total, 1)))


MODEL = Model(
    tables.people,
    select,
    (
        "model.people",
        "model.users",
        "model.interactions",
        "scores.pair_intensity",
        "scores.pairs",
        "scores.person_touches",
        "scores.user_capture",
    ),
)
