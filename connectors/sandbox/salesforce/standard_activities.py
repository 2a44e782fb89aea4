"""Tasks, events, mails and the rows that relate them to people."""

from typing import Final

from connectors.sandbox.salesforce.metadata import (
    SObject,
    boolean,
    combobox,
    create_only,
    date,
    datetime,
    integer,
    lookup,
    pick,
    read_only,
    required,
    sobject,
    system_fields,
    text,
)

LONG: Final = 32_000
BODY: Final = 131_072
CLOSED_TASK_STATUSES: Final = ("Completed",)
WHO: Final = ("Contact", "Lead")
WHAT: Final = ("Account", "Opportunity")

TASK: Final[SObject] = sobject(
    "Task",
    "00T",
    [
        *system_fields(),
        lookup("WhoId", *WHO),
        lookup("WhatId", *WHAT),
        read_only(lookup("AccountId", "Account")),
        required(lookup("OwnerId", "User", "Group")),
        combobox("Subject", "Call", "Send Letter", "Send Quote", "Other"),
        required(pick("Status", "Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")),
        required(pick("Priority", "High", "Normal", "Low")),
        text("Description", LONG, type="textarea"),
        read_only(boolean("IsClosed")),
        date("ActivityDate"),
        read_only(datetime("CompletedDateTime")),
        create_only(pick("TaskSubtype", "Task", "Email", "ListEmail", "Call", "Cadence", "LinkedIn", "Note", restricted=True, length=40)),
        pick("Type", "Call", "Email", "Meeting", "Other"),
        pick("CallType", "Internal", "Inbound", "Outbound", restricted=True, length=40),
        text("CallDisposition", 255),
        integer("CallDurationInSeconds"),
        create_only(boolean("IsRecurrence")),
        read_only(lookup("RecurrenceActivityId", "Task")),
        read_only(boolean("IsArchived")),
    ],
    activity=True,
    child_relationships={"TaskRelations": ("TaskRelation", "TaskId")},
)

EVENT: Final[SObject] = sobject(
    "Event",
    "00U",
    [
        *system_fields(),
        lookup("WhoId", *WHO),
        lookup("WhatId", *WHAT),
        read_only(lookup("AccountId", "Account")),
        required(lookup("OwnerId", "User", "Calendar")),
        combobox("Subject", "Call", "Email", "Meeting", "Send Letter/Quote", "Other"),
        text("Location", 255),
        text("Description", LONG, type="textarea"),
        datetime("StartDateTime"),
        datetime("EndDateTime"),
        integer("DurationInMinutes"),
        date("ActivityDate"),
        datetime("ActivityDateTime"),
        boolean("IsAllDayEvent"),
        boolean("IsPrivate"),
        read_only(boolean("IsChild")),
        read_only(boolean("IsGroupEvent")),
        read_only(pick("GroupEventType", "0", "1", "2", "3", length=40)),
        create_only(boolean("IsRecurrence")),
        read_only(boolean("IsRecurrence2")),
        read_only(lookup("RecurrenceActivityId", "Event")),
        create_only(pick("EventSubtype", "Event", restricted=True, length=40)),
        read_only(boolean("IsArchived")),
    ],
    activity=True,
    child_relationships={"EventRelations": ("EventRelation", "EventId")},
)

EMAIL_MESSAGE: Final[SObject] = sobject(
    "EmailMessage",
    "02s",
    [
        *system_fields(),
        create_only(lookup("ActivityId", "Task")),
        create_only(lookup("ParentId", "Case")),
        create_only(lookup("RelatedToId", *WHAT)),
        create_only(text("Subject", 3000)),
        create_only(text("TextBody", BODY, type="textarea")),
        create_only(text("HtmlBody", BODY, type="textarea")),
        create_only(text("FromAddress", 1000, type="email")),
        create_only(text("ToAddress", 4000)),
        create_only(text("CcAddress", 4000)),
        create_only(text("BccAddress", 4000)),
        create_only(boolean("Incoming")),
        create_only(required(pick("Status", "0", "1", "2", "3", "4", "5", restricted=True, length=40))),
        create_only(datetime("MessageDate")),
        create_only(text("MessageIdentifier", 765)),
        create_only(text("ThreadIdentifier", 765)),
        boolean("IsExternallyVisible"),
        read_only(boolean("IsBounced")),
    ],
    label="Email Message",
    child_relationships={"EmailMessageRelations": ("EmailMessageRelation", "EmailMessageId")},
)

TASK_RELATION: Final[SObject] = sobject(
    "TaskRelation",
    "0RT",
    [
        *system_fields(),
        create_only(required(lookup("TaskId", "Task"))),
        create_only(required(lookup("RelationId", *WHO, *WHAT))),
        read_only(boolean("IsWhat")),
        read_only(lookup("AccountId", "Account")),
    ],
    label="Task Relation",
    updateable=False,
    undeletable=False,
)

EVENT_RELATION: Final[SObject] = sobject(
    "EventRelation",
    "0RE",
    [
        *system_fields(),
        create_only(required(lookup("EventId", "Event"))),
        create_only(required(lookup("RelationId", *WHO, *WHAT, "User", "Calendar"))),
        boolean("IsParent"),
        read_only(boolean("IsWhat")),
        boolean("IsInvitee"),
        pick("Status", "New", "Declined", "Accepted", "Uninvited", "Undecided", "Maybe", restricted=True, length=40),
        read_only(lookup("AccountId", "Account")),
    ],
    label="Event Relation",
    undeletable=False,
)

EMAIL_RELATION: Final[SObject] = sobject(
    "EmailMessageRelation",
    "0Em",
    [
        *system_fields(),
        create_only(required(lookup("EmailMessageId", "EmailMessage"))),
        create_only(lookup("RelationId", *WHO, "User")),
        create_only(
            required(
                pick("RelationType", "ToAddress", "CcAddress", "BccAddress", "FromAddress", "OtherAddress", restricted=True, length=40)
            )
        ),
        create_only(text("RelationAddress", 1000)),
        read_only(pick("RelationObjectType", "Contact", "Lead", "User", length=40)),
    ],
    label="Email Message Relation",
    updateable=False,
    undeletable=False,
)

ACTIVITIES: Final = (TASK, EVENT, EMAIL_MESSAGE, TASK_RELATION, EVENT_RELATION, EMAIL_RELATION)
