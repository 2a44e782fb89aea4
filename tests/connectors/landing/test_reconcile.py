"""Rows that are gone, found in three ways: which of the new rows are marked, and which stored ones change. On a real DuckDB file."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.landing.pages import page_file
from connectors.landing.reconcile import by_deleted, by_ids, by_log
from connectors.landing.tables import RawTable, Reconciliation
from warehouse import DuckDBWarehouse

MONDAY = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LOGGED = RawTable("Logged", {"Id": "text", "IsDeleted": "boolean", "SystemModstamp": "datetime"}, "Id", "SystemModstamp", "IsDeleted")


@pytest.fixture
def stored(warehouse: DuckDBWarehouse) -> Callable[..., None]:
    """`stored(table, pages)`: the raw table as an earlier night left it."""

    def make(table: RawTable, pages: Sequence[Path]) -> None:
        with warehouse.native() as cursor:
            cursor.execute("create schema raw_crm")
            cursor.execute(f'create table raw_crm."{table.name}" as from read_parquet($1)', [[str(path) for path in pages]])

    return make


def found(truth: Reconciliation) -> tuple[str, str, str]:
    """New rows that are marked; stored rows that are marked; stored rows that are unmarked."""
    changed = [] if truth.changed is None else [(row[key], row[mark]) for row in truth.changed.to_pylist() for key, mark in [_names(row)]]
    gone, alive = (sorted(one for one, marked in changed if marked is wanted) for wanted in (True, False))
    return "".join(sorted(truth.marked.to_pylist())), "".join(gone), "".join(alive)


def _names(row: dict[str, Any]) -> tuple[str, str]:
    return ("Id", "IsDeleted") if "Id" in row else ("thingId", "is_deleted")


@pytest.fixture
def logged(tmp_path: Path) -> Callable[..., Path]:
    """`logged("ab", MONDAY)`: a page of a table with a delete log."""

    def make(ids: str, at: dt.datetime, deleted: bool = False) -> Path:
        target = tmp_path / f"logged-{ids}-{at:%d}.parquet"
        rows = [{"Id": one, "IsDeleted": deleted, "SystemModstamp": at} for one in ids]
        with page_file(target, LOGGED.schema) as page:
            page.add(pa.Table.from_pylist(rows, schema=LOGGED.schema), "SystemModstamp")
        return target

    return make


def log(**entries: dt.datetime) -> pa.Table:
    return pa.table({"Id": list(entries), "deleted_at": pa.array(entries.values(), pa.timestamp("us", "UTC"))})


def test_the_log_marks_stored_and_new_rows(warehouse: Any, stored: Any, logged: Any) -> None:
    stored(LOGGED, [logged("abc", MONDAY)])
    fresh = LOGGED.held([logged("cd", MONDAY + DAY)], keeps_raw=True)
    assert found(by_log(warehouse, "crm", fresh, log(a=MONDAY + DAY, d=MONDAY + 2 * DAY, z=MONDAY))) == ("d", "a", "")


def test_a_log_entry_older_than_the_row_is_void_because_the_row_was_restored(warehouse: Any, stored: Any, logged: Any) -> None:
    stored(LOGGED, [logged("a", MONDAY), logged("b", MONDAY + 2 * DAY)])
    fresh = LOGGED.held([logged("a", MONDAY + 2 * DAY)], keeps_raw=True)
    assert found(by_log(warehouse, "crm", fresh, log(a=MONDAY + DAY, b=MONDAY + DAY))) == ("", "", "")


def test_a_row_known_as_deleted_stays_so_when_the_log_reads_it_again(warehouse: Any, stored: Any, logged: Any) -> None:
    stored(LOGGED, [logged("ab", MONDAY, deleted=True)])
    fresh = LOGGED.held([logged("a", MONDAY), logged("b", MONDAY + DAY)], keeps_raw=True)
    assert found(by_log(warehouse, "crm", fresh, log())) == ("a", "", "")


def test_a_first_read_is_marked_by_the_log_without_a_raw_table(warehouse: Any, logged: Any) -> None:
    fresh = LOGGED.held([logged("ab", MONDAY)], keeps_raw=False)
    truth = by_log(warehouse, "crm", fresh, log(a=MONDAY + DAY))
    assert (found(truth), truth.changed) == (("a", "", ""), None)


@pytest.fixture
def living(tmp_path: Path) -> Callable[[str], Sequence[Path]]:
    """`living("ab")`: pages listing these ids."""

    def make(ids: str) -> Sequence[Path]:
        target = tmp_path / f"living-{ids}.parquet"
        with page_file(target, pa.schema([("thingId", pa.string())])) as page:
            page.add(pa.table({"thingId": pa.array(list(ids), pa.string())}))
        return [target]

    return make


def test_what_is_not_among_the_living_ids_is_marked(warehouse: Any, thing: Any, stored: Any, page_of: Any, living: Any) -> None:
    stored(thing, [page_of("abc")])
    fresh = thing.held([page_of("de", 2)], keeps_raw=True)
    assert found(by_ids(warehouse, "crm", fresh, living("bd"))) == ("e", "ac", "")


def test_what_is_among_the_living_ids_again_is_unmarked(warehouse: Any, thing: Any, stored: Any, page_of: Any, living: Any) -> None:
    stored(thing, [page_of("ab", deleted=True)])
    assert found(by_ids(warehouse, "crm", thing.held([], keeps_raw=True), living("a"))) == ("", "", "a")


def test_no_living_ids_at_all_mark_everything(warehouse: Any, thing: Any, stored: Any, page_of: Any, living: Any) -> None:
    stored(thing, [page_of("ab")])
    assert found(by_ids(warehouse, "crm", thing.held([], keeps_raw=True), living(""))) == ("", "ab", "")


def test_what_a_delta_says_is_deleted_is_marked_known_or_not(warehouse: Any, thing: Any, stored: Any, page_of: Any, ids_of: Any) -> None:
    stored(thing, [page_of("abc")])
    fresh = thing.held([page_of("d", 2)], keeps_raw=True)
    assert found(by_deleted(warehouse, "crm", fresh, ids_of("az"))) == ("", "a", "")


def test_a_row_the_same_delta_brings_was_made_anew(warehouse: Any, thing: Any, stored: Any, page_of: Any, ids_of: Any) -> None:
    stored(thing, [page_of("a")])
    fresh = thing.held([page_of("a", 2)], keeps_raw=True)
    assert found(by_deleted(warehouse, "crm", fresh, ids_of("a"))) == ("", "", "")


def test_a_full_read_takes_the_deletions_of_the_delta_that_follows_it(warehouse: Any, thing: Any, page_of: Any, ids_of: Any) -> None:
    walk, delta = [page_of("abc")], [page_of("c", 2)]
    fresh = thing.held([*walk, *delta], keeps_raw=False)
    truth = by_deleted(warehouse, "crm", fresh, ids_of("bc"), delta=delta)
    assert (found(truth), truth.changed) == (("b", "", ""), None)


def test_a_deletion_told_twice_changes_nothing_the_second_time(warehouse: Any, thing: Any, stored: Any, page_of: Any, ids_of: Any) -> None:
    stored(thing, [page_of("ab", deleted=True)])
    assert found(by_deleted(warehouse, "crm", thing.held([], keeps_raw=True), ids_of("a"))) == ("", "", "")
