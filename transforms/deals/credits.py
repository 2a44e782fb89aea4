"""Whom a deal counts for: its owner and, where that is another of us, the owner of the account; then it counts twice 双算, marked."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.deals import tables
from transforms.deals.classes import created, is_open, lately_closed
from transforms.scores.expressions import Condition, num
from transforms.tables import accounts, opportunities, users


def select(context: Context) -> sa.Select[Any]:
    """One row per open or lately won deal and user it counts for (`deals.credits`)."""
    row = sa.union_all(_owners(context), _account_owners(context)).subquery("credit")
    both = sa.func.count().over(partition_by=(row.c.crm, row.c.opportunity_id)) > 1
    keys = ("crm", "opportunity_id", "user_id", "reason", "is_open")
    return sa.select(*(row.c[name] for name in keys), num(1).label("share"), both.label("counted_twice"), row.c.amount)


def _owners(context: Context) -> sa.Select[Any]:
    deal = opportunities
    return _credit("owner").select_from(deal.join(users, _is(deal.c.owner_id))).where(_counts(context))


def _account_owners(context: Context) -> sa.Select[Any]:
    deal, account = opportunities, accounts
    joined = deal.join(account, account.c.account_key == deal.c.account_key).join(users, _is(account.c.owner_id))
    another = deal.c.owner_id.is_distinct_from(account.c.owner_id)
    return _credit("account owner").select_from(joined).where(_counts(context), another)


def _credit(reason: str) -> sa.Select[Any]:
    deal = opportunities.c
    is_open = deal.is_closed.is_(False).label("is_open")
    return sa.select(deal.crm, deal.opportunity_id, users.c.user_id, sa.literal(reason).label("reason"), is_open, deal.amount)


def _is(user_id: sa.Column[Any]) -> Condition:
    return sa.and_(users.c.crm == opportunities.c.crm, users.c.user_id == user_id, users.c.is_person)


def _counts(context: Context) -> Condition:
    lately_won = sa.and_(lately_closed(context), opportunities.c.is_won.is_(True))
    return sa.and_(created(context), sa.or_(is_open(context), lately_won))


MODEL = Model(tables.credits, select, ("model.accounts", "model.opportunities", "model.users"))
