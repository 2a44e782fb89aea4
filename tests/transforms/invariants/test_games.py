"""Games that must not pay: in both CRMs from the raw records on, and in a bare event log."""

from pathlib import Path
from typing import Any

import pytest

from tests.transforms.closeness.kit import scored
from tests.transforms.kit import VERDICTS, build, context, needed, open_warehouse, rows
from tests.transforms.kit import World as Salesforce
from tests.transforms.staging.dynamics.kit import World as Dynamics
from transforms.enrichment import tables as enrichment
from transforms.registry_model import model_models
from transforms.registry_scores import score_models
from transforms.tables import interactions, interactions_dropped

DAYS = [f"2026-{month:02}-{day:02}" for month in (4, 5) for day in range(1, 26)]
REPLIES = [f"2026-05-20T{8 + minute // 6:02}:{minute % 6}0Z" for minute in range(30)]
SELF = [f"2026-05-{day:02}T09:00Z" for day in range(1, 21)]

Played = dict[str, dict[str, Any]]


def salesforce() -> Salesforce:
    """uma plays, udo is her colleague; ann hears nothing but mail, bob replies all day, cat is invited by nobody."""
    world = Salesforce.of(PEOPLE_SF)
    for place, day in enumerate(DAYS):
        mail(world, f"02su{place}", f"{day}T10:00Z", "uma@ours.example", "ann@acme.example")
    many = ";".join(f"p{number}@many.example" for number in range(499))
    mail(world, "02smass", "2026-05-10T10:00Z", "uma@ours.example", f"dan@acme.example;{many}")
    for place, at in enumerate(REPLIES):
        mail(world, f"02sr{place}", at, "bob@acme.example", "uma@ours.example", Incoming="true")
    for place, at in enumerate(SELF):
        world.add("Event", f"00Us{place}", OwnerId="005uma", StartDateTime=at, WhatId="001acme")
        world.add("Event", f"00Uc{place}", OwnerId="005uma", StartDateTime=at, WhatId="001acme")
        world.add("EventRelation", f"0REc{place}", EventId=f"00Uc{place}", RelationId="005udo", IsInvitee="true", Status="Accepted")
    return world


def mail(world: Salesforce, record_id: str, at: str, sender: str, to: str, **cells: str) -> None:
    world.add("EmailMessage", record_id, MessageDate=at, FromAddress=sender, ToAddress=to, **cells)


PEOPLE_SF = """
User 005uma Name=Uma Email=uma@ours.example
User 005udo Name=Udo Email=udo@ours.example
Account 001acme Name=Acme OwnerId=005uma
Contact 003ann AccountId=001acme Email=ann@acme.example
Contact 003bob AccountId=001acme Email=bob@acme.example
Contact 003cat AccountId=001acme Email=cat@acme.example
Contact 003dan AccountId=001acme Email=dan@acme.example
"""


def dynamics() -> Dynamics:
    """The same in the other CRM."""
    world = Dynamics.of(PEOPLE_DYN)
    for place, day in enumerate(DAYS):
        world.add("email", f"e.u{place}", senton=f"{day}T10:00Z", ownerid="u.uma", **{"1": "u.uma", "2": "c.ann"})
    many = ",".join(f"p{number}@many.example" for number in range(499))
    world.add("email", "e.mass", senton="2026-05-10T10:00Z", ownerid="u.uma", **{"1": "u.uma", "2": f"c.dan,{many}"})
    for place, at in enumerate(REPLIES):
        world.add("email", f"e.r{place}", senton=at, directioncode="false", ownerid="u.uma", **{"1": "c.bob", "2": "u.uma"})
    for place, at in enumerate(SELF):
        alone = {"ownerid": "u.uma", "scheduledstart": at, "regardingobjectid": "a.acme"}
        world.add("appointment", f"m.s{place}", **alone, **{"7": "u.uma", "5": "u.uma"})
        world.add("appointment", f"m.c{place}", **alone, **{"7": "u.uma", "5": "u.udo"})
    return world


PEOPLE_DYN = """
systemuser u.uma fullname=Uma internalemailaddress=uma@ours.example
systemuser u.udo fullname=Udo internalemailaddress=udo@ours.example
account a.acme name=Acme ownerid=u.uma
contact c.ann parentcustomerid=a.acme emailaddress1=ann@acme.example
contact c.bob parentcustomerid=a.acme emailaddress1=bob@acme.example
contact c.cat parentcustomerid=a.acme emailaddress1=cat@acme.example
contact c.dan parentcustomerid=a.acme emailaddress1=dan@acme.example
"""


