"""Tasks, Events and EmailMessages in one neutral shape, with the first reason each shows by itself.

What a Task is: its subtype decides, then its type by the method's table, then how its subject begins; anything else is
a plain to-do. One mail is an EmailMessage with a Task beside it: the Task named by `ActivityId` is marked as a shadow
here, one without a link is recognised later by person and time. Rules: contract section 3, salesforce.md sections 0 and 1.4.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.functions import null
from transforms.staging.raw import Raw, as_compared
from transforms.staging.salesforce.raw import ACCOUNT_PREFIX, is_shadow, prefix
from transforms.staging.shapes import shaped, stacked, staging_table

Cell = sa.ColumnElement[Any]

PLAIN_SUBTYPE: Final = "task"
LIST_SUBTYPE: Final = "listemail"
SUBTYPES: Final = {"call": "call", "email": "email", LIST_SUBTYPE: "email"}
SERIES_PATTERN: Final = "3"
DRAFT: Final = "5"


def activities(source: Source, context: Context) -> sa.Select[Any]:
    """Every Task, Event and EmailMessage, one row each."""
    parts = [part for part in (_tasks(source, context), _events(source), _mails(source)) if part is not None]
    return stacked(staging_table(source.crm, "activities"), parts)


def _tasks(source: Source, context: Context) -> sa.Select[Any] | None:
    raw = Raw.of(source, "Task")
    if raw is None:
        return None
    channel = _task_channel(raw, context)
    columns = {
        "event_id": raw.text("Id"),
        "kind": sa.literal("Task"),
        "channel": channel,
        "reason": _task_reason(raw),
        "shadows_mail": is_shadow(source, raw.text("Id")),
        "is_log": sa.true(),
        "is_open": _task_is_open(raw),
        "is_list_mail": _subtype(raw) == LIST_SUBTYPE,
        "at_s": sa.func.coalesce(raw.instant("CompletedDateTime"), raw.instant("ActivityDate"), raw.instant("CreatedDate")),
        "logged_s": sa.func.coalesce(raw.instant("CompletedDateTime"), raw.instant("CreatedDate")),
        "says": sa.case((channel == "call", _call_direction(raw)), else_=null(sa.String)),
        "unanswered": _is_unanswered(raw, context),
        "regarding_id": raw.text("WhatId"),
    }
    return _rows(source, raw, columns)


def _events(source: Source) -> sa.Select[Any] | None:
    raw = Raw.of(source, "Event")
    if raw is None:
        return None
    all_day = raw.flag("IsAllDayEvent")
    start = sa.func.coalesce(raw.instant("StartDateTime"), raw.instant("ActivityDateTime"))
    day = raw.instant("ActivityDate")
    minutes = sa.func.coalesce(
        raw.number("DurationInMinutes"), (raw.instant("EndDateTime") - raw.instant("StartDateTime")) / sa.literal(60.0)
    )
    columns = {
        "event_id": raw.text("Id"),
        "kind": sa.literal("Event"),
        "channel": sa.literal("meeting"),
        "reason": _event_reason(raw),
        "shadows_mail": sa.false(),
        "is_log": sa.false(),
        "is_open": sa.false(),
        "is_list_mail": sa.false(),
        "at_s": sa.func.coalesce(sa.case((all_day, day), else_=start), start, day, raw.instant("CreatedDate")),
        "minutes": sa.case((all_day, null(sa.Double)), else_=minutes),
        "unanswered": sa.false(),
        "regarding_id": raw.text("WhatId"),
    }
    return _rows(source, raw, columns)


def _mails(source: Source) -> sa.Select[Any] | None:
    raw = Raw.of(source, "EmailMessage")
    if raw is None:
        return None
    sent = sa.func.coalesce(raw.instant("MessageDate"), raw.instant("CreatedDate"))
    joined, account, is_list_mail = _beside_mail(source, raw)
    columns = {
        "event_id": raw.text("Id"),
        "kind": sa.literal("EmailMessage"),
        "channel": sa.literal("email"),
        "reason": _first(
            (raw.flag("IsDeleted"), "deleted"), (raw.text("Status") == DRAFT, "draft"), (raw.flag("IsBounced"), "failed_send")
        ),
        "shadows_mail": sa.false(),
        "is_log": sa.false(),
        "is_open": sa.false(),
        "is_list_mail": is_list_mail,
        "at_s": sent,
        "logged_s": sent,
        "says": _mail_direction(raw),
        "unanswered": sa.false(),
        "message_id": sa.func.nullif(sa.func.trim(raw.text("MessageIdentifier")), "", type_=sa.String),
        "regarding_id": raw.text("RelatedToId"),
        "account_id": account,
    }
    return _rows(source, raw, columns).select_from(joined)


def _task_reason(raw: Raw) -> Cell:
    return _first(
        (raw.flag("IsDeleted"), "deleted"),
        (_subtype(raw).not_in([PLAIN_SUBTYPE, *SUBTYPES]), "unknown_type"),
        (sa.func.lower(sa.func.trim(raw.text("Status"))).startswith("cancel"), "cancelled"),
        (_is_classic_master(raw), "series_master"),
    )


def _event_reason(raw: Raw) -> Cell:
    return _first(
        (raw.flag("IsDeleted"), "deleted"),
        (raw.flag("IsPrivate"), "private"),
        (raw.text("SubjectKind") == "cancelled", "cancelled"),
        (sa.or_(_is_classic_master(raw), raw.text("GroupEventType") == SERIES_PATTERN), "series_master"),
        (raw.flag("IsChild"), "invitee_copy"),
    )


def _is_classic_master(raw: Raw) -> Cell:
    return sa.or_(raw.flag("IsRecurrence"), raw.text("RecurrenceActivityId") == raw.text("Id"))


def _subtype(raw: Raw) -> Cell:
    return sa.func.coalesce(sa.func.lower(raw.text("TaskSubtype")), PLAIN_SUBTYPE)


def _task_channel(raw: Raw, context: Context) -> Cell:
    types: dict[str, str] = context.method["counting.task_types"]
    typed = sa.func.lower(sa.func.trim(raw.text("Type")))
    return sa.case(
        *((_subtype(raw) == subtype, channel) for subtype, channel in SUBTYPES.items()),
        *((typed == word.strip().lower(), channel) for word, channel in types.items()),
        (raw.text("SubjectKind").in_(("call", "email", "meeting")), raw.text("SubjectKind")),
        else_=null(sa.String),
    )


def _task_is_open(raw: Raw) -> Cell:
    """By IsClosed; where that is not visible, by a completion time or the word itself."""
    done = sa.or_(raw.text("CompletedDateTime").is_not(None), sa.func.lower(raw.text("Status")) == "completed")
    return sa.not_(sa.func.coalesce(raw.column("IsClosed", sa.Boolean), done, sa.false()))


def _call_direction(raw: Raw) -> Cell:
    kind = sa.func.lower(raw.text("CallType"))
    return sa.case((kind == "inbound", "in"), (kind == "outbound", "out"), else_=null(sa.String))


def _mail_direction(raw: Raw) -> Cell:
    incoming = raw.column("Incoming", sa.Boolean)
    return sa.case((incoming.is_(True), "in"), (incoming.is_(False), "out"), else_=null(sa.String))


def _is_unanswered(raw: Raw, context: Context) -> Cell:
    disposition = sa.func.lower(raw.text("CallDisposition"))
    words = as_compared(context.method["counting.unanswered"])
    return sa.func.coalesce(sa.or_(*(disposition.contains(word) for word in words)), sa.false())


def _beside_mail(source: Source, mail: Raw) -> tuple[sa.FromClause, Cell, Cell]:
    """A mail joined to its deal and Task; its account (related, else the deal's, else the Task's); whether the Task is a list mail's."""
    related = mail.text("RelatedToId")
    deal, task = Raw.of(source, "Opportunity"), Raw.of(source, "Task")
    joined: sa.FromClause = mail.table
    choices: list[Cell] = [sa.case((prefix(related) == ACCOUNT_PREFIX, related), else_=null(sa.String))]
    for other, link in ((deal, related), (task, mail.text("ActivityId"))):
        if other is not None:
            joined = joined.outerjoin(other.table, other.text("Id") == link)
            choices.append(other.text("AccountId"))
    return joined, sa.func.coalesce(*choices), sa.false() if task is None else _subtype(task) == LIST_SUBTYPE


def _first(*reasons: tuple[Cell, str]) -> Cell:
    return sa.case(*reasons, else_=null(sa.String))


def _rows(source: Source, raw: Raw, columns: dict[str, Cell]) -> sa.Select[Any]:
    return sa.select(*shaped(staging_table(source.crm, "activities"), source.crm, columns)).select_from(raw.table)
