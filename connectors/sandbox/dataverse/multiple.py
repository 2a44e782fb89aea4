"""Many rows in one request, all or nothing: CreateMultiple, UpdateMultiple, UpsertMultiple of the tables that have them.

Two requests that write one row at the same time deadlock. Every target says its type; UpdateMultiple takes the same row twice (the later
values win), UpsertMultiple does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectors.sandbox.dataverse.api import Api, Call
from connectors.sandbox.dataverse.bind import address
from connectors.sandbox.dataverse.drafts import Row, existing
from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError, bad_payload, no_such_segment
from connectors.sandbox.dataverse.locks import RowLocks
from connectors.sandbox.dataverse.merge import PREFIX, TYPE, typed_row
from connectors.sandbox.dataverse.records import create_many, update_many
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.spoiling import Spoiler

DUPLICATE_TARGET: Final = "0x80040237"
ADDRESS: Final = "@odata.id"


class Multiple:
    """The handlers."""

    def __init__(self, api: Api, spoiler: Spoiler) -> None:
        self._api, self._spoiler = api, spoiler
        self._locks = RowLocks()

    def register(self) -> None:
        """Serve `set/Microsoft.Dynamics.CRM.<action>`."""
        for action, handler in (("CreateMultiple", self.create), ("UpdateMultiple", self.update), ("UpsertMultiple", self.upsert)):
            self._api.on("POST", f"{{set}}/{PREFIX}{action}", handler)

    def create(self, call: Call) -> dict[str, Any]:
        """CreateMultiple: 200 with the ids."""
        table, targets = _targets(call, "CreateMultiple")
        self._spoiler.check(call, table, [str(row.get(table.primary_id, "")).lower() for row in targets])
        ids = create_many(call.store, call.access, table, targets)
        call.work.rows_written += len(ids)
        return {"@odata.context": f"{call.root}$metadata#{PREFIX}CreateMultipleResponse", "Ids": ids}

    def update(self, call: Call) -> None:
        """UpdateMultiple: 204"""
        table, targets = _targets(call, "UpdateMultiple")
        rows = [(typed_row(call.store, row, "Targets")[1], row) for row in targets]
        ids = [record_id for record_id, _ in rows]
        self._spoiler.check(call, table, ids)
        with self._locks.hold(ids):
            update_many(call.store, call.access, table, rows)
        call.work.rows_written += len(rows)

    def upsert(self, call: Call) -> None:
        """UpsertMultiple: 204; rows are named by `@odata.id` or by their key."""
        table, targets = _targets(call, "UpsertMultiple")
        rows = [(_named(call, table, row), row) for row in targets]
        ids = [record_id for record_id, _ in rows]
        if len(set(ids)) < len(ids):
            raise DataverseError(DUPLICATE_TARGET, "Two targets of the request name the same row.", status=412)
        self._spoiler.check(call, table, ids)
        with self._locks.hold(ids), call.store.write() as cursor:
            known = existing(cursor, table, ids)
            update_many(call.store, call.access, table, [(record_id, row) for record_id, row in rows if record_id in known])
            fresh = [{**row, table.primary_id: record_id} for record_id, row in rows if record_id not in known]
            create_many(call.store, call.access, table, fresh)
        call.work.rows_written += len(rows)


def _targets(call: Call, action: str) -> tuple[Table, Sequence[Row]]:
    table = call.access.table_of_set(call.name("set"))
    if not table.multiple:
        raise no_such_segment(f"{PREFIX}{action}")
    targets = call.json_object().get("Targets")
    if not isinstance(targets, list) or not targets:
        raise DataverseError(INVALID_ARGUMENT, "The required parameter 'Targets' must be a collection of at least one row.")
    for row in targets:
        if not isinstance(row, dict) or str(row.get(TYPE, "")).lstrip("#") != PREFIX + table.logical_name:
            raise bad_payload(f"Every row of 'Targets' must carry '{TYPE}': '{PREFIX}{table.logical_name}'.")
    return table, targets


def _named(call: Call, table: Table, row: Row) -> str:
    if ADDRESS not in row:
        return typed_row(call.store, row, "Targets")[1]
    if table.primary_id in row:
        raise bad_payload(f"The key '{table.primary_id}' must not be repeated in a row that carries '{ADDRESS}'.")
    return address(row[ADDRESS], (table.logical_name,), call.store.catalog)[1]
