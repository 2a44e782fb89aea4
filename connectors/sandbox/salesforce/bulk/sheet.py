"""A job's result on disk: one CSV body without header, and the byte offset of every row.

Written once, in the order the engine gives, while it streams; read as pages of any size, because a row's place is known without parsing.
Deliberately absent: page files. A page is a header and a slice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from connectors.sandbox.salesforce.bulk.dialect import Column, Dialect

BATCH_ROWS = 10_000
READ_BYTES = 1 << 20

Ends = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Page:
    """Some rows of a sheet: where their bytes are, and how many rows they make."""

    path: Path
    header: bytes
    start: int
    end: int
    rows: int

    @property
    def length(self) -> int:
        """Bytes of the page, header included."""
        return len(self.header) + self.end - self.start

    def chunks(self) -> Iterator[bytes]:
        """The page's bytes: the header, then about a megabyte at a time."""
        yield self.header
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.start)
            left = self.end - self.start
            while left > 0 and (chunk := file.read(min(READ_BYTES, left))):
                left -= len(chunk)
                yield chunk


@dataclass(frozen=True)
class Sheet:
    """A finished CSV: `ends[i]` is the byte after row i."""

    path: Path
    header: bytes
    ends: Ends

    @property
    def rows(self) -> int:
        return len(self.ends)

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return self._before(self.rows)

    def page(self, first: int, count: int) -> Page:
        """`count` rows from `first` on; fewer at the end, none beyond it."""
        last = min(first + count, self.rows)
        return Page(self.path, self.header, self._before(first), self._before(last), max(0, last - first))

    def whole(self) -> Page:
        """All rows as one page."""
        return self.page(0, self.rows)

    def _before(self, row: int) -> int:
        return int(self.ends[row - 1]) if row > 0 and self.rows else 0


def write_sheet(cursor: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any], dialect: Dialect, path: Path) -> Sheet:
    """Run a query and write its rows as CSV.

    Raises:
        duckdb.Error: the query fails.
        OSError: the disk does.
    """
    columns = describe(cursor, sql, params)
    text = f"SELECT {dialect.row_expression(columns)} AS line FROM ({sql}) AS rows"  # noqa: S608
    reader = cursor.sql(text, params=list(params)).to_arrow_reader(BATCH_ROWS)
    with path.open("wb") as file:
        ends = _append(file, (batch.column(0) for batch in reader))
    return Sheet(path, dialect.header([column.name for column in columns]), ends)


def describe(cursor: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]) -> list[Column]:
    """The columns a query gives, without running it."""
    described = cursor.execute(f"SELECT * FROM ({sql}) AS rows LIMIT 0", list(params)).description or []  # noqa: S608
    return [Column(name, str(kind)) for name, kind, *_ in described]


def _append(file: BinaryIO, lines: Iterable[pa.Array[Any]]) -> Ends:
    """Write the data buffers of string arrays; return where each row ends."""
    ends, position = [np.empty(0, np.int64)], 0
    for array in lines:
        if not len(array):
            continue
        offsets, data = _offsets(array)
        file.write(data[offsets[0] : offsets[-1]])
        ends.append(offsets[1:] - offsets[0] + position)
        position += int(offsets[-1] - offsets[0])
    return np.concatenate(ends)


def _offsets(array: pa.Array[Any]) -> tuple[Ends, memoryview[int]]:
    """A string array's offsets (one more than rows) into its data."""
    _, offsets, data = array.buffers()
    width: Any = np.int64 if pa.types.is_large_string(array.type) else np.int32
    places = np.frombuffer(memoryview(offsets or b""), dtype=width)[array.offset : array.offset + len(array) + 1]
    return places.astype(np.int64), memoryview(data or b"")
