"""Depth, breadth and mutuality of an account, and whether it hangs on one user."""

import pytest

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.coverage import tables
from warehouse import DuckDBWarehouse

BOTH_WAYS = [f"2026-05-{day:02} email anna {way} {who}" for day in (10, 20) for way in ("->", "<-") for who in ("a1", "a2", "a3")]
COMPANY = Company(
    users={
        "anna": {"manager_id": "max"},
        "bo": {"manager_id": "max"},
        "max": {},
        "solo": {},
        "gone": {"is_active": False, "manager_id": "eve"},
    },
    accounts={
        "wide": {"potential": 9, "key_departments": "IT; Legal", "owner_id": "anna"},
        "thread": {"potential": 9},
        "quiet": {"potential": 9},
        "minor": {"potential": 0},
        "small": {"potential": 0},
        "tiny": {"potential": 0},
    },
    people={
        "a1": {"account_id": "wide", "department": "it", "attitude": 1},
        "a2": {"account_id": "wide", "department": "it"},
        "a3": {"account_id": "wide", "department": "finance"},
        "a4": {"account_id": "wide"},
        "a5": {"account_id": "wide", "department": "legal"},
        "b1": {"account_id": "thread", "department": "it"},
        "c1": {"account_id": "minor"},
    },
    events=[
        *BOTH_WAYS,
        "2026-04-30 meeting bo,max -> a1",
        "2026-04-01 meeting solo -> a4",
        "2024-04-01 meeting solo -> a5",
        "2026-05-20 meeting anna,gone -> b1",
        *(f"2026-05-{day} meeting anna -> b1" for day in range(10, 30)),
        "2026-05-20 meeting anna -> c1",
    ],
)


@pytest.fixture(scope="module")
def covered(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    built(warehouse, COMPANY, context(), tables.accounts)
    return warehouse


def of(covered: DuckDBWarehouse, *columns: str) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in told(covered, tables.accounts, "account_id", *columns)}


def test_deep_is_engaged_contacts_per_department_reached_and_broad_the_departments(covered: DuckDBWarehouse) -> None:
    found = of(covered, "contacts", "departments", "people_engaged", "deep", "broad")
    assert found["wide"] == (5, 3, 4, 1.5, 2)
    assert found["minor"] == (1, 0, 1, None, 0)
    assert found["quiet"] == (0, 0, 0, None, 0)


def test_key_departments_are_those_listed_and_reached_where_somebody_is_engaged(covered: DuckDBWarehouse) -> None:
    found = of(covered, "key_departments", "key_departments_reached")
    assert (found["wide"], found["quiet"]) == ((2, 1), (5, 0))


def test_mutual_is_reciprocity_and_known_attitudes_and_blank_while_one_is_unknown(covered: DuckDBWarehouse) -> None:
    found = of(covered, "reciprocity", "attitudes_known", "mutual")
    reciprocity, attitudes, mutual = (float(str(value)) for value in found["wide"])
    assert 90 < reciprocity <= 100
    assert (attitudes, mutual) == (25.0, pytest.approx((reciprocity + 25) / 2, abs=0.06))
    assert found["quiet"] == (None, None, None)


def test_users_are_active_ones_of_365_days_teams_are_their_managers_and_rounds_the_months(covered: DuckDBWarehouse) -> None:
    found = of(covered, "users", "teams", "rounds")
    assert found["wide"] == (4, 1, 2), "anna, bo and their manager are one team; solo is in none"
    assert found["thread"] == (1, 1, 1)
    assert found["quiet"] == (0, 0, 0)


def test_an_account_hangs_on_one_user_when_he_or_she_holds_most_of_it_and_it_matters(covered: DuckDBWarehouse) -> None:
    found = of(covered, "single_threaded", "bus_factor", "importance", "median_importance")
    unimportant = dict.fromkeys(["minor", "small", "tiny"], False)
    assert {name: row[0] for name, row in found.items()} == unimportant | {"wide": False, "thread": True, "quiet": None}
    assert float(str(found["thread"][1])) >= 80


def test_exactly_at_the_median_importance_is_not_above_it(warehouse: DuckDBWarehouse) -> None:
    lone = Company({"anna": {}}, {"acme": {}}, {"kim": {"account_id": "acme"}}, events=["2026-05-20 meeting anna -> kim"])
    built(warehouse, lone, context(), tables.accounts)
    assert told(warehouse, tables.accounts, "bus_factor", "single_threaded") == [(100.0, False)]
