"""The default warehouse: one DuckDB file, shared by dlt, the transforms and the ledger through cursors of one connection.

DuckDB has one writing process, so a run opens the file once and hands out cursors: SQLAlchemy gets them through the
engine, dlt through `native()`. Memory is limited because the pipeline shares its machine: what needs more is spilled beside
the file, and a statement that cannot be spilled is given more and run again, unless the configuration says how much there is.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper
from sqlalchemy.engine import cursor as cursor_module
from sqlalchemy.schema import CreateSchema, CreateTableAs, DropTable

from warehouse.errors import WarehouseBusy, WarehouseFull, WarehouseShort, WarehouseUnusable
from warehouse.memory import first_limit, machine_memory, next_limit, spelled
from warehouse.naming import SCHEMAS

FAULTS: Final = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.TransactionException)
PRIVATE: Final = 0o700
"""Mode of a folder we make for the file: it holds people's names, addresses and scores."""
Result = TypeVar("Result")
_log = logging.getLogger(__name__)


class DuckDBWarehouse:
    """One open DuckDB file.

    Raises `WarehouseBusy` when another process has the file open, `WarehouseUnusable` when it is no DuckDB file or the
    folder cannot be written, `WarehouseFull` when the disk is full. `memory_limit`: as DuckDB spells it (`"512MB"`), empty for
    what suits the machine and the work (`warehouse.memory`).
    """

    def __init__(self, path: Path | str, *, memory_limit: str = "", threads: int | None = None) -> None:
        self.path = Path(path)
        with translated(self.path):
            held = self.path.stat().st_size if self.path.exists() else 0
        self._limit = 0 if memory_limit else first_limit(machine_memory(), held)
        self._growing = Lock()
        self._root = self._open(memory_limit or spelled(self._limit), threads)
        self.engine = sa.create_engine(
            "duckdb:///" + str(self.path), creator=lambda: ConnectionWrapper(self._root.cursor()), poolclass=sa.pool.NullPool
        )
        sa.event.listen(self.engine, "after_cursor_execute", _buffer_result)
        with self.engine.begin() as connection:
            for schema in SCHEMAS:
                connection.execute(CreateSchema(schema, if_not_exists=True))

    def _open(self, memory_limit: str, threads: int | None) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {"memory_limit": memory_limit, "preserve_insertion_order": False}
        if threads:
            config["threads"] = threads
        with translated(self.path):
            self.path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            with _whole_or_absent(self.path):
                root = duckdb.connect(str(self.path), config=config)
            root.execute("set TimeZone = 'UTC'")
        return root

    def native(self) -> duckdb.DuckDBPyConnection:
        """A cursor of the one connection, for dlt and for Arrow."""
        return self._root.cursor()

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """A SQLAlchemy connection in one transaction, committed at the end; engine faults become `WarehouseError`s."""
        with translated(self.path), self.engine.begin() as connection:
            yield connection

    def replace(self, table: sa.Table, select: sa.Select[Any], elsewhere: Mapping[str, str] | None = None) -> int:
        """Create `table` anew from `select` in one transaction, columns cast to the declared types; returns its rows.

        `elsewhere`: schemas that are read and written under another name, so that a table can be built beside the one in use.
        """
        shaped = select.subquery("src")
        columns = [sa.cast(shaped.c[column.name], column.type).label(column.name) for column in table.columns]
        anew = CreateTableAs(sa.select(*columns), table.name, schema=table.schema)
        drop, create = (self._text(item, elsewhere) for item in (DropTable(table, if_exists=True), anew))

        def made() -> int:
            with self.native() as cursor:
                cursor.begin()
                cursor.execute(drop)
                rows = cursor.execute(create).fetchall()
                cursor.commit()
            return int(rows[0][0])

        return self._with_room(made)

    def _text(self, statement: sa.schema.ExecutableDDLElement, elsewhere: Mapping[str, str] | None) -> str:
        names: dict[str, Any] = {"schema_translate_map": dict(elsewhere), "render_schema_translate": True} if elsewhere else {}
        return str(statement.compile(dialect=self.engine.dialect, **names))

    def write(self, table: sa.Table, rows: pa.Table) -> int:
        """Append Arrow `rows` to an existing `table`, matched by column name; returns the number appended."""
        names = [column.name for column in table.columns if column.name in rows.column_names]
        quoted = ", ".join(f'"{name}"' for name in names)
        with translated(self.path), self.native() as cursor:
            cursor.register("arrow_rows", rows.select(names))
            cursor.execute(f'insert into "{table.schema}"."{table.name}" ({quoted}) select {quoted} from arrow_rows')  # noqa: S608
        return rows.num_rows

    def arrow(self, select: sa.Select[Any] | sa.TextClause) -> pa.Table:
        """The rows of `select` as one Arrow table (bound values included)."""
        compiled = select.compile(dialect=self.engine.dialect, compile_kwargs={"literal_binds": True})

        def read() -> pa.Table:
            with self.native() as cursor:
                rows: pa.Table = cursor.sql(str(compiled)).to_arrow_table()
            return rows

        return self._with_room(read)

    def _with_room(self, work: Callable[[], Result]) -> Result:
        """`work`, one transaction, again with more memory as long as it is short of it and there is more to have."""
        while True:
            limit = self._limit
            try:
                with translated(self.path):
                    return work()
            except WarehouseShort:
                if not self._grown(limit):
                    raise

    def _grown(self, limit: int) -> bool:
        """Whether the engine may take more than `limit` now; never where the configuration set it (0)."""
        with self._growing:
            if limit and self._limit == limit:
                self._limit = next_limit(limit, machine_memory())
                self._root.cursor().execute(f"set memory_limit = '{spelled(self._limit)}'")
                _log.info("the engine may take %s now: a statement could not do with %s", spelled(self._limit), spelled(limit))
            return self._limit > limit

    def columns(self, schema: str, table: str) -> Sequence[str]:
        """Column names of a table in order; empty when there is no such table."""
        with translated(self.path), self.native() as cursor:
            try:
                described = cursor.execute(f'from "{schema}"."{table}" limit 0').description
            except duckdb.CatalogException:
                return []
        return [str(column[0]) for column in described]

    def close(self) -> None:
        """Give the file back to other processes."""
        self.engine.dispose()
        self._root.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@contextmanager
