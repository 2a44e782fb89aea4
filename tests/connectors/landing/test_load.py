"""Pages into the warehouse: rows and state move together or not at all. On a real DuckDB file."""

from typing import Any

import dlt
import pyarrow as pa
import pytest
from dlt.common.runtime import anon_tracker

from connectors.landing.counts import deleted_rows, living_rows, unreadable_lines
from connectors.landing.load import Loader
from connectors.landing.pages import PageNote
from connectors.landing.tables import Reconciliation
from warehouse.errors import WarehouseError

CHOICES = pa.table({"object_name": ["thing"], "column_name": ["statecode"], "value": [0], "label": ["Open"]})
VERSIONS = '"thingId", versionnumber'


def test_names_are_the_crms_own_dlt_adds_no_column_and_those_visible_today_are_listed(
    night: Any, warehouse: Any, thing: Any, page_of: Any
) -> None:
    night([page_of("ab")], full=True)
    assert warehouse.columns("raw_crm", "Thing") == list(thing.columns)
    with warehouse.native() as cursor:
        listed = cursor.execute("select object_name, column_name, data_type from raw_crm.extracted_columns").fetchall()
    assert listed == [("Thing", name, kind) for name, kind in thing.columns.items()]


def test_a_later_load_merges_and_the_largest_cursor_wins_in_whatever_order_pages_come(night: Any, page_of: Any) -> None:
    night([page_of("ab")], full=True)
    assert night([page_of("bc", 3), page_of("bc", 2)], columns=VERSIONS) == [("a", 1), ("b", 3), ("c", 3)]
    assert night([page_of("bc", 4), page_of("bc", 5)], columns=VERSIONS) == [("a", 1), ("b", 5), ("c", 5)]


def test_a_full_read_replaces_the_table(night: Any, page_of: Any) -> None:
    night([page_of("abc")], full=True)
    assert night([page_of("cd")], full=True) == [("c", False), ("d", False)]


@pytest.mark.parametrize("versions", [(1, 2), (2, 1)])
def test_a_row_in_two_pages_of_a_full_read_is_kept_once_with_the_largest_cursor(night: Any, page_of: Any, versions: Any) -> None:
    first, second = versions
    assert night([page_of("abc", first), page_of("bd", second)], full=True, columns=VERSIONS) == [
        ("a", first),
        ("b", 2),
        ("c", first),
        ("d", second),
    ]


def test_a_row_in_two_pages_with_one_cursor_is_kept_once_as_the_later_page_has_it(night: Any, page_of: Any) -> None:
    pages = [page_of("a", parent="z"), page_of("a", parent="b")]
    assert night(pages, full=True, columns='"thingId", _parent_value') == [("a", "b")]


def test_marks_of_new_and_stored_rows_move_with_the_load_until_a_row_comes_again(night: Any, thing: Any, page_of: Any) -> None:
    night([page_of("abc")], full=True)
    gone = pa.Table.from_pylist([{"thingId": "a", "versionnumber": 1, "is_deleted": True}], schema=thing.schema)
    assert night([page_of("cd", 2)], Reconciliation(pa.array(["c"]), gone)) == [("a", True), ("b", False), ("c", True), ("d", False)]
    assert night([page_of("ac", 3)]) == [("a", False), ("b", False), ("c", False), ("d", False)]


def test_a_full_read_is_marked_and_each_row_comes_once(night: Any, page_of: Any) -> None:
    pages = [page_of("abc"), page_of("bd", 2)]
    assert night(pages, Reconciliation(pa.array(["b", "c"])), full=True) == [("a", False), ("b", True), ("c", True), ("d", False)]


def test_a_table_without_rows_or_pages_is_there(night: Any, page_of: Any) -> None:
    assert night([page_of("")], full=True) == []
    assert night([]) == []
    assert night([page_of("a")]) == [("a", False)]


def test_a_table_that_never_had_a_page_is_there(night: Any) -> None:
    assert night([], full=True) == []


def test_further_tables_are_replaced_whole_even_by_nothing(loader: Any, warehouse: Any, thing: Any, page_of: Any) -> None:
    landed = thing.held([page_of("a")], keeps_raw=False).landed({})
    for table, labels in [(CHOICES, ["Open"]), (CHOICES.slice(0, 0), []), (CHOICES, ["Open"])]:
        loader.load([landed], first=not loader.states(), extra={"choices": table})
        with warehouse.native() as cursor:
            assert [label for (label,) in cursor.execute("select label from raw_crm.choices").fetchall()] == labels
    assert warehouse.columns("raw_crm", "choices") == CHOICES.column_names


