"""Our company's contact with each account, over all CRMs."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.company import tables
from transforms.company.log import joint_log
from transforms.company.people import doubled
from transforms.identity import tables as identity
from transforms.scores import tables as scores
from transforms.scores.accounts import account_touches
from transforms.scores.expressions import since, zero

COUNTS = ("touches_90d", "touches_365d", "contact_days_90d")
DATES = ("last_s", "last_two_way_s")


def select(context: Context) -> sa.Select[Any]:
    """One row per identity of an account that gets values in a CRM (`company.accounts`)."""
    who, contact, twice = _accounts(), _contact(context), doubled("account_key")
    joined = who.outerjoin(contact, contact.c.account_key == who.c.identity_key).outerjoin(
        twice, sa.and_(twice.c.account_key == who.c.identity_key, who.c.is_shared)
    )
    return sa.select(
        *(who.c[name] for name in ("identity_key", "identity_id", "crms")),
        *(zero(contact.c[name]).label(name) for name in ("our_people", *COUNTS)),
        *(contact.c[name] for name in DATES),
        zero(twice.c.doubled).label("doubled"),
    ).select_from(joined)


def _accounts() -> sa.CTE:
    account, value = identity.accounts, scores.accounts
    columns = (account.c.identity_key, account.c.identity_id, account.c.crms, (account.c.records > 1).label("is_shared"))
    return sa.select(*columns).join(value, value.c.account_key == account.c.account_key).distinct().cte("who")


def _contact(context: Context) -> sa.CTE:
    """`scores.accounts` of accounts in one CRM, and the same from the joint log for the others."""
    account, alone, log = identity.accounts, scores.accounts, joint_log(identity.accounts, "account_key")
    touch, ours = account_touches(context, log), _our_people(context, log)
    names = ("account_key", *COUNTS, *DATES)
    joint = sa.select(*(touch.c[name] for name in names), ours.c.our_people).select_from(
        touch.outerjoin(ours, ours.c.account_key == touch.c.account_key)
    )
    rest = sa.select(*(alone.c[name] for name in (*names, "our_people"))).join(account, account.c.account_key == alone.c.account_key)
    return sa.union_all(joint, rest.where(account.c.records == 1)).cte("contact")


def _our_people(context: Context, log: sa.FromClause) -> sa.CTE:
    users = sa.func.count(log.c.user_key.distinct()).label("our_people")
    recent = sa.and_(log.c.two_way.is_(True), log.c.at_s > since(context, 365), log.c.at_s <= context.as_of)
    return sa.select(log.c.account_key, users).where(recent).group_by(log.c.account_key).cte("ours")


MODEL = Model(tables.accounts, select, ("identity.accounts", "scores.accounts", "company.interactions"))
