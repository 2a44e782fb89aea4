"""What was computed on a day stays on record as it was: appended, never rewritten, all of a run or nothing."""

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.transforms.history.kit import computed, dated, empty, listed, record, says, stood
from transforms.history import tables
from warehouse import DuckDBWarehouse


def test_a_row_is_appended_on_the_day_on_which_something_changed(warehouse: DuckDBWarehouse) -> None:
    for day, closeness in (("2026-06-01", 40.0), ("2026-06-02", 40.0), ("2026-06-03", 40.1), ("2026-06-04", None)):
        computed(warehouse, ann={"closeness": closeness}, bo={"closeness": 1.0})
        record(warehouse, day)
    assert dated(warehouse, "closeness") == [
        ("ann", "2026-06-01", 40.0),
        ("ann", "2026-06-03", 40.1),
        ("ann", "2026-06-04", None),
        ("bo", "2026-06-01", 1.0),
    ]


def test_the_day_of_scoring_alone_is_no_change_but_another_method_is(warehouse: DuckDBWarehouse) -> None:
    for day, method in (("2026-06-01", "a"), ("2026-06-02", "a"), ("2026-06-03", "b")):
        computed(warehouse, ann={"closeness": 40.0, "method_version": method, "scored_on": dt.date.fromisoformat(day)})
        record(warehouse, day)
    assert dated(warehouse, "method_version") == [("ann", "2026-06-01", "a"), ("ann", "2026-06-03", "b")]


def test_the_value_of_a_date_is_that_of_the_newest_row_up_to_it(warehouse: DuckDBWarehouse) -> None:
    for day, closeness in (("2026-06-01", 40.0), ("2026-06-05", 50.0)):
        computed(warehouse, ann={"closeness": closeness, "why": day})
        record(warehouse, day)
    assert stood(warehouse, "2026-05-31") == {}
    assert stood(warehouse, "2026-06-04")["ann"]["why"] == "2026-06-01"
    assert stood(warehouse, "2026-06-05")["ann"]["closeness"] == stood(warehouse, "2027-01-01")["ann"]["closeness"] == 50.0


def test_a_second_run_of_a_day_replaces_what_the_first_recorded_of_it(warehouse: DuckDBWarehouse) -> None:
    computed(warehouse, ann={"closeness": 40.0})
    record(warehouse, "2026-06-01", run_id="one")
    computed(warehouse, ann={"closeness": 41.0}, bo={"closeness": 1.0})
    record(warehouse, "2026-06-02", run_id="two")
    computed(warehouse, ann={"closeness": 40.0}, cy={"closeness": 2.0})
    record(warehouse, "2026-06-02T18:00", run_id="three")
    assert dated(warehouse, "run_id") == [("ann", "2026-06-01", "one"), ("cy", "2026-06-02", "three")]
    assert listed(warehouse, tables.snapshots, "day", "run_id") == [("2026-06-01", "one"), ("2026-06-02", "three")]


def test_a_record_without_values_ends_and_may_begin_again(warehouse: DuckDBWarehouse) -> None:
    for day, there in (("2026-06-01", True), ("2026-06-02", False), ("2026-06-03", False), ("2026-06-04", True)):
        computed(warehouse, **({"ann": {"closeness": 40.0}} if there else {}))
        record(warehouse, day)
    assert dated(warehouse, "ended", "closeness") == [
        ("ann", "2026-06-01", False, 40.0),
        ("ann", "2026-06-02", True, None),
        ("ann", "2026-06-04", False, 40.0),
    ]
    assert [bool(stood(warehouse, f"2026-06-0{day}")) for day in (1, 2, 3, 4)] == [True, False, False, True]


def test_a_run_of_an_earlier_day_changes_no_history_and_lists_what_it_would_say(warehouse: DuckDBWarehouse) -> None:
    computed(warehouse, ann={"closeness": 40.0}, bo={"closeness": 1.0})
    record(warehouse, "2026-06-01")
    computed(warehouse, ann={"closeness": 50.0}, bo={"closeness": 1.0})
    record(warehouse, "2026-06-05")
    before = dated(warehouse, "closeness")
    computed(warehouse, ann={"closeness": 42.5}, cy={"closeness": 3.0})
    assert record(warehouse, "2026-06-03") == 0
    assert dated(warehouse, "closeness") == before
    assert listed(warehouse, tables.revisions, "record_id", "day", "field", "then", "now") == [
        ("ann", "2026-06-03", "closeness", "40.0", "42.5"),
        ("bo", "2026-06-03", "row", "true", "false"),
        ("cy", "2026-06-03", "row", "false", "true"),
    ]


