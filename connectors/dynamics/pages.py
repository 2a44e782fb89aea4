"""One page of JSON as a page file: typed columns, the page's links, and the ids it says are gone.

    bytes -> a file DuckDB's JSON reader takes, every value as text -> casts in SQL -> Arrow -> Parquet

Values are read as text and cast afterwards, so that one that is not of its column's kind becomes blank and is counted; a
page is refused only when it is no page: cut, no JSON, without rows where rows belong, or with a row that has no key. Each
thread has a database of its own with one thread, so that pages are decoded side by side without waiting for each other.

    _ownerid_value                                            -> _ownerid_value, in lower case
    _ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname   -> _ownerid_type
    nothing                                                   -> is_deleted, false

Deliberately absent: other annotations (labels come from metadata, once) and nested collections.
"""

import atexit
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import IncompleteRead
from connectors.landing.kinds import ColumnKind
from connectors.landing.pages import PageNote, disk, page_file
from connectors.landing.tables import RawTable

TYPE_ANNOTATION: Final = "@Microsoft.Dynamics.CRM.lookuplogicalname"
_GONE: Final = "$deletedEntity"
_NEXT, _CHANGES, _CONTEXT, _ID = "@odata.nextLink", "@odata.deltaLink", "@odata.context", "id"
_DOUBT: Final = "@unreadable"
_CASTS: Final[Mapping[ColumnKind, str]] = {
    "text": "{sent}",
    "boolean": "try_cast({sent} as boolean)",
    "integer": r"case when regexp_full_match({sent}, '-?\d+(\.0+)?') then try_cast({sent} as bigint) end",
    "number": "case when isfinite(try_cast({sent} as double)) then try_cast({sent} as double) end",
    "date": "try_cast({sent} as date)",
    "datetime": "try_cast({sent} as timestamptz)",
}
_UNUSABLE: Final = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u0000|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_LINK_NAME: Final = f'"{_NEXT}"'.encode()
_LINK: Final = re.compile(_LINK_NAME + rb'\s*:\s*("(?:[^"\\]|\\.)*")')
_LOCAL: Final = threading.local()
# Other threads let their databases go as they end; the main thread's would outlive the module that knows how.
atexit.register(lambda: _LOCAL.__dict__.clear())


def next_page(body: bytes) -> str:
    """The last next link the bytes of a page show, empty without one: a guess, as only the whole page tells."""
    found = _LINK.match(body, max(0, body.rfind(_LINK_NAME)))
    try:
        return str(json.loads(found[1])) if found else ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class _Column:
    """A column of the raw table, the property it is sent as, and the SQL of its value."""

    name: str
    sent: str
    kind: ColumnKind
    value: str

    @property
    def unreadable(self) -> str:
        """SQL: a value came and is not of its kind."""
        return f'(sent."{self.sent}" is not null and {self.value} is null)'


def saved(body: bytes, table: RawTable, target: Path) -> PageNote:
    """Write the rows of a page to `target` as `table` has them.

    Raises `IncompleteRead` when it is no whole page, `WarehouseFull` on a full disk; nothing is kept then.
    """
    with _sent(body, table, target) as page, page_file(target, table.schema) as writer:
        rows = page.rows()
        writer.add(page.shaped(rows), table.cursor if table.cursor in table.columns else "", page.unreadable(rows))
        writer.next_page, writer.changes = page.links(rows)
        writer.deleted = page.deleted()
        return writer.note()


@contextmanager
def _sent(body: bytes, table: RawTable, target: Path) -> Iterator["_Page"]:
    """The page as a file beside `target`, for as long as it is read."""
    source = target.with_suffix(".json")
    try:
        with disk(target):
            source.write_bytes(_mended(body))
        yield _Page(source, table, len(body), gone=_GONE.encode() in body)
    except duckdb.InvalidInputException:
        raise IncompleteRead(f"a page of {table.name} cannot be read as JSON, probably cut; run again") from None
    finally:
        source.unlink(missing_ok=True)


def _mended(body: bytes) -> bytes:
    """The text without characters no database takes: NUL is dropped, half of a pair (an emoji cut in two) is replaced."""
    if rb"\u" not in body:
        return body
    return _UNUSABLE.sub(lambda found: found[1] or (rb"\ufffd" if found[2] else b""), body)


