"""Decisions of Dynamics counting that the generated environment has no case for, and what hidden columns and tables leave."""

import pytest

from tests.transforms.kit import VERDICTS, build, context, needed, rows
from tests.transforms.staging.dynamics.kit import ACTIVITIES, PEOPLE, RAW, World
from transforms.base import Counting
from transforms.registry_model import model_models
from transforms.staging.dynamics import staged
from transforms.tables import interactions, interactions_dropped, participants_dropped
from warehouse import DuckDBWarehouse

LOG = """
phonecall p.owner ownerid=u.uma 2=c.ann
phonecall p.other ownerid=u.uma 1=u.udo 2=c.ann
phonecall p.missed ownerid=u.uma 1=u.uma 2=c.ann leftvoicemail=true
phonecall p.missed_in ownerid=u.uma 1=c.ann 2=u.uma leftvoicemail=true directioncode=false
phonecall p.self ownerid=u.uma 2=u.uma
phonecall p.about ownerid=u.uma 1=u.uma 2=+1-555 regardingobjectid=c.bob
phonecall p.beside ownerid=u.uma 1=u.uma 2=bob@home.example regardingobjectid=c.ann
email e.about ownerid=u.uma 1=u.uma 2=x@y.example regardingobjectid=c.bob
email e.inbound ownerid=u.uma 1=x@y.example 2=u.udo directioncode=false statuscode=4 regardingobjectid=c.bob
email e.queue_in ownerid=u.uma 1=c.ann 2=q.sales directioncode=false statuscode=4
email e.queue_out ownerid=u.uma 1=q.sales 2=c.ann
email e.robot ownerid=u.uma 1=u.app 2=c.ann
email e.custom ownerid=u.uma 1=u.uma 2=c.ann statuscode=727270001
appointment m.past ownerid=u.uma 7=u.udo 5=c.ann statecode=3
appointment m.ahead ownerid=u.uma 5=c.ann statecode=3 scheduledstart=2026-06-02T00:00Z
appointment m.span ownerid=u.uma 5=c.ann scheduledend=2026-05-04T10:45Z scheduleddurationminutes=
appointment m.internal ownerid=u.uma 7=u.uma 5=u.udo
appointment m.alone ownerid=u.uma 7=u.uma regardingobjectid=a.acme
recurringappointmentmaster s.cancelled ownerid=u.uma statecode=2
task d.open ownerid=u.uma statecode=0 regardingobjectid=c.ann
task d.private ownerid=u.uma statecode=2
"""
COUNTED = {
    ("p.owner", "u.uma", "c.ann", "both"),
    ("p.other", "u.udo", "c.ann", "both"),
    ("p.missed", "u.uma", "c.ann", "out"),
    ("p.missed_in", "u.uma", "c.ann", "in"),
    ("p.about", "u.uma", "c.bob", "both"),
    ("p.beside", "u.uma", "c.bob", "both"),
    ("e.about", "u.uma", "c.bob", "out"),
    ("e.inbound", "u.udo", "c.bob", "in"),
    ("e.inbound", "u.uma", "c.bob", "in"),
    ("e.queue_out", "u.uma", "c.ann", "out"),
    ("m.past", "u.udo", "c.ann", "both"),
    ("m.past", "u.uma", "c.ann", "both"),
    ("m.span", "u.uma", "c.ann", "both"),
}
DROPPED = {
    "p.self": "no_person",
    "e.queue_in": "not_a_person",
    "e.robot": "not_a_person",
    "e.custom": "open",
    "m.ahead": "future",
    "m.internal": "internal_only",
    "m.alone": "no_person",
    "s.cancelled": "cancelled",
    "d.open": "plain_task",
    "d.private": "cancelled",
}


def run(warehouse: DuckDBWarehouse, world: World, **rules: bool) -> dict[str, str]:
    """The verdict on each activity of a world."""
    source = world.load(warehouse)
    build(warehouse, needed(model_models([source]), *VERDICTS), context([source], rules=Counting(**rules)))
    verdicts = {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)}
    return verdicts | {row["event_id"]: "counted" for row in rows(warehouse, interactions)}


