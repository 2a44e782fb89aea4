"""The customer map: who is on it, which lines are drawn, and how deep in the reporting tree everybody stands."""

import pytest

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context
from transforms.maps import tables
from warehouse import DuckDBWarehouse

TREE = {
    "head": {"account_id": "acme", "title": "CEO", "name": "Hea Der", "department": "it", "buying_roles": "Decider; User", "vote": "Veto"},
    "left": {"account_id": "acme", "reports_to_id": "head"},
    "right": {"account_id": "acme", "reports_to_id": "head", "influenced_by_id": "left", "attitude": -1},
    "leaf": {"account_id": "acme", "reports_to_id": "right"},
    "ring-1": {"account_id": "acme", "reports_to_id": "ring-2"},
    "ring-2": {"account_id": "acme", "reports_to_id": "ring-1"},
    "below-ring": {"account_id": "acme", "reports_to_id": "ring-1"},
    "selfish": {"account_id": "acme", "reports_to_id": "selfish", "influenced_by_id": "selfish"},
    "alone": {"account_id": "acme"},
    "orphan": {"account_id": "acme", "reports_to_id": "retired"},
    "retired": {"account_id": "acme", "is_active": False, "is_live": False},
    "abroad": {"account_id": "beta", "reports_to_id": "head"},
    "lead": {"person_kind": "lead"},
}
COMPANY = Company(
    users={"anna": {}},
    accounts={"acme": {}, "beta": {}},
    people=TREE,
    events=["2026-05-20 meeting anna -> leaf", "2026-05-21 meeting anna -> lead"],
)


@pytest.fixture(scope="module")
def mapped(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    built(warehouse, COMPANY, context(), tables.people)
    return warehouse


def test_depth_counts_down_from_whoever_answers_to_nobody_and_a_circle_has_none(mapped: DuckDBWarehouse) -> None:
    found = dict(told(mapped, tables.people, "person_id", "depth"))
    assert found == {"head": 0, "left": 1, "right": 1, "leaf": 2} | dict.fromkeys(
        ["ring-1", "ring-2", "below-ring", "selfish", "alone", "orphan", "abroad"]
    )


def test_only_live_contacts_of_an_account_are_drawn(mapped: DuckDBWarehouse) -> None:
    assert {person for (person,) in told(mapped, tables.people, "person_id")} == set(TREE) - {"retired", "lead"}


def test_lines_run_from_the_boss_and_the_influencer_within_one_account(mapped: DuckDBWarehouse) -> None:
    assert told(mapped, tables.links, "kind", "from_id", "to_id") == [
        ("influence", "left", "right"),
        ("reporting", "head", "left"),
        ("reporting", "head", "right"),
        ("reporting", "right", "leaf"),
        ("reporting", "ring-1", "below-ring"),
        ("reporting", "ring-1", "ring-2"),
        ("reporting", "ring-2", "ring-1"),
    ]


def test_a_line_says_how_close_we_are_to_both_of_its_ends(mapped: DuckDBWarehouse) -> None:
    lines = {line[:2]: line[2:] for line in told(mapped, tables.links, "from_id", "to_id", "from_closeness", "to_closeness")}
    near = dict(told(mapped, tables.people, "person_id", "effective"))
    assert lines["right", "leaf"] == (25.0, near["leaf"])
    assert near["leaf"] > 0
    assert lines["head", "left"] == (None, None)


def test_what_is_unknown_of_a_person_is_blank_and_what_is_entered_is_shown(mapped: DuckDBWarehouse) -> None:
    columns = ("person_id", "name", "title", "department", "roles", "vote", "attitude", "closeness", "effective", "reports", "key_entered")
    found = {row[0]: row[1:] for row in told(mapped, tables.people, *columns)}
    assert found["alone"] == (None, None, None, None, None, None, None, None, 0, None)
    assert found["head"] == ("Hea Der", "CEO", "it", "Decider; User", "Veto", None, None, None, 2, True)


def test_where_no_key_person_is_entered_the_engaged_stand_in_and_the_map_says_so(warehouse: DuckDBWarehouse) -> None:
    people = {name: {"account_id": "acme"} for name in ("met", "unmet")}
    built(warehouse, Company({"anna": {}}, {"acme": {}}, people, events=["2026-05-20 meeting anna -> met"]), context(), tables.people)
    assert told(warehouse, tables.people, "person_id", "key_person", "key_entered") == [("met", True, False), ("unmet", False, None)]