@pytest.fixture(scope="module", params=[salesforce, dynamics], ids=["salesforce", "dynamics"])
def played(request: pytest.FixtureRequest) -> tuple[Played, dict[str, int], int]:
    """Contacts by first name, reasons of what was dropped, and the counted rows."""
    with open_warehouse() as opened:
        source = request.param().load(opened)
        given = context([source])
        build(opened, needed([*model_models([source]), *score_models()], *VERDICTS, enrichment.contact), given)
        contacts = {row["record_id"][-3:]: row for row in rows(opened, enrichment.contact)}
        dropped: dict[str, int] = {}
        for row in rows(opened, interactions_dropped):
            dropped[row["reason"]] = dropped.get(row["reason"], 0) + 1
        return contacts, dropped, len(rows(opened, interactions))


def test_fifty_unanswered_mails_stay_without_contact(played: tuple[Played, dict[str, int], int]) -> None:
    ann = played[0]["ann"]
    assert (ann["touches_90d"], ann["interaction_level"], ann["last_two_way"], ann["known_by"]) == (50, "No contact", None, 0)
    assert ann["closeness_grade"] == "Poor"
    assert ann["closeness"] <= 8.4


def test_one_mail_to_five_hundred_is_no_contact_at_all(played: tuple[Played, dict[str, int], int]) -> None:
    dan = played[0]["dan"]
    assert (dan["touches_365d"], dan["closeness"], dan["interaction_level"]) == (0, None, "No contact")
    assert played[1]["mass_mail"] == 1


def test_meetings_with_oneself_or_colleagues_are_none(played: tuple[Played, dict[str, int], int]) -> None:
    contacts, dropped, counted = played
    assert (contacts["cat"]["meetings_365d"], contacts["cat"]["closeness"]) == (0, None)
    assert dropped["no_person"] + dropped["internal_only"] == 2 * len(SELF)
    assert counted == len(DAYS) + len(REPLIES)


def test_thirty_replies_of_a_day_are_one_day_of_occasional_contact(played: tuple[Played, dict[str, int], int]) -> None:
    bob = played[0]["bob"]
    assert (bob["contact_days_90d"], bob["touches_90d"], bob["interaction_level"]) == (1, 30, "Occasional")
    assert bob["closeness_grade"] == "Poor"


HONEST = [line for day in range(1, 28) for line in (f"2026-05-{day:02}T09:00Z uma ada", f"2026-05-{day:02}T10:00Z ada uma")]
PLAYED = {
    "fifty unanswered": [f"{day}T10:00Z u1 p1" for day in DAYS],
    "a meeting": ["2026-05-20T10:00Z u2 p2 meeting duration_s=1800"],
    "to many": ["2026-05-20T12:50Z u3 p3 n_rcpt=500"],
    "to one": ["2026-05-20T12:50Z u4 p4 n_rcpt=1"],
    "thirty replies": [f"{at} p5 u5" for at in REPLIES],
    "one reply": [f"{REPLIES[-1]} p6 u6"],
    "with oneself": [f"{at} u7 u7 meeting" for at in SELF],
}
"""Each of a user and a person of its own, so that no game shares anybody's attention with another."""


def test_the_same_games_in_a_bare_event_log(tmp_path: Path) -> None:
    with open_warehouse() as opened:
        found = scored(opened, tmp_path, "\n".join([*HONEST, *(line for lines in PLAYED.values() for line in lines)]))
    pairs = {name: found.get((f"p{number}", f"u{number}")) for number, name in enumerate(PLAYED, 1)}
    intensity = {name: row["intensity"] for name, row in pairs.items() if row}
    assert pairs["fifty unanswered"]["last_two_way"] is None
    assert intensity["fifty unanswered"] < intensity["a meeting"]
    assert intensity["to many"] <= intensity["to one"] / 100
    assert pairs["thirty replies"]["contact_days"] == 1
    assert intensity["thirty replies"] <= intensity["one reply"] * 1.01
    assert not any("u7" in pair for pair in found)
