"""Every trap planted in the generated environment meets its verdict: the rows straight from the generator, no server between."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.kit import VERDICTS, build_model, open_warehouse, rows
from tests.transforms.staging.dynamics.kit import ACTIVITIES, environment_table, load_environment
from transforms.interactions.tables import activities
from transforms.tables import account_members, accounts, interactions, interactions_dropped, opportunity_roles, participants_dropped, people
from warehouse import DuckDBWarehouse

Trap = dict[str, Any]


@pytest.fixture(scope="module")
def state(sandbox_state: Callable[[str], Path]) -> Path:
    return sandbox_state("tiny")


@pytest.fixture(scope="module")
def warehouse(state: Path) -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as opened:
        build_model(opened, load_environment(opened, state), only=[*VERDICTS, account_members, opportunity_roles])
        yield opened


@pytest.fixture(scope="module")
def traps(state: Path) -> list[Trap]:
    return environment_table(state, "_truth_traps")


def about(traps: list[Trap], *tables: str, told: str = "") -> list[Trap]:
    """The traps on records of some tables whose verdict begins so."""
    return [trap for trap in traps if trap["table"] in tables and trap["expected"].startswith(told)]


def test_every_planted_activity_meets_its_verdict(warehouse: DuckDBWarehouse, traps: list[Trap]) -> None:
    verdicts = {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)}
    verdicts |= {row["event_id"]: "counted" for row in rows(warehouse, interactions)}
    planted = about(traps, *ACTIVITIES)
    assert [trap for trap in planted if verdicts.get(trap["record_id"]) != trap["expected"]] == []
    assert len(planted) > 70
    closes = about(traps, "opportunityclose", told="never_counted")
    assert [trap for trap in closes if trap["record_id"] in verdicts] == []
    assert closes


def test_every_planted_party_is_who_it_should_be(warehouse: DuckDBWarehouse, state: Path, traps: list[Trap]) -> None:
    met = {(row["event_id"], row["person_id"]) for row in rows(warehouse, interactions)}
    left_out = {(row["event_id"], row["person_id"] or row["address"]): row["reason"] for row in rows(warehouse, participants_dropped)}
    parties = {row["activitypartyid"]: row for row in environment_table(state, "activityparty")}
    wrong, planted = [], about(traps, "activityparty")
    for trap in planted:
        kind, _, meant = trap["expected"].partition(":")
        party = parties[trap["record_id"]]
        event_id, who = party["_activityid_value"], party["_partyid_value"]
        name, _, domain = (party["addressused"] or "").partition("@")
        found = {
            "participant_is": (event_id, meant) in met,
            "participant_dropped": left_out.get((event_id, who or f"{name[:1]}***@{domain}")) == meant,
            "no_participant": (event_id, who) not in met and (event_id, who) not in left_out,
        }
        wrong += [] if found[kind] else [trap]
    assert wrong == []
    assert len(planted) > 15


def test_records_that_get_no_values_are_not_live(warehouse: DuckDBWarehouse, traps: list[Trap]) -> None:
    live = {row["person_id"] for row in rows(warehouse, people) if row["is_live"]}
    live |= {row["account_id"] for row in rows(warehouse, accounts) if row["is_live"]}
    planted = about(traps, "contact", "lead", "account", told="not_scored")
    assert [trap for trap in planted if trap["record_id"] in live] == []
    assert len(planted) >= 7


def test_people_belong_to_accounts_only_and_follow_merged_ones(warehouse: DuckDBWarehouse, traps: list[Trap]) -> None:
    of = {row["person_id"]: row["account_id"] or "none" for row in rows(warehouse, people)}
    planted = about(traps, "contact", told="account_is:")
    assert {trap["record_id"]: of[trap["record_id"]] for trap in planted} == {
        trap["record_id"]: trap["expected"].removeprefix("account_is:") for trap in planted
    }
    assert len(planted) >= 3


def test_a_link_is_its_master_row_while_it_is_in_force(warehouse: DuckDBWarehouse, state: Path, traps: list[Trap]) -> None:
    roles = {(row["opportunity_id"], row["person_id"]) for row in rows(warehouse, opportunity_roles)}
    teams = {(row["account_id"], row["user_id"]) for row in rows(warehouse, account_members) if row["member_role"] == "team"}
    links = {row["connectionid"]: row for row in environment_table(state, "connection")}
    ends = {name: (row["_record1id_value"], row["_record2id_value"]) for name, row in links.items()}
    found = {
        trap["record_id"]: "linked" if ends[trap["record_id"]] in roles | teams else "not_linked" for trap in about(traps, "connection")
    }
    assert found == {trap["record_id"]: trap["expected"] for trap in about(traps, "connection")}
    assert len(teams) > 3
    assert len(roles) == len(rows(warehouse, opportunity_roles))


def test_odd_texts_arrive_as_they_are(warehouse: DuckDBWarehouse, state: Path, traps: list[Trap]) -> None:
    kept = {trap["record_id"] for trap in about(traps, "contact", told="text_kept")}
    org = {row["contactid"]: row for row in environment_table(state, "contact") if row["contactid"] in kept}
    model = {row["person_id"]: row for row in rows(warehouse, people) if row["person_id"] in kept}
    assert len(kept) > 5
    for record_id, row in org.items():
        shown = model[record_id]
        assert (shown["name"], shown["title"], shown["department"]) == (row["fullname"], row["jobtitle"], row["department"])


def test_every_activity_is_counted_or_dropped_once(warehouse: DuckDBWarehouse, state: Path) -> None:
    counted = {row["event_id"] for row in rows(warehouse, interactions)}
    dropped = [row["event_id"] for row in rows(warehouse, interactions_dropped)]
    read = {row["activityid"] for name in ACTIVITIES for row in environment_table(state, name)}
    assert counted.isdisjoint(dropped)
    assert len(set(dropped)) == len(dropped)
    assert counted | set(dropped) == read == {row["event_id"] for row in rows(warehouse, activities)}
