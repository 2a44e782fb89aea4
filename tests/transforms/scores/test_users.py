"""The ladder of rep grades: each user below covers so many accounts at Strong, Mid and Initial in his or her own view."""

import pytest

from tests.transforms.scores.small_company import Company, by_id, context, fresh, score
from transforms.enrichment import tables as enrichment

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


def ladder() -> Company:
    """One user per case, with one account per band wanted, beside an account without any key person."""
    accounts, people, members, events = {}, {}, [], []
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
    users = {f"u{number}": {"industry_expert": case[3]} for number, case in enumerate(LADDER)}
    return Company(users, accounts, people, members, events)


def test_every_step_of_the_ladder(tmp_path_factory: pytest.TempPathFactory) -> None:
    with fresh(tmp_path_factory.mktemp("ladder")) as warehouse:
        score(warehouse, ladder(), context())
        found = by_id(warehouse, enrichment.user)
    told = [found[f"u{number}"] for number in range(len(LADDER))]
    counts = [(user["accounts_strong"], user["accounts_mid"], user["accounts_initial"]) for user in told]
    assert counts == [case[:3] for case in LADDER]
    assert [(user["rep_grade"], user["next_grade_needs"]) for user in told] == list(LADDER.values())


def test_the_numbers_of_the_ladder_can_be_changed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with fresh(tmp_path_factory.mktemp("ladder")) as warehouse:
        score(warehouse, ladder(), context(method={"rep": {"intermediate_mid": 2, "min_accounts": 2}}))
        found = by_id(warehouse, enrichment.user)
    assert found["u2"]["rep_grade"] == "Intermediate"
    assert (found["u0"]["rep_grade"], found["u0"]["next_grade_needs"]) == (None, None)
