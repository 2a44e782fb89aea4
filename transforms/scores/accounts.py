"""Accounts (contract 4.1): the three averages, level, map, insight, touches, breadth and dependence on one user.

Averages run over the key persons with a known value. For the trends, what people entered is that of today; observed
closeness, and the engaged contacts that stand in where no key person is entered, are those of the earlier instant.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Number, num, real, rounded, since, some, summed, zero
from transforms.scores.instants import TRENDS
from transforms.scores.key_persons import FEATURES
from transforms.scores.levels import ENGAGED, relationship_level
from transforms.scores.touches import distinct_events
from transforms.tables import accounts, interactions, people


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values (`scores.accounts`)."""
    key, seat, touch = _key_persons(), _seats(), account_touches(context)
    breadth, ours, bus, standing = _breadth(), _our_people(context), _bus_factor(), _standing_in()
    joined: sa.FromClause = accounts
    for part in (key, seat, touch, breadth, ours, bus, standing):
        joined = joined.outerjoin(part, accounts.c.account_key == part.c.account_key)
    closeness = {name: rounded(sa.case((key.c.entered, key.c[f"effective_{name}"]), else_=standing.c[name]), 1) for name in TRENDS}
    strong = sa.and_(
        zero(seat.c.departments_open) == 0, key.c.negative_deciders == 0, key.c.targets > 0, key.c.targets_deep == key.c.targets
    )
    return (
        sa.select(
            *(accounts.c[name] for name in ("crm", "account_key", "account_id")),
            zero(key.c.key_persons).label("key_persons"),
            sa.func.coalesce(key.c.entered, False).label("key_entered"),
            zero(key.c.known).label("known"),
            *(value.label(f"closeness_{name}") for name, value in closeness.items()),
            rounded(key.c.solution, 2).label("solution_acceptance_avg"),
            rounded(key.c.price, 2).label("price_acceptance_avg"),
            _completeness(key, seat).label("map_completeness"),
            rounded(num(100) * real(key.c.insights) / real(key.c.key_persons), 1).label("insight_rate"),
            seat.c.missing_roles,
            seat.c.missing_departments,
            relationship_level(context, closeness["now"], strong, accounts.c.industry).label("level"),
            *(zero(touch.c[name]).label(name) for name in ("touches_90d", "touches_365d", "contact_days_90d")),
            touch.c.last_s,
            touch.c.last_two_way_s,
            zero(breadth.c.people_engaged).label("people_engaged"),
            zero(breadth.c.departments_engaged).label("departments_engaged"),
            zero(ours.c.our_people).label("our_people"),
            bus.c.bus_factor,
            rounded(key.c.confidence, 1).label("confidence"),
            zero(seat.c.departments_open).label("departments_open"),
            *(zero(key.c[name]).label(name) for name in ("negative_deciders", "targets", "targets_deep")),
        )
        .select_from(joined)
        .where(accounts.c.is_live.is_(True))
    )


def _key_persons() -> sa.CTE:
    key = tables.key_persons
    return (
        sa.select(
            key.c.account_key,
            sa.func.count().label("key_persons"),
            some(key.c.entered).label("entered"),
            sa.func.count(key.c.effective_now).label("known"),
            *(sa.func.avg(key.c[f"effective_{name}"]).label(f"effective_{name}") for name in TRENDS),
            sa.func.avg(real(key.c.solution_acceptance)).label("solution"),
            sa.func.avg(real(key.c.price_acceptance)).label("price"),
            sa.func.sum(key.c.features).label("features"),
            summed(key.c.insight).label("insights"),
            summed(sa.and_(key.c.decider, key.c.attitude < 0)).label("negative_deciders"),
            summed(key.c.target).label("targets"),
            summed(sa.and_(key.c.target, key.c.deep)).label("targets_deep"),
            sa.func.avg(key.c.confidence).label("confidence"),
        )
        .group_by(key.c.account_key)
        .cte("key_summary")
    )