class _Page:
    """Questions to one page on disk."""

    def __init__(self, source: Path, table: RawTable, size: int, *, gone: bool) -> None:
        self._source, self._table, self._size, self._gone = source, table, size, gone
        self._columns = [_column(table, name, kind) for name, kind in table.columns.items() if name != table.deleted]

    def rows(self) -> pa.Table:
        """All columns but `is_deleted`; then whether a value of the row could not be read, and the page's links."""
        values = ", ".join(f'{item.value} as "{item.name}"' for item in self._columns)
        doubts = " or ".join(item.unreadable for item in self._columns if item.kind != "text") or "false"
        found = self._ask(f'{values}, {doubts} as "{_DOUBT}", "{_NEXT}", "{_CHANGES}"', f"not {self._is_gone}" if self._gone else "true")
        if found.column(self._table.primary_key).null_count:
            raise IncompleteRead(f"a page of {self._table.name} has rows without {self._table.primary_key}; run again")
        return found

    def shaped(self, rows: pa.Table) -> pa.Table:
        """As the raw table has them, every row alive."""
        table = self._table
        if table.deleted in table.columns:
            rows = rows.append_column(table.deleted, pa.repeat(pa.scalar(False), rows.num_rows))
        return rows.select(table.schema.names).cast(table.schema)

    def unreadable(self, rows: pa.Table) -> dict[str, int]:
        """Values that are not of their column's kind, by column."""
        if not pc.any(rows.column(_DOUBT)).as_py():
            return {}
        counts = ", ".join(f'count(*) filter ({item.unreadable}) as "{item.name}"' for item in self._columns if item.kind != "text")
        return {name: count for name, count in self._ask(counts).to_pylist()[0].items() if count}

    def links(self, rows: pa.Table) -> tuple[str, str]:
        """Where the next page is, and where to ask later for what changed; empty where the page does not say."""
        if rows.num_rows:
            return rows.column(_NEXT)[0].as_py() or "", rows.column(_CHANGES)[0].as_py() or ""
        query = f'select "{_NEXT}", "{_CHANGES}", value is null from {self._read("json[]")}'  # noqa: S608
        pages = _database().execute(query).fetchall()
        if len(pages) != 1 or pages[0][2]:
            raise IncompleteRead(f"an answer for {self._table.name} is no page of rows; run again")
        return pages[0][0] or "", pages[0][1] or ""

    def deleted(self) -> tuple[str, ...]:
        """Ids of rows that are gone."""
        if not self._gone:
            return ()
        ids: list[Any] = self._ask(f'lower(sent."{_ID}") as id', self._is_gone).column("id").to_pylist()
        return tuple(ids)

    @property
    def _is_gone(self) -> str:
        return f"coalesce(ends_with(sent.\"{_CONTEXT}\", '{_GONE}'), false)"

    def _ask(self, expressions: str, where: str = "true") -> pa.Table:
        own = (_CONTEXT, _ID) if self._gone else ()
        fields = ", ".join(f'"{name}" varchar' for name in dict.fromkeys((*(item.sent for item in self._columns), *own)))
        sent = f'select unnest(value) as sent, "{_NEXT}", "{_CHANGES}" from {self._read(f"struct({fields})[]")}'  # noqa: S608
        answer: pa.Table = _database().sql(f"select {expressions} from ({sent}) where {where}").to_arrow_table()  # noqa: S608
        return answer

    def _read(self, rows: str) -> str:
        """SQL that reads the page, which is one JSON value; `rows` is the type of its rows."""
        columns = f"{{'value': '{rows}', '{_NEXT}': 'varchar', '{_CHANGES}': 'varchar'}}"
        path = str(self._source).replace("'", "''")
        shape = "format = 'unstructured', records = true"
        return f"read_json('{path}', {shape}, maximum_object_size = {self._size + 1024}, columns = {columns})"


def _column(table: RawTable, name: str, kind: ColumnKind) -> _Column:
    lookup = re.fullmatch(r"_(.+)_type", name)
    sent = f"_{lookup[1]}_value{TYPE_ANNOTATION}" if lookup and f"_{lookup[1]}_value" in table.columns else name
    is_id = name == table.primary_key or re.fullmatch(r"_.+_value", name)
    value = 'lower(sent."{}")' if is_id else _CASTS[kind].replace("{sent}", 'sent."{}"')
    return _Column(name, sent, kind, value.replace("{}", sent))


def _database() -> duckdb.DuckDBPyConnection:
    """This thread's own."""
    if not hasattr(_LOCAL, "connection"):
        _LOCAL.connection = duckdb.connect(config={"threads": 1})
        _LOCAL.connection.execute("set TimeZone = 'UTC'")
    connection: duckdb.DuckDBPyConnection = _LOCAL.connection
    return connection
