"""Users, accounts, deals and teams of all CRMs as one model, with integer keys; merges and conversions followed.

Staging keeps every record ever pointed at; here only those stay that stand for themselves today. What a record of
yesterday has become is in `int_survivors`.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.interactions.tables import survivors
from transforms.staging.shapes import over_sources
from transforms.tables import accounts, entered_dropped, opportunities, people, users

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]


def staged(context: Context, entity: str) -> sa.Subquery:
    """One staged entity of all CRMs."""
    return over_sources([source.crm for source in context.sources], entity)


def numbered(*order: Cell) -> Cell:
    """A key: 1, 2, 3, in a fixed order when one is given."""
    return sa.cast(sa.func.row_number().over(order_by=order or None), sa.BigInteger)


def survivor_rows(context: Context) -> Rows:
    """Follow merges and conversions to the end; a chain that leads to a record we do not see ends before it."""
    step = _steps(context).cte("step")
    first = sa.select(step.c.crm, step.c.record_id, step.c.successor_id.label("survivor_id"))
    walk = first.cte("walk", recursive=True)
    onward = sa.select(walk.c.crm, walk.c.record_id, step.c.successor_id).join(
        step, sa.and_(step.c.crm == walk.c.crm, step.c.record_id == walk.c.survivor_id)
    )
    walk = walk.union(onward)
    last = step.alias("last")
    ended = walk.outerjoin(last, sa.and_(last.c.crm == walk.c.crm, last.c.record_id == walk.c.survivor_id))
    return sa.select(walk.c.crm, walk.c.record_id, walk.c.survivor_id).select_from(ended).where(last.c.record_id.is_(None))


def _steps(context: Context) -> sa.Select[Any]:
    person, account = staged(context, "people"), staged(context, "accounts")
    records = sa.union_all(
        sa.select(person.c.crm, person.c.person_id.label("record_id"), person.c.successor_id),
        sa.select(account.c.crm, account.c.account_id.label("record_id"), account.c.successor_id),
    ).cte("record")
    known = records.alias("known")
    there = sa.and_(known.c.crm == records.c.crm, known.c.record_id == records.c.successor_id)
    return sa.select(records).join(known, there).where(records.c.record_id != records.c.successor_id).distinct()


def user_rows(context: Context) -> Rows:
    """`model.users`."""
    row = staged(context, "users")
    return sa.select(row, numbered(row.c.crm, row.c.user_id).label("user_key"))


def account_rows(context: Context) -> Rows:
    """`model.accounts`."""
    row, became = staged(context, "accounts"), survivors.alias("became")
    joined = row.outerjoin(became, is_survivor(became, row.c.crm, row.c.account_id))
    key = numbered(row.c.crm, row.c.account_id).label("account_key")
    return (
        sa.select(row, key, row.c.is_active.label("is_live"))
        .select_from(joined)
        .where(became.c.record_id.is_(None), sa.not_(row.c.is_deleted))
    )


def member_rows(context: Context) -> Rows:
    """`model.account_members`: our people only, an owner who is also on the team once, as owner."""
    row, moved = staged(context, "account_members"), survivors.alias("moved")
    joined = (
        row.outerjoin(moved, is_survivor(moved, row.c.crm, row.c.account_id))
        .join(accounts, _is_account(row, moved))
        .join(users, sa.and_(users.c.crm == row.c.crm, users.c.user_id == row.c.user_id, users.c.is_person))
    )
    keys = (row.c.crm, accounts.c.account_id, accounts.c.account_key, users.c.user_id, users.c.user_key)
    return sa.select(*keys, sa.func.min(row.c.member_role).label("member_role")).select_from(joined).group_by(*keys)


def contact_rows(context: Context) -> Rows:
    """`model.account_contacts`: contacts and accounts we see, once each; a contact's own account is left out."""
    row, moved, became = staged(context, "account_contacts"), survivors.alias("moved"), survivors.alias("became")
    person_id = sa.func.coalesce(became.c.survivor_id, row.c.person_id)
    joined = (
        row.outerjoin(moved, is_survivor(moved, row.c.crm, row.c.account_id))
        .outerjoin(became, is_survivor(became, row.c.crm, row.c.person_id))
        .join(accounts, _is_account(row, moved))
        .join(people, sa.and_(people.c.crm == row.c.crm, people.c.person_id == person_id))
    )
    keys = (row.c.crm, accounts.c.account_id, accounts.c.account_key, people.c.person_id, people.c.person_key)
    roles = sa.func.string_agg(row.c.roles.distinct(), sa.literal(";")).aggregate_order_by(row.c.roles).label("roles")
    return sa.select(*keys, roles).select_from(joined).where(people.c.account_key.is_distinct_from(accounts.c.account_key)).group_by(*keys)


