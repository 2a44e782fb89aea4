"""What has yet to happen to the org, carried out once: rows that another transaction commits late, and deletes that leave few traces.

The generator leaves both in side tables: `_later(object, record)` and `_later_deletes(kind, object, id)`; they are empty afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from connectors.sandbox.salesforce.store import Store

LOGGED = "logged_delete"


def happen(store: Store) -> Mapping[str, Any]:
    """Commit the late rows with the stamps they were given; delete what is to go. Returns the ids concerned."""
    with store.write() as cursor:
        late = [_commit(cursor, name, json.loads(record)) for name, record in _taken(cursor, "_later", "object, record")]
        deletes = _taken(cursor, "_later_deletes", "kind, object, id")
        for kind, name, record_id in deletes:
            cursor.execute(f'DELETE FROM "{name}" WHERE "Id" = ?', [record_id])  # noqa: S608
            if kind == LOGGED:
                cursor.execute("INSERT INTO _deleted VALUES (?, ?, ?)", [name, record_id, store.stamp()])
    return {"committed": late, "deleted": [record_id for _, _, record_id in deletes]}


def _taken(cursor: duckdb.DuckDBPyConnection, table: str, columns: str) -> list[tuple[str, ...]]:
    """All rows of a side table, which is empty afterwards."""
    rows: list[tuple[str, ...]] = cursor.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608
    cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    return rows


def _commit(cursor: duckdb.DuckDBPyConnection, name: str, record: Mapping[str, Any]) -> str:
    names = ", ".join(f'"{field}"' for field in record)
    marks = ", ".join("?" for _ in record)
    cursor.execute(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', list(record.values()))  # noqa: S608
    return str(record["Id"])
