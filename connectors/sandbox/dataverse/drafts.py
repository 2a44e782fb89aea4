"""The JSON rows of a write, understood: which row, which cells of which columns, which children.

Every property is looked up once per request, every reference is checked to exist with one statement per target table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from connectors.sandbox.dataverse.bind import Catalog, Children, Meaning, Nothing, Reference, Value, address, meaning
from connectors.sandbox.dataverse.cells import required_missing
from connectors.sandbox.dataverse.errors import bad_payload, no_such_record
from connectors.sandbox.dataverse.schema_types import Table

Row = Mapping[str, Any]
Cells = dict[str, Any]
_CHILD_LIMIT: Final = 1_000


@dataclass(frozen=True)
class Draft:
    """One row to write: its id, its cells by column, its children by collection."""

    id: str
    cells: Cells
    children: Mapping[Children, Sequence[Row]] = field(default_factory=dict)


class Reader:
    """Understands the rows of one table; `creating` decides which columns may be written."""

    def __init__(self, table: Table, catalog: Catalog, *, creating: bool) -> None:
        self._table, self._catalog, self._creating = table, catalog, creating
        self._meanings: dict[str, Meaning] = {}

    def read(self, record_id: str, row: Row) -> Draft:
        """One row; raises DataverseError for a property or value that cannot be."""
        cells: Cells = {}
        children: dict[Children, Sequence[Row]] = {}
        for name, value in row.items():
            match self._meaning(name):
                case Value() as known:
                    cells[known.attribute.logical_name] = known.convert(value)
                case Reference() as known:
                    cells |= self._reference(known, value)
                case Children() as known:
                    children[known] = self._children(known, name, value)
                case Nothing():
                    pass
        return Draft(record_id, {name: value for name, value in cells.items() if name != self._table.primary_id}, children)

    def _meaning(self, name: str) -> Meaning:
        if name not in self._meanings:
            self._meanings[name] = meaning(self._table, name, self._catalog, creating=self._creating)
        return self._meanings[name]

    def _reference(self, known: Reference, value: Any) -> Cells:
        attribute = known.attribute
        if value is None and attribute.type == "Owner":
            raise required_missing(self._table.logical_name, attribute.logical_name)
        target, record_id = (None, None) if value is None else address(value, known.targets, self._catalog)
        kind = {attribute.type_column: target} if attribute.type_column else {}
        return {attribute.column: record_id, **kind}

    def _children(self, known: Children, name: str, value: Any) -> Sequence[Row]:
        if not self._creating and not known.parties:
            raise bad_payload(f"Deep update of navigation properties is not allowed: '{name}'.")
        return _child_rows(name, value)


def _child_rows(name: str, value: Any) -> Sequence[Row]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value) or len(value) > _CHILD_LIMIT:
        raise bad_payload(f"The property '{name}' must be a list of at most {_CHILD_LIMIT} rows.")
    return value


def check_references(cursor: duckdb.DuckDBPyConnection, table: Table, catalog: Catalog, drafts: Sequence[Draft]) -> None:
    """Every row that a lookup is pointed at must exist; raises DataverseError (0x80040217, 404) for the first that does not."""
    for attribute in table.attributes.values():
        if not attribute.is_lookup or not any(attribute.column in draft.cells for draft in drafts):
            continue
        kind = attribute.type_column
        named = {(draft.cells.get(kind) if kind else attribute.targets[0], draft.cells.get(attribute.column)) for draft in drafts}
        for target in sorted({name for name, record_id in named if name and record_id}):
            check_rows(cursor, catalog[target], [record_id for name, record_id in named if name == target and record_id])


def check_rows(cursor: duckdb.DuckDBPyConnection, table: Table, ids: Sequence[str]) -> None:
    """These rows must exist; raises DataverseError (0x80040217, 404) for the first that does not."""
    known = existing(cursor, table, ids)
    if missing := next((record_id for record_id in ids if record_id not in known), None):
        raise no_such_record(table.logical_name, missing)


def existing(cursor: duckdb.DuckDBPyConnection, table: Table, ids: Sequence[str]) -> set[str]:
    """Those of the ids that name rows of the table."""
    sql = f'select "{table.primary_id}" from "{table.logical_name}" where "{table.primary_id}" in (select unnest(?::varchar[]))'  # noqa: S608
    return {str(row[0]) for row in cursor.execute(sql, [list(ids)]).fetchall()}
