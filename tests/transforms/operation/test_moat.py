"""The moat: recorded relations month by month, by hand and against a plain count over every month."""

import datetime as dt
import random

import pytest

from tests.transforms.operation.kit import Company, context, told
from transforms.operation import moat
from warehouse import DuckDBWarehouse

FLOWS = ("people_known", "people_new", "people_back", "people_lapsed")
SIZES = ("accounts_engaged", "departments_engaged", "pairs_two_way", "users", "interactions")


def company(*events: str) -> Company:
    return Company(
        users={"anna": {}, "bo": {}},
        accounts={"acme": {}, "bolt": {}},
        people={
            "kim": {"account_id": "acme", "department": "it"},
            "lee": {"account_id": "acme", "department": "it"},
            "mia": {"account_id": "acme"},
            "ned": {"account_id": "bolt", "department": "it"},
            "lea": {"person_kind": "lead"},
        },
        events=events,
    )


def by_month(warehouse: DuckDBWarehouse, as_of: str, *columns: str, months: int = 36) -> dict[str, tuple[object, ...]]:
    found = told(warehouse, moat.MODEL, context(as_of, {"operation": {"months": months}}), "month_end", *columns)
    return {str(row[0]): row[1:] for row in found}


@pytest.fixture(scope="module")
def filled(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    company(
        "2024-01-31T23:59 meeting anna,bo -> kim,lee",
        "2024-02-01T00:00 email anna -> mia",
        "2024-03-05 email anna -> mia",
        "2024-04-05 meeting anna -> lea",
        "2025-01-31 email bo <- lee",
        "2025-05-05 meeting anna -> ned",
        "2026-05-31 call bo -> lee",
        "2026-06-02 meeting anna -> mia",
    ).fill(warehouse)
    return warehouse


def test_a_relation_stands_for_the_month_of_contact_and_eleven_more(filled: DuckDBWarehouse) -> None:
    found = by_month(filled, "2026-06-01", *FLOWS)
    assert found["2024-01-31"] == (2, 2, 0, 0)
    assert found["2024-04-30"] == (3, 1, 0, 0)
    assert found["2024-12-31"] == (3, 0, 0, 0)
    assert found["2025-01-31"] == (2, 0, 0, 1), "kim lapses; lee wrote in the twelfth month after"
    assert found["2025-04-30"] == (1, 0, 0, 1)
    assert found["2026-01-31"] == (1, 0, 0, 1), "only ned is left"
    assert found["2026-05-31"] == (1, 0, 1, 1), "lee is back, ned lapses"


def test_accounts_departments_pairs_and_users_count_by_the_same_contacts(filled: DuckDBWarehouse) -> None:
    found = by_month(filled, "2026-06-01", *SIZES)
    assert found["2024-01-31"] == (1, 1, 4, 2, 1), "one meeting of two and two: four pairs"
    assert found["2024-04-30"] == (1, 1, 5, 2, 1), "a lead is of no account"
    assert found["2025-05-31"] == (2, 2, 2, 2, 1)
    assert found["2026-05-31"] == (1, 1, 1, 1, 1)


def test_months_are_those_that_are_over_from_the_first_event_on(filled: DuckDBWarehouse) -> None:
    assert list(by_month(filled, "2024-03-31", "interactions").items()) == [("2024-01-31", (1,)), ("2024-02-29", (1,))]
    assert list(by_month(filled, "2024-04-01", "interactions")) == ["2024-01-31", "2024-02-29", "2024-03-31"]
    assert list(by_month(filled, "2026-06-01", "people_known", months=2).items()) == [("2026-04-30", (1,)), ("2026-05-31", (1,))]
    assert by_month(filled, "2026-06-01", "interactions")["2024-06-30"] == (0,)


def test_without_a_log_there_is_no_moat(warehouse: DuckDBWarehouse) -> None:
    company().fill(warehouse)
    assert by_month(warehouse, "2026-06-01", "people_known") == {}


def test_sizes_are_those_of_a_plain_count_at_the_end_of_every_month(warehouse: DuckDBWarehouse) -> None:
    dice = random.Random(7)
    days = [dt.date(2022, 1, 1) + dt.timedelta(days=dice.randrange(1500)) for _ in range(60)]
    seen = [(day, dice.choice(("anna", "bo")), dice.choice(("kim", "lee", "mia", "ned"))) for day in days]
    company(*(f"{day} meeting {user} -> {person}" for day, user, person in seen)).fill(warehouse)
    found = by_month(warehouse, "2026-06-01", "people_known", "pairs_two_way", "users", months=60)
    assert len(found) > 40
    for month_end, counts in found.items():
        last = dt.date.fromisoformat(month_end)
        within = [(user, person) for day, user, person in seen if 0 <= _months(last) - _months(day) < 12]
        assert counts == (len({person for _, person in within}), len(set(within)), len({user for user, _ in within})), month_end


def _months(day: dt.date) -> int:
    return day.year * 12 + day.month