def test_nothing_is_listed_for_a_day_before_the_first(warehouse: DuckDBWarehouse) -> None:
    computed(warehouse, ann={"closeness": 40.0})
    record(warehouse, "2026-06-05")
    record(warehouse, "2026-05-01")
    assert listed(warehouse, tables.revisions, "record_id") == []


def test_a_run_of_one_crm_records_that_crm_only(warehouse: DuckDBWarehouse) -> None:
    computed(warehouse, ann={"closeness": 40.0})
    assert record(warehouse, "2026-06-01", crm="another") == 0
    assert dated(warehouse) == []
    assert record(warehouse, "2026-06-01", crm="sales_cloud") == 1
    assert dated(warehouse) == [("ann", "2026-06-01")]


def test_a_run_that_dies_half_way_leaves_nothing_of_its_day(warehouse: DuckDBWarehouse) -> None:
    """The snapshot is written last; a column that wants what nobody gives makes that fail."""
    computed(warehouse, ann={"closeness": 40.0})
    record(warehouse, "2026-06-01")
    with warehouse.connection() as connection:
        connection.execute(sa.text("create table kept as select *, 'x' as wanted from history.snapshots"))
        connection.execute(sa.text("drop table history.snapshots"))
        connection.execute(sa.text("create table history.snapshots as select * from kept"))
        connection.execute(sa.text("drop table kept"))
        connection.execute(sa.text("alter table history.snapshots alter column wanted set not null"))
    computed(warehouse, ann={"closeness": 50.0}, bo={"closeness": 1.0})
    with pytest.raises(sa.exc.IntegrityError):
        record(warehouse, "2026-06-02")
    assert dated(warehouse, "closeness") == [("ann", "2026-06-01", 40.0)]


def test_history_of_an_older_version_gets_the_columns_it_lacks(warehouse: DuckDBWarehouse) -> None:
    computed(warehouse, "user", anna={"rep_grade": "Junior", "account_ops_score": 50.0})
    record(warehouse, "2026-06-01")
    with warehouse.connection() as connection:
        connection.execute(sa.text('alter table history."user" drop column account_ops_score'))
        connection.execute(sa.text('alter table history."user" add column gone varchar'))
    record(warehouse, "2026-06-02")
    assert dated(warehouse, "rep_grade", "account_ops_score", entity="user") == [
        ("anna", "2026-06-01", "Junior", None),
        ("anna", "2026-06-02", "Junior", 50.0),
    ]
    assert "gone" in warehouse.columns("history", "user")


def test_what_still_stands_on_the_oldest_day_kept_is_kept(warehouse: DuckDBWarehouse) -> None:
    for day, closeness in (("2026-06-01", 40.0), ("2026-06-03", 41.0), ("2026-06-20", 42.0)):
        computed(warehouse, ann={"closeness": closeness}, **({"bo": {"closeness": 1.0}} if day == "2026-06-01" else {}))
        record(warehouse, day, keep_days=10)
    assert dated(warehouse, "closeness") == [("ann", "2026-06-03", 41.0), ("ann", "2026-06-20", 42.0)]
    assert stood(warehouse, "2026-06-10")["ann"]["closeness"] == 41.0
    assert listed(warehouse, tables.snapshots, "day") == [("2026-06-20",)]


NAMES = [f"p{number}" for number in range(12)]
runs = st.lists(
    st.tuples(st.integers(1, 9), st.dictionaries(st.sampled_from(NAMES), st.sampled_from([None, 1.0, 2.0]), min_size=4)),
    min_size=7,
    max_size=7,
)


@settings(max_examples=1, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
@given(runs=runs)
def test_in_whatever_order_days_are_run_a_day_shows_its_last_run_before_any_later_day_was_on_record(
    opened: DuckDBWarehouse, runs: list[tuple[int, dict[str, float | None]]]
) -> None:
    days = [day for day, _ in runs]
    assume(days != sorted(days) and len(set(days)) > 2)
    empty(opened)
    then: dict[int, dict[str, object]] = {}
    for day, values in runs:
        computed(opened, **{record_id: {"closeness": value} for record_id, value in values.items()})
        record(opened, f"2026-06-0{day}")
        if day >= max(then, default=0):
            then[day] = dict(says(opened))
    for day in range(min(then), 10):
        assert stood(opened, f"2026-06-0{day}") == then[max(one for one in then if one <= day)]
