"""Which Dataverse tables and columns are read, as data; a new table is a new line here, not new code.

A column is named as `EntityDefinitions` names it. A lookup is asked for, and kept, as `_<name>_value`; one that may point to
several tables is kept with the table it points to beside it, `_<name>_type`. Every raw table has `is_deleted`, which is
ours: the API sends no rows that are gone. Choices stay the numbers they are.

Deliberately absent: subjects, bodies and descriptions, which are never asked for, and how a table's changes and deletions
are found: whether change tracking is on is seen at run time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from connectors.fields import Entity, EntityMap, FieldSpec, column, entered
from connectors.landing.kinds import ColumnKind

AttributeKind = Literal["text", "boolean", "integer", "number", "date", "datetime", "lookup", "typed_lookup", "choice", "choices"]

CURSOR: Final = "versionnumber"
IS_DELETED: Final = "is_deleted"
_LOOKUPS: Final = ("lookup", "typed_lookup")
_LANDED: Final[Mapping[AttributeKind, ColumnKind]] = {
    "text": "text",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "lookup": "text",
    "typed_lookup": "text",
    "choice": "integer",
    "choices": "text",
}


@dataclass(frozen=True)
class Column:
    """One column of a table, by its logical name."""

    name: str
    kind: AttributeKind = "text"
    required: bool = False

    @property
    def selected(self) -> str:
        """What `$select` calls it."""
        return f"_{self.name}_value" if self.kind in _LOOKUPS else self.name

    def raw(self, sent_as: AttributeKind | None = None) -> Mapping[str, ColumnKind]:
        """Columns of the raw table that hold it: one, or two for a lookup to several tables.

        A choice is kept as it is sent, number or text (`sent_as`, the kind the org declares), because its labels are read
        beside it; everything else is kept as the kind this spec declares.
        """
        as_sent = sent_as is not None and {self.kind, sent_as} & {"choice", "choices"}
        kind = _LANDED[sent_as if sent_as and as_sent else self.kind]
        typed: Mapping[str, ColumnKind] = {f"_{self.name}_type": "text"} if self.kind == "typed_lookup" else {}
        return {self.selected: kind, **typed}

    def accepts(self, sent_as: AttributeKind) -> bool:
        """Whether an org's column of this kind can be read here (a mapped one may be another): lookups only as lookups."""
        return (self.kind in _LOOKUPS) == (sent_as in _LOOKUPS)


@dataclass(frozen=True)
class TableSpec:
    """One Dataverse table.

    `feature`: what brings it, for the report where it is missing. `parties`: its records have activity parties. `parent`:
    the raw column naming the record whose rows come and go as a set, empty where rows live on their own.
    """

    name: str
    columns: tuple[Column, ...]
    entity: Entity | None = None
    required: bool = False
    feature: str = ""
    primary_key: str = ""
    parties: bool = False
    parent: str = ""
    cursor: str = CURSOR

    def __post_init__(self) -> None:
        if not self.primary_key:
            object.__setattr__(self, "primary_key", self.columns[0].name)

    def with_columns(self, extra: Sequence[Column]) -> "TableSpec":
        """The same table with more columns; one it already has stays as it is."""
        known = {column.name for column in self.columns}
        fresh = {column.name: column for column in extra if column.name not in known}
        return replace(self, columns=(*self.columns, *fresh.values()))


_KINDS: Final[Mapping[str, AttributeKind]] = {
    "?": "boolean",
    "#": "integer",
    "%": "number",
    "@": "datetime",
    "/": "date",
    ">": "lookup",
    "*": "typed_lookup",
    "=": "choice",
}
_STAMPS = "versionnumber!# createdon!@ modifiedon!@"
_STATE = "statecode!= statuscode="
_ACTIVITY = f"activityid! {_STAMPS} ownerid!* regardingobjectid* {_STATE}"
_NAMED = "firstname lastname! fullname"
_ADDRESSES = "emailaddress1! emailaddress2 emailaddress3"
_MERGE = "masterid> merged?"


def _columns(text: str) -> tuple[Column, ...]:
    """Columns of a compact list: `!` required; then one mark of `_KINDS` for the kind, else text."""
    return tuple(_column(word) for word in text.split())


def _column(word: str) -> Column:
    name = word.rstrip("!?#%@/>*=")
    marks = word[len(name) :]
    kinds: list[AttributeKind] = [_KINDS[mark] for mark in marks if mark in _KINDS]
    return Column(name, kinds[0] if kinds else "text", required="!" in marks)


