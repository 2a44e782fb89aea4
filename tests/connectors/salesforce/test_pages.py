"""One page from the wire to the disk: every text trap intact, nothing kept that was not announced. Against a stub over real HTTP."""

import csv
import datetime as dt
import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from connectors.errors import IncompleteRead, RequestRejected, Unreachable
from connectors.landing.pages import PageNote, note_of
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.columns import stored_schema
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.pages import FETCHES, Body, fetch
from connectors.salesforce.specs import Column
from tests.disk import full_disk
from warehouse.errors import WarehouseFull

COLUMNS = [
    VisibleColumn(Column("Id"), "text"),
    VisibleColumn(Column("Name"), "text"),
    VisibleColumn(Column("SystemModstamp", "datetime"), "datetime"),
    VisibleColumn(Column("CloseDate", "date"), "date"),
    VisibleColumn(Column("Amount", "number"), "number"),
    VisibleColumn(Column("IsDeleted", "boolean"), "boolean"),
    VisibleColumn(Column("SubjectKind", derived_from="Subject"), "text"),
]
FIELDS = [item.column.selected for item in COLUMNS]
STAMP = "2026-05-01T10:00:00.000Z"
TRAPS = [
    "NA",
    "null",
    "#N/A",
    "None",
    'a "quoted" word',
    "two\nlines",
    "two\r\nlines",
    "a\u2028b\u0085c",
    "\ufeffbom",
    "emoji 🎉",
    " spaces ",
    "1,2",
    "-",
]


def row(record_id: str, name: str = "n", close: str = "2026-05-01", subject: str = "Call: secret words") -> list[str]:
    return [record_id, name, STAMP, close, "1.5E7", "false", subject]


def body(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([FIELDS, *rows])
    return text.getvalue().encode()


def page(content: bytes, announced: int, locator: str = "null") -> Response:
    return Response(content, media_type="text/csv", headers={"Sforce-NumberOfRecords": str(announced), "Sforce-Locator": locator})


@pytest.fixture
def client(stub: Any, settings_of: Any) -> Iterator[SalesforceClient]:
    with SalesforceClient(settings_of(stub)) as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Any) -> Path:
    return tmp_path / "page.parquet"


def fetched(client: Any, target: Any) -> PageNote:
    return fetch(client, "jobs/query/750/results", COLUMNS, "SystemModstamp", target)


def test_every_text_arrives_as_it_was_written(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row(str(number), text) for number, text in enumerate(TRAPS)]), len(TRAPS))]
    fetched(client, target)
    assert pq.read_table(target).column("Name").to_pylist() == TRAPS


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1), min_size=1, max_size=5))
def test_any_text_arrives_as_it_was_written(client: Any, stub: Any, target: Any, texts: Any) -> None:
    stub.answers = [page(body([row(str(number), text) for number, text in enumerate(texts)]), len(texts))]
    fetched(client, target)
    assert pq.read_table(target).column("Name").to_pylist() == texts


def test_an_empty_cell_is_null_and_nul_bytes_are_dropped(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row("1", ""), row("2", "a\0b")]), 2)]
    fetched(client, target)
    assert pq.read_table(target).column("Name").to_pylist() == [None, "ab"]


def test_the_subject_never_reaches_the_disk(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row("1")]), 1)]
    fetched(client, target)
    assert pq.read_table(target).column("SubjectKind").to_pylist() == ["call"]
    assert b"secret words" not in target.read_bytes()


def test_a_page_describes_itself(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row("1"), row("2")]), 2, "MTIz")]
    note = fetched(client, target)
    assert note == note_of(target)
    newest = int(dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC).timestamp() * 1_000_000)
    assert (note.rows, note.next_page, note.newest) == (2, "MTIz", newest)


def test_a_page_without_rows_has_the_right_columns(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([]), 0)]
    assert fetched(client, target).rows == 0
    assert pq.read_schema(target).remove_metadata() == stored_schema(COLUMNS)


