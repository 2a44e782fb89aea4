"""Which Salesforce objects and fields are read, as data; a new object is a new line here, not new code.

Left out for good: bodies of mails, descriptions, headers. `Subject` is read to classify an activity and is replaced by
`SubjectKind` while a page is being parsed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from connectors.fields import Entity, EntityMap, FieldSpec, api_name, column, entered
from connectors.landing.kinds import ColumnKind

Deletes = Literal["log", "snapshot", "none"]


@dataclass(frozen=True)
class Column:
    """One field of an object; a `derived_from` column is computed from a field that is not stored itself.

    A field `of_feature` is there only where the org has switched that on: its absence is no complaint.
    """

    name: str
    kind: ColumnKind = "text"
    required: bool = False
    derived_from: str = ""
    of_feature: bool = False

    @property
    def selected(self) -> str:
        """The CRM field that must be in the query for this column."""
        return self.derived_from or self.name


@dataclass(frozen=True)
class ObjectSpec:
    """One Salesforce object.

    `deletes`: how rows that leave without a trace in queryAll are found: the delete log (getDeleted), a full list of ids
    on each run (where the log does not know the object), or never (users are deactivated, not deleted).
    """

    name: str
    columns: tuple[Column, ...]
    deletes: Deletes = "log"
    entity: Entity | None = None
    required: bool = False
    feature: str = ""
    cursor: str = "SystemModstamp"
    primary_key: str = "Id"

    def with_columns(self, extra: Sequence[Column]) -> "ObjectSpec":
        """The same object with more columns; one it already has stays as it is."""
        known = {column.name for column in self.columns}
        fresh = {column.name: column for column in extra if column.name not in known}
        return replace(self, columns=(*self.columns, *fresh.values()))


_KINDS: Final[Mapping[str, ColumnKind]] = {"?": "boolean", "#": "integer", "%": "number", "@": "datetime", "/": "date"}
_SYSTEM = "Id! IsDeleted!? CreatedDate!@ LastModifiedDate@ SystemModstamp!@"


def _columns(text: str) -> tuple[Column, ...]:
    """Columns of a compact list: `!` required, `~` of a feature; `?` boolean, `#` integer, `%` number, `@` instant, `/` date, else text."""
    return tuple(_column(word) for word in text.split())


def _column(word: str) -> Column:
    name = word.rstrip("!~?#%@/")
    marks = word[len(name) :]
    kinds: list[ColumnKind] = [_KINDS[mark] for mark in marks if mark in _KINDS]
    return Column(name, kinds[0] if kinds else "text", required="!" in marks, of_feature="~" in marks)


_SUBJECT_KIND = Column("SubjectKind", derived_from="Subject")

ACCOUNT = ObjectSpec(
    "Account",
    _columns(f"{_SYSTEM} Name! ParentId OwnerId! Industry Type NumberOfEmployees# AnnualRevenue% MasterRecordId"),
    entity="account",
    required=True,
)
CONTACT = ObjectSpec(
    "Contact",
    _columns(f"{_SYSTEM} AccountId! OwnerId! FirstName LastName! Name Email! Title Department ReportsToId MasterRecordId"),
    entity="contact",
    required=True,
)
LEAD = ObjectSpec(
    "Lead",
    _columns(
        f"{_SYSTEM} FirstName LastName! Name Company Email! Title OwnerId! Status IsConverted!? ConvertedDate/ ConvertedAccountId"
        " ConvertedContactId ConvertedOpportunityId MasterRecordId"
    ),
    entity="lead",
    feature="Leads",
)
USER = ObjectSpec(
    "User",
    _columns(
        "Id! CreatedDate!@ LastModifiedDate@ SystemModstamp!@ Name! FirstName LastName Username Email! Title Department"
        " ManagerId IsActive!? UserType!"
    ),
    deletes="none",
    entity="user",
    required=True,
)
OPPORTUNITY = ObjectSpec(
    "Opportunity",
    _columns(
        f"{_SYSTEM} AccountId! OwnerId! Name StageName! Amount% CurrencyIsoCode~ CloseDate!/ IsClosed!? IsWon!? Probability%"
        " LastStageChangeDate@"
    ),
    entity="opportunity",
    feature="Opportunities",
)
OPPORTUNITY_CONTACT_ROLE = ObjectSpec(
    "OpportunityContactRole", _columns(f"{_SYSTEM} OpportunityId! ContactId! Role IsPrimary?"), feature="Opportunities"
)
ACCOUNT_CONTACT_RELATION = ObjectSpec(
    "AccountContactRelation",
    _columns(f"{_SYSTEM} AccountId! ContactId! IsDirect!? IsActive? Roles"),
    feature="Contacts to Multiple Accounts",
)
ACCOUNT_TEAM_MEMBER = ObjectSpec(
    "AccountTeamMember", _columns(f"{_SYSTEM} AccountId! UserId! TeamMemberRole"), deletes="snapshot", feature="Account Teams"
)
CURRENCY_TYPE = ObjectSpec(
    "CurrencyType",
    _columns("Id! CreatedDate!@ LastModifiedDate@ SystemModstamp!@ IsoCode! ConversionRate!%"),
    deletes="none",
    feature="multiple currencies",
)
TASK = ObjectSpec(
    "Task",
    (
        *_columns(
            f"{_SYSTEM} WhoId! WhatId AccountId OwnerId! Status! IsClosed!? ActivityDate!/ CompletedDateTime@ TaskSubtype! Type CallType"
            " CallDisposition CallDurationInSeconds# IsRecurrence!? RecurrenceActivityId IsArchived?"
        ),
        _SUBJECT_KIND,
    ),
    required=True,
)
EVENT = ObjectSpec(
    "Event",
    (
        *_columns(
            f"{_SYSTEM} WhoId! WhatId AccountId OwnerId! StartDateTime!@ EndDateTime@ DurationInMinutes# ActivityDate/ ActivityDateTime@"
            " IsAllDayEvent? IsPrivate!? IsChild!? IsGroupEvent? GroupEventType! IsRecurrence!? IsRecurrence2? RecurrenceActivityId"
            " EventSubtype IsArchived?"
        ),
        _SUBJECT_KIND,
    ),
    required=True,
)
EMAIL_MESSAGE = ObjectSpec(
    "EmailMessage",
    _columns(
        f"{_SYSTEM} ActivityId! ParentId RelatedToId FromAddress! ToAddress CcAddress BccAddress Incoming!? Status! MessageDate!@"
        " MessageIdentifier ThreadIdentifier IsBounced?"
    ),
    feature="Enhanced Email",
)
TASK_RELATION = ObjectSpec("TaskRelation", _columns(f"{_SYSTEM} TaskId! RelationId! IsWhat!? AccountId"), feature="Shared Activities")
EVENT_RELATION = ObjectSpec(
    "EventRelation", _columns(f"{_SYSTEM} EventId! RelationId! IsWhat? IsParent? IsInvitee? Status! AccountId"), feature="Events"
)
EMAIL_MESSAGE_RELATION = ObjectSpec(
    "EmailMessageRelation",
    _columns(f"{_SYSTEM} EmailMessageId! RelationId! RelationType! RelationAddress RelationObjectType"),
    feature="Enhanced Email",
)

OBJECTS: Final[tuple[ObjectSpec, ...]] = (
    USER,
    TASK,
    EVENT,
    EMAIL_MESSAGE,
    EMAIL_MESSAGE_RELATION,
    TASK_RELATION,
    EVENT_RELATION,
    CONTACT,
    ACCOUNT,
    LEAD,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    ACCOUNT_CONTACT_RELATION,
    ACCOUNT_TEAM_MEMBER,
    CURRENCY_TYPE,
)
"""In the order their jobs are submitted: a small one that is always there, whose job tells the org's clock, then the large ones."""