def _standing_in() -> sa.CTE:
    """Mean over the contacts that were engaged at each instant: the key persons of an account for which none is entered."""
    person = tables.people
    means = [sa.func.avg(sa.case((person.c[f"engaged_{name}"], person.c[f"effective_{name}"]))).label(name) for name in TRENDS]
    contacts = sa.select(person.c.account_key, *means).where(person.c.person_kind == "contact")
    return contacts.group_by(person.c.account_key).cte("standing_in")


def _seats() -> sa.CTE:
    seat = tables.seats
    department = seat.c.kind == "department"

    def missing(kind: str) -> Number:
        name = sa.case((sa.and_(seat.c.kind == kind, ~seat.c.filled), seat.c.name))
        return sa.func.string_agg(name, sa.literal(", ")).aggregate_order_by(seat.c.position)

    return (
        sa.select(
            seat.c.account_key,
            sa.func.count().label("required"),
            summed(seat.c.filled).label("filled"),
            summed(sa.and_(department, ~seat.c.engaged)).label("departments_open"),
            missing("role").label("missing_roles"),
            missing("department").label("missing_departments"),
        )
        .group_by(seat.c.account_key)
        .cte("seat_summary")
    )


def _completeness(key: sa.CTE, seat: sa.CTE) -> Number:
    """Filled of required; an account without key persons still owes the features of one."""
    required = zero(seat.c.required) + FEATURES * sa.func.greatest(zero(key.c.key_persons), 1)
    return rounded(num(100) * real(zero(seat.c.filled) + zero(key.c.features)) / real(required), 1)


def account_touches(context: Context, log: sa.FromClause = interactions) -> sa.CTE:
    """Distinct events with any of the account's contacts."""
    event = distinct_events(context, "account_key", log)
    quarter = event.c.at_s > since(context, 90)
    return (
        sa.select(
            event.c.account_key,
            summed(quarter).label("touches_90d"),
            summed(event.c.at_s > since(context, 365)).label("touches_365d"),
            sa.func.count(sa.case((quarter, event.c.day)).distinct()).label("contact_days_90d"),
            sa.func.max(event.c.at_s).label("last_s"),
            sa.func.max(sa.case((event.c.two_way == 1, event.c.at_s))).label("last_two_way_s"),
        )
        .group_by(event.c.account_key)
        .cte("account_touches")
    )


def _breadth() -> sa.CTE:
    """Live contacts at Occasional or above, and their departments."""
    score = tables.people
    return (
        sa.select(
            people.c.account_key,
            sa.func.count().label("people_engaged"),
            sa.func.count(people.c.department_name.distinct()).label("departments_engaged"),
        )
        .select_from(people.join(score, people.c.person_key == score.c.person_key))
        .where(people.c.person_kind == "contact", score.c.level.in_(ENGAGED))
        .group_by(people.c.account_key)
        .cte("breadth")
    )


def _our_people(context: Context) -> sa.CTE:
    pair = tables.pairs
    users = sa.func.count(pair.c.user_key.distinct()).label("our_people")
    recent = pair.c.last_two_way_s > since(context, 365)
    return sa.select(pair.c.account_key, users).where(recent).group_by(pair.c.account_key).cte("ours")


def _bus_factor() -> sa.CTE:
    """Share of the account's intensity that the one strongest user holds."""
    pair = tables.pairs
    held = sa.func.sum(pair.c.intensity).label("held")
    per_user = sa.select(pair.c.account_key, held).group_by(pair.c.account_key, pair.c.user_key).cte("per_user")
    share = num(100) * sa.func.max(per_user.c.held) / sa.func.nullif(sa.func.sum(per_user.c.held), num(0))
    return sa.select(per_user.c.account_key, rounded(share, 1).label("bus_factor")).group_by(per_user.c.account_key).cte("bus")


MODEL = Model(
    tables.accounts,
    select,
    (
        "model.accounts",
        "model.people",
        "model.interactions",
        "scores.key_persons",
        "scores.pairs",
        "scores.people",
        "scores.seats",
    ),
)
