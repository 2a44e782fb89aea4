"""Who decides: key persons who are deciders or vote, and the deciders of open deals; and whether the account's owner reaches them."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.maps.links import on_map
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, every, since
from transforms.tables import accounts, people, users

KEYS = ("crm", "account_key", "account_id")


def select(context: Context) -> sa.Select[Any]:
    """One row per contact who decides (`maps.deciders`)."""
    who, pair = _deciding(), scores.pairs
    owned = sa.and_(users.c.crm == accounts.c.crm, users.c.user_id == accounts.c.owner_id, active())
    own = sa.and_(pair.c.user_key == users.c.user_key, pair.c.person_key == who.c.person_key)
    joined = (
        who.join(people, people.c.person_key == who.c.person_key)
        .join(accounts, accounts.c.account_key == people.c.account_key)
        .outerjoin(users, owned)
        .outerjoin(pair, own)
    )
    reached = sa.func.coalesce(pair.c.last_two_way_s > window(context), False)
    return (
        sa.select(
            *(accounts.c[name] for name in KEYS),
            users.c.user_key.label("owner_key"),
            users.c.user_id.label("owner_id"),
            who.c.person_key,
            people.c.person_id,
            who.c.by_deal,
            sa.case((users.c.user_key.is_not(None), reached)).label("reached"),
        )
        .select_from(joined)
        .where(accounts.c.is_live.is_(True), on_map(people))
    )


def _deciding() -> sa.CTE:
    """Key persons who decide or vote, and deciders of open deals."""
    key, chain = scores.key_persons, tables.decision_chain
    entered = sa.select(key.c.person_key, sa.literal(0).label("by_deal")).where(sa.or_(key.c.decider, key.c.target))
    holders = sa.select(chain.c.person_key, sa.literal(1).label("by_deal")).where(chain.c.role == "Decider", chain.c.filled)
    each = sa.union_all(entered, holders).subquery("each_decider")
    return sa.select(each.c.person_key, every(each.c.by_deal == 1).label("by_deal")).group_by(each.c.person_key).cte("deciding")


def active() -> Condition:
    """Whether a row of `model.users` is somebody who works here."""
    return sa.and_(users.c.is_active.is_(True), users.c.is_person.is_(True))


def window(context: Context) -> int:
    """Two-way contact above this instant is a step of a path."""
    return since(context, context.method["maps.two_way_days"])


MODEL = Model(
    tables.deciders,
    select,
    ("model.accounts", "model.people", "model.users", "scores.key_persons", "scores.pairs", "maps.decision_chain"),
)
