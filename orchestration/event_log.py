"""Dagster's SQLite event log with connections that stay open.

Dagster makes a new engine and connection for each of a run's many hundred events, which costs more than all our steps on a
small CRM; keeping them, and writing what a run intends as one transaction, is more than twice as fast. Named in the dagster.yaml
that `home` writes; files and tables are Dagster's own, so its pages read them as ever.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any, Self

import sqlalchemy as sa
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData

INDEX = "index"
KEPT_RUNS = 4
BUSY_SECONDS = 30


class KeptEventLog(SqliteEventLogStorage):
    """One connection per file, in `kept`: the index and the runs last used."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.kept: dict[str, sa.Connection] = {}
        self._there: set[str] = set()
        self._one = RLock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Made by Dagster from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has this table."""
        return self._once(f"table {table_name}", partial(super().has_table, table_name))

    def has_secondary_index(self, name: str) -> bool:
        """Whether this summary was built."""
        return self._once(f"summary {name}", partial(super().has_secondary_index, name))

    def _has_asset_key_col_on_connection(self, conn: sa.Connection, column_name: str) -> bool:
        return self._once(f"column {column_name}", partial(super()._has_asset_key_col_on_connection, conn, column_name))

    def _once(self, what: str, is_there: Callable[[], bool]) -> bool:
        """The file is asked only until it is there; Dagster asks anew for every event and every check."""
        if what not in self._there and is_there():
            self._there.add(what)
        return what in self._there

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """All of a run's, in one transaction per file."""
        with self._connect(events[0].run_id), self._connect(INDEX):
            super().store_event_batch(events)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._one:
            connection = self._connection(shard)
            if connection.in_transaction():
                yield connection
            else:
                with connection.begin():
                    yield connection

    def _connection(self, shard: str) -> sa.Connection:
        if shard not in self.kept:
            self._forget_oldest()
            options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
            engine = sa.create_engine(self.conn_string_for_shard(shard), connect_args=options)
            sa.event.listen(engine, "connect", _sync_less)
            self._initdb(engine, for_index_shard=shard == INDEX)
            self.kept[shard] = engine.connect()
        return self.kept[shard]

    def _forget_oldest(self) -> None:
        runs = [shard for shard in self.kept if shard != INDEX]
        for shard in runs[: len(runs) - KEPT_RUNS + 1] if len(runs) >= KEPT_RUNS else ():
            _close(self.kept.pop(shard))

    def dispose(self) -> None:
        """Close every connection."""
        while self.kept:
            _close(self.kept.popitem()[1])
        super().dispose()


def _close(connection: sa.Connection) -> None:
    connection.close()
    connection.engine.dispose()


def _sync_less(connection: sqlite3.Connection, record: object) -> None:
    """Safe in write-ahead mode: a crash of the machine can lose the last events, never the file."""
    connection.execute("pragma synchronous = normal")
