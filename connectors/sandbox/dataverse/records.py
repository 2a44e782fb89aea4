"""Writes of rows, set-based and all or nothing: many rows of one table go in, all are written or the first refusal is raised.

    rows -> `drafts` (what they mean) -> checks (rights, references, `states`) -> `rows` (statements) -> `consequences`

A PATCH is an update of one row. Deliberately absent: plug-ins, workflows, duplicate detection and business-required columns, which the
Web API does not enforce either.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb

from connectors.sandbox.dataverse.access import Access
from connectors.sandbox.dataverse.cells import GUID
from connectors.sandbox.dataverse.consequences import follow
from connectors.sandbox.dataverse.drafts import Cells, Draft, Reader, Row, check_references, check_rows, existing
from connectors.sandbox.dataverse.errors import DataverseError, bad_payload
from connectors.sandbox.dataverse.removal import remove
from connectors.sandbox.dataverse.rows import insert, update
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.solutions import check_solution_rows
from connectors.sandbox.dataverse.states import settled
from connectors.sandbox.dataverse.store import Store

DUPLICATE_KEY: Final = "0x80040237"
SECURED_ON_CREATE: Final = "0x8004f502"
SECURED_ON_UPDATE: Final = "0x8004f507"
NOT_SUPPORTED: Final = "0x80040800"


def update_many(store: Store, access: Access, table: Table, rows: Sequence[tuple[str, Row]]) -> None:
    """Update rows by id, all or none.

    Raises:
        DataverseError: the first refusal; it names the row.
    """
    access.check(table, "Write")
    _supported(table, table.updatable, "Update")
    drafts = _drafts(store, access, table, rows, creating=False)
    with store.write() as cursor:
        check_rows(cursor, table, [draft.id for draft in drafts])
        check_references(cursor, table, store.catalog, drafts)
        check_solution_rows(cursor, access, table, drafts, creating=False)
        drafts = settled(cursor, table, drafts, creating=False)
        update(cursor, table, drafts, access.user_id, store.stamp())
        follow(cursor, store, table, drafts, creating=False)


def create_many(store: Store, access: Access, table: Table, rows: Sequence[Row]) -> list[str]:
    """Create rows, all or none; returns their ids in order.

    Raises:
        DataverseError: the first refusal; it names the row.
    """
    access.check(table, "Create")
    _supported(table, table.creatable, "Create")
    drafts = _drafts(store, access, table, [(_new_id(table, row), row) for row in rows], creating=True)
    with store.write() as cursor:
        _refuse_existing(cursor, table, drafts)
        check_references(cursor, table, store.catalog, drafts)
        check_solution_rows(cursor, access, table, drafts, creating=True)
        drafts = [_stamped(store, access, table, draft) for draft in settled(cursor, table, drafts, creating=True)]
        insert(cursor, table, drafts)
        follow(cursor, store, table, drafts, creating=True)
        for children, some in _nested(drafts).items():
            create_many(store, access, store.catalog[children], some)
    return [draft.id for draft in drafts]


def delete_one(store: Store, access: Access, table: Table, record_id: str) -> None:
    """Delete a row and what goes with it; raises DataverseError (0x80040217, 404) when it is not there."""
    access.check(table, "Delete")
    _supported(table, table.deletable, "Delete")
    with store.write() as cursor:
        check_rows(cursor, table, [record_id])
        remove(cursor, store, table, [record_id])


def _drafts(store: Store, access: Access, table: Table, rows: Sequence[tuple[str, Row]], *, creating: bool) -> list[Draft]:
    reader = Reader(table, store.catalog, creating=creating)
    drafts = [_named(reader, table, record_id, row) for record_id, row in rows]
    _refuse_secured(access, table, {column for draft in drafts for column in draft.cells}, creating)
    return drafts


def _named(reader: Reader, table: Table, record_id: str, row: Row) -> Draft:
    """The draft of a row; a refusal says which row it is about."""
    try:
        return reader.read(record_id, row)
    except DataverseError as error:
        raise DataverseError(error.code, f"{error.message} ({table.logical_name} {record_id})", status=error.status) from error


def _refuse_secured(access: Access, table: Table, columns: set[str], creating: bool) -> None:
    for attribute in table.attributes.values():
        if attribute.column in columns and access.is_secured(table, attribute):
            code, verb = (SECURED_ON_CREATE, "create") if creating else (SECURED_ON_UPDATE, "update")
            message = f"The user with id {access.user_id} has not been granted permission to {verb} the secured column"
            raise DataverseError(code, f"{message} '{attribute.logical_name}' of '{table.logical_name}'.", status=403)


def _supported(table: Table, allowed: bool, message: str) -> None:
    if not allowed:
        raise DataverseError(NOT_SUPPORTED, f"The '{message}' method does not support entities of type '{table.logical_name}'.")


def _new_id(table: Table, row: Row) -> str:
    given = row.get(table.primary_id)
    if given is None:
        return str(uuid.uuid4())
    if not isinstance(given, str) or not GUID.fullmatch(given):
        raise bad_payload(f"Cannot convert a value of '{table.primary_id}' to the expected type 'Edm.Guid'.")
    return given.lower()


def _refuse_existing(cursor: duckdb.DuckDBPyConnection, table: Table, drafts: Sequence[Draft]) -> None:
    ids = [draft.id for draft in drafts]
    if existing(cursor, table, ids) or len(set(ids)) < len(ids):
        raise DataverseError(DUPLICATE_KEY, "Cannot insert duplicate key.", status=412)


def _stamped(store: Store, access: Access, table: Table, draft: Draft) -> Draft:
    """With what the platform fills in: stamps and owner. A back-dated row keeps its true date of creation in `overriddencreatedon`."""
    now = store.stamp()
    said = draft.cells.get("overriddencreatedon")
    stamps: Cells = {"createdon": said or now, "modifiedon": now, "_createdby_value": access.user_id, "_modifiedby_value": access.user_id}
    owner: Cells = {"_ownerid_value": access.user_id, "_ownerid_type": "systemuser"} if "ownerid" in table.attributes else {}
    replaced: Cells = {"overriddencreatedon": now} if said else {}
    known = {name: value for name, value in stamps.items() if name in table.columns}
    return Draft(draft.id, {**owner, **draft.cells, **known, **replaced}, draft.children)


def _nested(drafts: Sequence[Draft]) -> Mapping[str, list[dict[str, Any]]]:
    """Rows to be created with their parents, by table; activity parties are put in place by `consequences`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for draft in drafts:
        for children, rows in draft.children.items():
            if not children.parties:
                found.setdefault(children.table, []).extend({**row, children.bind: f"/{children.parent_set}({draft.id})"} for row in rows)
    return found