def opportunity_rows(context: Context) -> Rows:
    """`model.opportunities`."""
    row, moved = staged(context, "opportunities"), survivors.alias("moved")
    joined = row.outerjoin(moved, is_survivor(moved, row.c.crm, row.c.account_id)).outerjoin(accounts, _is_account(row, moved))
    account_id = sa.func.coalesce(moved.c.survivor_id, row.c.account_id).label("account_id")
    kept = (column for column in row.columns if column.name != "account_id")
    return sa.select(*kept, account_id, accounts.c.account_key).select_from(joined)


def role_rows(context: Context) -> Rows:
    """`model.opportunity_roles`: roles of deals and people we see, once each."""
    row, became, deal = staged(context, "opportunity_roles"), survivors.alias("became"), opportunities
    person_id = sa.func.coalesce(became.c.survivor_id, row.c.person_id)
    joined = (
        row.join(deal, sa.and_(deal.c.crm == row.c.crm, deal.c.opportunity_id == row.c.opportunity_id))
        .outerjoin(became, is_survivor(became, row.c.crm, row.c.person_id))
        .join(people, sa.and_(people.c.crm == row.c.crm, people.c.person_id == person_id))
    )
    columns = (row.c.crm, row.c.opportunity_id, people.c.person_id, people.c.person_key, row.c.role)
    return sa.select(*columns).select_from(joined).distinct()


def lead_rows(context: Context) -> Rows:
    """`model.leads`: what became of each, merges of contacts and accounts followed."""
    row, person, company = staged(context, "leads"), survivors.alias("person"), survivors.alias("company")
    joined = row.outerjoin(person, is_survivor(person, row.c.crm, row.c.contact_id)).outerjoin(
        company, is_survivor(company, row.c.crm, row.c.account_id)
    )
    moved = {"contact_id": person, "account_id": company}
    became = (sa.func.coalesce(survivor.c.survivor_id, row.c[name]).label(name) for name, survivor in moved.items())
    kept = (column for column in row.columns if column.name not in moved)
    return sa.select(*kept, *became).select_from(joined)


def entered_dropped_rows(context: Context) -> Rows:
    """`model.entered_dropped`: refused values, and influence by someone who is no contact we see."""
    row, other = staged(context, "entered_dropped"), people.alias("other")
    refused = sa.select(*(row.c[column.name] for column in entered_dropped.columns))
    link = sa.and_(other.c.crm == people.c.crm, other.c.person_id == people.c.influenced_by_id)
    lost = (
        sa.select(people.c.crm, people.c.person_kind, people.c.person_id, sa.literal("influenced_by"), sa.literal("unresolved"))
        .select_from(people.outerjoin(other, link))
        .where(people.c.influenced_by_id.is_not(None), other.c.person_id.is_(None))
    )
    return sa.select(sa.union_all(refused, lost).subquery("dropped"))


def is_survivor(survivor: sa.FromClause, crm: Cell, record_id: Cell) -> Cell:
    """Whether a row of `int_survivors` tells what became of a record."""
    return sa.and_(survivor.c.crm == crm, survivor.c.record_id == record_id)


def _is_account(row: sa.FromClause, moved: sa.FromClause) -> Cell:
    return sa.and_(accounts.c.crm == row.c.crm, accounts.c.account_id == sa.func.coalesce(moved.c.survivor_id, row.c.account_id))
