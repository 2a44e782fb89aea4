"""Pages into the warehouse, deleted rows included: rows and state move together or not at all. On a real DuckDB file."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pytest
from dlt.common.runtime import anon_tracker

from connectors.salesforce.columns import stored_schema
from connectors.salesforce.deletes import DeleteLog
from connectors.salesforce.describe import VisibleColumn, VisibleObject
from connectors.salesforce.load import Landed, Loader
from connectors.salesforce.pages import page_file
from connectors.salesforce.reconcile import Held, by_ids, by_log
from connectors.salesforce.specs import TASK_RELATION
from connectors.salesforce.state import ObjectState
from warehouse import DuckDBWarehouse
from warehouse.errors import WarehouseError

MONDAY = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SEEN = VisibleObject(TASK_RELATION, tuple(VisibleColumn(column, column.kind) for column in TASK_RELATION.columns), (), (), True)


@pytest.fixture
def warehouse(tmp_path: Any) -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as opened:
        yield opened


@pytest.fixture
def loader(warehouse: Any, tmp_path: Any) -> Loader:
    return Loader(warehouse, "sales", tmp_path / "load")


@pytest.fixture
def page_of(tmp_path: Any) -> Callable[..., Path]:
    """`page_of(ids, at)`: a page file with these living rows."""

    def make(ids: str, at: dt.datetime = MONDAY, deleted: bool = False) -> Path:
        schema = stored_schema(SEEN.columns)
        rows = [{"Id": record_id, "IsDeleted": deleted, "SystemModstamp": at, "TaskId": at.isoformat()} for record_id in ids]
        target = tmp_path / f"page-{ids}-{at:%d}.parquet"
        with page_file(target, schema) as page:
            page.add(pa.Table.from_pylist(rows, schema=schema), "SystemModstamp")
        return target

    return make


def state(at: Any = MONDAY, columns: Any = SEEN.names) -> ObjectState:
    return ObjectState(at, at, columns, "h")


def full(*pages: Path, visible: Any = SEEN) -> Landed:
    return Landed(visible, "full", pages, state())


def changed(*pages: Path, truth: Any = None, at: Any = MONDAY + DAY) -> Landed:
    extra = (truth.marked, truth.changed) if truth else ()
    return Landed(SEEN, "incremental", pages, state(at), *extra)


def rows(warehouse: Any, columns: str = '"Id", "IsDeleted"') -> list[tuple]:
    with warehouse.native() as cursor:
        return cursor.execute(f'select {columns} from raw_sales."TaskRelation" order by "Id"').fetchall()


def log(*entries: tuple[str, dt.datetime]) -> DeleteLog:
    ids, times = zip(*entries, strict=True)
    return DeleteLog(pa.table({"Id": list(ids), "deleted_at": pa.array(times, pa.timestamp("us", "UTC"))}), MONDAY)


def held(*pages: Path) -> Held:
    return Held("TaskRelation", pages, SEEN.names, keeps_raw=True)


def test_names_are_salesforces_own_and_dlt_adds_no_column(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("ab"))], first=True)
    assert warehouse.columns("raw_sales", "TaskRelation") == list(SEEN.names)


def test_a_later_load_merges_by_id_and_the_newest_row_wins(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("ab"))], first=True)
    loader.load([changed(page_of("bc", MONDAY + 2 * DAY), page_of("b", MONDAY + DAY))], first=False)
    assert [(record_id, at.date()) for record_id, at in rows(warehouse, '"Id", "SystemModstamp"')] == [
        ("a", MONDAY.date()),
        ("b", (MONDAY + 2 * DAY).date()),
        ("c", (MONDAY + 2 * DAY).date()),
    ]


def test_a_full_read_replaces_the_table(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("abc"))], first=True)
    loader.load([full(page_of("cd"))], first=False)
    assert rows(warehouse) == [("c", False), ("d", False)]


def test_an_object_without_rows_has_its_table(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of(""))], first=True)
    assert warehouse.columns("raw_sales", "TaskRelation") == list(SEEN.names)
    loader.load([changed(page_of("a"))], first=False)
    assert rows(warehouse) == [("a", False)]


def test_the_columns_visible_today_are_listed(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("a"))], first=True)
    with warehouse.native() as cursor:
        listed = cursor.execute("select object_name, column_name, data_type from raw_sales.extracted_columns").fetchall()
    assert ("TaskRelation", "IsWhat", "boolean") in listed
    assert [name for _, name, _ in listed] == list(SEEN.names)


def test_the_state_is_in_the_warehouse_not_in_the_work_folder(loader: Any, warehouse: Any, page_of: Any, tmp_path: Any) -> None:
    loader.load([full(page_of("a"))], first=True)
    shutil.rmtree(tmp_path / "load", ignore_errors=True)
    assert Loader(warehouse, "sales", tmp_path / "elsewhere").states() == {"TaskRelation": state()}


def test_a_load_that_fails_leaves_the_old_state(loader: Any, warehouse: Any, page_of: Any, tmp_path: Any) -> None:
    loader.load([full(page_of("a"))], first=True)
    broken = tmp_path / "page-broken.parquet"
    content = page_of("b").read_bytes()
    broken.write_bytes(content[:4] + b"\xff" * 200 + content[204:])
    with pytest.raises(WarehouseError, match="last good extraction stands") as caught:
        loader.load([changed(page_of("c", MONDAY + DAY), broken)], first=False)
    assert "\n" not in str(caught.value)
    assert loader.states() == {"TaskRelation": state()}
    loader.load([changed(page_of("c", MONDAY + DAY))], first=False)
    assert [record_id for record_id, _ in rows(warehouse)] == ["a", "c"]


def test_dlt_does_not_phone_home(loader: Any, page_of: Any) -> None:
    loader.load([full(page_of("a"))], first=True)
    assert not dlt.current.run_context().runtime_config.dlthub_telemetry
    assert anon_tracker._ANON_TRACKER_ENDPOINT is None


def test_nothing_is_left_in_the_work_folder(loader: Any, page_of: Any, tmp_path: Any) -> None:
    loader.load([full(page_of("a"))], first=True)
    assert not (tmp_path / "load").exists()


def test_the_log_marks_stored_and_new_rows(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("abc"))], first=True)
    fresh = page_of("cd", MONDAY + DAY)
    truth = by_log(warehouse, "sales", held(fresh), log(("a", MONDAY + DAY), ("d", MONDAY + 2 * DAY)))
    loader.load([changed(fresh, truth=truth)], first=False)
    assert rows(warehouse) == [("a", True), ("b", False), ("c", False), ("d", True)]


def test_a_log_entry_older_than_the_row_is_void_because_the_row_was_restored(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("a"))], first=True)
    fresh = page_of("a", MONDAY + 2 * DAY)
    truth = by_log(warehouse, "sales", held(fresh), log(("a", MONDAY + DAY)))
    loader.load([changed(fresh, truth=truth)], first=False)
    assert rows(warehouse) == [("a", False)]


def test_a_row_known_as_deleted_stays_so_when_it_is_read_again(loader: Any, warehouse: Any, page_of: Any) -> None:
    loader.load([full(page_of("a", deleted=True))], first=True)
    fresh = page_of("a")
    truth = by_log(warehouse, "sales", held(fresh), log(("z", MONDAY)))
    loader.load([changed(fresh, truth=truth)], first=False)
    assert rows(warehouse) == [("a", True)]


@pytest.fixture
def ids_of(tmp_path: Any) -> Callable[[Sequence[str]], Sequence[Path]]:
    def make(ids: Sequence[str]) -> Sequence[Path]:
        target = tmp_path / "ids.parquet"
        with page_file(target, pa.schema([("Id", pa.string())])) as page:
            page.add(pa.table({"Id": pa.array(list(ids), pa.string())}))
        return [target]

    return make


def test_what_is_not_among_the_living_ids_is_marked(loader: Any, warehouse: Any, page_of: Any, ids_of: Any) -> None:
    loader.load([full(page_of("abc"))], first=True)
    fresh = page_of("de", MONDAY + DAY)
    loader.load([changed(fresh, truth=by_ids(warehouse, "sales", held(fresh), ids_of("bd")))], first=False)
    assert rows(warehouse) == [("a", True), ("b", False), ("c", True), ("d", False), ("e", True)]


def test_what_is_among_the_living_ids_again_is_unmarked(loader: Any, warehouse: Any, page_of: Any, ids_of: Any) -> None:
    loader.load([full(page_of("ab", deleted=True))], first=True)
    fresh = page_of("")
    loader.load([changed(fresh, truth=by_ids(warehouse, "sales", held(fresh), ids_of("a")))], first=False)
    assert rows(warehouse) == [("a", False), ("b", True)]
