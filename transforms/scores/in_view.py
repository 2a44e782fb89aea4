"""What one of us, a user or a team, has with an account in the own view (method sections 3 and 4): the terms of the level.

`Viewer` names who looks: `covers` says which accounts (`account_key`, the column `key`), `knows` whom and how well (`account_key`,
`person_key`, `level`, `closeness`, the column `key`). A person is known to those with a counted event with him or her; the
stated attitude then stands before the own closeness. Without own contact a stated attitude earns nobody a level.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores import tables
from transforms.scores.departments import people_departments
from transforms.scores.expressions import Condition, Number, attitude_points, num, rounded, summed, zero
from transforms.scores.levels import ENGAGED


@dataclass(frozen=True)
class Viewer:
    """Users: `scores.pairs` by `user_key`; teams: `coverage.team_people` by `team_id`."""

    key: str
    covers: sa.FromClause
    knows: sa.FromClause


def persons(context: Context, viewer: Viewer) -> sa.CTE:
    """Over the key persons of each covered account: how many are known, their mean closeness, and what Strong asks of them."""
    covers, knows, key = viewer.covers, viewer.knows, tables.key_persons
    own = sa.and_(knows.c[viewer.key] == covers.c[viewer.key], knows.c.person_key == key.c.person_key)
    effective = _effective(context, knows)
    deep = sa.or_(knows.c.level == "Deep", effective >= num(context.method["level.influence"]))
    return (
        sa.select(
            covers.c.account_key,
            covers.c[viewer.key],
            sa.func.count().label("key_persons"),
            sa.func.count(effective).label("known"),
            sa.func.avg(effective).label("closeness"),
            summed(sa.and_(key.c.decider, key.c.attitude < 0)).label("negative_deciders"),
            summed(key.c.target).label("targets"),
            summed(sa.and_(key.c.target, deep)).label("targets_deep"),
        )
        .select_from(covers.join(key, covers.c.account_key == key.c.account_key).outerjoin(knows, own))
        .group_by(covers.c.account_key, covers.c[viewer.key])
        .cte("own_persons")
    )


def _effective(context: Context, knows: sa.FromClause) -> Number:
    stated = attitude_points(context, tables.key_persons.c.attitude)
    return sa.case((knows.c.person_key.is_not(None), sa.func.coalesce(stated, rounded(knows.c.closeness, 1))))


def departments_reached(context: Context, viewer: Viewer) -> sa.CTE:
    """Key departments of each account in which the viewer has an engaged person of his, her or its own."""
    seat, staff, knows = tables.seats, people_departments(context), viewer.knows
    match = sa.and_(seat.c.account_key == staff.c.account_key, seat.c.match == staff.c.match)
    return (
        sa.select(seat.c.account_key, knows.c[viewer.key], sa.func.count(seat.c.match.distinct()).label("departments"))
        .select_from(seat.join(staff, match).join(knows, knows.c.person_key == staff.c.person_key))
        .where(seat.c.kind == "department", knows.c.level.in_(ENGAGED))
        .group_by(seat.c.account_key, knows.c[viewer.key])
        .cte("reached")
    )


def departments_wanted() -> sa.CTE:
    """How many key departments each account has."""
    seat = tables.seats
    count = sa.func.count().label("departments")
    return sa.select(seat.c.account_key, count).where(seat.c.kind == "department").group_by(seat.c.account_key).cte("wanted")


def departments_open(reached: sa.CTE, wanted: sa.CTE) -> Number:
    """Key departments without an engaged person."""
    return zero(wanted.c.departments) - zero(reached.c.departments)


def strong(person: sa.CTE, open_departments: Number) -> Condition:
    """What Strong asks beside closeness."""
    return sa.and_(open_departments == 0, person.c.negative_deciders == 0, person.c.targets > 0, person.c.targets_deep == person.c.targets)