EMAIL = TableSpec(
    "email",
    _columns(f"{_ACTIVITY} directioncode!? senton!@ actualstart@ actualend@ scheduledend@ messageid ismapiprivate? emailsender*"),
    required=True,
    parties=True,
)
PARTY = TableSpec(
    "activityparty",
    _columns("activitypartyid! versionnumber!# activityid!* partyid!* participationtypemask!= addressused ispartydeleted?"),
    required=True,
    parent="_activityid_value",
)
APPOINTMENT = TableSpec(
    "appointment",
    _columns(
        f"{_ACTIVITY} scheduledstart!@ scheduledend@ scheduleddurationminutes# actualstart@ actualend@ isalldayevent? isdraft?"
        " ismapiprivate? instancetypecode= seriesid>"
    ),
    required=True,
    parties=True,
)
PHONECALL = TableSpec(
    "phonecall",
    _columns(
        f"{_ACTIVITY} directioncode!? leftvoicemail? actualstart@ actualend@ scheduledstart@ scheduledend@"
        " actualdurationminutes# ismapiprivate?"
    ),
    required=True,
    parties=True,
)
TASK = TableSpec("task", _columns(f"{_ACTIVITY} scheduledend@ actualend@"), feature="Tasks")
SERIES = TableSpec("recurringappointmentmaster", _columns(f"{_ACTIVITY} instancetypecode="), feature="Recurring Appointments")
CONTACT = TableSpec(
    "contact",
    _columns(
        f"contactid! {_STAMPS} {_NAMED} jobtitle department parentcustomerid!* parentcontactid> originatingleadid> ownerid!* {_ADDRESSES}"
        f" {_STATE} {_MERGE}"
    ),
    entity="contact",
    required=True,
)
ACCOUNT = TableSpec(
    "account",
    _columns(
        f"accountid! {_STAMPS} name! parentaccountid> ownerid!* industrycode= customertypecode= numberofemployees# revenue% revenue_base%"
        f" {_STATE} {_MERGE}"
    ),
    entity="account",
    required=True,
)
LEAD = TableSpec(
    "lead",
    _columns(
        f"leadid! {_STAMPS} {_NAMED} companyname jobtitle {_ADDRESSES} ownerid!* {_STATE} parentaccountid> parentcontactid> customerid*"
        f" qualifyingopportunityid> {_MERGE}"
    ),
    entity="lead",
    feature="Leads",
)
SYSTEM_USER = TableSpec(
    "systemuser",
    _columns(
        f"systemuserid! {_STAMPS} fullname! firstname lastname domainname internalemailaddress! title jobtitle parentsystemuserid>"
        " isdisabled!? isintegrationuser? accessmode= applicationid"
    ),
    entity="user",
    required=True,
)
OPPORTUNITY = TableSpec(
    "opportunity",
    _columns(
        f"opportunityid! {_STAMPS} name customerid!* parentaccountid> parentcontactid> ownerid!* estimatedvalue% estimatedvalue_base%"
        f" actualvalue% actualvalue_base% estimatedclosedate!/ actualclosedate/ closeprobability# salesstage= stepname"
        f" originatingleadid> {_STATE}"
    ),
    entity="opportunity",
    feature="Opportunities",
)
CONNECTION = TableSpec(
    "connection",
    _columns(
        f"connectionid! {_STAMPS} record1id!* record1roleid!> record2id!* record2roleid!> relatedconnectionid> ismaster?"
        " effectivestart@ effectiveend@ statecode!="
    ),
    feature="Connections",
)
CONNECTION_ROLE = TableSpec(
    "connectionrole", _columns(f"connectionroleid! {_STAMPS} name! category= statecode= componentstate="), feature="Connections"
)

TABLES: Final[tuple[TableSpec, ...]] = (
    EMAIL,
    PARTY,
    APPOINTMENT,
    PHONECALL,
    TASK,
    SERIES,
    CONTACT,
    ACCOUNT,
    LEAD,
    SYSTEM_USER,
    OPPORTUNITY,
    CONNECTION,
    CONNECTION_ROLE,
)
"""The largest first, so that the longest chain of pages begins first."""

_ENTERED_KINDS: Final[Mapping[str, AttributeKind]] = {
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "date": "date",
    "picklist": "choice",
    "multipicklist": "choices",
    "lookup": "lookup",
}


def tables(prefix: str, mapped: EntityMap) -> tuple[TableSpec, ...]:
    """All tables with the columns people enter, named by `prefix` unless the org's own column is mapped."""
    return tuple(spec.with_columns(_entered_columns(spec.entity, prefix, mapped)) for spec in TABLES)


def entered_columns(prefix: str, mapped: EntityMap) -> dict[tuple[str, str], str]:
    """(entity, entered field in lower case) to the raw column that holds it, for staging."""
    return {(field.entity, column(field)): _entered_column(field, prefix, mapped).selected for field in entered(mapped)}


def entered_name(field: FieldSpec, prefix: str, mapped: EntityMap) -> str:
    """The logical name of the column people enter `field` in: the mapped one, else ours."""
    return mapped.get(field.entity, {}).get(column(field)) or logical_name(field, prefix)


def logical_name(field: FieldSpec, prefix: str) -> str:
    """Our column for a field of the contract, e.g. `gx_closeness`."""
    return f"{prefix}_{field.name}".lower()


def _entered_column(field: FieldSpec, prefix: str, mapped: EntityMap) -> Column:
    return Column(entered_name(field, prefix, mapped), _ENTERED_KINDS.get(field.kind, "text"))


def _entered_columns(entity: Entity | None, prefix: str, mapped: EntityMap) -> tuple[Column, ...]:
    return tuple(_entered_column(field, prefix, mapped) for field in entered(mapped) if field.entity == entity)