def test_a_compressed_page_is_read(client: Any, stub: Any, target: Any) -> None:
    answer = page(gzip.compress(body([row("1")])), 1)
    answer.headers["Content-Encoding"] = "gzip"
    stub.answers = [answer]
    assert fetched(client, target).rows == 1


def test_a_page_cut_at_a_rows_end_is_fetched_again(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row("1")]), 2), page(body([row("1"), row("2")]), 2)]
    assert fetched(client, target).rows == 2


@pytest.mark.parametrize("content", [body([row("1")]), body([row("1"), row("2")])[:-40], b""], ids=["at a row", "in a row", "empty"])
def test_a_page_that_stays_cut_is_never_kept(client: Any, stub: Any, target: Any, content: Any) -> None:
    stub.answers = [page(content, 2)]
    with pytest.raises(IncompleteRead, match="run again"):
        fetched(client, target)
    assert list(target.parent.iterdir()) == []
    assert len(stub.seen) >= FETCHES


def test_a_page_without_a_count_is_never_kept(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [Response(body([row("1")]), media_type="text/csv")]
    with pytest.raises(IncompleteRead):
        fetched(client, target)


def test_a_page_lacking_a_column_is_never_kept(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(b'"Id"\n"1"\n', 1)]
    with pytest.raises(IncompleteRead, match="without all the columns"):
        fetched(client, target)


def test_a_connection_that_breaks_in_a_page_is_taken_up_again(client: Any, stub: Any, target: Any) -> None:
    def broken(request: Request) -> Response:
        headers = {"Sforce-NumberOfRecords": "1", "Content-Length": "100000"}
        return StreamingResponse(iter([body([row("1")])]), media_type="text/csv", headers=headers)

    stub.answers = [broken, page(body([row("1")]), 1)]
    assert fetched(client, target).rows == 1
    stub.answers = [broken]
    with pytest.raises(Unreachable):
        fetched(client, target)


def test_a_refused_page_is_not_asked_again(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [Response(b'[{"errorCode":"API_ERROR","message":"other version"}]', 409, media_type="application/json")]
    with pytest.raises(RequestRejected):
        fetched(client, target)
    assert len(stub.seen) == 1


def test_dates_that_are_none_are_blank_and_counted(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row("1", close="0001-13-45"), row("2")]), 2)]
    assert dict(fetched(client, target).unreadable) == {"CloseDate": 1}
    kept = pq.read_table(target)
    assert kept.column("CloseDate").to_pylist() == [None, dt.date(2026, 5, 1)]
    assert kept.column("Amount").to_pylist() == [1.5e7, 1.5e7]
    assert kept.column("IsDeleted").to_pylist() == [False, False]
    assert kept.schema.remove_metadata() == stored_schema(COLUMNS)


def test_a_row_larger_than_a_block_is_read(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row("1", "x" * 3_000_000)]), 1)]
    fetched(client, target)
    assert len(pq.read_table(target).column("Name")[0].as_py()) == 3_000_000


def test_a_page_larger_than_a_row_group_is_complete(client: Any, stub: Any, target: Any) -> None:
    count = 150_001
    stub.answers = [page(body([row(str(number)) for number in range(count)]), count)]
    assert fetched(client, target).rows == count
    assert pq.read_metadata(target).num_row_groups > 1


def test_a_full_disk_is_one_line_and_leaves_nothing(client: Any, stub: Any, target: Any) -> None:
    stub.answers = [page(body([row(str(number), str(number) * 50) for number in range(5_000)]), 5_000)]
    with full_disk(1_000), pytest.raises(WarehouseFull, match="is full; free space") as caught:
        fetched(client, target)
    assert "\n" not in str(caught.value)
    assert list(target.parent.iterdir()) == []


@given(chunks=st.lists(st.binary(max_size=20)), size=st.integers(1, 30))
def test_a_body_gives_full_blocks_in_order_without_nul(chunks: Any, size: Any) -> None:
    source = Body(chunks)
    blocks = list(iter(lambda: source.read(size), b""))
    assert b"".join(blocks) == b"".join(chunks).replace(b"\0", b"")
    assert all(len(block) == size for block in blocks[:-1])
