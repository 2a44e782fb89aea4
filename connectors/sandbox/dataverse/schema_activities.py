"""Activities, the pointer that looks over all of them, and activity parties.

Each kind of activity has a table of its own; `activitypointer` is a view with the columns they share. Regarding and the key of the
parties have one navigation property per kind (`regardingobjectid_account_task`), as in the product.
"""

from typing import Final

from connectors.sandbox.dataverse.schema_build import (
    choice,
    computed,
    day,
    instant,
    integer,
    key,
    lookup,
    memo,
    money,
    ownership,
    parties,
    read_only,
    stamps,
    state,
    status,
    table,
    text,
    version,
    yes_no,
)
from connectors.sandbox.dataverse.schema_types import Attribute, Table
from connectors.sandbox.dataverse.schema_words import (
    ACTIVITY_KINDS,
    INSTANCE_TYPES,
    PARTICIPATION,
    PARTIES,
    PRIORITIES,
    REGARDING,
)

OPEN_STATES: Final = ((0, "Open"), (1, "Completed"), (2, "Canceled"))
MEETING_STATES: Final = (*OPEN_STATES, (3, "Scheduled"))
MEETING_REASONS: Final = (
    (1, "Free", 0),
    (2, "Tentative", 0),
    (3, "Completed", 1),
    (4, "Canceled", 2),
    (5, "Busy", 3),
    (6, "Out of Office", 3),
)


def _shared(kind: str) -> list[Attribute]:
    """What every kind of activity has; the pointer shows the same columns."""
    regarding = (
        ("regardingobjectid",) * len(REGARDING)
        if kind == "activitypointer"
        else tuple(f"regardingobjectid_{target}_{kind}" for target in REGARDING)
    )
    return [
        key("activityid"),
        text("subject", 400),
        *stamps(),
        *ownership(),
        memo("description", 1_073_741_823),
        lookup("regardingobjectid", *REGARDING, navigation=regarding, label="Regarding"),
        *(instant(name) for name in ("scheduledstart", "scheduledend", "actualstart", "actualend", "sortdate", "senton")),
        *(integer(name) for name in ("scheduleddurationminutes", "actualdurationminutes")),
        choice("prioritycode", *PRIORITIES, default=1, filled="1"),
        read_only(choice("instancetypecode", *INSTANCE_TYPES, default=0, filled="0")),
        read_only(lookup("seriesid", "recurringappointmentmaster", navigation=(f"seriesid_{kind}",))),
        *(yes_no(name) for name in ("isbilled", "isworkflowcreated", "ismapiprivate", "leftvoicemail")),
        yes_no("isregularactivity", default=True),
        text("exchangeitemid", 200),
    ]


SHARED_COLUMNS: Final = tuple(item.column for item in _shared("activitypointer") if item.column_type and not item.expression)
"""Columns of the pointer that each activity table stores."""


def _activity(kind: str, entity_set: str, code: int, own: list[Attribute], **facts: object) -> Table:
    type_code = computed(Attribute("activitytypecode", "EntityName", "Activity Type", "activitytypecode"), f"'{kind}'")
    collections = {f"{kind}_activity_parties": ("activityparty", "activityid")}
    columns = [*_shared(kind), type_code, *own]
    return table(kind, entity_set, code, columns, "subject", is_activity=True, collections=collections, **facts)


EMAIL: Final[Table] = _activity(
    "email",
    "emails",
    4202,
    [
        state(*OPEN_STATES),
        status(
            (1, "Draft", 0),
            (2, "Completed", 1),
            (3, "Sent", 1),
            (4, "Received", 1),
            (5, "Canceled", 2),
            (6, "Pending Send", 1),
            (7, "Sending", 1),
            (8, "Failed", 0),
        ),
        yes_no("directioncode", "Incoming", "Outgoing", default=True, label="Direction"),
        *(parties(name) for name in ("from", "to", "cc", "bcc", "related")),
        text("sender", 250, label="From"),
        text("torecipients", 500, label="To Recipients"),
        lookup("emailsender", "account", "contact", "lead", "systemuser", "queue"),
        text("messageid", 320),
        text("inreplyto", 320),
        text("conversationindex", 2_048),
        text("trackingtoken", 50),
        text("mimetype", 256),
        integer("attachmentcount"),
        lookup("parentactivityid", "email"),
    ],
)

PHONECALL: Final[Table] = _activity(
    "phonecall",
    "phonecalls",
    4210,
    [
        state(*OPEN_STATES),
        status((1, "Open", 0), (2, "Made", 1), (3, "Canceled", 2), (4, "Received", 1)),
        yes_no("directioncode", "Incoming", "Outgoing", default=True, label="Direction"),
        *(parties(name) for name in ("from", "to")),
        text("phonenumber", 200, format="Phone"),
        text("category", 250),
        text("subcategory", 250),
    ],
)


