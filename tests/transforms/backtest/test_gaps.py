"""Holes in a user's log: told where the user's own pace promised much, and only there."""

from dataclasses import replace
from datetime import date, timedelta

from tests.transforms.scores.small_company import Company, context, rows
from transforms.backtest import gaps, tables
from transforms.base import Context
from warehouse import DuckDBWarehouse

FIRST, NOW = date(2026, 1, 1), context("2026-06-01")


def found(warehouse: DuckDBWarehouse, days: list[int], *, active: bool = True, given: Context = NOW) -> list[tuple[str, str | None, int]]:
    """A user with a call on these days of the year."""
    events = [f"{FIRST + timedelta(days=day)} call anna -> kim" for day in days]
    Company(users={"anna": {"is_active": active}}, people={"kim": {}}, events=events).fill(warehouse)
    gaps.MODEL.build(warehouse, given)
    return [(str(row["last_before"]), row["first_after"] and str(row["first_after"]), row["days"]) for row in rows(warehouse, tables.gaps)]


def test_a_hole_in_a_busy_log_is_told_with_its_dates(warehouse: DuckDBWarehouse) -> None:
    assert found(warehouse, [*range(0, 60, 2), *range(100, 151, 2)]) == [("2026-02-28", "2026-04-11", 41)]


def test_a_quiet_user_may_well_be_silent_so_long(warehouse: DuckDBWarehouse) -> None:
    assert found(warehouse, [*range(0, 60, 10), *range(100, 151, 10)]) == []


def test_a_holiday_is_none(warehouse: DuckDBWarehouse) -> None:
    assert found(warehouse, [*range(60), *range(89, 151)]) == []


def test_a_log_that_stopped_is_told_of_those_who_are_still_here(warehouse: DuckDBWarehouse) -> None:
    stopped = list(range(60))
    assert found(warehouse, stopped) == [("2026-03-01", None, 91)]
    assert found(warehouse, stopped, active=False) == []


def test_a_leave_is_nobodys_business_where_single_people_are_not_graded(warehouse: DuckDBWarehouse) -> None:
    assert found(warehouse, list(range(60)), given=replace(NOW, grade_individuals=False)) == []
