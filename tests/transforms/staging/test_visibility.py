"""What the integration user cannot see is unknown: no column and no object that is missing breaks a run or invents a fact."""

import pytest

from tests.transforms.kit import CRM, PEOPLE, SPECS, VERDICTS, World, build, build_model, context, modelled, needed, open_warehouse, rows
from transforms.registry_model import model_models
from transforms.staging.salesforce import staged
from transforms.tables import interactions, interactions_dropped, participants_dropped, people
from warehouse import DuckDBWarehouse, raw_schema

WORLD = (
    PEOPLE,
    """
    Task 00T1 OwnerId=005uma WhoId=003ann TaskSubtype=Call
    TaskRelation 0RT1 TaskId=00T1 RelationId=003bob IsWhat=false
    Task 00T2 OwnerId=005uma WhoId=003ann TaskSubtype=Email
    Event 00U1 OwnerId=005uma WhoId=003ann IsAllDayEvent=true ActivityDate=2026-05-05
    EventRelation 0RE1 EventId=00U1 RelationId=005udo IsInvitee=true Status=Declined
    EmailMessage 02s1 ActivityId=00T2 RelatedToId=001acme FromAddress=uma@ours.example ToAddress=ann@acme.example MessageIdentifier=<1@x>
    EmailMessageRelation 0Em1 EmailMessageId=02s1 RelationId=003ann RelationType=ToAddress RelationAddress=ann@acme.example
    """,
)
READ = {"00T1", "00T2", "00U1", "02s1"}


def all_but_id(name: str) -> set[str]:
    return {f"{name}.{column.name}" for column in SPECS[name].columns if column.name != "Id"}


def verdicts(warehouse: DuckDBWarehouse) -> dict[str, str]:
    counted = {row["event_id"]: "counted" for row in rows(warehouse, interactions)}
    return counted | {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)}


@pytest.mark.parametrize("name", SPECS)
def test_staging_takes_any_object_that_shows_only_its_id(warehouse: DuckDBWarehouse, name: str) -> None:
    source = World.of(*WORLD, hidden=all_but_id(name)).load(warehouse)
    models = [model for model in staged(source) if f"{raw_schema(CRM)}.{name}" in model.reads]
    assert build(warehouse, models, context([source]))


@pytest.mark.parametrize("names", [("Task", "Event", "EmailMessage"), ("User", "Account", "Contact", "Lead"), tuple(SPECS)[3:6]], ids=str)
def test_every_record_read_has_a_verdict_however_little_is_visible(warehouse: DuckDBWarehouse, names: tuple[str, ...]) -> None:
    hidden = [column for name in names for column in all_but_id(name)]
    build_model(warehouse, World.of(*WORLD, hidden=hidden).load(warehouse), only=VERDICTS)
    assert set(verdicts(warehouse)) == READ


def test_no_objects_at_all_give_an_empty_model(warehouse: DuckDBWarehouse) -> None:
    source = World.of(hidden=SPECS).load(warehouse)
    built = build_model(warehouse, source)
    assert set(built.values()) == {0}


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        (["Task.IsClosed", "Task.CompletedDateTime"], {"00T1": "counted"}),
        (["EmailMessage"], {"00T2": "counted"}),
        (["User"], {"00T1": "not_a_person", "00U1": "not_a_person"}),
        (["Contact"], {"00T1": "no_person", "02s1": "no_person"}),
    ],
    ids=str,
)
def test_what_is_left_visible_decides(warehouse: DuckDBWarehouse, hidden: list[str], expected: dict[str, str]) -> None:
    build_model(warehouse, World.of(*WORLD, hidden=hidden).load(warehouse), only=VERDICTS)
    assert {event_id: verdicts(warehouse)[event_id] for event_id in expected} == expected


def test_without_relations_the_who_person_and_the_address_lines_count() -> None:
    with modelled(WORLD[1], hidden=["TaskRelation", "EventRelation", "EmailMessageRelation"], only=[interactions]) as warehouse:
        found = {(row["event_id"], row["user_id"], row["person_id"]) for row in rows(warehouse, interactions)}
    assert found == {(event_id, "005uma", "003ann") for event_id in ("00T1", "00U1", "02s1")}


def test_two_crms_share_a_model_and_nothing_else() -> None:
    second = WORLD[1].replace("Status=Declined", "Status=Accepted")
    with open_warehouse() as warehouse:
        sources = [World.of(PEOPLE, WORLD[1]).load(warehouse, "east"), World.of(PEOPLE, second).load(warehouse, "west")]
        build(warehouse, needed(model_models(sources), *VERDICTS), context(sources))
        assert {(row["crm"], row["event_id"]) for row in rows(warehouse, participants_dropped)} == {("east", "00U1")}
        keys = [row["person_key"] for row in rows(warehouse, people)]
        assert len(keys) == len(set(keys)) == 8
        assert {row["crm"] for row in rows(warehouse, interactions)} == {"east", "west"}
