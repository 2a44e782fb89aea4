"""The weekly sheet (coaching): what changed in the last days on the accounts, people and deals of each rep, and what comes next.

    weekly_history   levels, grades, signals that moved, as history has them; nothing on a first run
    weekly_log       what log, deals and reviews show: contacts gone cold, met for the first time, stages, deals, overdue reviews
    weekly_next      what the next days bring if nothing happens

A record belongs to its owner, a contact to the owner of the account. Deliberately absent: counts of a rep's own activity.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.operation import tables, weekly_history, weekly_log, weekly_next
from transforms.operation.cold import cold
from transforms.scores.expressions import Number
from transforms.tables import accounts, opportunities, people, users


def select(context: Context) -> sa.Select[Any]:
    """One row per record and change (`operation.weekly`)."""
    silent = cold(context)
    parts = [
        *((part, False) for part in (*weekly_history.parts(context), *weekly_log.parts(context, silent))),
        *((part, True) for part in weekly_next.parts(context, silent)),
    ]
    each = sa.union_all(*(_columns(part, is_next) for part, is_next in parts)).cte("changes")
    owner = _owners()
    same = sa.and_(owner.c.crm == each.c.crm, owner.c.record_type == each.c.record_type, owner.c.record_id == each.c.record_id)
    here = sa.and_(
        users.c.crm == owner.c.crm, users.c.user_id == owner.c.owner_id, users.c.is_active.is_(True), users.c.is_person.is_(True)
    )
    names = ("record_type", "record_id", "is_next", "what", "before", "after", "day")
    return sa.select(each.c.crm, users.c.user_id, *(each.c[name] for name in names)).select_from(
        each.outerjoin(owner, same).outerjoin(users, here)
    )


def _columns(part: sa.Select[Any], is_next: bool) -> sa.Select[Any]:
    found = part.subquery()
    names = ("crm", "record_type", "record_id", "what", "before", "after", "day")
    return sa.select(*(found.c[name] for name in names), sa.literal(is_next).label("is_next"))


def _owners() -> sa.CTE:
    """Who answers for each record."""
    account = sa.and_(accounts.c.crm == people.c.crm, accounts.c.account_id == people.c.account_id)
    of_person = sa.case((people.c.person_kind == "contact", accounts.c.owner_id), else_=people.c.owner_id)
    return sa.union_all(
        _owned(accounts, sa.literal("account", sa.String), accounts.c.account_id, accounts.c.owner_id),
        _owned(people, people.c.person_kind, people.c.person_id, of_person).select_from(people.outerjoin(accounts, account)),
        _owned(opportunities, sa.literal("opportunity", sa.String), opportunities.c.opportunity_id, opportunities.c.owner_id),
        _owned(users, sa.literal("user", sa.String), users.c.user_id, users.c.user_id),
    ).cte("record_owners")


def _owned(table: sa.Table, record_type: Number, record_id: Number, owner: Number) -> sa.Select[Any]:
    return sa.select(table.c.crm, record_type.label("record_type"), record_id.label("record_id"), owner.label("owner_id"))


READS = ("model.accounts", "model.opportunities", "model.people", "model.users")
MODEL = Model(tables.weekly, select, tuple(dict.fromkeys((*READS, *weekly_history.READS, *weekly_log.READS, *weekly_next.READS))))
