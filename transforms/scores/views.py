"""The own view of each user on the accounts he or she covers (method section 4): only pairs (this user, person) count.

A key person is known to a user who has a counted event with him or her; the stated attitude then stands before the pair's
own closeness. Without own contact a stated attitude earns nobody a grade.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.departments import people_departments
from transforms.scores.expressions import Number, attitude_points, num, rounded, summed, zero
from transforms.scores.levels import ENGAGED, relationship_level
from transforms.tables import account_members, accounts, users


def select(context: Context) -> sa.Select[Any]:
    """One row per covered live account and active user (`scores.views`)."""
    member, person, reached, wanted = _members(), _persons(context), _departments_reached(context), _departments_wanted()
    same = (member.c.account_key == person.c.account_key) & (member.c.user_key == person.c.user_key)
    both = (member.c.account_key == reached.c.account_key) & (member.c.user_key == reached.c.user_key)
    joined = member.outerjoin(person, same).outerjoin(reached, both).outerjoin(wanted, member.c.account_key == wanted.c.account_key)
    closeness = rounded(person.c.closeness, 1)
    departments_open = zero(wanted.c.departments) - zero(reached.c.departments)
    strong = sa.and_(
        departments_open == 0,
        person.c.negative_deciders == 0,
        person.c.targets > 0,
        person.c.targets_deep == person.c.targets,
    )
    return sa.select(
        *(member.c[name] for name in ("crm", "account_key", "account_id", "user_key", "user_id")),
        zero(person.c.key_persons).label("key_persons"),
        zero(person.c.known).label("known"),
        closeness.label("closeness"),
        relationship_level(context, closeness, strong, member.c.industry).label("level"),
        departments_open.label("departments_open"),
        *(zero(person.c[name]).label(name) for name in ("negative_deciders", "targets", "targets_deep")),
    ).select_from(joined)


def _members() -> sa.CTE:
    """Who covers what: owners and team members that are active people, of accounts that get values."""
    joined = account_members.join(users, account_members.c.user_key == users.c.user_key)
    joined = joined.join(accounts, account_members.c.account_key == accounts.c.account_key)
    names = ("crm", "account_key", "account_id", "user_key", "user_id")
    return (
        sa.select(*(account_members.c[name] for name in names), accounts.c.industry)
        .select_from(joined)
        .where(users.c.is_active.is_(True), users.c.is_person.is_(True), accounts.c.is_live.is_(True))
        .distinct()
        .cte("members")
    )


def _persons(context: Context) -> sa.CTE:
    """Over the key persons of each covered account, as this user knows them."""
    member, key, pair = account_members.alias("covering"), tables.key_persons, tables.pairs
    own = (pair.c.user_key == member.c.user_key) & (pair.c.person_key == key.c.person_key)
    effective = _own_effective(context)
    deep = sa.or_(pair.c.level == "Deep", effective >= num(context.method["level.influence"]))
    return (
        sa.select(
            member.c.account_key,
            member.c.user_key,
            sa.func.count().label("key_persons"),
            sa.func.count(effective).label("known"),
            sa.func.avg(effective).label("closeness"),
            summed(sa.and_(key.c.decider, key.c.attitude < 0)).label("negative_deciders"),
            summed(key.c.target).label("targets"),
            summed(sa.and_(key.c.target, deep)).label("targets_deep"),
        )
        .select_from(member.join(key, member.c.account_key == key.c.account_key).outerjoin(pair, own))
        .group_by(member.c.account_key, member.c.user_key)
        .cte("own_persons")
    )


def _own_effective(context: Context) -> Number:
    pair, attitude = tables.pairs, tables.key_persons.c.attitude
    return sa.case((pair.c.person_key.is_not(None), sa.func.coalesce(attitude_points(context, attitude), rounded(pair.c.closeness, 1))))


def _departments_reached(context: Context) -> sa.CTE:
    """Key departments in which the user has an engaged person of his or her own."""
    seat, staff, pair = tables.seats, people_departments(context), tables.pairs
    match = (seat.c.account_key == staff.c.account_key) & (seat.c.match == staff.c.match)
    return (
        sa.select(seat.c.account_key, pair.c.user_key, sa.func.count(seat.c.match.distinct()).label("departments"))
        .select_from(seat.join(staff, match).join(pair, pair.c.person_key == staff.c.person_key))
        .where(seat.c.kind == "department", pair.c.level.in_(ENGAGED))
        .group_by(seat.c.account_key, pair.c.user_key)
        .cte("reached")
    )


def _departments_wanted() -> sa.CTE:
    seat = tables.seats
    count = sa.func.count().label("departments")
    return sa.select(seat.c.account_key, count).where(seat.c.kind == "department").group_by(seat.c.account_key).cte("wanted")


MODEL = Model(
    tables.views,
    select,
    (
        "model.account_members",
        "model.accounts",
        "model.people",
        "model.users",
        "scores.key_persons",
        "scores.pairs",
        "scores.seats",
    ),
)
