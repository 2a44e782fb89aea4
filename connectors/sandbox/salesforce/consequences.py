"""The rules of what a write brings about, as data: columns filled (`FILLS`) and rows added (`SPAWNS`); `derive.py` runs them.

In the SQL, `touched` holds the ids just written, `{mine}` is the condition that keeps to them, `{now}` the org's present second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connectors.sandbox.salesforce.standard_activities import CLOSED_TASK_STATUSES
from connectors.sandbox.salesforce.standard_records import STAGES

MINE: Final = 'where "Id" in (select "Id" from touched)'
_STAGES: Final = ", ".join(f"('{name}', {probability}, {closed}, {won})" for name, (probability, closed, won) in STAGES.items())
_CLOSED: Final = ", ".join(f"'{status}'" for status in CLOSED_TASK_STATUSES)


@dataclass(frozen=True)
class Fill:
    """Sets columns of the written rows when one of `fields` was written and none of `unless`."""

    object: str
    fields: frozenset[str]
    sql: str
    unless: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Spawn:
    """Adds rows of `child` after a create: `sql` selects the child's columns without its id, `after` is run once they are there.

    With `follow` the new rows have consequences of their own.
    """

    object: str
    child: str
    sql: str
    after: str = ""
    follow: bool = False


def _fill(name: str, fields: str, sql: str, unless: str = "") -> Fill:
    return Fill(name, frozenset(fields.split()), sql, frozenset(unless.split()))


def _full_name(name: str) -> Fill:
    return _fill(name, "FirstName LastName", f"""update "{name}" set "Name" = trim(concat_ws(' ', "FirstName", "LastName")) {{mine}}""")  # noqa: S608


def _activity_account(name: str) -> Fill:
    """The account of what the activity is about, else of the person."""
    matter = '(select "Id" from "Account" where "Id" = a."WhatId"), (select "AccountId" from "Opportunity" where "Id" = a."WhatId")'
    person = '(select "AccountId" from "Contact" where "Id" = a."WhoId")'
    return _fill(name, "WhoId WhatId", f'update "{name}" a set "AccountId" = coalesce({matter}, {person}) {{mine}}')  # noqa: S608


def _relations(name: str, relation: str, extra: str) -> Sequence[Spawn]:
    """Shared Activities: the person and the matter of an activity are relation rows as well."""
    sides = (("WhoId", "false"), ("WhatId", "true"))
    shape = (
        'select "Id" as "{name}Id", "{side}" as "RelationId", {is_what} as "IsWhat", "AccountId"{extra} from "{name}" '
        '{{mine}} and "{side}" is not null'
    )
    return [Spawn(name, relation, shape.format(name=name, side=side, is_what=is_what, extra=extra)) for side, is_what in sides]


_CLOSE_TASK: Final = """
    update "Task" set "IsClosed" = "Status" in ({closed}),
    "CompletedDateTime" = case when "Status" not in ({closed}) then null when "IsClosed" then "CompletedDateTime" else {now} end
    {mine}""".replace("{closed}", _CLOSED)
_MOVE_STAGE: Final = """
    update "Opportunity" o set
    "LastStageChangeDate" = case when o."Probability" <> s.p then {now} else o."LastStageChangeDate" end,
    "Probability" = s.p, "IsClosed" = s.closed, "IsWon" = s.won
    from (values {stages}) s(name, p, closed, won)
    where o."StageName" = s.name and o."Id" in (select "Id" from touched)""".replace("{stages}", _STAGES)
_START: Final = """update "Event" set "ActivityDateTime" = "StartDateTime", "ActivityDate" = "StartDateTime"::date {mine}"""
_START_BY_INSTANT: Final = """
    update "Event" set "StartDateTime" = "ActivityDateTime", "ActivityDate" = "ActivityDateTime"::date {mine}"""
_START_BY_DAY: Final = """
    update "Event" set "StartDateTime" = "ActivityDate"::timestamp, "ActivityDateTime" = "ActivityDate"::timestamp {mine}"""
_END: Final = """
    update "Event" set "EndDateTime" = coalesce("StartDateTime" + to_minutes("DurationInMinutes"), "EndDateTime") {mine}"""
_DURATION: Final = """
    update "Event" set "DurationInMinutes" = date_diff('minute', "StartDateTime", "EndDateTime") {mine}"""
_TASK_RELATION: Final = """
    update "TaskRelation" r set "IsWhat" = left("RelationId", 3) in ('001', '006'),
    "AccountId" = (select "AccountId" from "Task" where "Id" = r."TaskId") {mine}"""
_EVENT_RELATION: Final = """
    update "EventRelation" r set "IsWhat" = left("RelationId", 3) in ('001', '006'),
    "IsInvitee" = "IsInvitee" or left("RelationId", 3) in ('005', '023'), "IsParent" = left("RelationId", 3) not in ('005', '023'),
    "AccountId" = (select "AccountId" from "Event" where "Id" = r."EventId") {mine}"""
_MAIL_RELATION: Final = """
    update "EmailMessageRelation" set "RelationObjectType" =
    case left("RelationId", 3) when '003' then 'Contact' when '00Q' then 'Lead' when '005' then 'User' end {mine}"""
_DIRECT_ACCOUNT: Final = """
    update "AccountContactRelation" r set "AccountId" = c."AccountId", "SystemModstamp" = {now} from "Contact" c
    where r."ContactId" = c."Id" and r."IsDirect" and c."AccountId" is not null and c."Id" in (select "Id" from touched)"""

FILLS: Final[Sequence[Fill]] = (
    *map(_full_name, ("Contact", "Lead", "User")),
    *map(_activity_account, ("Task", "Event")),
    _fill("Task", "Status", _CLOSE_TASK),
    _fill("Event", "StartDateTime", _START),
    _fill("Event", "ActivityDateTime", _START_BY_INSTANT, unless="StartDateTime"),
    _fill("Event", "ActivityDate", _START_BY_DAY, unless="StartDateTime ActivityDateTime"),
    _fill("Event", "StartDateTime ActivityDateTime ActivityDate DurationInMinutes", _END, unless="EndDateTime"),
    _fill("Event", "EndDateTime", _DURATION),
    _fill("Opportunity", "StageName", _MOVE_STAGE),
    _fill("TaskRelation", "RelationId", _TASK_RELATION),
    _fill("EventRelation", "RelationId", _EVENT_RELATION),
    _fill("EmailMessageRelation", "RelationId", _MAIL_RELATION),
    _fill("Contact", "AccountId", _DIRECT_ACCOUNT),
)

_DIRECT_RELATION: Final = """
    select "AccountId", "Id" as "ContactId", true as "IsDirect", true as "IsActive" from "Contact" {mine} and "AccountId" is not null"""
_INVITEES_EVENT: Final = """
    select e.* exclude ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "CreatedById", "LastModifiedById", "OwnerId", "IsChild"),
    r."RelationId" as "OwnerId", true as "IsChild" from "EventRelation" r join "Event" e on e."Id" = r."EventId"
    where r."Id" in (select "Id" from touched) and left(r."RelationId", 3) = '005'"""
_NOW_A_GROUP: Final = """
    update "Event" set "IsGroupEvent" = true, "GroupEventType" = '1'
    where "Id" in (select "EventId" from "EventRelation" where "Id" in (select "Id" from touched) and "IsInvitee")"""
_MAIL_PEOPLE: Final = """
    with addresses as (
        unpivot (select "Id" as mail, "FromAddress", "ToAddress", "CcAddress", "BccAddress" from "EmailMessage" {mine})
        on "FromAddress", "ToAddress", "CcAddress", "BccAddress" into name kind value listed),
    each_address as (select mail, kind, trim(unnest(string_split_regex(listed, '[;,]'))) as address from addresses),
    people as (
        select lower("Email") as address, min("Id") as id from (
            select "Id", "Email" from "Contact" where not "IsDeleted" union all
            select "Id", "Email" from "Lead" where not "IsDeleted" union all select "Id", "Email" from "User") group by 1)
    select mail as "EmailMessageId", id as "RelationId", kind as "RelationType", a.address as "RelationAddress",
    case left(id, 3) when '003' then 'Contact' when '00Q' then 'Lead' when '005' then 'User' end as "RelationObjectType"
    from each_address a left join people p on p.address = lower(a.address) where a.address <> ''"""
_MAILS_TASK: Final = """
    select 'Email: ' || coalesce("Subject", '') as "Subject", 'Completed' as "Status", 'Normal' as "Priority", 'Email' as "TaskSubtype",
    true as "IsClosed", "MessageDate"::date as "ActivityDate", "MessageDate" as "CompletedDateTime", "RelatedToId" as "WhatId",
    (select min("RelationId") from "EmailMessageRelation" r
        where r."EmailMessageId" = m."Id" and r."RelationObjectType" in ('Contact', 'Lead')) as "WhoId",
    "CreatedById" as "OwnerId", "Id" as _mail from "EmailMessage" m {mine} and "ActivityId" is null and "ParentId" is null"""
_JOIN_MAIL: Final = """
    update "EmailMessage" m set "ActivityId" = i."Id" from spawned s join spawn_ids i on i._n = s._n where m."Id" = s._mail"""

SPAWNS: Final[Sequence[Spawn]] = (
    *_relations("Task", "TaskRelation", ""),
    *_relations("Event", "EventRelation", ', true as "IsParent"'),
    Spawn("Contact", "AccountContactRelation", _DIRECT_RELATION),
    Spawn("EventRelation", "Event", _INVITEES_EVENT, after=_NOW_A_GROUP),
    Spawn("EmailMessage", "EmailMessageRelation", _MAIL_PEOPLE),
    Spawn("EmailMessage", "Task", _MAILS_TASK, after=_JOIN_MAIL, follow=True),
)
