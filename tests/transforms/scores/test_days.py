"""What days of contact add up to: an instant within a day sees the day as far as itself, and a day counts once however it is used."""

from dataclasses import replace
from typing import Any

import pytest

from tests.transforms.scores.small_company import Company, context, instant, rows, score
from transforms.base import DAY
from transforms.scores import pairs, tables
from transforms.scores.log import EACH_CRM
from warehouse import DuckDBWarehouse

CUT = "2026-05-02"
"""Thirty days before the as-of."""
EVENTS = (
    "2026-03-01 meeting anna -> kim minutes=20",
    f"{CUT}T00:00:00 email anna -> kim recipients=9",
    f"{CUT}T08:30:00 email anna <- kim recipients=3",
    f"{CUT}T12:00:00 email anna -> kim recipients=2",
    f"{CUT}T12:00:01 call anna -> kim",
    f"{CUT}T15:00:00 email anna -> kim",
    f"{CUT}T23:59:59 meeting anna -> kim minutes=60",
    "2026-05-30 email anna <- kim",
)
COMPANY = Company(users={"anna": {}}, people={"kim": {}}, events=EVENTS)


def facts(warehouse: DuckDBWarehouse, as_of: str) -> dict[str, Any]:
    """The pair's row of `scores.pair_facts`; `as_of` may have a time of day."""
    score(warehouse, COMPANY, replace(context(as_of[:10]), as_of=instant(as_of)), tables.pair_facts)
    return rows(warehouse, tables.pair_facts)[0]


@pytest.mark.parametrize("time", ["00:00:00", "08:29:59", "08:30:00", "12:00:00", "15:00:00", "23:59:58", "23:59:59"])
def test_an_instant_sees_of_its_day_what_a_run_at_that_second_saw(warehouse: DuckDBWarehouse, time: str) -> None:
    then, now = facts(warehouse, f"{CUT}T{time}"), facts(warehouse, f"2026-06-01T{time}")
    for figure in ("out", "in", "two_way_s"):
        assert now[f"{figure}_month"] == pytest.approx(then[f"{figure}_now"], rel=1e-12)


def test_channels_of_a_day_are_one_day_of_contact(warehouse: DuckDBWarehouse) -> None:
    row = facts(warehouse, "2026-06-01T00:00:00")
    assert (row["touches"], row["contact_days"], row["two_way_days_365d"]) == (8, 3, 3)


def test_a_two_way_day_lies_in_the_year_when_its_last_two_way_event_does(warehouse: DuckDBWarehouse) -> None:
    year_after_the_meeting = "2027-05-02T23:59:58"
    assert facts(warehouse, year_after_the_meeting)["two_way_days_365d"] == 2
    assert facts(warehouse, "2027-05-02T23:59:59")["two_way_days_365d"] == 1


def test_no_event_by_an_instant_is_unknown_and_not_nothing(warehouse: DuckDBWarehouse) -> None:
    row = facts(warehouse, "2026-06-01T00:00:00")
    assert (row["out_year"], row["in_year"], row["two_way_s_year"]) == (None, None, None)
    assert row["out_month"] > 0


def test_where_the_last_event_is_known_nothing_changes(warehouse: DuckDBWarehouse) -> None:
    row = facts(warehouse, "2026-06-01T00:00:00")
    given = context("2026-06-01")
    warehouse.replace(tables.pair_facts, pairs.facts(given, replace(EACH_CRM, last_s=instant("2026-05-30"))))
    assert rows(warehouse, tables.pair_facts)[0] == row
    assert given.as_of - instant("2026-05-30") == 2 * DAY
