"""References over HTTP: a lookup is set or blanked from its own side, or rows are put into and taken out of a collection.

PUT, DELETE set(key)/nav/$ref                  one lookup
POST        set(key)/collection/$ref           the named row joins: its lookup points here
DELETE      set(key)/collection(child)/$ref    the child leaves: its lookup is blanked

Many-to-many relationships are deliberately absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.dataverse.api import Api, Call
from connectors.sandbox.dataverse.bind import BIND, address
from connectors.sandbox.dataverse.errors import no_such_property, no_such_record
from connectors.sandbox.dataverse.ids import normal
from connectors.sandbox.dataverse.records import update_many
from connectors.sandbox.dataverse.schema_types import Attribute, Table
from connectors.sandbox.dataverse.spoiling import Spoiler
from connectors.sandbox.dataverse.writing import addressed


class Associations:
    """The handlers."""

    def __init__(self, api: Api, spoiler: Spoiler) -> None:
        self._api, self._spoiler = api, spoiler

    def register(self) -> None:
        """Serve the addresses above."""
        self._api.on("PUT", "{set}({key})/{property}/$ref", self.put)
        self._api.on("DELETE", "{set}({key})/{property}/$ref", self.delete)
        self._api.on("POST", "{set}({key})/{property}/$ref", self.join)
        self._api.on("DELETE", "{set}({key})/{property}({key_of_child})/$ref", self.leave)

    def put(self, call: Call) -> None:
        """PUT set(key)/nav/$ref"""
        self._point(call, call.json_object().get("@odata.id"))

    def delete(self, call: Call) -> None:
        """DELETE set(key)/nav/$ref"""
        self._point(call, None)

    def join(self, call: Call) -> None:
        """POST set(key)/collection/$ref"""
        table, record_id = addressed(call)
        child, lookup = _collection(call, table)
        _, child_id = address(call.json_object().get("@odata.id"), (child.logical_name,), call.store.catalog)
        navigation = dict(zip(lookup.targets, lookup.navigation, strict=True))[table.logical_name]
        self._write(call, child, child_id, {navigation + BIND: f"/{table.entity_set}({record_id})"})

    def leave(self, call: Call) -> None:
        """DELETE set(key)/collection(child)/$ref"""
        table, record_id = addressed(call)
        child, lookup = _collection(call, table)
        child_id = normal(call.name("key_of_child"))
        sql = f'select 1 from "{child.logical_name}" where "{child.primary_id}" = ? and "{lookup.column}" = ?'  # noqa: S608
        if child_id is None or not call.store.read(sql, [child_id, record_id]):
            raise no_such_record(child.logical_name, call.name("key_of_child"))
        self._write(call, child, child_id, {lookup.navigation[0]: None})

    def _point(self, call: Call, value: Any) -> None:
        table, record_id = addressed(call)
        name = call.name("property")
        if name not in table.navigation:
            raise no_such_property(name, table.logical_name)
        self._write(call, table, record_id, {name + BIND: value})

    def _write(self, call: Call, table: Table, record_id: str, row: Mapping[str, Any]) -> None:
        self._spoiler.check(call, table, [record_id])
        update_many(call.store, call.access, table, [(record_id, row)])
        call.work.rows_written += 1


def _collection(call: Call, table: Table) -> tuple[Table, Attribute]:
    name = call.name("property")
    if name not in table.collections:
        raise no_such_property(name, table.logical_name)
    child, lookup = table.collections[name]
    return call.store.catalog[child], call.store.catalog[child].attributes[lookup]
