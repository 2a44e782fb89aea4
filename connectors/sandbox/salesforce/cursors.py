"""Results longer than one page: spooled to Arrow files, so that a page can be asked for again and memory stays small."""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.soql import Compiled
from connectors.sandbox.salesforce.store import Store

KEPT: Final = 50
_BATCH_ROWS: Final = 50_000


@dataclass(frozen=True)
class Result:
    """Rows of a statement; `total` counts all of them, `locator` names the spool (None: everything fitted one page)."""

    compiled: Compiled
    total: int
    locator: str | None
    page: pa.Table


@dataclass(frozen=True)
class _Spool:
    compiled: Compiled
    total: int
    size: int


class Cursors:
    """The open query locators; the oldest give way to new ones."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.state_dir / "cursors"
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Spool] = OrderedDict()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, compiled: Compiled, size: int) -> Result:
        """Run a statement and return its first page of `size` rows."""
        with self._store.cursor() as cursor:
            reader = cursor.sql(compiled.record_sql, params=compiled.params).to_arrow_reader(_BATCH_ROWS)
            head: list[pa.RecordBatch] = []
            rows = 0
            for batch in reader:
                head.append(batch)
                rows += batch.num_rows
                if rows > size:
                    return self._spooled(compiled, reader.schema, chain(head, reader), size)
            return Result(compiled, rows, None, pa.Table.from_batches(head, reader.schema))

    def more(self, locator: str, first: int, size: int | None) -> Result:
        """A later page, as long as the first unless `size` says otherwise; raises INVALID_QUERY_LOCATOR for one that is not open."""
        found = self._open.get(locator)
        if found is None or first > found.total:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return Result(found.compiled, found.total, locator, self._page(locator, first, size or found.size))

    def _spooled(self, compiled: Compiled, schema: pa.Schema, batches: Iterator[pa.RecordBatch], size: int) -> Result:
        self._folder.mkdir(exist_ok=True)
        locator = self._store.new_ids("01g", 1)[0]
        total = 0
        with pa.OSFile(str(self._path(locator)), "wb") as file, pa.ipc.new_file(file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
                total += batch.num_rows
        self._remember(locator, _Spool(compiled, total, size))
        return Result(compiled, total, locator, self._page(locator, 0, size))

    def _remember(self, locator: str, spool: _Spool) -> None:
        with self._lock:
            self._open[locator] = spool
            while len(self._open) > KEPT:
                oldest, _ = self._open.popitem(last=False)
                self._path(oldest).unlink(missing_ok=True)

    def _page(self, locator: str, first: int, size: int) -> pa.Table:
        with pa.memory_map(str(self._path(locator))) as file:
            return pa.ipc.open_file(file).read_all().slice(first, size)

    def _path(self, locator: str) -> Path:
        return self._folder / f"{ids.normal(locator)}.arrow"
