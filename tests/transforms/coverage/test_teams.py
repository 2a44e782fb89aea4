"""Teams: a manager and the active users who answer to him or her, as one side of a relation."""

import pytest

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.coverage import tables
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={
        "anna": {"manager_id": "max"},
        "bo": {"manager_id": "max"},
        "gone": {"manager_id": "max", "is_active": False},
        "max": {"manager_id": "top"},
        "top": {},
        "solo": {},
    },
    accounts={"acme": {"key_departments": "Legal"}, "beta": {}},
    people={
        "kim": {"account_id": "acme", "vote": "Approve", "department": "legal"},
        "lee": {"account_id": "acme", "attitude": 2, "vote": "Veto"},
        "ada": {"account_id": "beta", "attitude": 2, "vote": "Veto"},
        "lea": {"person_kind": "lead"},
    },
    events=[
        *(f"2026-05-{day}T09:00 meeting anna -> kim minutes=120" for day in range(20, 30)),
        *(f"2026-05-{day}T09:00 meeting bo -> kim minutes=120" for day in range(20, 30)),
        "2026-03-02T09:00 meeting max,anna -> lee id=joint",
        "2026-02-02T09:00 meeting gone -> kim",
        "2026-05-02T09:00 meeting solo -> ada",
        "2026-05-02T09:00 meeting anna -> lea",
    ],
)


@pytest.fixture(scope="module")
def covered(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    built(warehouse, COMPANY, context(), tables.teams)
    return warehouse


def test_a_manager_is_in_his_own_team_and_in_the_one_above_and_who_left_is_in_none(covered: DuckDBWarehouse) -> None:
    found = told(covered, tables.teams, "team_id", "account_id", "users", "people", "departments", "rounds", "touches_365d")
    assert found == [("max", "acme", 3, 2, 1, 2, 21), ("top", "acme", 1, 1, 0, 1, 1)]


def test_a_joint_event_is_one_touch_of_the_team(covered: DuckDBWarehouse) -> None:
    found = {
        row[:2]: row[2:] for row in told(covered, tables.team_people, "team_id", "person_key", "users", "touches_365d", "meetings_365d")
    }
    assert (2, 1, 1) in found.values()
    assert (2, 20, 20) in found.values()


def test_a_team_is_as_close_as_our_company_would_be_with_its_users_alone(covered: DuckDBWarehouse) -> None:
    company = {row[0]: row[1] for row in told(covered, scores.people, "person_key", "closeness_now")}
    pairs: dict[int, float] = {}
    for user, person, closeness in told(covered, scores.pairs, "user_id", "person_key", "closeness"):
        if user in ("anna", "bo", "max"):
            pairs[person] = pairs.get(person, 1.0) * (1 - closeness / 100)
    for team, person, closeness in told(covered, tables.team_people, "team_id", "person_key", "closeness"):
        assert closeness <= company[person]
        assert team != "max" or closeness == pytest.approx(100 * (1 - pairs[person]), abs=0.051)


def test_the_level_of_an_account_in_a_teams_view_rests_on_that_teams_contacts_alone(covered: DuckDBWarehouse) -> None:
    found = {
        row[:2]: row[2:]
        for row in told(covered, tables.teams, "team_id", "account_id", "key_persons", "known", "closeness", "relationship_level")
    }
    assert found["max", "acme"][:2] == (2, 2)
    assert found["max", "acme"][3] == "Strong"
    assert found["top", "acme"] == (2, 1, 100.0, "Mid"), "one of the two voters is out of the manager's reach, and Legal is"