def test_owners_and_regarding_people_stand_in_and_states_decide(warehouse: DuckDBWarehouse) -> None:
    run(warehouse, World.of(PEOPLE, LOG))
    found = rows(warehouse, interactions)
    assert {(row["event_id"], row["user_id"], row["person_id"], row["direction"]) for row in found} == COUNTED
    assert {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)} == DROPPED
    assert {row["event_id"] for row in found if row["unanswered"]} == {"p.missed", "p.missed_in"}
    assert {row["event_id"] for row in found if not row["two_way"]} == {"p.missed", "p.missed_in", "e.about", "e.queue_out"}
    assert {row["event_id"]: row["minutes"] for row in found if row["channel"] == "meeting"} == {"m.past": 30, "m.span": 45}
    left_out = {(row["event_id"], row["reason"]) for row in rows(warehouse, participants_dropped)}
    assert left_out == {
        ("p.about", "unresolved"),
        ("e.about", "unresolved"),
        ("e.inbound", "unresolved"),
        ("e.queue_out", "not_a_person"),
    }


def test_scheduled_meetings_of_the_past_are_open_where_the_configuration_says_so(warehouse: DuckDBWarehouse) -> None:
    found = run(warehouse, World.of(PEOPLE, LOG), past_scheduled_meetings=False)
    assert (found["m.past"], found["m.ahead"], found["m.span"]) == ("open", "open", "counted")


def test_a_copy_that_is_still_being_sent_does_not_take_the_place_of_the_one_that_arrived(warehouse: DuckDBWarehouse) -> None:
    stuck = "email e.stuck ownerid=u.uma statuscode=7 senton=2026-05-04T09:59Z messageid=<1@x> 1=u.uma 2=c.ann 3=u.udo"
    arrived = "email e.arrived ownerid=u.udo statuscode=4 messageid=<1@x> 1=u.uma 2=c.ann 3=u.udo"
    assert run(warehouse, World.of(PEOPLE, stuck, arrived)) == {"e.stuck": "open", "e.arrived": "counted"}


def hidden(*tables: str) -> list[str]:
    """Every column of these tables but the key and our mark."""
    return [f"{name}.{column}" for name in tables for column in RAW[name] if column != "is_deleted" and column != next(iter(RAW[name]))]


def test_staging_takes_tables_that_show_only_their_keys(warehouse: DuckDBWarehouse) -> None:
    source = World.of(PEOPLE, LOG, hidden=hidden(*RAW)).load(warehouse)
    for model in staged(source):
        model.build(warehouse, context([source]))


@pytest.mark.parametrize("names", [ACTIVITIES[:3], ("activityparty",), ("systemuser", "contact", "lead", "account")], ids=str)
def test_every_activity_has_a_verdict_however_little_is_visible(warehouse: DuckDBWarehouse, names: tuple[str, ...]) -> None:
    found = run(warehouse, World.of(PEOPLE, LOG, hidden=hidden(*names)))
    assert found.keys() == {row for row, *_ in COUNTED} | DROPPED.keys()


def test_tables_the_environment_lacks_leave_their_part_empty(warehouse: DuckDBWarehouse) -> None:
    found = run(warehouse, World.of(PEOPLE, LOG, hidden=["lead", "connection", "task", "opportunity", "activityparty"]))
    assert "d.open" not in found
    assert (found["p.about"], found["m.past"]) == ("counted", "no_person")
    assert set(run(warehouse, World.of(hidden=RAW))) == set()


def test_lookups_whose_table_nobody_tells_are_taken_for_what_they_usually_are(warehouse: DuckDBWarehouse) -> None:
    """Annotations may be missing on rows of a delta: ids still say who is who."""
    typed = [f"{name}.{column}" for name in RAW for column in RAW[name] if column.endswith("_type")]
    found = run(warehouse, World.of(PEOPLE, LOG, hidden=typed))
    assert {name: found[name] for name in found if name not in DROPPED} == {row: "counted" for row, *_ in COUNTED}
