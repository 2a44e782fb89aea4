"""Which team of ours covers which account, and the account's level in the team's own view (method sections 3 and 4)."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.coverage import tables
from transforms.coverage.team_people import members
from transforms.scores import tables as scores
from transforms.scores.departments import people_departments
from transforms.scores.expressions import Number, attitude_points, num, rounded, since, summed, zero
from transforms.scores.levels import ENGAGED, relationship_level
from transforms.scores.weights import counted
from transforms.tables import accounts, people


def select(context: Context) -> sa.Select[Any]:
    """One row per account and team (`coverage.teams`)."""
    met, round_, key, reached, wanted = _met(), _rounds(context), _key_persons(context), _reached(context), _wanted()
    joined: sa.FromClause = met.join(accounts, accounts.c.account_key == met.c.account_key)
    for part in (round_, key, reached):
        joined = joined.outerjoin(part, sa.and_(part.c.account_key == met.c.account_key, part.c.team_id == met.c.team_id))
    joined = joined.outerjoin(wanted, wanted.c.account_key == met.c.account_key)
    closeness = rounded(key.c.closeness, 1)
    return (
        sa.select(
            *(accounts.c[name] for name in ("crm", "account_key", "account_id")),
            met.c.team_id,
            zero(round_.c.users).label("users"),
            *(met.c[name] for name in ("people", "departments")),
            zero(round_.c.rounds).label("rounds"),
            zero(round_.c.touches_365d).label("touches_365d"),
            met.c.last_two_way_s,
            zero(key.c.key_persons).label("key_persons"),
            zero(key.c.known).label("known"),
            closeness.label("closeness"),
            relationship_level(context, closeness, _strong(key, reached, wanted)).label("relationship_level"),
        )
        .select_from(joined)
        .where(accounts.c.is_live.is_(True))
    )


def _strong(key: sa.CTE, reached: sa.CTE, wanted: sa.CTE) -> sa.ColumnElement[bool]:
    """What Strong asks beside closeness, as for a user (`transforms.scores.views`)."""
    everywhere = zero(reached.c.departments) == zero(wanted.c.departments)
    return sa.and_(everywhere, key.c.negative_deciders == 0, key.c.targets > 0, key.c.targets_deep == key.c.targets)


def _met() -> sa.CTE:
    team = tables.team_people
    engaged = sa.and_(team.c.level.in_(ENGAGED), people.c.is_live.is_(True))
    keys = (team.c.account_key, team.c.team_id)
    return (
        sa.select(
            *keys,
            summed(engaged).label("people"),
            sa.func.count(sa.case((engaged, people.c.department_name)).distinct()).label("departments"),
            sa.func.max(team.c.last_two_way_s).label("last_two_way_s"),
        )
        .join(people, people.c.person_key == team.c.person_key)
        .group_by(*keys)
        .cte("met")
    )


def _rounds(context: Context) -> sa.CTE:
    """Months, distinct events and users of 365 days of each team with each account."""
    row, member = counted(context), members()
    keys = (row.c.account_key, member.c.team_id)
    return (
        sa.select(
            *keys,
            sa.func.count(sa.func.date_trunc("month", row.c.at).distinct()).label("rounds"),
            sa.func.count(row.c.event_key.distinct()).label("touches_365d"),
            sa.func.count(sa.case((row.c.two_way.is_(True), row.c.user_key)).distinct()).label("users"),
        )
        .join(member, member.c.user_key == row.c.user_key)
        .where(row.c.at_s > since(context, 365))
        .group_by(*keys)
        .cte("rounds")
    )


def _key_persons(context: Context) -> sa.CTE:
    """Over the key persons of each account, as the team knows them; without own contact nobody is known."""
    key, team = scores.key_persons, tables.team_people
    known_by = sa.select(team.c.account_key, team.c.team_id).distinct().subquery("known_by")
    own = sa.and_(team.c.person_key == key.c.person_key, team.c.team_id == known_by.c.team_id)
    effective = _effective(context, key, team)
    deep = sa.or_(team.c.level == "Deep", effective >= num(context.method["level.influence"]))
    return (
        sa.select(
            key.c.account_key,
            known_by.c.team_id,
            sa.func.count().label("key_persons"),
            sa.func.count(effective).label("known"),
            sa.func.avg(effective).label("closeness"),
            summed(sa.and_(key.c.decider, key.c.attitude < 0)).label("negative_deciders"),
            summed(key.c.target).label("targets"),
            summed(sa.and_(key.c.target, deep)).label("targets_deep"),
        )
        .select_from(key.join(known_by, known_by.c.account_key == key.c.account_key).outerjoin(team, own))
        .group_by(key.c.account_key, known_by.c.team_id)
        .cte("team_persons")
    )


def _effective(context: Context, key: sa.Table, team: sa.Table) -> Number:
    return sa.case((team.c.person_key.is_not(None), sa.func.coalesce(attitude_points(context, key.c.attitude), team.c.closeness)))


def _reached(context: Context) -> sa.CTE:
    """Key departments in which the team has an engaged person."""
    seat, staff, team = scores.seats, people_departments(context), tables.team_people
    match = sa.and_(seat.c.account_key == staff.c.account_key, seat.c.match == staff.c.match)
    return (
        sa.select(seat.c.account_key, team.c.team_id, sa.func.count(seat.c.match.distinct()).label("departments"))
        .select_from(seat.join(staff, match).join(team, team.c.person_key == staff.c.person_key))
        .where(seat.c.kind == "department", team.c.level.in_(ENGAGED))
        .group_by(seat.c.account_key, team.c.team_id)
        .cte("reached")
    )


def _wanted() -> sa.CTE:
    seat = scores.seats
    count = sa.func.count().label("departments")
    return sa.select(seat.c.account_key, count).where(seat.c.kind == "department").group_by(seat.c.account_key).cte("wanted")


MODEL = Model(
    tables.teams,
    select,
    (
        "model.accounts",
        "model.people",
        "model.users",
        "model.interactions",
        "scores.key_persons",
        "scores.seats",
        "coverage.team_people",
    ),
)