def _meeting() -> list[Attribute]:
    """What appointments and their series share."""
    return [
        *(parties(name) for name in ("requiredattendees", "optionalattendees", "organizer")),
        yes_no("isalldayevent", label="All Day Event"),
        text("location", 200),
        text("globalobjectid", 300),
        yes_no("isonlinemeeting"),
    ]


APPOINTMENT: Final[Table] = _activity(
    "appointment",
    "appointments",
    4201,
    [
        state(*MEETING_STATES),
        status(*MEETING_REASONS),
        *_meeting(),
        read_only(instant("originalstartdate")),
        read_only(integer("modifiedfieldsmask")),
        yes_no("isdraft"),
    ],
)

SERIES: Final[Table] = _activity(
    "recurringappointmentmaster",
    "recurringappointmentmasters",
    4251,
    [
        state(*MEETING_STATES),
        status(*MEETING_REASONS),
        *_meeting(),
        choice("recurrencepatterntype", (0, "Daily"), (1, "Weekly"), (2, "Monthly"), (3, "Yearly")),
        *(integer(name) for name in ("interval", "occurrences", "daysofweekmask", "dayofmonth", "monthofyear", "duration")),
        choice("patternendtype", (1, "No End Date"), (2, "Occurrences"), (3, "Pattern End Date")),
        *(instant(name) for name in ("patternstartdate", "patternenddate", "effectivestartdate", "effectiveenddate")),
        *(instant(name) for name in ("starttime", "endtime")),
        memo("deletedexceptionslist", 1_048_576),
        read_only(instant("lastexpandedinstancedate")),
        read_only(instant("nextexpansioninstancedate")),
    ],
    label="Recurring Appointment",
)

TASK: Final[Table] = _activity(
    "task",
    "tasks",
    4212,
    [
        state(*OPEN_STATES),
        status(
            (2, "Not Started", 0),
            (3, "In Progress", 0),
            (4, "Waiting on someone else", 0),
            (5, "Completed", 1),
            (6, "Canceled", 2),
            (7, "Deferred", 0),
            default=2,
        ),
        integer("percentcomplete", 0, 100),
        text("category", 250),
        text("subcategory", 250),
    ],
)

DEAL_CLOSE: Final[Table] = _activity(
    "opportunityclose",
    "opportunitycloses",
    4208,
    [
        state(*OPEN_STATES, default=1),
        status((1, "Open", 0), (2, "Completed", 1), (3, "Canceled", 2), default=2),
        lookup("opportunityid", "opportunity"),
        choice("opportunitystatecode", (1, "Won"), (2, "Lost")),
        choice("opportunitystatuscode", (3, "Won"), (4, "Canceled"), (5, "Out-Sold")),
        money("actualrevenue"),
        read_only(money("actualrevenue_base")),
        lookup("transactioncurrencyid", "transactioncurrency"),
        day("actualclosedate"),
    ],
    label="Opportunity Close",
)

POINTER: Final[Table] = table(
    "activitypointer",
    "activitypointers",
    4200,
    [
        *_shared("activitypointer"),
        read_only(Attribute("activitytypecode", "EntityName", "Activity Type", "activitytypecode")),
        state(*MEETING_STATES),
        status((1, "Open", 0), (2, "Completed", 1), (3, "Canceled", 2), (4, "Scheduled", 3)),
        parties("allparties"),
    ],
    "subject",
    label="Activity",
    label_plural="Activities",
    is_activity=True,
    view=True,
    change_tracking=False,
    can_change_tracking=False,
    optimistic_concurrency=False,
    multiple=False,
    creatable=False,
    updatable=False,
    collections={"activitypointer_activity_parties": ("activityparty", "activityid")},
)

PARTY: Final[Table] = table(
    "activityparty",
    "activityparties",
    135,
    [
        lookup("activityid", "activitypointer", *ACTIVITY_KINDS, label="Activity"),
        lookup("partyid", *PARTIES, label="Party"),
        computed(Attribute("partyobjecttypecode", "EntityName", "Party Type", "partyobjecttypecode"), '"_partyid_type"'),
        choice("participationtypemask", *PARTICIPATION, label="Participation Type", filled="0"),
        text("addressused", 320, format="Email"),
        integer("addressusedemailcolumnnumber", 1, 1_000_000_000),
        text("unresolvedpartyname", 320),
        yes_no("ispartydeleted"),
        choice("instancetypecode", *INSTANCE_TYPES, filled="0"),
        instant("scheduledstart"),
        instant("scheduledend"),
        version(),
    ],
    "partyid",
    label="Activity Party",
    label_plural="Activity Parties",
    ownership="None",
    change_tracking=False,
    can_change_tracking=True,
    optimistic_concurrency=False,
    activity_party=True,
    multiple=False,
    creatable=False,
    updatable=False,
    deletable=False,
)

ACTIVITIES: Final = (EMAIL, PHONECALL, APPOINTMENT, SERIES, TASK, DEAL_CLOSE)
