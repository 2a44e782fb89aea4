"""Who of us knows each outside person, over all CRMs."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.company import tables
from transforms.company.log import WHOLE
from transforms.identity import tables as identity
from transforms.scores import people as scored
from transforms.scores import tables as scores
from transforms.scores import touches
from transforms.scores.expressions import from_ratio, rounded, zero

COUNTS = ("touches_90d", "touches_365d", "contact_days_90d", "meetings_365d")
DATES = ("first_s", "last_s", "last_two_way_s")


def select(context: Context) -> sa.Select[Any]:
    """One row per identity of a person that gets values in a CRM (`company.people`)."""
    who, touch, twice = _people(), _touches(context), doubled("person_key")
    summary, strongest = scored.summarised(context, WHOLE), scored.strongest_users(WHOLE)
    joined: sa.FromClause = who
    for part in (touch, twice, summary, strongest):
        joined = joined.outerjoin(part, part.c.person_key == who.c.identity_key)
    return sa.select(
        *who.c,
        rounded(from_ratio(summary.c.ratio_now), 1).label("closeness"),
        zero(summary.c.known_by).label("known_by"),
        strongest.c.user_id.label("strongest_user"),
        *(zero(touch.c[name]).label(name) for name in COUNTS),
        *(touch.c[name] for name in DATES),
        zero(twice.c.doubled).label("doubled"),
    ).select_from(joined)


def _people() -> sa.CTE:
    person, value = identity.people, scores.people
    columns = (person.c.identity_key, person.c.identity_id, person.c.crms)
    return sa.select(*columns).join(value, value.c.person_key == person.c.person_key).distinct().cte("who")


def _touches(context: Context) -> sa.CTE:
    """`scores.person_touches` of people in one CRM, and the same from the joint log for the others."""
    person, alone = identity.people, scores.person_touches
    names = ("person_key", *COUNTS, *DATES)
    joint = touches.select(context, WHOLE.interactions).subquery("joint")
    rest = sa.select(*(alone.c[name] for name in names)).join(person, person.c.person_key == alone.c.person_key)
    both = sa.union_all(sa.select(*(joint.c[name] for name in names)), rest.where(person.c.records == 1))
    return both.cte("touched")


def doubled(key: str) -> sa.CTE:
    """Events that a second CRM logged as well, per person or account."""
    log = tables.interactions
    events = sa.func.count(log.c.event_key.distinct()).label("doubled")
    return sa.select(log.c[key], events).where(log.c.repeats.is_not(None)).group_by(log.c[key]).cte("twice")


MODEL = Model(
    tables.people,
    select,
    (
        "model.users",
        "identity.people",
        "identity.users",
        "scores.people",
        "scores.person_touches",
        "scores.user_capture",
        "company.interactions",
        "company.pairs",
    ),
)
