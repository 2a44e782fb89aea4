"""Outside people of all CRMs as one model, and who of them is one of ours or nobody by the addresses they carry."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.functions import local_part, null, squeezed
from transforms.interactions.records import is_survivor, numbered, staged
from transforms.interactions.tables import survivors
from transforms.tables import accounts, users

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]


def user_book(context: Context) -> sa.CTE:
    """Which user an address is: a person before a machine, active before gone, then the smallest id."""
    order = (_last(users.c.is_person), _last(users.c.is_active), users.c.user_id)
    turn = sa.func.row_number().over(partition_by=(users.c.crm, users.c.email), order_by=order)
    ranked = sa.select(users.c.crm, users.c.email, users.c.user_key, users.c.is_person, turn.label("turn")).where(
        users.c.email.is_not(None)
    )
    choice = ranked.subquery("ranked")
    return sa.select(choice).where(choice.c.turn == 1).cte("book")


def colleagues(context: Context) -> sa.CTE:
    """Outside records that carry an address of one of our users, and which user: a person before a machine, then the smallest key."""
    carried, book = staged(context, "person_addresses"), user_book(context)
    order = (_last(book.c.is_person), book.c.user_key)
    turn = sa.func.row_number().over(partition_by=(carried.c.crm, carried.c.person_id), order_by=order)
    ranked = (
        sa.select(carried.c.crm, carried.c.person_id, book.c.user_key, book.c.is_person, turn.label("turn"))
        .join(book, sa.and_(book.c.crm == carried.c.crm, book.c.email == carried.c.address))
        .subquery("carrying")
    )
    return sa.select(ranked).where(ranked.c.turn == 1).cte("colleague")


def _nobodies(context: Context) -> sa.CTE:
    """Outside records all of whose addresses are nobody's."""
    row = staged(context, "person_addresses")
    is_real = sa.case((local_part(row.c.address).in_(context.counting.not_people), 0), else_=1)
    return sa.select(row.c.crm, row.c.person_id).group_by(row.c.crm, row.c.person_id).having(sa.func.max(is_real) == 0).cte("nobody")


def people_rows(context: Context) -> Rows:
    """`model.people`."""
    row, ours, nobody, home = staged(context, "people"), colleagues(context), _nobodies(context), accounts.alias("home")
    became, moved, above, behind = (survivors.alias(name) for name in ("became", "moved", "above", "behind"))
    account_id = sa.func.coalesce(moved.c.survivor_id, row.c.account_id)
    joined = (
        row.outerjoin(became, is_survivor(became, row.c.crm, row.c.person_id))
        .outerjoin(moved, is_survivor(moved, row.c.crm, row.c.account_id))
        .outerjoin(above, is_survivor(above, row.c.crm, row.c.reports_to_id))
        .outerjoin(behind, is_survivor(behind, row.c.crm, row.c.influenced_by_id))
        .outerjoin(home, sa.and_(home.c.crm == row.c.crm, home.c.account_id == account_id))
        .outerjoin(ours, sa.and_(ours.c.crm == row.c.crm, ours.c.person_id == row.c.person_id))
        .outerjoin(nobody, sa.and_(nobody.c.crm == row.c.crm, nobody.c.person_id == row.c.person_id))
    )
    is_person = sa.and_(ours.c.user_key.is_(None), nobody.c.person_id.is_(None))
    replaced = {
        "account_id": account_id,
        "reports_to_id": sa.func.coalesce(above.c.survivor_id, row.c.reports_to_id),
        "influenced_by_id": sa.func.coalesce(behind.c.survivor_id, row.c.influenced_by_id),
    }
    columns = [
        *(replaced.get(column.name, column).label(column.name) for column in row.columns),
        numbered(row.c.crm, row.c.person_id).label("person_key"),
        home.c.account_key,
        _department(row.c.department, context).label("department_name"),
        is_person.label("is_person"),
        sa.and_(row.c.is_active, is_person, sa.not_(row.c.is_settled)).label("is_live"),
    ]
    return sa.select(*columns).select_from(joined).where(became.c.record_id.is_(None), sa.not_(row.c.is_deleted))


def _last(flag: Cell) -> Cell:
    return sa.case((flag, 0), else_=1)


def _department(typed: Cell, context: Context) -> Cell:
    """One name per department: case, white space and synonyms do not tell departments apart."""
    plain = sa.func.nullif(sa.func.lower(sa.func.trim(squeezed(typed, sa.literal(" ")))), "", type_=sa.String)
    compact = squeezed(plain, sa.literal(""))
    synonyms: dict[str, list[str]] = context.method["departments.synonyms"]
    known = [(compact.in_([_compact(word) for word in (name, *words)]), name) for name, words in synonyms.items()]
    shortest = sa.func.min(plain).over(partition_by=compact)
    return sa.case(*known, (plain.is_(None), null(sa.String)), else_=shortest)


def _compact(word: str) -> str:
    return "".join(word.lower().split())
