"""Averages in every view with their changes, and the score of account operation that reps get for them."""

from typing import Any

import pytest

from tests.transforms.history.kit import averages, compared, covered, listed, record, stood_once
from tests.transforms.scores.small_company import key, store
from transforms.history import tables
from transforms.tables import account_members
from warehouse import DuckDBWarehouse

NOW = "2026-06-01"
"""A quarter before lies 2026-03-02, a year before 2025-06-01."""


def past(warehouse: DuckDBWarehouse, **days: dict[str, Any]) -> None:
    """What stood of accounts on days written like d2026_03_02."""
    for day, accounts in days.items():
        stood_once(warehouse, day[1:].replace("_", "-"), accounts)


@pytest.fixture
def two(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    """Anna covers acme and bolt, bo covers acme; anna and two more report to bo."""
    people = {"anna": {"manager_id": "bo"}, "bo": {}, "cy": {"manager_id": "bo", "is_active": False}}
    people |= {name: {"manager_id": "bo"} for name in ("dee", "eve")}
    accounts = {"acme": {"industry": "steel"}, "bolt": {"industry": "glass"}, "crow": {}}
    covered(warehouse, people, accounts, "acme anna", "bolt anna", "acme bo", "crow cy")
    return warehouse


def test_an_average_says_over_how_many_of_how_many_accounts_it_goes(two: DuckDBWarehouse) -> None:
    past(two, d2025_06_01={})
    now = {"acme": {"closeness": 40.0}, "bolt": {"map_completeness": 10.0}, "crow": {"closeness": 61.1}}
    compared(two, NOW, now, method={"team": {"min_people": 3}})
    found = {view: averages(two, *view)["closeness"] for view in (("rep", "anna"), ("team", "bo"), ("industry", "glass"), ("company", ""))}
    assert {view: (row["value"], row["known"], row["accounts"]) for view, row in found.items()} == {
        ("rep", "anna"): (40.0, 1, 2),
        ("team", "bo"): (40.0, 1, 2),
        ("industry", "glass"): (None, 0, 1),
        ("company", ""): (50.55, 2, 3),
    }


def test_a_change_is_blank_where_there_was_nothing_then_and_compares_accounts_with_themselves(two: DuckDBWarehouse) -> None:
    past(two, d2025_06_01={}, d2026_03_02={"acme": {"closeness": 30.0}}, d2026_05_02={"acme": {"closeness": 44.0}})
    compared(two, NOW, {"acme": {"closeness": 40.0}, "bolt": {"closeness": 80.0}, "crow": {}})
    row = averages(two, "rep", "anna")["closeness"]
    assert (row["value"], row["change_month"], row["change_quarter"], row["change_year"]) == (60.0, -4.0, 10.0, None)
    assert (row["compared_month"], row["compared_quarter"], row["compared_year"], row["recomputed"]) == (1, 1, 0, None)


def test_averages_of_a_day_stay_on_record(two: DuckDBWarehouse) -> None:
    past(two, d2025_06_01={})
    for day, closeness in (("2026-06-01", 40.0), ("2026-06-02", 44.0)):
        compared(two, day, {"acme": {"closeness": closeness}})
        record(two, day)
    days = [
        row for row in listed(two, tables.averages, "view", "record_id", "figure", "day", "value") if row[:3] == ("rep", "bo", "closeness")
    ]
    assert days == [("rep", "bo", "closeness", "2026-06-01", 40.0), ("rep", "bo", "closeness", "2026-06-02", 44.0)]


FULL = {"closeness": 50.0, "map_completeness": 50.0, "insight_rate": 50.0, "solution_acceptance_avg": 0.0, "price_acceptance_avg": 0.0}


ONE_KNOWN = dict.fromkeys(FULL) | {"closeness": 60.0}
MOVED: dict[str, tuple[dict[str, Any], float | None]] = {
    "nothing": ({}, 50.0),
    "ten up": ({"closeness": 60.0}, 55.0),
    "clipped up": ({"closeness": 95.0}, 60.0),
    "clipped down": ({"closeness": 1.0}, 40.0),
    "a point is 25": ({"solution_acceptance_avg": 0.4}, 55.0),
    "two points down": ({"price_acceptance_avg": -2.0}, 40.0),
    "three move": ({"closeness": 70.0, "map_completeness": 30.0, "insight_rate": 60.0}, 55.0),
    "one is known": (ONE_KNOWN, 75.0),
    "none is known": (dict.fromkeys(FULL), None),
}
"""What a rep's one account shows now, `FULL` a quarter and a year ago, and the score: 10 points of 20 are 75 for one figure of five."""


def test_the_score_is_the_mean_of_the_known_improvements_with_fifty_for_none(warehouse: DuckDBWarehouse) -> None:
    covered(warehouse, {name: {} for name in MOVED}, {name: {} for name in MOVED})
    store(
        warehouse,
        account_members,
        [dict.fromkeys(("account_id", "user_id"), case) | {"account_key": key(case), "user_key": key(case)} for case in MOVED],
    )
    past(warehouse, d2025_06_01=dict.fromkeys(MOVED, FULL))
    found = compared(warehouse, NOW, {case: {**FULL, **moved} for case, (moved, _) in MOVED.items()})
    assert {case: row["account_ops_score"] for case, row in found.items()} == {case: score for case, (_, score) in MOVED.items()}


def test_quarter_and_year_count_alike_and_an_account_unknown_then_does_not_count(two: DuckDBWarehouse) -> None:
    """Anna: quarter +10 gives 75, year -20 gives 0; their mean is 37.5."""
    past(two, d2025_06_01={"acme": {"closeness": 70.0}}, d2026_03_02={"acme": {"closeness": 40.0}})
    assert compared(two, NOW, {"acme": {"closeness": 50.0}, "bolt": {"closeness": 5.0}})["anna"]["account_ops_score"] == 37.5


def test_the_accounts_of_today_count_with_their_values_of_then(two: DuckDBWarehouse) -> None:
    """Crow was nobody's business of bo's a year ago: that it is now his moves his score by what crow did, not by the change of hands."""
    past(two, d2025_06_01={"acme": {"closeness": 50.0}, "crow": {"closeness": 10.0}})
    covered(two, {"bo": {}}, {"acme": {}, "crow": {}}, "acme bo", "crow bo")
    assert compared(two, NOW, {"acme": {"closeness": 50.0}, "crow": {"closeness": 14.0}})["bo"]["account_ops_score"] == 55.0


def test_fewer_accounts_than_the_minimum_sample_give_no_score(two: DuckDBWarehouse) -> None:
    past(two, d2025_06_01={"acme": FULL, "bolt": FULL})
    found = compared(two, NOW, {"acme": FULL, "bolt": FULL}, method={"account_ops": {"min_accounts": 2}})
    assert (found["anna"]["account_ops_score"], found["bo"]["account_ops_score"]) == (50.0, None)


def test_without_individual_grading_no_single_person_is_averaged(two: DuckDBWarehouse) -> None:
    past(two, d2025_06_01={"acme": FULL})
    teams = {"team": {"min_people": 3}}
    assert compared(two, NOW, {"acme": FULL}, grade_individuals=False, method=teams) == {}
    assert {row[0] for row in listed(two, tables.current_averages, "view")} == {"team", "industry", "company"}
    compared(two, NOW, {"acme": FULL}, grade_individuals=False, team_averages=False, method=teams)
    assert {row[0] for row in listed(two, tables.current_averages, "view")} == {"industry", "company"}


def test_a_team_that_would_tell_of_single_people_has_no_average(two: DuckDBWarehouse) -> None:
    past(two, d2025_06_01={"acme": FULL})
    compared(two, NOW, {"acme": FULL}, method={"team": {"min_people": 4}})
    assert averages(two, "team", "bo") == {}
