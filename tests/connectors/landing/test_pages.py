"""Page files and what is on its way: there as a whole or not at all."""

import json
import time
from pathlib import Path
from typing import Any, Never

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.landing.pages import PageNote, kept_note, note_of, page_file
from connectors.landing.spool import KEEP_SECONDS, Manifest, Spool
from connectors.landing.tables import RawTable
from tests.disk import full_disk
from warehouse.errors import WarehouseFull

SCHEMA = pa.schema([("id", pa.string()), ("version", pa.int64())])
ROWS = pa.table({"id": ["a", "b"], "version": [7, 2**62]}, schema=SCHEMA)


@pytest.fixture
def target(tmp_path: Any) -> Path:
    return tmp_path / "page.parquet"


def test_a_page_describes_itself(target: Any) -> None:
    with page_file(target, SCHEMA) as page:
        page.add(ROWS, "version", {"id": 1})
        page.add(ROWS.slice(0, 1), "version", {"id": 2})
        page.next_page, page.changes, page.deleted = "next", "delta", ("x", "y")
    assert note_of(target) == PageNote(3, "next", 2**62, {"id": 3}, "delta", ("x", "y"))


def test_a_page_without_rows_has_no_newest(target: Any) -> None:
    with page_file(target, SCHEMA) as page:
        page.add(ROWS.slice(0, 0), "version")
    assert note_of(target) == PageNote(0)


def test_the_key_of_a_page_file_has_no_nulls_so_that_the_file_is_loaded_as_it_is(target: Any, thing: RawTable) -> None:
    rows = pa.table({"thingId": ["a"], "_parent_value": [None], "versionnumber": [1], "is_deleted": [False]})
    with page_file(target, thing.schema) as page:
        page.add(rows)
    stored = pq.read_schema(target)
    assert [name for name in stored.names if not stored.field(name).nullable] == [thing.primary_key]


def test_a_row_without_a_key_leaves_no_page(target: Any, thing: RawTable) -> None:
    rows = pa.table({"thingId": [None], "_parent_value": ["a"], "versionnumber": [1], "is_deleted": [False]})
    with pytest.raises(ValueError, match="null"), page_file(target, thing.schema) as page:
        page.add(rows)
    assert list(target.parent.iterdir()) == []


def test_a_full_disk_is_one_line_and_leaves_nothing(target: Any) -> None:
    rows = pa.table({"id": [str(number) * 50 for number in range(5_000)], "version": range(5_000)}, schema=SCHEMA)
    with full_disk(1_000), pytest.raises(WarehouseFull, match="is full; free space") as caught, page_file(target, SCHEMA) as page:
        page.add(rows)
    assert "\n" not in str(caught.value)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("left", [None, b"", b"PAR1 torn"], ids=["no file", "an empty file", "a torn file"])
def test_what_a_power_cut_left_is_not_taken_for_a_page(target: Any, left: Any) -> None:
    if left is not None:
        target.write_bytes(left)
    assert kept_note(target) is None


def test_a_writer_that_is_interrupted_leaves_nothing(target: Any) -> Never:
    with pytest.raises(KeyboardInterrupt), page_file(target, SCHEMA):
        raise KeyboardInterrupt
    assert list(target.parent.iterdir()) == []


def test_a_read_is_recognised_by_what_it_reads_until_it_is_too_old(tmp_path: Any) -> None:
    spool = Spool(tmp_path / "spool")
    assert spool.unfinished("q") is None
    spool.begin(Manifest("job-1", "q"))
    assert (spool.unfinished("q"), spool.unfinished("other")) == ("job-1", None)
    spool.begin(Manifest("job-2", "q", time.time() - KEEP_SECONDS))
    assert spool.unfinished("q") is None


@pytest.mark.parametrize("left", [b"", b"{}", json.dumps({"job": "1", "of": "another version"}).encode()])
def test_a_manifest_that_cannot_be_read_is_none(tmp_path: Any, left: Any) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "job.json").write_bytes(left)
    assert spool.unfinished("q") is None


def test_another_read_begins_without_the_pages_of_the_last(tmp_path: Any) -> None:
    spool = Spool(tmp_path / "spool")
    spool.begin(Manifest("job", "q"))
    with page_file(spool.page("first"), SCHEMA) as page:
        page.add(ROWS)
    spool.begin(Manifest("job", "q"))
    assert kept_note(spool.page("first")) is None
