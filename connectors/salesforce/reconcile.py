"""What the delete log or a list of living ids means for the rows at hand, in SQL over the pages and the raw table.

Two results per object: the ids among the new pages that must be marked, and rows of the raw table, not among the new
pages, whose mark changes. Both then go through the same load as everything else, so that data and state move together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset

from connectors.salesforce.deletes import DeleteLog
from warehouse import DuckDBWarehouse, raw_schema

_LOGGED: Final = 'exists (select 1 from log where log."Id" = row."Id" and log.deleted_at >= row."SystemModstamp")'
_ABSENT: Final = 'not exists (select 1 from living where living."Id" = row."Id")'
_REMEMBERED: Final = """exists (
    select 1 from {raw} as old where old."Id" = row."Id" and old."IsDeleted" and old."SystemModstamp" >= row."SystemModstamp")"""


@dataclass(frozen=True)
class Reconciliation:
    """`marked`: ids of new rows that are in truth deleted. `changed`: stored rows with their new mark, None when none can be."""

    marked: Any
    changed: pa.Table | None


@dataclass(frozen=True)
class Held:
    """The rows at hand of one object: new pages, and the raw table's columns to keep (none at first or when all is re-read)."""

    name: str
    pages: Sequence[Path]
    columns: Sequence[str]
    keeps_raw: bool


def by_log(warehouse: DuckDBWarehouse, crm: str, held: Held, log: DeleteLog) -> Reconciliation:
    """Mark what the log names, and new pages' rows the raw table already knows as deleted."""
    raw = _raw(crm, held)
    known = f" or {_REMEMBERED.format(raw=raw)}" if held.keeps_raw else ""
    with warehouse.native() as cursor:
        cursor.register("log", log.entries)
        marked = _marked(cursor, held, f"({_LOGGED}{known})")
        changed = _changed(cursor, raw, held, "true", f'not row."IsDeleted" and {_LOGGED}') if log.entries.num_rows else None
    return Reconciliation(marked, changed)


def by_ids(warehouse: DuckDBWarehouse, crm: str, held: Held, living: Sequence[Path]) -> Reconciliation:
    """Mark what is not among the living ids, and unmark what is (a right was lost and given back)."""
    with warehouse.native() as cursor:
        _register(cursor, "living", living)
        marked = _marked(cursor, held, _ABSENT)
        changed = _changed(cursor, _raw(crm, held), held, _ABSENT, f'row."IsDeleted" <> {_ABSENT}')
    return Reconciliation(marked, changed)


def _marked(cursor: duckdb.DuckDBPyConnection, held: Held, condition: str) -> Any:
    _register(cursor, "pages", held.pages)
    query = f'select "Id" from pages as row where not row."IsDeleted" and {condition}'  # noqa: S608
    rows: Any = cursor.sql(query).to_arrow_table()
    return rows.column("Id").combine_chunks()


def _changed(cursor: duckdb.DuckDBPyConnection, raw: str, held: Held, mark: str, condition: str) -> pa.Table | None:
    if not held.keeps_raw:
        return None
    names = ", ".join(f'({mark}) as "IsDeleted"' if name == "IsDeleted" else f'"{name}"' for name in held.columns)
    query = f'select {names} from {raw} as row where {condition} and "Id" not in (select "Id" from pages)'  # noqa: S608
    rows: pa.Table = cursor.sql(query).to_arrow_table()
    return rows


def _register(cursor: duckdb.DuckDBPyConnection, name: str, pages: Sequence[Path]) -> None:
    cursor.register(name, pyarrow.dataset.dataset([str(path) for path in pages]))


def _raw(crm: str, held: Held) -> str:
    return f'"{raw_schema(crm)}"."{held.name}"'
