"""When an account first reached each stage, and how many moved on in a year."""

import pytest

from tests.transforms.operation.kit import Company, context, of_accounts, told
from transforms.operation import lifecycle
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse


def won(account: str, close: str, amount: float, **more: object) -> dict[str, object]:
    return {"account_id": account, "close": close, "amount": amount, "is_closed": True, "is_won": True, **more}


ACCOUNTS = ("quiet", "met", "once", "twice", "apart", "large", "sum", "unmet")
COMPANY = Company(
    users={"anna": {}},
    accounts={name: {} for name in ACCOUNTS},
    people={f"p-{name}": {"account_id": name} for name in ACCOUNTS},
    events=[
        "2024-02-01 email anna -> p-quiet",
        "2024-02-01 email anna -> p-met",
        "2025-03-01 email anna <- p-met",
        "2025-03-02 meeting anna -> p-met",
        *(f"2024-05-01 meeting anna -> p-{name}" for name in ("once", "twice", "apart", "large", "sum")),
    ],
    deals={
        "o1": won("once", "2025-01-10", 10),
        "t1": won("twice", "2024-06-01", 10),
        "t2": won("twice", "2026-05-31", 10),
        "a1": won("apart", "2024-05-01", 10),
        "a2": won("apart", "2026-05-01", 10),
        "l1": won("large", "2025-07-01", 100),
        "s1": won("sum", "2025-01-01", 60),
        "s2": won("sum", "2025-11-01", 40),
        "u1": won("unmet", "2026-02-01", 10),
        "u2": won("unmet", "2026-12-01", 500),
        "u3": {"account_id": "unmet", "close": "2026-02-01", "amount": 900, "is_closed": True},
    },
)


@pytest.fixture(scope="module")
def filled(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    COMPANY.fill(warehouse)
    of_accounts(warehouse, scores.accounts, {name: {} for name in ACCOUNTS})
    of_accounts(warehouse, scores.account_deals, {name: {"large_from": 100.0} for name in ACCOUNTS})
    return warehouse


def steps(filled: DuckDBWarehouse) -> dict[str, list[str | None]]:
    """The dates of each account's stages in order, Stranger left out."""
    found: dict[str, list[str | None]] = {}
    for account, place, since in told(filled, lifecycle.STEPS, context(), "account_id", "place", "since"):
        found.setdefault(account, []).extend([since] if place else [])
    return found


def test_each_stage_is_reached_with_its_first_evidence_or_with_that_of_a_higher_one(filled: DuckDBWarehouse) -> None:
    assert steps(filled) == {
        "quiet": [],
        "met": ["2025-03-01"],
        "once": ["2024-05-01", "2025-01-10"],
        "twice": ["2024-05-01", "2024-06-01", "2026-05-31"],
        "apart": ["2024-05-01", "2024-05-01"],
        "large": ["2024-05-01", "2025-07-01", "2025-07-01", "2025-07-01"],
        "sum": ["2024-05-01", "2025-01-01", "2025-11-01", "2025-11-01"],
        "unmet": ["2026-02-01", "2026-02-01"],
    }, "two deals of 729 days make small deals, of 730 none; what closes in the future has not happened"


def test_everybody_begins_as_a_stranger_at_a_time_nobody_knows(filled: DuckDBWarehouse) -> None:
    found = told(filled, lifecycle.STEPS, context(), "place", "stage", "account_id", "since")
    assert [row[1:] for row in found if row[0] == 0] == [("Stranger", name, None) for name in sorted(ACCOUNTS)]


def test_conversion_counts_who_stood_at_a_stage_in_the_year_and_who_of_them_moved_on(filled: DuckDBWarehouse) -> None:
    lifecycle.STEPS.build(filled, context())
    found = told(filled, lifecycle.YEARS, context(), "year", "place", "next_stage", "accounts", "moved", "ratio")
    assert [row for row in found if row[0] == 2024] == [
        (2024, 0, "User", 8, 5, 0.625),
        (2024, 1, "Customer", 5, 2, 0.4),
        (2024, 2, "Small deals", 2, 0, 0.0),
    ]
    assert [row for row in found if row[0] == 2025] == [
        (2025, 0, "User", 3, 1, 0.333),
        (2025, 1, "Customer", 4, 3, 0.75),
        (2025, 2, "Small deals", 5, 2, 0.4),
        (2025, 3, "Large deals", 2, 2, 1.0),
    ]
    assert [row for row in found if row[0] == 2026] == [
        (2026, 0, "User", 2, 1, 0.5),
        (2026, 1, "Customer", 2, 1, 0.5),
        (2026, 2, "Small deals", 4, 1, 0.25),
        (2026, 3, "Large deals", 1, 0, 0.0),
    ]


def test_years_before_the_first_step_known_are_not_told(filled: DuckDBWarehouse) -> None:
    lifecycle.STEPS.build(filled, context())
    assert {row[0] for row in told(filled, lifecycle.YEARS, context(), "year")} == {2024, 2025, 2026}
    short = context(method={"operation": {"years": 1}})
    assert {row[0] for row in told(filled, lifecycle.YEARS, short, "year")} == {2026}
