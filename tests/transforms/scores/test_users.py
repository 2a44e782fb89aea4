"""The ladder of rep grades: each user below covers so many accounts at Strong, Mid and Initial in his or her own view.

Everybody's inbound mail is captured (a friend outside all accounts writes to them) unless a test says otherwise.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.transforms.kit import open_warehouse
from tests.transforms.scores.small_company import Company, by_id, context, rows, score
from transforms.enrichment import tables as enrichment
from transforms.enrichment import user as fields
from transforms.scores import tables as scores
from transforms.scores import teams, users
from warehouse import DuckDBWarehouse

# (strong, mid, initial, expert): grade, what the next one needs
LADDER = {
    (0, 0, 0, None): ("Novice", "Junior: 1 more at Initial or better"),
    (0, 0, 1, None): ("Junior", "Intermediate: 3 more at Mid or better, 7 more at Initial or better"),
    (0, 2, 9, None): ("Junior", "Intermediate: 1 more at Mid or better"),
    (0, 3, 5, None): ("Intermediate", "Senior: 1 more at Strong, 1 more at Mid or better, 1 more at Initial or better"),
    (2, 1, 5, None): ("Intermediate", "Senior: 1 more at Mid or better, 1 more at Initial or better"),
    (0, 9, 0, None): ("Intermediate", "Senior: 1 more at Strong"),
    (1, 3, 4, True): ("Intermediate", "Senior: 1 more at Initial or better"),
    (1, 3, 5, None): (
        "Senior",
        "Top: 1 more at Strong, 3 more at Mid or better, 8 more at Initial or better, or Industry Expert",
    ),
    (9, 0, 0, False): ("Senior", "Top: 8 more at Initial or better, or Industry Expert"),
    (1, 3, 5, True): ("Top", None),
    (2, 5, 10, None): ("Top", None),
}
BANDS = ("strong", "mid", "initial")
ATTITUDE = {"strong": 2, "mid": 0, "initial": -1}


def ladder(mailed: bool = True) -> Company:
    """One user per case, with one account per band wanted, beside an account without any key person."""
    accounts: dict[str, Any] = {}
    people: dict[str, Any] = {"friend": {"person_kind": "lead"}}
    members, events = [], [f"2026-05-25 email u{user} <- friend" for user in range(len(LADDER) if mailed else 0)]
    for user, case in enumerate(LADDER):
        members.append(f"bare-{user} u{user}")
        accounts[f"bare-{user}"] = {}
        for band, count in zip(BANDS, case, strict=False):
            for number in range(count):
                name = f"{band}-{user}-{number}"
                accounts[name] = {"key_departments": "Legal"}
                people[f"p-{name}"] = {"account_id": name, "attitude": ATTITUDE[band], "vote": "Approve", "department": "legal"}
                members.append(f"{name} u{user}")
                events.append(f"2026-05-25 meeting u{user} -> p-{name} minutes=30")
    users = {f"u{number}": {"industry_expert": case[3], "manager_id": f"boss{number // 6}"} for number, case in enumerate(LADDER)}
    return Company(users, accounts, people, members, events)


Graded = Callable[..., DuckDBWarehouse]


@pytest.fixture(scope="module", params=[True], ids=["mail captured"])
def graded(request: pytest.FixtureRequest) -> Iterator[Graded]:
    """The company of the ladder, scored once; grades of it under any numbers and switches."""
    with open_warehouse() as warehouse:
        score(warehouse, ladder(mailed=request.param), context(), enrichment.user, scores.teams)

        def build(**options: Any) -> DuckDBWarehouse:
            for model in (users.MODEL, teams.MODEL, fields.MODEL):
                model.build(warehouse, context(**options))
            return warehouse

        yield build


def test_every_step_of_the_ladder(graded: Graded) -> None:
    found = by_id(graded(), enrichment.user)
    told = [found[f"u{number}"] for number in range(len(LADDER))]
    counts = [(user["accounts_strong"], user["accounts_mid"], user["accounts_initial"]) for user in told]
    assert counts == [case[:3] for case in LADDER]
    assert [(user["rep_grade"], user["next_grade_needs"]) for user in told] == list(LADDER.values())


def test_the_numbers_of_the_ladder_can_be_changed(graded: Graded) -> None:
    found = by_id(graded(method={"rep": {"intermediate_mid": 2, "min_accounts": 2}}), enrichment.user)
    assert found["u2"]["rep_grade"] == "Intermediate"
    assert (found["u0"]["rep_grade"], found["u0"]["next_grade_needs"]) == (None, None)


def test_teams_are_averages_and_small_ones_are_left_out(graded: Graded) -> None:
    """u0 to u5 report to boss0, u6 to u10 to boss1."""
    (team,) = rows(graded(method={"team.min_people": 6}), scores.teams)
    assert (team["manager_id"], team["people"], team["captured"]) == ("boss0", 6, 6)
    assert (team["covered"], team["accounts_strong"], team["accounts_mid"], team["accounts_initial"]) == (7.2, 0.3, 2.5, 3.3)


@pytest.mark.parametrize(("averages", "kept"), [(True, ["boss0", "boss1"]), (False, [])])
def test_with_individual_grading_off_no_row_tells_of_one_person(graded: Graded, averages: bool, kept: list[str]) -> None:
    warehouse = graded(grade_individuals=False, team_averages=averages)
    assert rows(warehouse, scores.users) == rows(warehouse, enrichment.user) == []
    assert sorted(team["manager_id"] for team in rows(warehouse, scores.teams)) == kept


@pytest.mark.parametrize("graded", [False], ids=["mail not captured"], indirect=True)
def test_nobody_is_called_novice_where_inbound_mail_is_not_captured(graded: Graded) -> None:
    """Any grade above it was reached by what the log does show, and stands; below the minimum sample nothing is said of the log."""
    found = by_id(graded(), enrichment.user)
    told = [(found[f"u{number}"]["rep_grade"], found[f"u{number}"]["next_grade_needs"]) for number in range(len(LADDER))]
    assert told[0] == (None, "Partial: inbound mail not captured; Junior: 1 more at Initial or better")
    assert told[1:] == [(grade, needs and f"Partial: inbound mail not captured; {needs}") for grade, needs in list(LADDER.values())[1:]]
    assert by_id(graded(method={"rep.min_accounts": 2}), enrichment.user)["u0"]["next_grade_needs"] is None
