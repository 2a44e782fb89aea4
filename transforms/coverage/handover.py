"""Hand-over pack 交接 of each user: whom he or she alone knows, and who of us is nearest to take over.

Alone: no other active user has two-way evidence with the person in 365 days. A substitute is an active user: who had contact
with the person before, else who knows others of the account best, else the account's owner.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Numeric

from transforms.base import Context, Model
from transforms.coverage import tables
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, rounded, since
from transforms.tables import accounts, people, users

Cell = sa.ColumnElement[Any]


def select(context: Context) -> sa.Select[Any]:
    """One row per user and person only this user knows (`coverage.handover`)."""
    alone, key = _alone(context), scores.key_persons
    near, around, owner = _same_person(alone), _same_account(context, alone), _owners()
    joined: sa.FromClause = alone.outerjoin(accounts, accounts.c.account_key == alone.c.account_key)
    joined = joined.outerjoin(key, key.c.person_key == alone.c.person_key)
    for part in (near, around):
        same = sa.and_(part.c.person_key == alone.c.person_key, part.c.user_key == alone.c.user_key)
        joined = joined.outerjoin(part, same)
    joined = joined.outerjoin(owner, sa.and_(owner.c.account_key == alone.c.account_key, owner.c.user_key != alone.c.user_key))
    return sa.select(
        *(alone.c[name] for name in ("crm", "user_key", "user_id", "is_active", "account_key")),
        accounts.c.account_id,
        alone.c.person_key,
        alone.c.person_id,
        key.c.person_key.is_not(None).label("key_person"),
        *(alone.c[name] for name in ("touches", "touches_365d", "first_s", "last_s", "last_two_way_s", "closeness")),
        sa.func.coalesce(near.c.other_id, around.c.other_id, owner.c.user_id).label("substitute_id"),
        _first((near.c.other_id, "person"), (around.c.other_id, "account"), (owner.c.user_id, "owner")).label("substitute_why"),
        _first((near.c.other_id, near.c.closeness), (around.c.other_id, around.c.closeness)).label("substitute_closeness"),
    ).select_from(joined)


def _first(*choices: tuple[Cell, Any]) -> Cell:
    return sa.case(*((found.is_not(None), value) for found, value in choices), else_=sa.null())


def _active() -> Condition:
    return sa.and_(users.c.is_active.is_(True), users.c.is_person.is_(True))


def _alone(context: Context) -> sa.CTE:
    """Pairs in two-way contact whose person no other active user is in two-way contact with."""
    pair = scores.pairs
    current = sa.select(pair.c.person_key, sa.func.count().label("users"), sa.func.min(pair.c.user_key).label("user_key"))
    current = current.join(users, users.c.user_key == pair.c.user_key).where(_active(), pair.c.last_two_way_s > since(context, 365))
    knows = current.group_by(pair.c.person_key).subquery("knows")
    nobody_else = sa.or_(knows.c.person_key.is_(None), sa.and_(knows.c.users == 1, knows.c.user_key == pair.c.user_key))
    copied = ("crm", "user_key", "user_id", "account_key", "person_key", "person_id", "touches", "touches_365d", "first_s", "last_s")
    joined = (
        pair.join(users, users.c.user_key == pair.c.user_key)
        .join(people, people.c.person_key == pair.c.person_key)
        .outerjoin(knows, knows.c.person_key == pair.c.person_key)
    )
    return (
        sa.select(
            *(pair.c[name] for name in copied), pair.c.last_two_way_s, rounded(pair.c.closeness, 1).label("closeness"), users.c.is_active
        )
        .select_from(joined)
        .where(nobody_else, pair.c.last_two_way_s > since(context, 365), people.c.is_live.is_(True), users.c.is_person.is_(True))
        .cte("alone")
    )


def _same_person(alone: sa.CTE) -> sa.Subquery:
    """The other active user closest to the person, by contact of any kind and time."""
    pair = scores.pairs
    other = sa.and_(pair.c.person_key == alone.c.person_key, pair.c.user_key != alone.c.user_key)
    order = (sa.cast(pair.c.intensity, Numeric(18, 6)).desc(), pair.c.last_s.desc(), pair.c.user_id)
    turn = sa.func.row_number().over(partition_by=(alone.c.person_key, alone.c.user_key), order_by=order).label("turn")
    ranked = (
        sa.select(
            alone.c.person_key, alone.c.user_key, pair.c.user_id.label("other_id"), rounded(pair.c.closeness, 1).label("closeness"), turn
        )
        .select_from(alone.join(pair, other).join(users, users.c.user_key == pair.c.user_key))
        .where(_active())
        .subquery("same_person")
    )
    return sa.select(ranked).where(ranked.c.turn == 1).subquery("nearest")


def _same_account(context: Context, alone: sa.CTE) -> sa.Subquery:
    """The other active user with the most intensity on the account; the two best of an account suffice, one of them is another."""
    pair = scores.pairs
    held = sa.cast(sa.func.sum(pair.c.intensity), Numeric(18, 6))
    turn = sa.func.row_number().over(partition_by=pair.c.account_key, order_by=(held.desc(), pair.c.user_id)).label("turn")
    best = (
        sa.select(pair.c.account_key, pair.c.user_key, pair.c.user_id, sa.func.max(pair.c.closeness).label("closeness"), turn)
        .join(users, users.c.user_key == pair.c.user_key)
        .where(_active(), pair.c.last_two_way_s > since(context, 365), pair.c.account_key.is_not(None))
        .group_by(pair.c.account_key, pair.c.user_key, pair.c.user_id)
        .subquery("account_users")
    )
    other = sa.and_(best.c.account_key == alone.c.account_key, best.c.user_key != alone.c.user_key, best.c.turn <= 2)
    place = sa.func.row_number().over(partition_by=(alone.c.person_key, alone.c.user_key), order_by=best.c.turn).label("place")
    near = sa.select(
        alone.c.person_key, alone.c.user_key, best.c.user_id.label("other_id"), rounded(best.c.closeness, 1).label("closeness"), place
    )
    ranked = near.join(best, other).subquery("same_account")
    return sa.select(ranked).where(ranked.c.place == 1).subquery("around")


def _owners() -> sa.CTE:
    same = sa.and_(users.c.crm == accounts.c.crm, users.c.user_id == accounts.c.owner_id)
    return sa.select(accounts.c.account_key, users.c.user_key, users.c.user_id).join(users, same).where(_active()).cte("owners")


MODEL = Model(
    tables.handover,
    select,
    ("model.accounts", "model.people", "model.users", "scores.key_persons", "scores.pairs"),
)
