"""What is asked of the past: scored as the pipeline would have on that day, against what happened after it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from tests.transforms.scores.small_company import Company, context, instant, key, rows, score_pairs
from transforms.backtest import run, tables
from transforms.backtest.dates import cuts, date_of
from transforms.base import Context
from warehouse import DuckDBWarehouse

NOW = context("2026-06-15", {"backtest.cuts": 1})
CUT = instant("2026-03-01")
USERS = {name: {} for name in ("anna", "bo", "gone")}
PEOPLE = {name: {} for name in ("kim", "lee", "ada", "old", "ned")}
OLD = ("2024-01-10 call anna -> kim", "2024-01-11 email bo -> old", "2024-02-01 email bo <- old")
BEFORE = (
    "2025-12-01 meeting anna -> kim minutes=60 outside=2",
    "2026-01-10 email anna -> kim,lee recipients=4",
    "2026-02-20 email anna <- kim",
    "2026-02-21 email bo -> ada",
    "2026-02-22 call gone -> ned",
)
AFTER = ("2026-03-05 email anna -> lee", "2026-04-01 call anna -> kim", "2026-04-02 email bo -> ada", "2026-05-28 email bo -> ada")
Found = Mapping[tuple[str, str], Mapping[str, Any]]


def observed(warehouse: DuckDBWarehouse, *events: str, given: Context = NOW) -> Found:
    """The pairs at CUT by names."""
    Company(users=USERS, people=PEOPLE, events=[*OLD, *events]).fill(warehouse)
    run.observe(warehouse, given)
    names = {key(name): name for name in (*USERS, *PEOPLE)}
    there = [row for row in rows(warehouse, tables.outcomes) if row["cut"] == date_of(CUT)]
    return {(names[row["user_key"]], names[row["person_key"]]): row for row in there}


@pytest.fixture(scope="module")
def found(warehouse: DuckDBWarehouse) -> Found:
    return observed(warehouse, *BEFORE, *AFTER)


def test_pairs_of_the_last_year_of_users_who_were_still_seen(found: Found) -> None:
    assert set(found) == {("anna", "kim"), ("anna", "lee"), ("bo", "ada")}


def test_what_happened_is_contact_both_ways(found: Found) -> None:
    assert {pair: row["two_way"] for pair, row in found.items()} == {
        ("anna", "kim"): True,
        ("anna", "lee"): False,
        ("bo", "ada"): False,
    }


def test_the_rivals_can_be_computed_by_hand(found: Found) -> None:
    row = found["anna", "kim"]
    ages = [90, 50, 9]
    old = 2 ** (-(instant("2026-03-01") - instant("2024-01-10")) / 86_400 / 90)
    assert row["count"] == 3
    assert row["recency"] == -9
    assert row["decayed_count"] == pytest.approx(sum(2 ** (-age / 90) for age in ages) + old)
    assert row["decayed_split"] == pytest.approx(2 ** (-90 / 90) / 2 + 2 ** (-50 / 90) / 4 + 2 ** (-9 / 90) + old)


def test_the_score_is_what_the_pipeline_said_on_that_day(warehouse: DuckDBWarehouse, found: Found) -> None:
    then = score_pairs(warehouse, Company(users=USERS, people=PEOPLE, events=[*OLD, *BEFORE]), replace(NOW, as_of=CUT))
    assert {pair: row["closeness"] for pair, row in found.items()} == pytest.approx({pair: then[pair]["closeness"] for pair in found})


def test_no_score_knows_what_came_after(warehouse: DuckDBWarehouse, found: Found) -> None:
    more = observed(warehouse, *BEFORE, *AFTER, "2026-03-02 meeting anna -> lee", "2026-03-03 meeting bo -> ada")
    told = {pair: {name: row[name] for name in tables.SCORES} for pair, row in found.items()}
    assert {pair: {name: row[name] for name in tables.SCORES} for pair, row in more.items()} == told
    assert more["anna", "lee"]["two_way"]


def test_a_log_that_ends_within_the_window_is_not_asked(warehouse: DuckDBWarehouse) -> None:
    assert observed(warehouse, *BEFORE, *AFTER[:-1]) == {}


def test_users_whose_answers_cannot_be_seen_are_left_out(warehouse: DuckDBWarehouse) -> None:
    blind = context("2026-06-15", {"backtest.cuts": 1, "capture.min_people_mailed": 1})
    assert set(observed(warehouse, *BEFORE, *AFTER, given=blind)) == {("anna", "kim"), ("anna", "lee")}


def test_dates_are_starts_of_months_one_window_apart() -> None:
    dates = [date_of(cut) for cut in cuts(context("2026-06-15"))]
    assert [str(date) for date in dates[-3:]] == ["2025-09-01", "2025-12-01", "2026-03-01"]
    assert len(dates) == 8
    assert all((later - earlier).days >= 90 for earlier, later in pairwise(dates))


def test_nothing_of_the_steps_stays_behind(warehouse: DuckDBWarehouse, found: Found) -> None:
    there = warehouse.arrow(sa.text("select table_name from information_schema.tables where table_schema = 'backtest'"))
    assert there.column(0).to_pylist() == ["outcomes"]
