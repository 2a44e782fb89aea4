"""Addresses as evidence: how they are compared, who carries them, and which of them join a record with one of another CRM.

An address joins when at most one record of each CRM carries it. It joins nobody when it belongs to a function (`info@`), to
nobody (`counting.not_people`), to several records of one CRM, or, for outside people, to a user of ours. Case and blanks
never tell addresses apart; tags and dots do, but for the few providers that document the contrary.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.functions import local_part, mail_domain
from transforms.interactions.records import staged
from transforms.staging.raw import as_compared
from transforms.tables import people, users

Cell = sa.ColumnElement[Any]

LIKE_AN_ADDRESS = "%_@_%._%"


@dataclass(frozen=True)
class Carried:
    """`rows`: one per record and address (`record_key`, `crm`, `address`, `ours`); `shares`: addresses that several CRMs know."""

    rows: sa.CTE
    shares: sa.CTE


def compared(address: Cell, context: Context) -> Cell:
    """The address in the form in which two are one."""
    local, domain = local_part(sa.func.trim(address)), mail_domain(sa.func.trim(address))
    tagged, dotless = (domain.in_(as_compared(context.method[f"identity.{name}_domains"])) for name in ("plus_tag", "dotless"))
    mailbox = sa.case((tagged, sa.func.split_part(local, "+", 1)), else_=local)
    return sa.func.concat(sa.case((dotless, sa.func.replace(mailbox, ".", "")), else_=mailbox), "@", domain, type_=sa.String)


def of_people(context: Context) -> Carried:
    """All addresses of outside people; `ours` where a user of any CRM has it."""
    row, book = staged(context, "person_addresses"), _book(context)
    person = sa.and_(people.c.crm == row.c.crm, people.c.person_id == row.c.person_id, people.c.is_person)
    address = compared(row.c.address, context).label("address")
    named = (
        sa.select(people.c.person_key.label("record_key"), people.c.crm, address)
        .join(people, person)
        .where(_usable(row.c.address, context))
        .distinct()
        .subquery("named_people")
    )
    joined = named.outerjoin(book, book.c.address == named.c.address)
    return _carried(sa.select(*named.c, book.c.address.is_not(None).label("ours")).select_from(joined), "people")


def of_users(context: Context) -> Carried:
    """The address of each user who is a person."""
    address = compared(users.c.email, context).label("address")
    rows = sa.select(users.c.user_key.label("record_key"), users.c.crm, address, sa.false().label("ours"))
    return _carried(rows.where(users.c.is_person, _usable(users.c.email, context)), "users")


def edges(carried: Carried, context: Context) -> sa.Select[Any]:
    """`record_key`, `other_key`, `address`: each record with the smallest one of another CRM that has its address."""
    row, share = carried.rows, carried.shares
    alone = sa.and_(share.c.records == share.c.crms, share.c.first_key != row.c.record_key)
    return (
        sa.select(share.c.first_key.label("record_key"), row.c.record_key.label("other_key"), row.c.address)
        .join(share, share.c.address == row.c.address)
        .where(alone, sa.not_(row.c.ours), sa.not_(of_a_function(row.c.address, context)))
    )


def of_a_function(address: Cell, context: Context) -> Cell:
    """Whether the address belongs to a function, such as sales, and not to one person."""
    return local_part(address).in_(as_compared(context.method["identity.role_addresses"]))


def _carried(rows: sa.Select[Any], name: str) -> Carried:
    row = rows.cte(f"carried_{name}")
    counts = (sa.func.count().label("records"), sa.func.count(row.c.crm.distinct()).label("crms"))
    first = sa.func.min(row.c.record_key).label("first_key")
    shares = sa.select(row.c.address, *counts, first).group_by(row.c.address).having(sa.func.count(row.c.crm.distinct()) > 1)
    return Carried(row, shares.cte(f"shares_{name}"))


def _book(context: Context) -> sa.CTE:
    address = compared(users.c.email, context).label("address")
    return sa.select(address).where(users.c.is_person, users.c.email.is_not(None)).distinct().cte("our_addresses")


def _usable(address: Cell, context: Context) -> Cell:
    """Reads like an address of somebody; nothing does while records stand alone."""
    if not context.across_crms:
        return sa.false()
    return sa.and_(address.like(LIKE_AN_ADDRESS), local_part(address).not_in(context.counting.not_people))
