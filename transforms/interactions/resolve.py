"""Who is who: every id and every address to one of our users, one outside person, or the reason why neither.

By id first, then by today's address. A record that is gone leads nowhere by its id, so its address may still speak for
it; so may the address of a customer's log-in. Addresses whose local part is nobody's (`counting.not_people`) are never
people, whatever record carries them.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.functions import local_part, null
from transforms.interactions.people import colleagues, user_book
from transforms.interactions.records import numbered, staged
from transforms.interactions.tables import activities, addresses, parties, survivors
from transforms.tables import accounts, people, users

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]


def party_rows(context: Context) -> Rows:
    """`int_parties`: users, then contacts and leads by what became of them."""
    user = sa.select(
        users.c.crm, users.c.user_id.label("party_id"), _our_standing(users.c.is_person).label("standing"), users.c.user_key,
        null(sa.BigInteger).label("person_key"), users.c.email,
    )  # fmt: skip
    return sa.select(sa.union_all(user, _outside_parties(context)).subquery("party"))


def _outside_parties(context: Context) -> Rows:
    row, became, ours = staged(context, "people"), survivors.alias("became"), colleagues(context)
    person_id = sa.func.coalesce(became.c.survivor_id, row.c.person_id)
    joined = (
        row.outerjoin(became, sa.and_(became.c.crm == row.c.crm, became.c.record_id == row.c.person_id))
        .outerjoin(people, sa.and_(people.c.crm == row.c.crm, people.c.person_id == person_id))
        .outerjoin(ours, sa.and_(ours.c.crm == people.c.crm, ours.c.person_id == people.c.person_id))
    )
    standing = sa.case(
        (people.c.person_key.is_(None), "deleted"),
        (ours.c.user_key.is_not(None), _our_standing(ours.c.is_person)),
        (people.c.is_person, "person"),
        else_="not_a_person",
    )
    person_key = sa.case((standing == "person", people.c.person_key), else_=null(sa.BigInteger))
    return sa.select(row.c.crm, row.c.person_id, standing, ours.c.user_key, person_key, row.c.email).select_from(joined)


def address_rows(context: Context) -> Rows:
    """`int_addresses`: one choice per address, and one per address and account where several contacts share it."""
    book = user_book(context)
    ours = sa.select(
        book.c.crm, book.c.email.label("address"), null(sa.BigInteger).label("account_key"),
        _our_standing(book.c.is_person).label("standing"), book.c.user_key, null(sa.BigInteger).label("person_key"),
    )  # fmt: skip
    holder = _holders(context, book)
    best = _holder_choice(holder, null(sa.BigInteger)).where(holder.c.turn == 1)
    on_account = _holder_choice(holder, holder.c.account_key).where(
        holder.c.turn_on_account == 1, holder.c.sharing > 1, holder.c.account_key.is_not(None)
    )
    return sa.select(sa.union_all(ours, best, on_account).subquery("address"))


def _holders(context: Context, book: sa.CTE) -> sa.CTE:
    """Addresses of living records and the person each stands for: contacts before leads, then by id."""
    row, carried, became = staged(context, "people"), staged(context, "person_addresses"), survivors.alias("became")
    person_id = sa.func.coalesce(became.c.survivor_id, row.c.person_id)
    joined = (
        row.join(carried, sa.and_(carried.c.crm == row.c.crm, carried.c.person_id == row.c.person_id))
        .outerjoin(became, sa.and_(became.c.crm == row.c.crm, became.c.record_id == row.c.person_id))
        .join(people, sa.and_(people.c.crm == row.c.crm, people.c.person_id == person_id, people.c.is_person))
        .outerjoin(book, sa.and_(book.c.crm == row.c.crm, book.c.email == carried.c.address))
    )
    order = (sa.case((row.c.person_kind == "contact", 0), else_=1), row.c.person_id)
    same = (row.c.crm, carried.c.address)
    columns = (
        row.c.crm,
        carried.c.address,
        people.c.account_key,
        people.c.person_key,
        sa.func.row_number().over(partition_by=same, order_by=order).label("turn"),
        sa.func.row_number().over(partition_by=(*same, people.c.account_key), order_by=order).label("turn_on_account"),
        sa.func.count().over(partition_by=same).label("sharing"),
    )
    living = sa.and_(sa.not_(row.c.is_deleted), book.c.user_key.is_(None))
    nobody = local_part(carried.c.address).in_(context.counting.not_people)
    return sa.select(*columns).select_from(joined).where(living, sa.not_(nobody)).cte("holder")


def _holder_choice(holder: sa.CTE, account_key: Cell) -> Rows:
    return sa.select(holder.c.crm, holder.c.address, account_key, sa.literal("person"), null(sa.BigInteger), holder.c.person_key)


def activity_rows(context: Context) -> Rows:
    """`int_activities`: everything read, on today's accounts; numbered as it comes, because sorting a million ids buys nothing."""
    row, moved = staged(context, "activities"), survivors.alias("moved")
    account_id = sa.func.coalesce(moved.c.survivor_id, row.c.account_id)
    joined = row.outerjoin(moved, sa.and_(moved.c.crm == row.c.crm, moved.c.record_id == row.c.account_id)).outerjoin(
        accounts, sa.and_(accounts.c.crm == row.c.crm, accounts.c.account_id == account_id)
    )
    key = numbered().label("event_key")
    return sa.select(key, row, accounts.c.account_key).select_from(joined)


