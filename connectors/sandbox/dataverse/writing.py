"""Writes of single rows over HTTP: create, update, upsert, delete, one property.

POST set                          create; the id may be given
PATCH set(key)                    update; without `If-Match` a row that is not there is created
DELETE set(key)
PUT, DELETE set(key)/property     one column, set or blanked

`If-Match: *` means only if it is there, an etag only if unchanged; `If-None-Match: *` only if it is not there.
`Prefer: return=representation` answers with the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import duckdb

from connectors.sandbox.dataverse.api import Answer, Api, Call, Incoming
from connectors.sandbox.dataverse.drafts import existing
from connectors.sandbox.dataverse.errors import NO_SUCH_ATTRIBUTE_KEY, DataverseError, bad_payload, no_such_property, no_such_record
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_key
from connectors.sandbox.dataverse.records import DUPLICATE_KEY, create_many, delete_one, update_many
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.spoiling import Spoiler

VERSION_MISMATCH: Final = "0x80060882"
CONCURRENCY_OFF: Final = "0x8006088d"
ANY: Final = "*"


class Writing:
    """The handlers."""

    def __init__(self, api: Api, spoiler: Spoiler) -> None:
        self._api, self._spoiler = api, spoiler

    def register(self) -> None:
        """Serve the addresses above."""
        row, prop = "{set}({key})", "{set}({key})/{property}"
        self._api.on("POST", "{set}", self.create)
        self._api.on("PATCH", row, self.update)
        self._api.on("DELETE", row, self.delete)
        self._api.on("PUT", prop, self.put_property)
        self._api.on("DELETE", prop, self.delete_property)

    def create(self, call: Call) -> Answer:
        """POST set"""
        table = call.access.table_of_set(call.name("set"))
        self._spoiler.check(call, table, [])
        record_id = create_many(call.store, call.access, table, [call.json_object()])[0]
        return self._created(call, table, record_id)

    def update(self, call: Call) -> Answer:
        """PATCH set(key)"""
        table, record_id = addressed(call)
        body = call.json_object()
        self._spoiler.check(call, table, [record_id])
        with call.store.write() as cursor:
            if not self._admits(call, cursor, table, record_id):
                create_many(call.store, call.access, table, [{**body, table.primary_id: record_id}])
                return self._created(call, table, record_id)
            update_many(call.store, call.access, table, [(record_id, body)])
        return self._updated(call, table, record_id)

    def delete(self, call: Call) -> None:
        """DELETE set(key)"""
        table, record_id = addressed(call)
        self._spoiler.check(call, table, [record_id])
        with call.store.write() as cursor:
            self._admits(call, cursor, table, record_id)
            delete_one(call.store, call.access, table, record_id)
        call.work.rows_written += 1

    def put_property(self, call: Call) -> None:
        """PUT set(key)/property"""
        body = call.json_object()
        if "value" not in body:
            raise bad_payload("The body must be an object with 'value'.")
        self._set(call, body["value"])

    def delete_property(self, call: Call) -> None:
        """DELETE set(key)/property"""
        self._set(call, None)

    def _set(self, call: Call, value: Any) -> None:
        table, record_id = addressed(call)
        name = call.name("property")
        if name not in table.columns and not (value is None and name in table.navigation):
            raise no_such_property(name, table.logical_name)
        self._spoiler.check(call, table, [record_id])
        update_many(call.store, call.access, table, [(record_id, {name: value})])
        call.work.rows_written += 1

    def _admits(self, call: Call, cursor: duckdb.DuckDBPyConnection, table: Table, record_id: str) -> bool:
        """Whether the row is there; raises DataverseError when the request's conditions do not hold."""
        there = bool(existing(cursor, table, [record_id]))
        wanted = call.header("if-match")
        if wanted and not there:
            raise no_such_record(table.logical_name, record_id)
        if wanted and wanted != ANY:
            _check_version(cursor, table, record_id, wanted)
        if there and call.header("if-none-match") == ANY:
            raise DataverseError(DUPLICATE_KEY, "A record with matching key values already exists.", status=412)
        return there

    def _created(self, call: Call, table: Table, record_id: str) -> Answer:
        call.work.rows_written += 1
        where = f"{call.root}{table.entity_set}({record_id})"
        headers = {"OData-EntityId": where, "Location": where}
        return self._represented(call, table, record_id, 201, headers) if call.preferences.representation else Answer(204, headers=headers)

    def _updated(self, call: Call, table: Table, record_id: str) -> Answer:
        call.work.rows_written += 1
        headers = {"OData-EntityId": f"{call.root}{table.entity_set}({record_id})"}
        return self._represented(call, table, record_id, 200, headers) if call.preferences.representation else Answer(204, headers=headers)

    def _represented(self, call: Call, table: Table, record_id: str, status: int, headers: Mapping[str, str]) -> Answer:
        """The row as a GET with the same query options shows it."""
        query = urlencode({name: value for name, value in call.options.items() if name in ("$select", "$expand")})
        path = f"{table.entity_set}({record_id})"
        read = self._api.perform(Incoming("GET", path, query, call.incoming.headers, b"", call.root), call.work)
        return Answer(status, read.body, {**read.headers, **headers})


def addressed(call: Call) -> tuple[Table, str]:
    """Table and id of the row an address `set(key)` names; raises DataverseError (0x80060891) for a key that is not the primary one."""
    table = call.access.table_of_set(call.name("set"))
    parsed = parse_key(call.name("key"))
    key = parsed if isinstance(parsed, tree.Literal) else parsed.get(table.primary_id) if len(parsed) == 1 else None
    if not isinstance(key, tree.Literal) or key.kind != "guid":
        text = f"The specified key attributes are not a defined key for the {table.logical_name} entity"
        raise DataverseError(NO_SUCH_ATTRIBUTE_KEY, text, status=404)
    return table, str(key.value)


def _check_version(cursor: duckdb.DuckDBPyConnection, table: Table, record_id: str, etag: str) -> None:
    if not table.optimistic_concurrency:
        raise DataverseError(CONCURRENCY_OFF, f"Optimistic concurrency isn't enabled for entity type {table.logical_name}.")
    sql = f'select versionnumber from "{table.logical_name}" where "{table.primary_id}" = ?'  # noqa: S608
    held = cursor.execute(sql, [record_id]).fetchall()[0][0]
    if etag != f'W/"{held}"':
        raise DataverseError(
            VERSION_MISMATCH, "The version of the existing record doesn't match the RowVersion property provided.", status=412
        )