def test_the_state_is_in_the_warehouse_and_nothing_is_left_in_the_work_folder(
    night: Any, warehouse: Any, page_of: Any, tmp_path: Any
) -> None:
    night([page_of("ab"), page_of("b", 2)], Reconciliation(marked=pa.array(["a"])), full=True)
    assert not (tmp_path / "load").exists()
    assert Loader(warehouse, "crm", tmp_path / "elsewhere").states() == {"Thing": {"at": 2}}


def test_the_state_of_a_table_moves_though_nothing_happened_to_its_rows(night: Any, loader: Any, page_of: Any) -> None:
    night([page_of("ab")], full=True)
    assert night([page_of(""), page_of("", 2)]) == [("a", False), ("b", False)]
    assert loader.states() == {"Thing": {"at": 2}}


def test_a_table_is_left_out_of_the_load_when_nothing_happened_to_it(thing: Any, page_of: Any) -> None:
    quiet, read, whole = (
        thing.held(pages, keeps_raw=keeps) for pages, keeps in [([page_of("")], True), ([page_of("a")], True), ([], False)]
    )
    marked = Reconciliation(changed=pa.table({"thingId": ["a"]}))
    assert [held.landed({}).moves for held in (quiet, read, whole)] == [False, True, True]
    assert [quiet.landed({}, truth).moves for truth in (marked, Reconciliation(changed=marked.changed.slice(0, 0)))] == [True, False]


def test_a_load_that_fails_leaves_the_old_rows_and_state(night: Any, loader: Any, page_of: Any, tmp_path: Any) -> None:
    night([page_of("a")], full=True)
    broken = tmp_path / "page-broken.parquet"
    content = page_of("b").read_bytes()
    broken.write_bytes(content[:4] + b"\xff" * 100 + content[104:])
    with pytest.raises(WarehouseError, match="last good extraction stands") as caught:
        night([page_of("c", 2), broken])
    assert "\n" not in str(caught.value)
    assert loader.states() == {"Thing": {"at": 1}}
    assert night([page_of("c", 2)]) == [("a", False), ("c", False)]


def test_a_full_load_that_breaks_off_after_the_old_rows_were_deleted_leaves_them(
    night: Any, loader: Any, warehouse: Any, page_of: Any, capfd: Any
) -> None:
    night([page_of("ab")], full=True)
    with warehouse.native() as cursor:
        cursor.execute('alter table raw_crm."Thing" alter "_parent_value" set not null')
    with pytest.raises(WarehouseError):
        night([page_of("c", 2, parent=None)], full=True)
    assert loader.states() == {"Thing": {"at": 1}}
    assert night([page_of("d", 3)]) == [("a", False), ("b", False), ("d", False)]
    assert "Traceback" not in capfd.readouterr().err


def test_a_crm_is_not_touched_by_another_whose_name_its_own_begins_with(warehouse: Any, thing: Any, page_of: Any, tmp_path: Any) -> None:
    for crm, pages in [("sales_staging", "ab"), ("sales", "c"), ("sales", "d")]:
        loader = Loader(warehouse, crm, tmp_path / crm)
        first = not loader.states()
        loader.load([thing.held([page_of(pages)], keeps_raw=not first).landed({})], first=first)
    with warehouse.native() as cursor:
        assert cursor.execute('select "thingId" from raw_sales_staging."Thing" order by 1').fetchall() == [("a",), ("b",)]


def test_dlt_does_not_phone_home(loader: Any) -> None:
    loader.states()
    assert not dlt.current.run_context().runtime_config.dlthub_telemetry
    assert anon_tracker._ANON_TRACKER_ENDPOINT is None


def test_counts_for_the_report(night: Any, warehouse: Any, thing: Any, page_of: Any) -> None:
    night([page_of("abc"), page_of("d", deleted=True)], full=True)
    truth = Reconciliation(pa.array(["e"]), pa.Table.from_pylist([{"is_deleted": True}]))
    landed = thing.held([page_of("ef", 2)], keeps_raw=True).landed({}, truth)
    assert (living_rows(warehouse, "crm", thing), deleted_rows(landed)) == (3, 2)


def test_unreadable_values_are_told_by_column() -> None:
    notes = [PageNote(1, unreadable={"revenue": 1_000}), PageNote(1, unreadable={"revenue": 234, "createdon": 1})]
    assert list(unreadable_lines("account", notes)) == [
        "account: 1 values of createdon are not of its type and were left blank",
        "account: 1,234 values of revenue are not of its type and were left blank",
    ]
