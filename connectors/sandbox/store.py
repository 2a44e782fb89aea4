"""What the stores of both halves are made of: one DuckDB file, any number of readers, one writer at a time.

Readers use cursors of one connection and see the last commit. Writers take one lock and one transaction, and a transaction has one
instant, its beginning: whatever a write stamps, it stamps with `BaseStore.stamp`, so a row and all that follows from it agree however
long the write takes. Beside a half's own tables there is `_meta(key, value)`, where the clock's reading survives.
"""

from __future__ import annotations

import csv
import io
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Self, cast

import duckdb
import numpy.typing as npt
import pyarrow as pa

from connectors.sandbox.clock import Clock


class BaseStore(ABC):
    """One open state folder of one half."""

    half: ClassVar[str]
    """What the half is called in messages."""
    database: ClassVar[str]
    """Name of its file in the state folder."""

    def __init__(self, state_dir: Path, *, memory_limit: str = "1GB") -> None:
        self.state_dir = state_dir
        config: dict[str, Any] = {"memory_limit": memory_limit, "preserve_insertion_order": False}
        self._root = duckdb.connect(str(state_dir / self.database), config=config)
        self.lock = threading.RLock()
        """Held by every write; hold it around several that belong together."""
        self._writer: duckdb.DuckDBPyConnection | None = None
        self._instant: datetime | None = None
        self.version = 0
        """Counts changes of rights and columns: whoever caches metadata compares it."""
        self.writes = 0
        """Moves before and after every commit, so it is odd while rows may vanish or get other row ids: whoever caches rows uses them only
        if it was even before and is the same after."""
        self.clock = Clock(datetime(1970, 1, 1))

    @abstractmethod
    def lay_out(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the tables of a new state, and the rows every state has."""

    @abstractmethod
    def refresh_catalog(self) -> None:
        """Read the columns made at run time again and tell caches that something changed."""

    @classmethod
    def create(cls, state_dir: Path, now: datetime) -> Self:
        """A new state whose clock starts at `now` (naive UTC); raises FileExistsError when the folder has one already."""
        if (state_dir / cls.database).exists():
            raise FileExistsError(f"{state_dir} already holds a {cls.half} sandbox")
        state_dir.mkdir(parents=True, exist_ok=True)
        store = cls(state_dir)
        store.clock = Clock(now)
        with store.write() as cursor:
            cursor.execute("create table _meta (key varchar, value varchar)")
            cursor.execute("insert into _meta values ('as_of', ?)", [now.isoformat()])
            store.lay_out(cursor)
        return store

    @classmethod
    def open(cls, state_dir: Path) -> Self:
        """An existing state, its clock running on from where it stood; raises FileNotFoundError when there is none."""
        if not (state_dir / cls.database).exists():
            raise FileNotFoundError(f"{state_dir} holds no {cls.half} sandbox")
        store = cls(state_dir)
        as_of = store.read("select value from _meta where key = 'as_of'")[0][0]
        store.clock = Clock(datetime.fromisoformat(as_of))
        store.refresh_catalog()
        return store

    @classmethod
    def remove(cls, state_dir: Path) -> None:
        """Delete the files of an earlier state; raises BlockingIOError while another process has it open."""
        path = state_dir / cls.database
        if path.exists():
            try:
                duckdb.connect(str(path)).close()
            except duckdb.IOException as error:
                if "lock" in str(error):
                    raise BlockingIOError("another sandbox is running on it") from error
        for name in (path.name, f"{path.name}.wal"):
            (state_dir / name).unlink(missing_ok=True)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own for one request; the caller closes it."""
        return self._root.cursor()

    def read(self, sql: str, params: Sequence[Any] = (), chosen: npt.NDArray[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query, which may read the numbers `chosen` as a table with one column `value`."""
        with self.cursor() as cursor:
            if chosen is not None:
                cursor.register("chosen", {"value": chosen})
            return cursor.execute(sql, list(params)).fetchall()

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """All rows of a query as one Arrow table."""
        with self.cursor() as cursor:
            return cast(pa.Table, cursor.sql(sql, params=list(params)).to_arrow_table())

    def numbers(self, sql: str) -> npt.NDArray[Any]:
        """The one column of a query, without nulls, as an array."""
        with self.cursor() as cursor:
            (column,) = cursor.execute(sql).fetchnumpy().values()
        return cast("npt.NDArray[Any]", column)

    def csv(self, sql: str) -> str:
        """All rows of a query as CSV with a header."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        with self.cursor() as cursor:
            result = cursor.execute(sql)
            writer.writerow([column[0] for column in result.description or ()])
            writer.writerows(result.fetchall())
        return text.getvalue()

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor in one transaction under the write lock; rolled back on any error. Inside another write it is that one's cursor."""
        with self.lock:
            if self._writer is not None:
                yield self._writer
                return
            with self._transaction() as cursor:
                yield cursor

    def stamp(self) -> datetime:
        """The instant of the write this is called in, naive UTC in whole seconds; raises RuntimeError outside a write."""
        if self._instant is None:
            raise RuntimeError("only a write has an instant to stamp rows with")
        return self._instant

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self.cursor() as cursor:
            cursor.begin()
            self._writer, self._instant = cursor, self.clock.stamp()
            try:
                yield cursor
                cursor.execute("update _meta set value = ? where key = 'as_of'", [self.clock.now().isoformat()])
            except BaseException:
                cursor.rollback()
                raise
            else:
                self._commit(cursor)
            finally:
                self._writer = self._instant = None

    def _commit(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.writes += 1
        try:
            cursor.commit()
        finally:
            self.writes += 1

    def close(self) -> None:
        """Keep the clock's reading and give the file back."""
        with self.write():
            pass
        self._root.close()


def insert_row(cursor: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, Any]) -> None:
    """Insert one row, columns by name."""
    selected = ", ".join(f'? as "{name}"' for name in values)
    cursor.execute(f'insert into "{table}" by name select {selected}', list(values.values()))