def _whole_or_absent(path: Path) -> Iterator[None]:
    """A file that could not be made is taken away again: half of one (the disk was full) could never be opened."""
    new = not path.exists()
    try:
        yield
    except duckdb.IOException:
        if new:
            path.unlink(missing_ok=True)
        raise


def _buffer_result(conn: sa.Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
    """Read results at once: a DuckDB result dies with the next statement on its connection (Great Expectations needs it alive)."""
    if cursor.description and not executemany:
        context.cursor_fetch_strategy = cursor_module.FullyBufferedCursorFetchStrategy(
            cursor, initial_buffer=cursor.fetchall(), alternate_description=cursor.description
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Engine faults as one clear line each."""
    try:
        yield
    except (*FAULTS, OSError) as error:
        raise _fault(path, error) from error
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, FAULTS):
            raise _fault(path, error.orig) from error
        raise


def _fault(path: Path, error: BaseException) -> Exception:
    if isinstance(error, duckdb.OutOfMemoryException):
        return WarehouseShort(
            'more memory is needed than the engine may take; set it in guanxi.toml, e.g. [warehouse] memory = "4GB", and run again'
        )
    return _io_fault(path, str(error))


def _io_fault(path: Path, text: str) -> Exception:
    if "lock" in text.lower():
        return WarehouseBusy(f"{path} is open in another process; wait for that run to end or stop it")
    if "space" in text.lower() or "could not write" in text.lower():
        return WarehouseFull(f"the disk that holds {path} is full; free space and run again, nothing half-written was kept")
    return WarehouseUnusable(f"cannot use the warehouse file {path}: {text.splitlines()[0]}; move what is there away, or name another file")
