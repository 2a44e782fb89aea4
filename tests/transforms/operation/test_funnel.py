"""The funnel of each quarter, from events and deals on its very edges."""

import pytest

from tests.transforms.operation.kit import Company, context, told
from transforms.operation import funnel
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"anna": {}, "bo": {}, "gone": {"is_active": False}},
    accounts={"acme": {"industry": "Banking"}, "bolt": {"industry": "Banking"}, "core": {}},
    people={
        "a1": {"account_id": "acme"},
        "a2": {"account_id": "acme"},
        "b1": {"account_id": "bolt"},
        "c1": {"account_id": "core"},
        "lea": {"person_kind": "lead"},
    },
    events=[
        "2026-04-01T00:00 meeting anna -> a1",
        "2026-06-30T23:59 email bo -> a2",
        "2026-05-05T09:00 email anna -> b1",
        "2026-05-06T09:00 call gone -> c1 unanswered",
        "2026-05-07T09:00 meeting anna -> lea",
        "2026-07-01T00:00 meeting anna -> a1",
        "2023-09-30T23:59 meeting anna -> a1",
    ],
    deals={
        "won": {"account_id": "acme", "owner_id": "bo", "close": "2026-06-30", "is_closed": True, "is_won": True, "created_s": 1766000000},
        "lost": {"account_id": "bolt", "owner_id": "anna", "close": "2026-04-01", "is_closed": True, "created_s": 1775000000},
        "over": {"account_id": "core", "owner_id": "anna", "close": "2026-03-31", "is_closed": True, "created_s": 1774000000},
        "later": {"account_id": "core", "owner_id": "bo", "close": "2027-01-01", "created_s": 1790000000},
    },
)
COLUMNS = ("view", "record_id", "period_start", "place", "step", "accounts", "ratio")


@pytest.fixture(scope="module")
def filled(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    COMPANY.fill(warehouse)
    return warehouse


def of(found: list[tuple[object, ...]], view: str, record: str, quarter: str) -> list[tuple[object, ...]]:
    """Accounts and ratio by step."""
    return [row[5:] for row in found if row[:3] == (view, record, quarter)]


def test_each_step_counts_accounts_once_and_the_ratio_is_to_the_step_before(filled: DuckDBWarehouse) -> None:
    found = told(filled, funnel.MODEL, context("2026-07-01"), *COLUMNS)
    assert [row[4] for row in found if row[:3] == ("company", "", "2026-04-01")] == ["calls", "meetings", "interested", "won"]
    assert of(found, "company", "", "2026-04-01") == [(3, None), (1, 0.333), (2, 2.0), (1, 0.5)]
    assert of(found, "company", "", "2026-07-01") == [(1, None), (1, 1.0), (0, 0.0), (0, None)]
    assert of(found, "industry", "Banking", "2026-04-01") == [(2, None), (1, 0.5), (2, 2.0), (1, 0.5)]


def test_a_deal_counts_in_every_quarter_in_which_it_was_open_and_is_won_in_one(filled: DuckDBWarehouse) -> None:
    found = told(filled, funnel.MODEL, context("2026-07-01"), *COLUMNS)
    assert {row[2]: row[5] for row in found if row[:2] == ("company", "") and row[4] == "interested"} == {
        "2025-10-01": 1,
        "2026-01-01": 3,
        "2026-04-01": 2,
        "2026-07-01": 0,
    }
    assert [row[2] for row in found if row[0] == "company" and row[4] == "won" and row[5]] == ["2026-04-01"]


def test_a_rep_has_the_own_events_and_deals_and_who_left_has_no_row(filled: DuckDBWarehouse) -> None:
    found = told(filled, funnel.MODEL, context("2026-07-01"), *COLUMNS)
    assert of(found, "rep", "anna", "2026-04-01") == [(2, None), (1, 0.5), (1, 1.0), (0, 0.0)]
    assert of(found, "rep", "bo", "2026-04-01") == [(1, None), (0, 0.0), (1, None), (1, 1.0)]
    assert {row[1] for row in found if row[0] == "rep"} == {"anna", "bo"}


def test_nothing_is_told_of_single_people_where_individuals_are_not_graded(filled: DuckDBWarehouse) -> None:
    found = told(filled, funnel.MODEL, context("2026-07-01", grade_individuals=False), *COLUMNS)
    assert {row[0] for row in found} == {"company", "industry"}


def test_what_had_not_happened_at_the_as_of_is_not_there(filled: DuckDBWarehouse) -> None:
    found = told(filled, funnel.MODEL, context("2026-06-01"), *COLUMNS)
    assert of(found, "company", "", "2026-04-01") == [(3, None), (1, 0.333), (2, 2.0), (0, 0.0)]
    assert {row[2] for row in found} == {"2025-10-01", "2026-01-01", "2026-04-01", "2023-07-01"}


def test_as_many_quarters_as_the_method_says(filled: DuckDBWarehouse) -> None:
    found = told(filled, funnel.MODEL, context("2026-07-01", {"operation": {"quarters": 2}}), *COLUMNS)
    assert {row[2] for row in found} == {"2026-04-01", "2026-07-01"}
