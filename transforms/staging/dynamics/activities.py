"""Emails, phone calls, appointments, series and tasks in one neutral shape, with the first reason each shows by itself.

The state says what is done, and for mails the status reason as well: pending and sending ones are not. Half of past
meetings are never marked completed, so a scheduled one counts as done (`[counting] past_scheduled_meetings`); whether it is
past is decided later, by its start. Series masters and tasks are read to be dropped with a reason; the activity a closed
deal leaves behind is not read at all. Rules: contract section 3, dataverse.md 1.5.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.functions import null
from transforms.staging.dynamics.raw import IS_DELETED, state, target, target_in
from transforms.staging.raw import Raw
from transforms.staging.shapes import stacked, staging_table

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

OPEN, COMPLETED, CANCELLED, SCHEDULED = range(4)
DONE_MAILS: Final = (2, 3, 4)
FAILED: Final = 8
SERIES: Final = 1
CHANNELS: Final = {"email": "email", "phonecall": "call", "appointment": "meeting", "recurringappointmentmaster": "meeting", "task": None}
TIMES: Final = {
    "email": ("senton", "actualend", "actualstart", "scheduledend", "createdon"),
    "phonecall": ("actualend", "actualstart", "scheduledend", "createdon"),
    "appointment": ("scheduledstart", "actualstart", "scheduledend", "createdon"),
    "recurringappointmentmaster": ("createdon",),
    "task": ("actualend", "scheduledend", "createdon"),
}
"""When it happened: the first of these that is known."""


def activities(source: Source, context: Context) -> Rows:
    """Every activity of the kinds that are read, one row each."""
    found = [raw for name in CHANNELS if (raw := Raw.of(source, name)) is not None]
    return stacked(staging_table(source.crm, "activities"), [_activity(source, raw, context) for raw in found])


def _activity(source: Source, raw: Raw, context: Context) -> Rows:
    channel = CHANNELS[raw.name]
    columns = {
        "event_id": raw.text("activityid"),
        "kind": sa.literal(raw.name),
        "channel": null(sa.String) if channel is None else sa.literal(channel),
        "reason": _reason(raw),
        "shadows_mail": sa.false(),
        "is_log": sa.false(),
        "is_open": sa.not_(_is_done(raw, context)),
        "is_list_mail": sa.false(),
        "at_s": sa.func.coalesce(*(raw.instant(name) for name in TIMES[raw.name])),
        "says": _says(raw),
        "unanswered": raw.flag("leftvoicemail"),
        "message_id": sa.func.nullif(sa.func.trim(raw.text("messageid")), "", type_=sa.String),
        "regarding_id": target(raw, "regardingobjectid"),
    }
    if raw.name == "appointment":
        columns["minutes"] = _minutes(raw)
    joined, account = _matter(source, raw)
    return raw.rows("activities", {**columns, "account_id": account}).select_from(joined)


def _reason(raw: Raw) -> Cell:
    return sa.case(
        (raw.flag(IS_DELETED), "deleted"),
        (raw.flag("ismapiprivate"), "private"),
        (raw.flag("isdraft"), "draft"),
        *(_unsent(raw) if raw.name == "email" else ()),
        (state(raw) == CANCELLED, "cancelled"),
        (_is_series(raw), "series_master"),
        else_=null(sa.String),
    )


def _unsent(raw: Raw) -> list[tuple[Cell, str]]:
    """An open mail is a draft, but for one that failed: that stays open in its state."""
    failed = sa.func.coalesce(state(raw, "statuscode") == FAILED, sa.false())
    return [(sa.and_(state(raw) == OPEN, sa.not_(failed)), "draft"), (failed, "failed_send")]


def _is_series(raw: Raw) -> Cell:
    return sa.true() if raw.name == "recurringappointmentmaster" else state(raw, "instancetypecode") == SERIES


def _is_done(raw: Raw, context: Context) -> Cell:
    """Completed; a mail only when it was sent, received or logged, a meeting also when it was only planned."""
    done = state(raw) == COMPLETED
    if raw.name == "email":
        done = sa.and_(done, sa.func.coalesce(state(raw, "statuscode").in_(DONE_MAILS), sa.true()))
    if raw.name == "appointment" and context.counting.past_scheduled_meetings:
        done = state(raw).in_((COMPLETED, SCHEDULED))
    return sa.func.coalesce(done, sa.false())


def _says(raw: Raw) -> Cell:
    outgoing = raw.column("directioncode", sa.Boolean)
    return sa.case((outgoing.is_(True), "out"), (outgoing.is_(False), "in"), else_=null(sa.String))


def _minutes(raw: Raw) -> Cell:
    """As planned; what was measured is often only when somebody closed it."""
    span = (raw.instant("scheduledend") - raw.instant("scheduledstart")) / sa.literal(60.0)
    planned = sa.func.coalesce(raw.number("scheduleddurationminutes"), span)
    return sa.case((raw.flag("isalldayevent"), null(sa.Double)), else_=planned)


def _matter(source: Source, raw: Raw) -> tuple[sa.FromClause, Cell]:
    """The activity joined to what it is about, and its account: that, else the deal's, else the contact's."""
    about = target(raw, "regardingobjectid")
    joined: sa.FromClause = raw.table
    choices: list[Cell] = [target_in(raw, "regardingobjectid", "account")]
    for name, lookups in (("opportunity", ("parentaccountid", "customerid")), ("contact", ("parentcustomerid",))):
        other = Raw.of(source, name)
        if other is not None and CHANNELS[raw.name]:
            joined = joined.outerjoin(other.table, other.text(f"{name}id") == about)
            choices += [target_in(other, lookup, "account") for lookup in lookups]
    return joined, sa.func.coalesce(*choices)
