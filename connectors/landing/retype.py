"""Columns that are of another kind than they were: a new release reads them so, or the configuration maps them elsewhere.

Left alone, every later load would fail on them, a full one too, for dlt never changes a type. Values that cannot be read
as the new kind become null; a connector that wants them back reads the table in full.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from connectors.landing.kinds import SQL_TYPES
from connectors.landing.tables import Landed
from warehouse import DuckDBWarehouse, raw_schema
from warehouse.duckdb import translated

STAGING_SCHEMA: Final = "staging_%s"
"""Where dlt keeps rows on their way, by the name of the raw schema; no CRM's raw schema begins like this."""
_STORED: Final = """
select schema_name, column_name, data_type from duckdb_columns()
where database_name = current_database() and schema_name in ($raw, $staged) and table_name = $table"""
_FULL_NAMES: Final = {"timestamptz": "TIMESTAMP WITH TIME ZONE"}


def retype(warehouse: DuckDBWarehouse, crm: str, tables: Sequence[Landed]) -> None:
    """Give the stored columns of `tables`, and those dlt stages rows in, the kinds they have now."""
    with translated(warehouse.path), warehouse.native() as cursor:
        for landed in tables:
            for table, column, kind in list(_outdated(cursor, crm, landed)):
                cursor.execute(f'alter table {table} alter "{column}" type {kind} using try_cast("{column}"::varchar as {kind})')


def _outdated(cursor: duckdb.DuckDBPyConnection, crm: str, landed: Landed) -> Iterator[tuple[str, str, str]]:
    """Table, column, and the type it should have."""
    wanted = {name: SQL_TYPES[kind] for name, kind in landed.columns.items()}
    raw = raw_schema(crm)
    named = {"raw": raw, "staged": STAGING_SCHEMA % raw, "table": landed.name}
    for schema, column, held in cursor.execute(_STORED, named).fetchall():
        kind = wanted.get(column)
        if kind and held != _FULL_NAMES.get(kind, kind.upper()):
            yield f'"{schema}"."{landed.name}"', column, kind
