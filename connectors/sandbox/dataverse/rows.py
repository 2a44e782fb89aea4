"""Drafts become rows: one INSERT or UPDATE per set of columns, values as Arrow, each row with a version of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import duckdb
import pyarrow as pa

from connectors.sandbox.dataverse.drafts import Cells, Draft
from connectors.sandbox.dataverse.schema_types import Table

_ARROW: Final[Mapping[str, pa.DataType]] = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "DATE": pa.date32(),
}
_ID: Final = "@id"


def update(cursor: duckdb.DuckDBPyConnection, table: Table, drafts: Sequence[Draft], user: str, now: datetime) -> None:
    """Write the cells of rows that exist and stamp them; of several drafts of one row the later ones win."""
    stamps = {name: value for name, value in (("modifiedon", now), ("_modifiedby_value", user)) if name in table.columns}
    for columns, some in _alike(_one_per_row(drafts)):
        cursor.register("written", _arrow(table, columns, some))
        sets = [f'"{name}" = w."{name}"' for name in columns] + [f'"{name}" = ?' for name in stamps]
        joined = ", ".join([*sets, "versionnumber = nextval('_versions')"])
        sql = f'update "{table.logical_name}" t set {joined} from written w where t."{table.primary_id}" = w."{_ID}"'  # noqa: S608
        cursor.execute(sql, list(stamps.values()))
        cursor.unregister("written")


def insert(cursor: duckdb.DuckDBPyConnection, table: Table, drafts: Sequence[Draft]) -> None:
    """Add rows; columns that a draft leaves out take their defaults."""
    for columns, some in _alike(drafts):
        cursor.register("written", _arrow(table, columns, some))
        names = ", ".join(f'"{name}"' for name in (table.primary_id, *columns))
        values = ", ".join(f'w."{name}"' for name in (_ID, *columns))
        cursor.execute(f'insert into "{table.logical_name}" ({names}) select {values} from written w')  # noqa: S608
        cursor.unregister("written")


def _one_per_row(drafts: Iterable[Draft]) -> list[Draft]:
    merged: dict[str, Cells] = {}
    for draft in drafts:
        merged[draft.id] = {**merged.get(draft.id, {}), **draft.cells}
    return [Draft(record_id, cells) for record_id, cells in merged.items()]


def _alike(drafts: Sequence[Draft]) -> Iterable[tuple[tuple[str, ...], Sequence[Draft]]]:
    """Drafts grouped by the columns they write."""
    groups: dict[tuple[str, ...], list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(tuple(sorted(draft.cells)), []).append(draft)
    return groups.items()


def _arrow(table: Table, columns: Sequence[str], drafts: Sequence[Draft]) -> pa.Table:
    cells: dict[str, Any] = {_ID: pa.array([draft.id for draft in drafts], pa.string())}
    for name in columns:
        cells[name] = pa.array([draft.cells[name] for draft in drafts], _type(table, name))
    return pa.table(cells)


def _type(table: Table, column: str) -> pa.DataType:
    declared = table.columns.get(column)
    return pa.string() if declared is None else _ARROW[str(declared.column_type)]
