"""Every trap planted in the sandbox's org meets its verdict: the rows straight from the generator, no server between."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.kit import VERDICTS, build_model, load_sandbox, open_warehouse, rows, sandbox_table
from transforms.interactions.tables import activities
from transforms.tables import accounts, interactions, interactions_dropped, participants_dropped, people
from warehouse import DuckDBWarehouse

EVENT_OF = {
    "TaskRelation": ("TaskId", "RelationId"),
    "EventRelation": ("EventId", "RelationId"),
    "EmailMessageRelation": ("EmailMessageId", "RelationId"),
}
ACTIVITIES = ("Task", "Event", "EmailMessage")


@pytest.fixture(scope="module")
def state(sandbox_state: Callable[[str], Path]) -> Path:
    return sandbox_state("tiny")


@pytest.fixture(scope="module")
def warehouse(state: Path) -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as opened:
        build_model(opened, load_sandbox(opened, state), only=[*VERDICTS, people])
        yield opened


@pytest.fixture(scope="module")
def traps(state: Path) -> list[dict[str, Any]]:
    return sandbox_table(state, "_truth_traps")


def test_every_planted_activity_meets_its_verdict(warehouse: DuckDBWarehouse, traps: list[dict[str, Any]]) -> None:
    verdicts = {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)}
    verdicts |= {row["event_id"]: "counted" for row in rows(warehouse, interactions)}
    planted = [trap for trap in traps if trap["object"] in ACTIVITIES and not trap["expected"].startswith("later:")]
    wrong = {
        (trap["trap"], trap["expected"]): verdicts.get(trap["record_id"])
        for trap in planted
        if verdicts.get(trap["record_id"]) != trap["expected"]
    }
    assert wrong == {}
    assert len(planted) > 100


def test_every_planted_participant_is_who_it_should_be(warehouse: DuckDBWarehouse, state: Path, traps: list[dict[str, Any]]) -> None:
    met = {(row["event_id"], row["person_id"]) for row in rows(warehouse, interactions)}
    left_out = {(row["event_id"], row["person_id"] or row["address"]): row["reason"] for row in rows(warehouse, participants_dropped)}
    wrong = []
    for name, (event_column, party_column) in EVENT_OF.items():
        relations = {row["Id"]: row for row in sandbox_table(state, f'"{name}"')}
        for trap in (trap for trap in traps if trap["object"] == name and trap["record_id"] in relations):
            relation = relations[trap["record_id"]]
            kind, _, meant = trap["expected"].partition(":")
            event_id, party = relation[event_column], relation[party_column]
            if kind == "participant_is" and (event_id, meant) not in met:
                wrong.append(trap)
            address = relation.get("RelationAddress")
            who = party or (f"{address[0]}***@{address.split('@')[1]}" if address else None)
            if kind == "participant_dropped" and left_out.get((event_id, who)) != meant:
                wrong.append(trap | {"found": left_out.get((event_id, who))})
    assert wrong == []


def test_records_that_get_no_values_are_not_live(warehouse: DuckDBWarehouse, traps: list[dict[str, Any]]) -> None:
    live = {row["person_id"] for row in rows(warehouse, people) if row["is_live"]}
    live |= {row["account_id"] for row in rows(warehouse, accounts) if row["is_live"]}
    scored = {trap["record_id"]: trap["trap"] for trap in traps if trap["expected"] == "not_scored" and trap["record_id"] in live}
    assert scored == {}


def test_odd_texts_arrive_as_they_are(warehouse: DuckDBWarehouse, state: Path, traps: list[dict[str, Any]]) -> None:
    kept = {trap["record_id"] for trap in traps if trap["expected"] == "text_kept"}
    org = {row["Id"]: row for row in sandbox_table(state, '"Contact"') if row["Id"] in kept}
    model = {row["person_id"]: row for row in rows(warehouse, people) if row["person_id"] in kept}
    assert len(kept) > 5
    for record_id, row in org.items():
        assert (model[record_id]["name"], model[record_id]["title"], model[record_id]["department"]) == (
            row["Name"],
            row["Title"],
            row["Department"],
        )


def test_every_record_of_the_org_is_counted_or_dropped_once(warehouse: DuckDBWarehouse, state: Path) -> None:
    counted = {row["event_id"] for row in rows(warehouse, interactions)}
    dropped = [row["event_id"] for row in rows(warehouse, interactions_dropped)]
    read = {row["Id"] for name in ACTIVITIES for row in sandbox_table(state, f'"{name}"')}
    assert counted.isdisjoint(dropped)
    assert len(set(dropped)) == len(dropped)
    assert counted | set(dropped) == read == {row["event_id"] for row in rows(warehouse, activities)}
