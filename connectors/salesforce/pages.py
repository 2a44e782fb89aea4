"""One page of results: from the wire straight to typed Arrow to a Parquet file, in bounded memory.

The body is parsed while it arrives and written in row groups, so a page of any size needs the same memory. Fields that
must not be stored (`Subject`) are gone before the first byte reaches the disk. A page is kept only when it holds as
many rows as its header announced; a page cut at a row's end parses clean, so the count is the only proof.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import httpx
import pyarrow as pa
import pyarrow.csv as csv
import stamina

from connectors.errors import IncompleteRead, RetryableError
from connectors.landing.pages import PageNote, page_file
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.columns import sent_types, stored, stored_schema
from connectors.salesforce.describe import VisibleColumn

FETCHES: Final = 3
ATTEMPTS: Final = 6
GROUP_ROWS: Final = 100_000


@dataclass(frozen=True)
class _Reading:
    """How to parse: block size in bytes, and whether every value is first taken as text."""

    block: int
    as_text: bool = False


_READINGS: Final = (_Reading(1 << 20), _Reading(16 << 20), _Reading(16 << 20, as_text=True))


def fetch(client: SalesforceClient, path: str, columns: Sequence[VisibleColumn], cursor: str, target: Path) -> PageNote:
    """Fetch one result page into `target`; a few times when it arrives broken.

    Raises `IncompleteRead` when it never brings what it announces, other `CrmError`s, `WarehouseFull` on a full disk.
    """
    for attempt in stamina.retry_context(on=IncompleteRead, attempts=FETCHES, timeout=600, wait_initial=0.5, wait_max=20):
        with attempt:
            return _arrived(client, path, columns, cursor, target)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _arrived(client: SalesforceClient, path: str, columns: Sequence[VisibleColumn], cursor: str, target: Path) -> PageNote:
    """One page that came to its end, however often the org was busy or the line broke."""
    for attempt in stamina.retry_context(on=RetryableError, attempts=ATTEMPTS, timeout=600, wait_initial=0.5, wait_max=20):
        with attempt:
            return _fetch_once(client, path, columns, cursor, target)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _fetch_once(client: SalesforceClient, path: str, columns: Sequence[VisibleColumn], cursor: str, target: Path) -> PageNote:
    for reading in _READINGS:
        with client.stream("GET", path, headers={"Accept": "text/csv"}) as response:
            try:
                return _save(response, reading, columns, cursor, target)
            except ValueError:
                continue
            except pa.ArrowKeyError as error:
                raise IncompleteRead(f"{client.url(path)}: a page came without all the columns asked for; run again") from error
    raise IncompleteRead(f"{client.url(path)}: a page cannot be read as CSV, probably cut; run again")


def _save(response: httpx.Response, reading: _Reading, columns: Sequence[VisibleColumn], cursor: str, target: Path) -> PageNote:
    announced = int(response.headers.get("Sforce-NumberOfRecords", -1))
    locator = response.headers.get("Sforce-Locator", "null")
    tables = (stored(table, columns) for table in _tables(response, reading, columns))
    with page_file(target, stored_schema(columns)) as page:
        for table, unreadable in tables:
            page.add(table, cursor, unreadable)
        if page.rows != announced:
            raise IncompleteRead(f"{response.request.url.path}: {page.rows:,} rows came where {announced:,} were announced; run again")
        page.next_page = "" if locator == "null" else locator
    return page.note()


def _tables(response: httpx.Response, reading: _Reading, columns: Sequence[VisibleColumn]) -> Iterator[pa.Table]:
    types = sent_types(columns, as_text=reading.as_text)
    reader = csv.open_csv(
        cast(Any, Body(response.iter_bytes())),
        read_options=csv.ReadOptions(block_size=reading.block, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            true_values=["true"],
            false_values=["false"],
        ),
    )
    with reader:
        yield from grouped(reader, reader.schema)


def grouped(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches gathered to tables of about `GROUP_ROWS` rows."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(item.num_rows for item in held) >= GROUP_ROWS:
            yield pa.Table.from_batches(held, schema)
            held = []
    if held:
        yield pa.Table.from_batches(held, schema)


class Body:
    """A response body as the file pyarrow reads: full blocks, and no NUL bytes (they occur, and no database takes them)."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = bytearray()
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        while size < 0 or len(self._held) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._held += chunk.replace(b"\0", b"")
        taken = bytes(self._held[:size] if size >= 0 else self._held)
        del self._held[: len(taken)]
        return taken

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Never."""
        return False

    def seekable(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """The response is closed by whoever opened it."""
        self.closed = True
