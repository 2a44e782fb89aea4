"""Traps among Events: child rows, series, private and cancelled ones, calendars that are nobody, people who declined."""

from datetime import datetime

from connectors.sandbox.salesforce.traps.cast import Cast
from connectors.sandbox.salesforce.traps.planter import Planted, Planter, Row
from connectors.sandbox.salesforce.traps.records import event


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _rows_of_one_meeting(planter, cast)
    _series(planter, cast)
    _states(planter, cast)
    _owners(planter, cast)
    _declined(planter, cast)


def _expect_copies(planter: Planter, trap: str, made: Planted, expected: str = "invitee_copy") -> None:
    for copy in made.copies:
        planter.expect(trap, "Event", copy, expected)


def _rows_of_one_meeting(planter: Planter, cast: Cast) -> None:
    users = {cast.mate: "Accepted", cast.third: "New", cast.gone: "Accepted"}
    made = event(planter, cast, planter.ago(days=21), {cast.ann: "Accepted", cast.bob: None}, users)
    planter.expect("three_user_invitees", "Event", made.id, "counted")
    _expect_copies(planter, "three_user_invitees", made)


def _series(planter: Planter, cast: Cast) -> None:
    kinds: dict[str, tuple[Row, Row]] = {
        "classic_series": ({"IsRecurrence": True}, {}),
        "lightning_series": ({"IsRecurrence2": True, "GroupEventType": "3"}, {"IsRecurrence2": True}),
    }
    for trap, (pattern, occurrence) in kinds.items():
        master = planter.new_id("Event")
        own: Row = {"RecurrenceActivityId": master} if trap == "classic_series" else {}
        event(planter, cast, planter.ago(days=90), {cast.ann: None}, **(pattern | own | {"Id": master}))
        planter.expect(f"{trap}_master", "Event", master, "series_master")
        for week in (1, 2):
            made = event(planter, cast, planter.ago(days=90 - 7 * week), {cast.ann: None}, **(occurrence | own))
            planter.expect(f"{trap}_occurrence", "Event", made.id, "counted")


def _states(planter: Planter, cast: Cast) -> None:
    all_day: Row = {"IsAllDayEvent": True, "ActivityDateTime": None, "DurationInMinutes": 1_440}
    midnight = planter.ago(days=25).replace(hour=0, minute=0, second=0)
    states: dict[str, tuple[datetime, Row, str]] = {
        "cancelled_subject": (planter.ago(days=22), {"Subject": "Canceled: quarterly review"}, "cancelled"),
        "cancelled_subject_british_capitals": (planter.ago(days=23), {"Subject": "CANCELLED: lunch"}, "cancelled"),
        "deleted_event": (planter.ago(days=24), {"IsDeleted": True}, "deleted"),
        "all_day_event": (midnight, all_day | {"StartDateTime": midnight, "EndDateTime": midnight}, "counted"),
        "planned_event": (planter.ago(days=-1), {}, "future"),
        "archived_event": (planter.ago(days=400), {"IsArchived": True}, "counted"),
    }
    for trap, (at, fields, expected) in states.items():
        planter.expect(trap, "Event", event(planter, cast, at, {cast.bob: None}, **fields).id, expected)
    private = event(planter, cast, planter.ago(days=26), {}, IsPrivate=True, Subject="Dentist")
    planter.expect("private_event", "Event", private.id, "private")


def _owners(planter: Planter, cast: Cast) -> None:
    alone = event(planter, cast, planter.ago(days=27), {cast.ann: None}, OwnerId=cast.public)
    planter.expect("public_calendar", "Event", alone.id, "not_a_person")
    joined = event(planter, cast, planter.ago(days=28), {cast.ann: None}, {cast.mate: "Accepted"}, OwnerId=cast.public)
    planter.expect("public_calendar_with_invited_user", "Event", joined.id, "counted")
    _expect_copies(planter, "public_calendar_with_invited_user", joined)
    team = event(planter, cast, planter.ago(days=29), {}, {cast.mate: "Accepted", cast.third: "Accepted"})
    planter.expect("internal_meeting", "Event", team.id, "internal_only")
    _expect_copies(planter, "internal_meeting", team)
    empty = event(planter, cast, planter.ago(days=29), {}, WhatId=cast.account, AccountId=cast.account)
    planter.expect("event_without_people", "Event", empty.id, "no_person")


def _declined(planter: Planter, cast: Cast) -> None:
    made = event(
        planter, cast, planter.ago(days=31), {cast.ann: "Accepted", cast.bob: "Declined", cast.eve: "Uninvited"}, {cast.mate: "Declined"}
    )
    planter.expect("declined_invitees", "Event", made.id, "counted")
    for person in (cast.bob, cast.eve, cast.mate):
        planter.expect("declined_invitees", "EventRelation", made.relations[str(person.id)], "participant_dropped:declined")
    nobody = event(planter, cast, planter.ago(days=32), {cast.eve: "Declined"})
    planter.expect("only_contact_declined", "Event", nobody.id, "no_person")
