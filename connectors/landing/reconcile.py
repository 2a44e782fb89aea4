"""Which rows are gone, by what the CRM says of deletions, in SQL over the new pages and the raw table.

Two results per table: the ids among the new pages that must be marked, and rows of the raw table, not among the new
pages, whose mark changes. Both then go through the same load as everything else, so that data and state move together.
A row is never removed, and one that comes again after it was deleted is alive again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset

from connectors.landing.tables import Held, Reconciliation
from warehouse import DuckDBWarehouse, raw_schema
from warehouse.duckdb import translated

_LOGGED: Final = "exists (select 1 from log where log.{id} = row.{key} and log.deleted_at >= row.{cursor})"
_REMEMBERED: Final = """exists (
    select 1 from {raw} as old where old.{key} = row.{key} and old.{deleted} and old.{cursor} >= row.{cursor})"""
_ABSENT: Final = "not exists (select 1 from living where living.{id} = row.{key})"
_NAMED: Final = "exists (select 1 from gone where gone.{id} = row.{key})"
_RETURNED: Final = "exists (select 1 from returned where returned.{key} = row.{key})"


def by_log(warehouse: DuckDBWarehouse, crm: str, held: Held, log: pa.Table) -> Reconciliation:
    """A log of deletions (an id, then `deleted_at`): mark what it names no earlier than the row's cursor, an instant, says.

    New rows the raw table already knows as deleted, and no newer, stay so.
    """
    if not log.num_rows and not (held.pages and held.keeps_raw):
        return Reconciliation()
    with translated(warehouse.path), warehouse.native() as cursor:
        rows = _Rows(cursor, crm, held)
        rows.name("log", log)
        known = f" or {_REMEMBERED}" if held.keeps_raw else ""
        marked = rows.marked(f"({_LOGGED}{known})")
        changed = rows.changed("true", f"not row.{{deleted}} and {_LOGGED}") if log.num_rows else None
    return Reconciliation(marked, changed)


def by_ids(warehouse: DuckDBWarehouse, crm: str, held: Held, living: Sequence[Path]) -> Reconciliation:
    """Pages of all living ids (first column): mark what is not among them, and unmark what is (a right was lost and given back)."""
    with translated(warehouse.path), warehouse.native() as cursor:
        rows = _Rows(cursor, crm, held)
        rows.name("living", pyarrow.dataset.dataset([str(path) for path in living]))
        return Reconciliation(rows.marked(_ABSENT), rows.changed(_ABSENT, f"row.{{deleted}} <> {_ABSENT}"))


def by_deleted(warehouse: DuckDBWarehouse, crm: str, held: Held, gone: pa.Table, *, delta: Sequence[Path] | None = None) -> Reconciliation:
    """Ids (first column) a delta says are deleted: mark them, unless the same delta brings the row: it was made anew.

    `delta`: the pages of that delta, by default all new pages.
    """
    if not gone.num_rows:
        return Reconciliation()
    with translated(warehouse.path), warehouse.native() as cursor:
        rows = _Rows(cursor, crm, held)
        rows.name("gone", gone)
        rows.register("returned", held.pages if delta is None else delta)
        marked = rows.marked(f"{_NAMED} and not {_RETURNED}")
        return Reconciliation(marked, rows.changed("true", f"not row.{{deleted}} and {_NAMED}"))


class _Rows:
    """New pages and stored rows of one table, both called `row` in conditions; `{key}`, `{cursor}`, `{deleted}` are its columns."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, crm: str, held: Held) -> None:
        self._cursor = cursor
        self._held = held
        self._words = {
            "raw": f'"{raw_schema(crm)}"."{held.name}"',
            "key": f'"{held.primary_key}"',
            "cursor": f'"{held.cursor}"',
            "deleted": f'"{held.deleted}"',
        }
        self.register("pages", held.pages)

    def register(self, name: str, pages: Sequence[Path]) -> None:
        """Pages of the table, by a name for conditions."""
        self._cursor.register(name, pyarrow.dataset.dataset([str(path) for path in pages]) if pages else self._held.schema.empty_table())

    def name(self, name: str, ids: pa.Table | pyarrow.dataset.Dataset) -> None:
        """A list whose first column is `{id}` in conditions."""
        self._cursor.register(name, ids)
        self._words["id"] = f'"{ids.schema.names[0]}"'

    def marked(self, condition: str) -> Any:
        """Ids of new rows for which the condition holds."""
        query = f"select {{key}} as id from pages as row where not row.{{deleted}} and {condition}"  # noqa: S608
        rows: Any = self._cursor.sql(query.format(**self._words)).to_arrow_table()
        return rows.column("id").combine_chunks()

    def changed(self, mark: str, condition: str) -> pa.Table | None:
        """Stored rows that did not come again and for which the condition holds, with `mark`; None where none are kept."""
        held = self._held
        if not held.keeps_raw:
            return None
        names = ", ".join(f'({mark}) as "{name}"' if name == held.deleted else f'"{name}"' for name in held.columns)
        query = f"select {names} from {{raw}} as row where {condition} and {{key}} not in (select {{key}} from pages)"  # noqa: S608
        rows: pa.Table = self._cursor.sql(query.format(**self._words)).to_arrow_table()
        return rows
