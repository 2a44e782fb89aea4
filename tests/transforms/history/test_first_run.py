"""A first user has no history: closeness a month, a quarter and a year ago is recomputed from the log, and marked; nothing else is."""

import pytest
import sqlalchemy as sa

from tests.transforms.history.kit import averages, empty, listed, run, says
from tests.transforms.scores.small_company import CRM, Company, context
from transforms.history import tables
from transforms.history.past import build_at, forget, lacking
from transforms.registry_scores import score_models
from warehouse import DuckDBWarehouse

NAMES = [one.name for one in score_models()]
UP_TO_ACCOUNTS = score_models()[: NAMES.index("scores.accounts") + 1]
COMPANY = Company(
    users={"anna": {}, "bo": {}, "cy": {}},
    accounts={"acme": {}, "told": {}, "young": {}},
    people={
        "ann": {"account_id": "acme", "key_person": True, "solution_acceptance": 1},
        "ben": {"account_id": "told", "key_person": True, "attitude": 2},
        "new": {"account_id": "young", "key_person": True},
    },
    members=["acme anna", "told bo", "young cy"],
    events=[
        "2025-03-01 meeting anna -> ann minutes=60",
        "2026-02-20 meeting anna -> ann minutes=60",
        "2025-03-01 meeting bo -> ben minutes=60",
        "2026-05-20 meeting cy -> new minutes=60",
    ],
)


@pytest.fixture(scope="module")
def first(opened: DuckDBWarehouse) -> DuckDBWarehouse:
    empty(opened)
    run(opened, COMPANY, "2026-06-01")
    return opened


def test_the_score_of_a_first_run_rests_on_what_the_log_shows_of_a_quarter_and_a_year_ago(first: DuckDBWarehouse) -> None:
    closeness = averages(first, "rep", "anna")["closeness"]
    moved = [50 + 2.5 * max(-20, min(20, closeness[f"change_{lag}"])) for lag in ("quarter", "year")]
    assert says(first, "user")["anna"]["account_ops_score"] == round(sum(moved) / 2, 1)
    assert closeness["recomputed"] == "month, quarter, year"


def test_what_was_recomputed_is_what_a_run_of_that_day_computes(first: DuckDBWarehouse) -> None:
    recomputed = listed(first, tables.backfilled, "record_id", "closeness")
    build_at(first, context("2026-03-02"), UP_TO_ACCOUNTS)
    beside = first.arrow(sa.text("select account_id, closeness_now from past_scores.accounts order by 1")).to_pylist()
    forget(first)
    assert [tuple(row.values()) for row in beside] == recomputed


def test_what_people_entered_and_what_was_not_there_tell_no_improvement(first: DuckDBWarehouse) -> None:
    """Bo's only key person has a stated attitude, cy's was first met a week ago: blank, not 50."""
    rows = says(first, "user")
    assert (rows["bo"]["account_ops_score"], rows["cy"]["account_ops_score"]) == (None, None)
    for figure in ("solution_acceptance_avg", "map_completeness", "insight_rate"):
        row = averages(first, "rep", "anna")[figure]
        assert [row[f"change_{lag}"] for lag in tables.LAGS] == [None, None, None]


def test_recomputed_values_are_no_part_of_what_was_computed_then(first: DuckDBWarehouse) -> None:
    assert listed(first, tables.snapshots, "day") == [("2026-06-01",)]
    assert {row[0] for row in listed(first, tables.versions["account"], "valid_from")} == {"2026-06-01"}
    assert first.columns("past_scores", "accounts") == []


def test_a_quarter_ago_is_recomputed_anew_only_when_the_last_time_lies_too_far_back(first: DuckDBWarehouse) -> None:
    wanted = {day: lacking(first, context(day)) for day in ("2026-06-01", "2026-06-10", "2026-06-11", "2026-08-31")}
    assert wanted == {"2026-06-01": [], "2026-06-10": [], "2026-06-11": [CRM], "2026-08-31": []}


def test_another_method_recomputes_it_too(first: DuckDBWarehouse) -> None:
    assert lacking(first, context("2026-06-01", {"grade": {"good": 51}})) == [CRM]