_ENTERED_KINDS: Final[Mapping[str, ColumnKind]] = {"boolean": "boolean", "integer": "number", "number": "number", "date": "date"}


def objects(prefix: str, mapped: EntityMap) -> tuple[ObjectSpec, ...]:
    """All objects with the fields people enter, named by `prefix` unless the org's own field is mapped."""
    return tuple(spec.with_columns(_entered_columns(spec.entity, prefix, mapped)) for spec in OBJECTS)


def entered_columns(prefix: str, mapped: EntityMap) -> dict[tuple[str, str], str]:
    """(entity, entered field in lower case) to the raw column that holds it, for staging."""
    return {(field.entity, column(field)): entered_name(field, prefix, mapped) for field in entered(mapped)}


def entered_name(field: FieldSpec, prefix: str, mapped: EntityMap) -> str:
    """The Salesforce field people enter `field` in: the mapped one, else ours."""
    return mapped.get(field.entity, {}).get(column(field)) or api_name(field, prefix)


def _entered_columns(entity: Entity | None, prefix: str, mapped: EntityMap) -> tuple[Column, ...]:
    fields = (field for field in entered(mapped) if field.entity == entity)
    return tuple(Column(entered_name(field, prefix, mapped), _ENTERED_KINDS.get(field.kind, "text")) for field in fields)
