"""Depth 深, breadth 广 and mutuality 透 of each account, and whether it hangs on one user."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.coverage import tables
from transforms.coverage.team_people import members
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, num, real, rounded, since, summed, zero
from transforms.scores.levels import ENGAGED
from transforms.scores.weights import counted
from transforms.tables import accounts, people, users


def select(context: Context) -> sa.Select[Any]:
    """One row per live account (`coverage.accounts`)."""
    score, rank = scores.accounts, scores.account_importance
    person, seat, ours, touch, middle = _people(), _seats(), _users(context), _touches(context), _medians()
    joined = accounts.join(score, score.c.account_key == accounts.c.account_key).join(rank, rank.c.account_key == accounts.c.account_key)
    joined = joined.join(middle, middle.c.crm == accounts.c.crm)
    for part in (person, seat, ours, touch):
        joined = joined.outerjoin(part, part.c.account_key == accounts.c.account_key)
    reciprocity, attitudes = rounded(person.c.reciprocity, 1), _share(person.c.rated, person.c.engaged)
    return sa.select(
        *(accounts.c[name] for name in ("crm", "account_key", "account_id")),
        zero(person.c.contacts).label("contacts"),
        zero(person.c.departments).label("departments"),
        zero(person.c.engaged).label("people_engaged"),
        rounded(real(person.c.placed) / real(sa.func.nullif(person.c.reached, 0)), 2).label("deep"),
        zero(person.c.reached).label("broad"),
        zero(seat.c.required).label("key_departments"),
        zero(seat.c.reached).label("key_departments_reached"),
        reciprocity.label("reciprocity"),
        attitudes.label("attitudes_known"),
        rounded((reciprocity + attitudes) / num(2), 1).label("mutual"),
        zero(ours.c.users).label("users"),
        zero(ours.c.teams).label("teams"),
        zero(touch.c.rounds).label("rounds"),
        score.c.touches_365d,
        score.c.bus_factor,
        rank.c.importance,
        middle.c.median_importance,
        _single(context, middle).label("single_threaded"),
    ).select_from(joined)


def _single(context: Context, middle: sa.CTE) -> Condition:
    held = scores.accounts.c.bus_factor >= num(context.method["coverage.single_threaded"])
    return sa.and_(held, scores.account_importance.c.importance > middle.c.median_importance)


def _share(part: sa.ColumnElement[Any], whole: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return rounded(num(100) * real(part) / real(sa.func.nullif(whole, 0)), 1)


def _people() -> sa.CTE:
    """Over the live contacts: how many, where, engaged, rated."""
    score = scores.people
    engaged = score.c.level.in_(ENGAGED)
    department = people.c.department_name
    return (
        sa.select(
            people.c.account_key,
            sa.func.count().label("contacts"),
            sa.func.count(department.distinct()).label("departments"),
            summed(engaged).label("engaged"),
            summed(sa.and_(engaged, department.is_not(None))).label("placed"),
            sa.func.count(sa.case((engaged, department)).distinct()).label("reached"),
            summed(sa.and_(engaged, people.c.attitude.is_not(None))).label("rated"),
            sa.func.avg(sa.case((engaged, score.c.reciprocity))).label("reciprocity"),
        )
        .select_from(people.join(score, score.c.person_key == people.c.person_key))
        .where(people.c.person_kind == "contact", people.c.account_key.is_not(None))
        .group_by(people.c.account_key)
        .cte("contacts")
    )


def _seats() -> sa.CTE:
    seat = scores.seats
    counts = (sa.func.count().label("required"), summed(seat.c.engaged).label("reached"))
    return sa.select(seat.c.account_key, *counts).where(seat.c.kind == "department").group_by(seat.c.account_key).cte("seat_counts")


def _users(context: Context) -> sa.CTE:
    """Active users in two-way contact and their teams."""
    pair, team = scores.pairs, members()
    leads = sa.and_(team.c.crm == users.c.crm, team.c.team_id == users.c.user_id, team.c.user_key == users.c.user_key)
    home = sa.func.coalesce(users.c.manager_id, team.c.team_id)
    joined = pair.join(users, users.c.user_key == pair.c.user_key).outerjoin(team, leads)
    return (
        sa.select(
            pair.c.account_key,
            sa.func.count(pair.c.user_key.distinct()).label("users"),
            sa.func.count(home.distinct()).label("teams"),
        )
        .select_from(joined)
        .where(users.c.is_active.is_(True), users.c.is_person.is_(True), pair.c.last_two_way_s > since(context, 365))
        .group_by(pair.c.account_key)
        .cte("our_users")
    )


def _touches(context: Context) -> sa.CTE:
    row = counted(context)
    rounds = sa.func.count(sa.func.date_trunc("month", row.c.at).distinct()).label("rounds")
    return sa.select(row.c.account_key, rounds).where(row.c.at_s > since(context, 365)).group_by(row.c.account_key).cte("months")


def _medians() -> sa.CTE:
    rank = scores.account_importance
    middle = sa.func.percentile_cont(num(0.5)).within_group(rank.c.importance).label("median_importance")
    return sa.select(rank.c.crm, middle).group_by(rank.c.crm).cte("medians")


MODEL = Model(
    tables.accounts,
    select,
    (
        "model.accounts",
        "model.people",
        "model.users",
        "model.interactions",
        "scores.accounts",
        "scores.account_importance",
        "scores.pairs",
        "scores.people",
        "scores.seats",
    ),
)
