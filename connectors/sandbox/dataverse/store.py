"""The environment's rows: one DuckDB file with one table per Dataverse table, shared by all requests of the server.

Readers use cursors of one connection and see the last commit; writers take one lock and one transaction. Every row carries
`versionnumber` from one sequence (`nextval('_versions')`, also the default of new rows). Columns made at run time are ALTERed in; what
people "had entered" in them waits in side tables `_entered_<table>` that the projection makes.

Tables beside the declared ones ("table" is quoted, it is an SQL word):
  _deleted("table", id, versionnumber, deleted_at)   the delete log of change tracking
  _columns("table", logical_name, definition)        columns made at run time (JSON of `Attribute.stored`)
  _truth_pairs, _truth_twins, _truth_traps           what the generator knows; no API shows them
  _meta(key, value)                                  the clock's high-water mark
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final, Self, cast

import duckdb
import pyarrow as pa

from connectors.sandbox.dataverse.customcolumns import fill_entered
from connectors.sandbox.dataverse.ids import GUID_MACRO
from connectors.sandbox.dataverse.schema import ENTITY_SETS, TABLES, Attribute, Table, ddl, pointer_ddl
from connectors.sandbox.dataverse.schema_types import attribute_from
from connectors.sandbox.dataverse.standing import insert_standing_rows
from connectors.sandbox.salesforce.clock import Clock

DATABASE: Final = "dataverse.duckdb"
_PLAIN_TABLES: Final = (
    'create table if not exists _deleted ("table" varchar, id varchar, versionnumber bigint, deleted_at timestamp)',
    'create table if not exists _columns ("table" varchar, logical_name varchar, definition varchar)',
    "create table if not exists _truth_pairs (user_id varchar, person_id varchar, closeness double)",
    'create table if not exists _truth_twins ("table" varchar, id varchar, salesforce_id varchar, same_log boolean)',
    'create table if not exists _truth_traps (trap varchar, "table" varchar, record_id varchar, expected varchar)',
    "create table if not exists _meta (key varchar, value varchar)",
)


class Store:
    """One open state. `catalog` holds the tables by logical name, columns made at run time included."""

    def __init__(self, state_dir: Path, *, memory_limit: str = "1GB") -> None:
        self.state_dir = state_dir
        config: dict[str, Any] = {"memory_limit": memory_limit, "preserve_insertion_order": False}
        self._root = duckdb.connect(str(state_dir / DATABASE), config=config)
        self.lock = RLock()
        """Held by every write; hold it around several that belong together."""
        self._writer: duckdb.DuckDBPyConnection | None = None
        self.catalog: Mapping[str, Table] = TABLES
        self.version = 0
        """Counts changes of columns and rights: whoever caches metadata compares it."""
        self.clock = Clock(datetime(1970, 1, 1))

    @classmethod
    def create(cls, state_dir: Path, now: datetime) -> Self:
        """A new state whose clock starts at `now` (naive UTC); raises FileExistsError when the folder has one already."""
        if (state_dir / DATABASE).exists():
            raise FileExistsError(f"{state_dir} already holds a Dataverse sandbox")
        state_dir.mkdir(parents=True, exist_ok=True)
        store = cls(state_dir)
        with store.write() as cursor:
            for statement in ("create sequence _versions start 1000001", GUID_MACRO, *map(ddl, _stored()), pointer_ddl(), *_PLAIN_TABLES):
                cursor.execute(statement)
            cursor.execute("insert into _meta values ('as_of', ?)", [now.isoformat()])
            insert_standing_rows(cursor, now.replace(microsecond=0))
        store.clock = Clock(now)
        return store

    @classmethod
    def open(cls, state_dir: Path) -> Self:
        """An existing state, its clock running on from where it stood; raises FileNotFoundError when there is none."""
        if not (state_dir / DATABASE).exists():
            raise FileNotFoundError(f"{state_dir} holds no Dataverse sandbox")
        store = cls(state_dir)
        as_of = store.read("select value from _meta where key = 'as_of'")[0][0]
        store.clock = Clock(datetime.fromisoformat(as_of))
        store.refresh_catalog()
        return store

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one request; the caller closes it."""
        return self._root.cursor()

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.cursor() as cursor:
            return cursor.execute(sql, list(params)).fetchall()

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """All rows of a query as one Arrow table."""
        with self.cursor() as cursor:
            return cast(pa.Table, cursor.sql(sql, params=list(params)).to_arrow_table())

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor in one transaction under the write lock; rolled back on any error. Inside another write it is that one's cursor."""
        with self.lock:
            if self._writer is not None:
                yield self._writer
                return
            with self._transaction() as cursor:
                yield cursor

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.cursor() as cursor:
            cursor.begin()
            self._writer = cursor
            try:
                yield cursor
                cursor.execute("update _meta set value = ? where key = 'as_of'", [self.clock.now().isoformat()])
            except BaseException:
                cursor.rollback()
                raise
            else:
                cursor.commit()
            finally:
                self._writer = None

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
        cursor.execute("insert into _deleted select ?, unnest(?::varchar[]), nextval('_versions'), ?", [table, list(ids), self.clock.now()])

    def add_column(self, cursor: duckdb.DuckDBPyConnection, table: str, attribute: Attribute) -> None:
        """Make a column at run time, filled with what people had entered; call `refresh_catalog` after the commit."""
        for column, kind in ((attribute.column, attribute.column_type), (attribute.type_column, "VARCHAR")):
            if column and kind:
                cursor.execute(f'alter table "{table}" add column "{column}" {kind}')
        cursor.execute("insert into _columns values (?, ?, ?)", [table, attribute.logical_name, json.dumps(attribute.stored())])
        fill_entered(cursor, table, TABLES[table].primary_id, attribute)

    def refresh_catalog(self) -> None:
        """Read the run-time columns again and tell caches that something changed."""
        added: dict[str, list[Attribute]] = {}
        for table, definition in self.read('select "table", definition from _columns order by rowid'):
            added.setdefault(table, []).append(attribute_from(json.loads(definition)))
        self.catalog = {name: item.with_attributes(added.get(name, ())) for name, item in TABLES.items()}
        self.version += 1

    def close(self) -> None:
        """Keep the clock's reading and give the file back."""
        with self.write():
            pass
        self._root.close()


def _stored() -> list[Table]:
    return [item for item in TABLES.values() if not item.view]


def insert_row(cursor: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, Any]) -> None:
    """Insert one row, columns by name (`_x_value` for lookups)."""
    selected = ", ".join(f'? as "{name}"' for name in values)
    cursor.execute(f'insert into "{table}" by name select {selected}', list(values.values()))
