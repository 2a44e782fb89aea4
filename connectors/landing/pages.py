"""Page files: one page of results as Parquet, with a note in the file of what the page said about itself.

A file appears under its name only when the page was written to its end, so a file that is there is a page that was read.
"""

import errno
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.errors import WarehouseFull

_NOTE: Final = "guanxi"


@dataclass(frozen=True)
class PageNote:
    """What a page file says about itself.

    `next_page`: where the page after it is, empty at the last. `newest`: the largest cursor in it (an instant as
    microseconds since 1970), None without rows. `unreadable`: values that were not of their column's kind, by column.
    `changes`: where to ask later for what changed since. `deleted`: ids the page says are gone.
    """

    rows: int
    next_page: str = ""
    newest: int | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    changes: str = ""
    deleted: tuple[str, ...] = ()


class PageWriter:
    """Collects the rows of one page into a Parquet file and counts them; links and deleted ids are set on it."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer, self._schema = writer, schema
        self._newest: list[int] = []
        self._unreadable: Counter[str] = Counter()
        self.rows = 0
        self.next_page = ""
        self.changes = ""
        self.deleted: tuple[str, ...] = ()

    def add(self, table: pa.Table, cursor: str = "", unreadable: Mapping[str, int] | None = None) -> None:
        """Write one table of the page; raises `ValueError` for a row without a key."""
        self._writer.write_table(table.cast(self._schema))
        self.rows += table.num_rows
        self._unreadable.update(unreadable or {})
        newest = pc.max(table.column(cursor)).cast(pa.int64()).as_py() if cursor else None
        if newest is not None:
            self._newest.append(newest)

    def note(self) -> PageNote:
        """The page's own description."""
        newest = max(self._newest, default=None)
        return PageNote(self.rows, self.next_page, newest, dict(self._unreadable), self.changes, self.deleted)


@contextmanager
def page_file(target: Path, schema: pa.Schema) -> Iterator[PageWriter]:
    """A writer whose file appears under its name only when the block ends well; `WarehouseFull` when the disk is full."""
    partial = target.with_suffix(".part")
    try:
        with disk(target), pq.ParquetWriter(partial, schema, compression="zstd", compression_level=1) as writer:
            page = PageWriter(writer, schema)
            yield page
            writer.add_key_value_metadata({_NOTE: json.dumps(asdict(page.note()))})
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def note_of(path: Path) -> PageNote:
    """The note a page file carries."""
    metadata = pq.read_metadata(path).metadata or {}
    said = json.loads(metadata[_NOTE.encode()])
    return PageNote(**said | {"deleted": tuple(said["deleted"])})


def kept_note(path: Path) -> PageNote | None:
    """The note of a page an earlier run left, None when there is no such page or it cannot be read (power was cut)."""
    try:
        return note_of(path)
    except (FileNotFoundError, pa.ArrowInvalid, KeyError):
        return None


@contextmanager
def disk(target: Path) -> Iterator[None]:
    """A full disk as one clear line."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise WarehouseFull(
            f"the disk that holds {target.parent} is full; free space and run again, nothing half-written was kept"
        ) from error
