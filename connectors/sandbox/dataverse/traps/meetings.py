"""Traps among appointments: series and their instances, states, all-day, private and drafted ones, owners that are nobody."""

from datetime import datetime, timedelta

from connectors.sandbox.dataverse.projection.parties import OPTIONAL, ORGANIZER, REQUIRED
from connectors.sandbox.dataverse.traps.cast import Cast
from connectors.sandbox.dataverse.traps.planter import Party, Planter, Row
from connectors.sandbox.dataverse.traps.records import meeting

MASTER, INSTANCE, EXCEPTION = 1, 2, 3
SCHEDULED: Row = {"statecode": 3, "statuscode": 5}


def plant(planter: Planter, cast: Cast) -> None:
    """All of them, each with its verdict."""
    _states(planter, cast)
    _series(planter, cast)
    _owners(planter, cast)


def _states(planter: Planter, cast: Cast) -> None:
    midnight = planter.ago(days=25).replace(hour=0, minute=0, second=0)
    all_day = {"isalldayevent": True, "scheduledend": midnight + timedelta(days=1), "scheduleddurationminutes": 1_440}
    states: dict[str, tuple[datetime, Row, str]] = {
        "past_scheduled_meeting": (planter.ago(days=21), SCHEDULED, "counted"),
        "cancelled_meeting": (planter.ago(days=22), {"statecode": 2, "statuscode": 4}, "cancelled"),
        "open_meeting": (planter.ago(days=23), {"statecode": 0, "statuscode": 2}, "open"),
        "planned_meeting": (planter.ago(days=-1), SCHEDULED, "future"),
        "completed_ahead_of_time": (planter.ago(days=-2), {}, "future"),
        "private_meeting": (planter.ago(days=24), {"ismapiprivate": True}, "private"),
        "draft_meeting": (planter.ago(days=24, minutes=90), {"isdraft": True}, "draft"),
        "all_day_meeting": (midnight, all_day, "counted"),
        "closed_much_later": (planter.ago(days=200), {"actualend": planter.ago(days=3), "actualdurationminutes": 480}, "counted"),
    }
    for trap, (at, fields, expected) in states.items():
        made = meeting(planter, cast, at, [(ORGANIZER, cast.rep), (REQUIRED, cast.bob)], **fields)
        planter.expect(trap, "appointment", made.id, expected)


def _series(planter: Planter, cast: Cast) -> None:
    """The master is a plan; what took place are its instances and exceptions, and the next ones are ahead."""
    first, parties = planter.ago(days=90), [(ORGANIZER, cast.rep), (REQUIRED, cast.ann), (OPTIONAL, cast.eve)]
    pattern = {"recurrencepatterntype": 1, "interval": 1, "daysofweekmask": 4, "patternendtype": 1, "patternstartdate": first}
    dropped = {"deletedexceptionslist": (first + timedelta(days=21)).date().isoformat(), "duration": 60}
    master = meeting(planter, cast, first, parties, "recurringappointmentmaster", **(pattern | dropped | SCHEDULED),
                     instancetypecode=MASTER)  # fmt: skip
    planter.expect("series_master", "recurringappointmentmaster", master.id, "series_master")
    weeks: dict[str, tuple[int, Row, str]] = {
        "series_instance": (1, {"instancetypecode": INSTANCE}, "counted"),
        "series_exception": (2, {"instancetypecode": EXCEPTION, "modifiedfieldsmask": 4}, "counted"),
        "series_instance_ahead": (14, {"instancetypecode": INSTANCE, **SCHEDULED}, "future"),
    }
    for trap, (week, fields, expected) in weeks.items():
        at = first + timedelta(days=7 * week)
        made = meeting(planter, cast, at, parties, _seriesid_value=master.id, originalstartdate=at, **fields)
        planter.expect(trap, "appointment", made.id, expected)


def _owners(planter: Planter, cast: Cast) -> None:
    """Organizer, attendees and an owner that is a user are our side; a team is nobody."""
    kinds: dict[str, tuple[list[tuple[int, Party]], Row, str]] = {
        "owner_joins_meeting": ([(ORGANIZER, cast.mate), (REQUIRED, cast.ann)], {}, "counted"),
        "team_meeting_with_organizer": ([(ORGANIZER, cast.mate), (REQUIRED, cast.ann)], {"owner": cast.team}, "counted"),
        "team_meeting_without_user": ([(REQUIRED, cast.ann)], {"owner": cast.team}, "not_a_person"),
        "customer_organizes": ([(ORGANIZER, cast.ann), (REQUIRED, cast.rep)], {}, "counted"),
        "internal_meeting": ([(ORGANIZER, cast.rep), (REQUIRED, cast.mate)], {"about": None}, "internal_only"),
        "meeting_without_people": ([(ORGANIZER, cast.rep)], {}, "no_person"),
        "meeting_about_a_contact": ([(ORGANIZER, cast.rep)], {"about": cast.eve}, "counted"),
    }
    for number, (trap, (parties, fields, expected)) in enumerate(kinds.items()):
        made = meeting(planter, cast, planter.ago(days=50 + number), parties, **fields)
        planter.expect(trap, "appointment", made.id, expected)
