"""Rows that are gone, by comparing keys, in SQL over page files and the raw table.

A delta names what was deleted; this module answers what no delta does: which keys of a walk no row came for, which stored
rows a full read did not bring (they stay, marked), and what changed in a table nobody tracks.

`modifiedon` is asked nowhere. It misses deletes and rows that were imported under an older date; a list of keys with their
versions misses nothing, and is needed for the deletes anyway.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.dynamics.definitions import VisibleTable
from connectors.dynamics.tracking import Delta, keys_of
from connectors.landing.kinds import SQL_TYPES
from connectors.landing.tables import RawTable
from warehouse import DuckDBWarehouse, raw_schema


def lost(warehouse: DuckDBWarehouse, visible: VisibleTable, keys: Sequence[Path], rows: Sequence[Path], delta: Delta) -> list[str]:
    """Keys of a walk for which no row came and of which the delta says nothing: deleted meanwhile, unless a chain ended early."""
    key = visible.raw.primary_key
    query = f"""
        select "{key}" from walked where not exists (select 1 from came where came."{key}" = walked."{key}")
        and not exists (select 1 from known where known.id = walked."{key}")"""  # noqa: S608
    with warehouse.native() as cursor:
        register(cursor, "walked", keys_of(visible), keys)
        register(cursor, "came", keys_of(visible), rows)
        cursor.register("known", id_table([*delta.changed, *delta.deleted]))
        return [record_id for (record_id,) in cursor.execute(query).fetchall()]


def compared(warehouse: DuckDBWarehouse, crm: str, visible: VisibleTable, keys: Sequence[Path]) -> Delta:
    """What a list of all keys and versions means against the stored rows: others have changed, those not listed are gone."""
    raw = visible.raw
    stored = f'(select "{raw.primary_key}" as id, "{raw.cursor}" as version from {stored_as(crm, raw)} where not "{raw.deleted}")'  # noqa: S608
    listed = f'(select "{raw.primary_key}" as id, "{raw.cursor}" as version from listed)'  # noqa: S608
    with warehouse.native() as cursor:
        register(cursor, "listed", keys_of(visible), keys)
        changed = f"select id from {listed} as l where not exists (select 1 from {stored} as s where s.id = l.id and s.version = l.version)"  # noqa: S608
        gone = f"select id from {stored} anti join {listed} using (id)"  # noqa: S608
        found, missed = (cursor.execute(query).fetchall() for query in (changed, gone))
    return Delta([record_id for (record_id,) in found], [record_id for (record_id,) in missed])


def vanished(warehouse: DuckDBWarehouse, crm: str, raw: RawTable, pages: Sequence[Path]) -> pa.Table:
    """Stored rows that a full read did not bring, in the columns of today, marked as deleted."""
    stored = set(warehouse.columns(raw_schema(crm), raw.name))
    names = ", ".join(f'{_kept(name, raw, stored)} as "{name}"' for name in raw.columns)
    query = f"""
        select {names} from {stored_as(crm, raw)} as row
        where not exists (select 1 from pages where pages."{raw.primary_key}" = row."{raw.primary_key}")"""  # noqa: S608
    with warehouse.native() as cursor:
        register(cursor, "pages", raw, pages)
        rows: pa.Table = cursor.sql(query).to_arrow_table()
    return rows.cast(raw.schema)


def _kept(name: str, raw: RawTable, stored: set[str]) -> str:
    kind = SQL_TYPES[raw.columns[name]]
    if name == raw.deleted:
        return "true"
    return f'try_cast(row."{name}" as {kind})' if name in stored else f"null::{kind}"


def register(cursor: duckdb.DuckDBPyConnection, name: str, table: RawTable, pages: Sequence[Path]) -> None:
    """A view over page files that also is there, and empty, when there are none."""
    if pages:
        cursor.execute(f"create or replace temp view {name} as select * from {files(pages)}")  # noqa: S608
    else:
        cursor.register(name, table.schema.empty_table())


def files(pages: Sequence[Path]) -> str:
    """Page files in SQL."""
    names = ", ".join("'{}'".format(str(path).replace("'", "''")) for path in pages)
    return f"read_parquet([{names}])"


def id_table(ids: Sequence[str]) -> pa.Table:
    """A table with one column `id`."""
    return pa.table({"id": pa.array(ids, pa.string())})


def stored_as(crm: str, raw: RawTable) -> str:
    """The raw table in SQL."""
    return f'"{raw_schema(crm)}"."{raw.name}"'
