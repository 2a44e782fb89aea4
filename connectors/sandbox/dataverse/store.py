"""The environment's rows: one DuckDB file with one table per Dataverse table, shared by all requests of the server.

Every row carries `versionnumber` from one sequence (`nextval('_versions')`, also the default of new rows). Columns made at run time are
ALTERed in; what people "had entered" in them waits in side tables `_entered_<table>` that the projection makes.

Tables beside the declared ones ("table" is quoted, it is an SQL word):
  _deleted("table", id, versionnumber, deleted_at)   the delete log of change tracking
  _columns("table", logical_name, definition)        columns made at run time (JSON of `Attribute.stored`)
  _truth_pairs, _truth_twins, _truth_traps           what the generator knows; no API shows them
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Final

import duckdb

from connectors.sandbox.dataverse.customcolumns import fill_entered
from connectors.sandbox.dataverse.ids import GUID_MACRO
from connectors.sandbox.dataverse.schema import ENTITY_SETS, TABLES, Attribute, Table, ddl, pointer_ddl
from connectors.sandbox.dataverse.schema_types import attribute_from
from connectors.sandbox.dataverse.standing import insert_standing_rows
from connectors.sandbox.entered import Entered
from connectors.sandbox.store import BaseStore

_PLAIN_TABLES: Final = (
    'create table if not exists _deleted ("table" varchar, id varchar, versionnumber bigint, deleted_at timestamp)',
    'create table if not exists _columns ("table" varchar, logical_name varchar, definition varchar)',
    "create table if not exists _truth_pairs (user_id varchar, person_id varchar, closeness double)",
    'create table if not exists _truth_twins ("table" varchar, id varchar, salesforce_id varchar, same_log boolean)',
    'create table if not exists _truth_traps (trap varchar, "table" varchar, record_id varchar, expected varchar)',
)


class Store(BaseStore):
    """One open state. `catalog` holds the tables by logical name, columns made at run time included."""

    half = "Dataverse"
    database = "dataverse.duckdb"
    catalog: Mapping[str, Table] = TABLES

    @cached_property
    def entered(self) -> Entered:
        """What people had entered in columns that are not made yet."""
        return Entered()

    def lay_out(self, cursor: duckdb.DuckDBPyConnection) -> None:
        for statement in ("create sequence _versions start 1000001", GUID_MACRO, *map(ddl, _stored()), pointer_ddl(), *_PLAIN_TABLES):
            cursor.execute(statement)
        insert_standing_rows(cursor, self.stamp())

    def table(self, logical_name: str) -> Table | None:
        """A table by logical name, run-time columns included."""
        return self.catalog.get(logical_name)

    def by_entity_set(self, entity_set: str) -> Table | None:
        """A table by entity set name (case-sensitive), run-time columns included."""
        return self.catalog.get(ENTITY_SETS.get(entity_set, ""))

    def last_version(self) -> int:
        """The highest row version given out so far."""
        return int(self.read("select last_value from duckdb_sequences() where sequence_name = '_versions'")[0][0])

    def log_deletes(self, cursor: duckdb.DuckDBPyConnection, table: str, ids: Sequence[str]) -> None:
        """Note deleted rows for change tracking; removing them is the caller's."""
        cursor.execute("insert into _deleted select ?, unnest(?::varchar[]), nextval('_versions'), ?", [table, list(ids), self.stamp()])

    def add_column(self, cursor: duckdb.DuckDBPyConnection, table: str, attribute: Attribute) -> None:
        """Make a column at run time, filled with what people had entered; call `refresh_catalog` after the commit."""
        for column, kind in ((attribute.column, attribute.column_type), (attribute.type_column, "VARCHAR")):
            if column and kind:
                cursor.execute(f'alter table "{table}" add column "{column}" {kind}')
        cursor.execute("insert into _columns values (?, ?, ?)", [table, attribute.logical_name, json.dumps(attribute.stored())])
        if attribute.logical_name in self.entered.columns(cursor, table):
            fill_entered(cursor, table, TABLES[table].primary_id, attribute)

    def refresh_catalog(self) -> None:
        added: dict[str, list[Attribute]] = {}
        for table, definition in self.read('select "table", definition from _columns order by rowid'):
            added.setdefault(table, []).append(_made(definition))
        self.catalog = {name: item.with_attributes(added.get(name, ())) for name, item in TABLES.items()}
        self.version += 1


@cache
def _made(definition: str) -> Attribute:
    """The attribute of a row of `_columns`."""
    return attribute_from(json.loads(definition))


def _stored() -> list[Table]:
    return [item for item in TABLES.values() if not item.view]
