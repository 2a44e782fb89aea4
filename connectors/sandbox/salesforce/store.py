"""The org's rows: one DuckDB file with one table per sObject, shared by all requests of the server.

Readers use cursors of one connection and see the last commit; writers take one lock and one transaction. Custom fields are
columns added at run time; what people "had entered" in them waits in side tables `_entered_<Object>` that the projection makes.

Tables beside the objects:
  _deleted(object, id, deleted_at)          the log behind getDeleted
  _fields, _permission_sets, _assignments, _field_permissions, _object_permissions   what provisioning made
  _later(object, record)                    rows (JSON) that another transaction commits later, stamped earlier
  _truth_pairs, _truth_traps                what the generator knows; no API shows them
  _meta(key, value)                         the clock's high-water mark, counters
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self, cast

import duckdb
import pyarrow as pa

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.clock import Clock
from connectors.sandbox.salesforce.customfields import owners, stored_field
from connectors.sandbox.salesforce.metadata import Field, SObject
from connectors.sandbox.salesforce.schema import SOBJECTS, TOOLING, column_ddl

DATABASE: Final = "salesforce.duckdb"
INTEGRATION_USER_ID: Final = ids.make_id("005", 1, ids.RUNTIME_POD)
ORGANIZATION_ID: Final = ids.make_id("00D", 1, ids.RUNTIME_POD)
INTEGRATION_USERNAME: Final = "integration@sandbox.example"
_PLAIN_TABLES: Final = (
    "create table if not exists _deleted (object varchar, id varchar, deleted_at timestamp)",
    "create table if not exists _later (object varchar, record varchar)",
    "create table if not exists _truth_pairs (user_id varchar, person_id varchar, closeness double)",
    "create table if not exists _truth_traps (trap varchar, object varchar, record_id varchar, expected varchar)",
    "create table if not exists _meta (key varchar, value varchar)",
    "create sequence if not exists _ids start 1000",
)


class Store:
    """One open state. `catalog` holds the data API's objects with their custom fields, `tooling` the Tooling API's."""

    def __init__(self, state_dir: Path, *, memory_limit: str = "1GB") -> None:
        self.state_dir = state_dir
        config: dict[str, Any] = {"memory_limit": memory_limit, "preserve_insertion_order": False}
        self._root = duckdb.connect(str(state_dir / DATABASE), config=config)
        self.lock = threading.RLock()
        """Held by every write; hold it around several that belong together."""
        self._writer: duckdb.DuckDBPyConnection | None = None
        self.catalog: Mapping[str, SObject] = SOBJECTS
        self.tooling: Mapping[str, SObject] = TOOLING
        self.version = 0
        """Counts changes of rights and fields: whoever caches what a user sees compares it."""
        self.clock = Clock(datetime(1970, 1, 1))

    @classmethod
    def create(cls, state_dir: Path, now: datetime) -> Self:
        """A new state whose clock starts at `now` (naive UTC); raises FileExistsError when the folder has one already."""
        if (state_dir / DATABASE).exists():
            raise FileExistsError(f"{state_dir} already holds a Salesforce sandbox")
        state_dir.mkdir(parents=True, exist_ok=True)
        store = cls(state_dir)
        with store.write() as cursor:
            for statement in (*map(column_ddl, (*SOBJECTS.values(), *TOOLING.values())), *_PLAIN_TABLES):
                cursor.execute(statement)
            cursor.execute("insert into _meta values ('as_of', ?)", [now.isoformat()])
            _insert_standing_rows(cursor, now.replace(microsecond=0))
        store.clock = Clock(now)
        return store

    @classmethod
    def open(cls, state_dir: Path) -> Self:
        """An existing state, its clock running on from where it stood; raises FileNotFoundError when there is none."""
        if not (state_dir / DATABASE).exists():
            raise FileNotFoundError(f"{state_dir} holds no Salesforce sandbox")
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

    def copy_csv(self, sql: str, params: Sequence[Any], path: Path, options: str = "header, force_quote *, nullstr ''") -> int:
        """Write a query's rows to a CSV file at disk speed; returns their number."""
        with self.cursor() as cursor:
            written = cursor.execute(f"copy ({sql}) to '{path}' (format csv, {options})", list(params)).fetchall()
        return int(written[0][0])

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

    def sobject(self, name: str, *, tooling: bool = False) -> SObject | None:
        """An object by name in any case, custom fields included."""
        catalog = self.tooling if tooling else self.catalog
        found = catalog.get(name)
        return found or next((item for key, item in catalog.items() if key.lower() == name.lower()), None)

    def by_prefix(self, record_id: str) -> SObject | None:
        """The object a record id belongs to."""
        return next((item for item in self.catalog.values() if item.key_prefix == record_id[:3]), None)

    def new_ids(self, prefix: str, count: int) -> list[str]:
        """Fresh record ids."""
        numbers = [row[0] for row in self.read("select nextval('_ids') from range(?)", [count])]
        return [str(made) for made in ids.make_ids(prefix, sorted(numbers), ids.RUNTIME_POD).to_pylist()]

    def refresh_catalog(self) -> None:
        """Read the custom fields again and tell caches that something changed."""
        added: dict[str, list[Field]] = {}
        for table, api_name, metadata in self.read('select "TableEnumOrId", "ApiName", "Metadata" from _fields order by "Id"'):
            for owner in owners(table):
                added.setdefault(owner, []).append(stored_field(api_name, metadata))
        self.catalog = {name: item.with_fields(added.get(name, ())) for name, item in SOBJECTS.items()}
        self.version += 1

    def close(self) -> None:
        """Keep the clock's reading and give the file back."""
        with self.write():
            pass
        self._root.close()


def _insert_standing_rows(cursor: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """The org itself and its integration user."""
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
    audit = {**stamps, "CreatedById": INTEGRATION_USER_ID, "LastModifiedById": INTEGRATION_USER_ID}
    user = {"Id": INTEGRATION_USER_ID, "LastName": "Integration", "FirstName": "Sandbox", "Name": "Sandbox Integration"}
    login = {"Username": INTEGRATION_USERNAME, "Email": INTEGRATION_USERNAME, "IsActive": True, "UserType": "Standard"}
    org = {"Id": ORGANIZATION_ID, "Name": "Sandbox", "InstanceName": "SBX1", "OrganizationType": "Developer Edition", "IsSandbox": True}
    insert_row(cursor, "User", {**user, **login, **audit})
    insert_row(cursor, "Organization", {**org, "TimeZoneSidKey": "UTC", **audit})


def insert_row(cursor: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, Any]) -> None:
    """Insert one row, columns by name."""
    selected = ", ".join(f'? as "{name}"' for name in values)
    cursor.execute(f'insert into "{table}" by name select {selected}', list(values.values()))
