"""Deletes: what goes with a row, what is left behind without it, and the log that change tracking reads.

parental    the children go too: contacts and deals of an account, activities about a row, parties of an activity, connections
parties     stay with their activity, marked as deleted
others      lose the reference
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from connectors.sandbox.dataverse.references import Link, links_to, touched
from connectors.sandbox.dataverse.schema_activities import PARTY
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.store import Store

_SIDES: Final = ("record1id", "record2id")
PARENTAL: Final[Mapping[str, frozenset[str]]] = {
    "contact": frozenset({"parentcustomerid"}),
    "opportunity": frozenset({"customerid"}),
    "connection": frozenset({*_SIDES, "relatedconnectionid"}),
    "activityparty": frozenset({"activityid"}),
    "opportunityclose": frozenset({"opportunityid"}),
    "solution": frozenset({"publisherid"}),
}
"""By child: the lookups whose row takes the child along. Of an activity it is `regardingobjectid`."""


def remove(cursor: duckdb.DuckDBPyConnection, store: Store, table: Table, ids: Sequence[str]) -> None:
    """Delete rows with what goes with them."""
    if not ids:
        return
    store.log_deletes(cursor, table.logical_name, ids)
    _delete(cursor, table, ids)
    for link in links_to(store.catalog, table.logical_name):
        if _parental(link):
            remove(cursor, store, link.child, _pointing(cursor, link, ids))
        else:
            _leave(cursor, store, link, ids)


def _parental(link: Link) -> bool:
    names = PARENTAL.get(link.child.logical_name, frozenset())
    return link.attribute.logical_name in names or (link.child.is_activity and link.attribute.logical_name == "regardingobjectid")


def _delete(cursor: duckdb.DuckDBPyConnection, table: Table, ids: Sequence[str]) -> None:
    sql = f'delete from "{table.logical_name}" where "{table.primary_id}" in (select unnest(?::varchar[]))'  # noqa: S608
    cursor.execute(sql, [list(ids)])


def _pointing(cursor: duckdb.DuckDBPyConnection, link: Link, ids: Sequence[str]) -> list[str]:
    where = link.where("(select unnest(?::varchar[]))")
    sql = f'select "{link.child.primary_id}" from "{link.child.logical_name}" where {where}'  # noqa: S608
    return [str(row[0]) for row in cursor.execute(sql, [list(ids)]).fetchall()]


def _leave(cursor: duckdb.DuckDBPyConnection, store: Store, link: Link, ids: Sequence[str]) -> None:
    change = "ispartydeleted = true" if link.child.logical_name == PARTY.logical_name else f'"{link.attribute.column}" = null'
    where = link.where("(select unnest(?::varchar[]))")
    sql = f'update "{link.child.logical_name}" set {change}, {touched(link.child, store.stamp())} where {where}'  # noqa: S608
    cursor.execute(sql, [list(ids)])
