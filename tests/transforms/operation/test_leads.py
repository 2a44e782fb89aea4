"""Leads by quarter of creation, and what became of them."""

import pytest

from tests.transforms.operation.kit import Company, context, told
from tests.transforms.scores.small_company import instant, store
from transforms import tables as model
from transforms.operation import leads
from warehouse import DuckDBWarehouse

LEADS = [
    ("anna", "2026-01-01", "converted", "2026-01-11"),
    ("anna", "2026-01-05", "converted", "2026-01-09"),
    ("anna", "2026-02-01", "converted", None),
    ("anna", "2026-02-01", "disqualified", "2026-02-02"),
    ("bo", "2026-03-31", "disqualified", None),
    ("bo", "2026-03-31", "open", None),
    ("bo", "2026-04-01", "converted", "2026-03-01"),
    ("anna", "2026-04-01", "converted", "2026-06-02"),
    ("gone", None, "open", None),
    ("bo", "2026-06-02", "open", None),
]
COLUMNS = ("view", "record_id", "period_start", "leads", "converted", "disqualified", "open", "conversion", "median_days")


@pytest.fixture(scope="module")
def filled(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    Company(users={"anna": {}, "bo": {}, "gone": {"is_active": False}}).fill(warehouse)
    rows = [
        {
            "lead_id": f"l{place}",
            "owner_id": owner,
            "status": status,
            "created_s": made and instant(made),
            "closed_s": shut and instant(shut),
        }
        for place, (owner, made, status, shut) in enumerate(LEADS)
    ]
    store(warehouse, model.leads, rows)
    return warehouse


def test_conversion_is_of_the_closed_leads_of_a_quarter_once_there_are_enough(filled: DuckDBWarehouse) -> None:
    assert [row for row in told(filled, leads.MODEL, context(), *COLUMNS) if row[0] == "company"] == [
        ("company", "", None, 1, 0, 0, 1, None, None),
        ("company", "", "2026-01-01", 6, 3, 2, 1, 0.6, 7.0),
        ("company", "", "2026-04-01", 2, 1, 0, 1, None, None),
    ], "a lead closed after the as-of is open, one closed before its creation tells no time"


def test_each_rep_has_the_leads_he_or_she_owns(filled: DuckDBWarehouse) -> None:
    assert [row for row in told(filled, leads.MODEL, context(), *COLUMNS) if row[0] == "rep"] == [
        ("rep", "anna", "2026-01-01", 4, 3, 1, 0, None, 7.0),
        ("rep", "anna", "2026-04-01", 1, 0, 0, 1, None, None),
        ("rep", "bo", "2026-01-01", 2, 0, 1, 1, None, None),
        ("rep", "bo", "2026-04-01", 1, 1, 0, 0, None, None),
    ]
    told_of = {row[0] for row in told(filled, leads.MODEL, context(grade_individuals=False), "view")}
    assert told_of == {"company"}


def test_four_closed_leads_are_enough_where_the_method_says_so(filled: DuckDBWarehouse) -> None:
    four = context(method={"operation": {"min_leads": 4}})
    found = {row[:3]: row[3] for row in told(filled, leads.MODEL, four, "view", "record_id", "period_start", "conversion")}
    assert found["rep", "anna", "2026-01-01"] == 0.75