def participant_rows(context: Context) -> Rows:
    """`int_participants`: by id, else by address (on the activity's account where several contacts share it)."""
    row, event, party = staged(context, "participants"), activities, parties
    general, local = addresses.alias("general"), addresses.alias("local")
    by_address = sa.func.coalesce(local.c.standing, general.c.standing)
    found = _is_found(row, by_address)
    joined = (
        row.join(event, sa.and_(event.c.crm == row.c.crm, event.c.event_id == row.c.event_id))
        .outerjoin(party, sa.and_(party.c.crm == row.c.crm, party.c.party_id == row.c.party_id))
        .outerjoin(general, _is_address(general, row, general.c.account_key.is_(None)))
        .outerjoin(local, _is_address(local, row, local.c.account_key == event.c.account_key))
    )
    user_key = sa.case((found, party.c.user_key), else_=sa.func.coalesce(local.c.user_key, general.c.user_key))
    person_key = sa.case((found, party.c.person_key), else_=sa.func.coalesce(local.c.person_key, general.c.person_key))
    columns = {
        "event_key": event.c.event_key,
        "channel": event.c.channel,
        "role": row.c.role,
        "standing": _standing(context, row, found, by_address),
        "user_key": user_key,
        "person_key": person_key,
        "party_key": sa.func.coalesce(person_key * 2, user_key * 2 + 1),
        "is_outside": sa.func.coalesce(row.c.party_kind == "person", sa.false()),
        "declined": row.c.declined,
        "from_header": row.c.from_header,
        "stands_in": sa.func.coalesce(row.c.stands_in, sa.false()),
        "party_id": row.c.party_id,
        "address": sa.func.coalesce(row.c.address, party.c.email),
    }
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined).where(_may_count(event))


def _is_found(row: sa.FromClause, by_address: Cell) -> Cell:
    """Whether the id answers; a log-in that is nobody of ours, at a person's address, is that customer."""
    is_customer = sa.and_(row.c.party_kind == "user", parties.c.standing == "nobody", sa.func.coalesce(by_address == "person", sa.false()))
    return sa.and_(parties.c.standing != "deleted", parties.c.standing.is_not(None), sa.not_(is_customer))


def _standing(context: Context, row: sa.FromClause, found: Cell, by_address: Cell) -> Cell:
    return sa.case(
        (found, parties.c.standing),
        (by_address.is_not(None), by_address),
        (local_part(row.c.address).in_(context.counting.not_people), "not_a_person"),
        (parties.c.standing == "deleted", "deleted"),
        (row.c.party_kind.in_(("nobody", "user")), "nobody"),
        else_="unresolved",
    )


def _may_count(event: sa.FromClause) -> Cell:
    """Not yet dropped; drafts and failed mails stay, because a Task may still shadow them."""
    alive = sa.or_(event.c.reason.is_(None), event.c.reason.in_(("draft", "failed_send")))
    return sa.and_(alive, event.c.channel.is_not(None), sa.not_(event.c.shadows_mail))


def _is_address(book: sa.FromClause, row: sa.FromClause, which: Cell) -> Cell:
    return sa.and_(book.c.crm == row.c.crm, book.c.address == row.c.address, which)


def _our_standing(is_person: Cell) -> Cell:
    return sa.case((is_person, "user"), else_="nobody")
