"""Meetings as Events: the meeting itself, a child Event for every invited user who has not declined, and EventRelations."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company import Activities
from connectors.sandbox.company.arrays import (
    DAY,
    NO_TEXT,
    NO_TIME,
    Bools,
    Column,
    Ints,
    arrow,
    frame,
    instants,
    is_text,
    joined,
    mask,
    present,
    starts,
    whole,
)
from connectors.sandbox.salesforce.projection.keys import Columns, Keys, activity_ids, dates, fraction, seconds, system
from connectors.sandbox.salesforce.projection.records import translated

STATUS = {"accepted": "Accepted", "declined": "Declined", "tentative": "Undecided", "none": "New"}
INVITED_SHARE = 0.6


@dataclass(frozen=True)
class _Guests:
    """Guests of a chunk: the row of their meeting, their place in it, whether they are users, and whether invited."""

    table: pa.Table
    meeting: Ints
    place: Ints
    is_user: Bools
    invited: Bools


def events(batch: Activities, keys: Keys) -> dict[str, pa.Table]:
    """Event and EventRelation rows of a chunk."""
    meetings, guests = batch.meetings, _guests(batch)
    rows = np.arange(len(meetings))
    grouped = np.bincount(guests.meeting[guests.invited], minlength=len(meetings)) > 0
    attending = np.flatnonzero(guests.is_user & ~_declined(guests.table))
    child_of = guests.meeting[attending]
    parents = _event_rows(meetings, rows, np.zeros_like(rows), whole(meetings["organizer"]), grouped, keys)
    children = _event_rows(
        meetings, child_of, guests.place[attending] + 1, whole(guests.table["user"]).take(arrow(attending)), grouped, keys
    )
    relations = pa.concat_tables([_guest_relations(batch, guests, keys), _what_relations(batch, keys)])
    return {"Event": pa.concat_tables([parents, children]), "EventRelation": relations}


def _guests(batch: Activities) -> _Guests:
    table, first = batch.meeting_guests, batch.meetings["activity"].to_numpy()[:1].sum()
    meeting = table["activity"].to_numpy() - first
    counts = np.bincount(meeting, minlength=len(batch.meetings))
    is_user = present(table["user"])
    answered = mask(pc.is_in(whole(table["response"]), arrow(["declined", "tentative"])))
    invited = is_user | answered | (fraction(np.arange(len(table)) + int(first), 11) < INVITED_SHARE)
    return _Guests(table, meeting, np.arange(len(table)) - starts(counts)[meeting], is_user, invited)


def _declined(guests: pa.Table) -> Bools:
    return mask(is_text(guests["response"], "declined"))


def _event_rows(meetings: pa.Table, rows: Ints, slot: Ints, owner: Column, grouped: Bools, keys: Keys) -> pa.Table:
    """One Event per row of `rows`, the meeting's number in `meetings`; slot 0 is the meeting itself, others are child rows."""
    meeting = meetings.take(arrow(rows))
    created, begins = seconds(meeting["created"]), seconds(meeting["starts"])
    modified = np.minimum(created + (fraction(rows, 13) * 2 * DAY).astype(np.int64), keys.as_of)
    return frame(
        system(activity_ids("00U", meeting["activity"].to_numpy(), slot), created, modified, keys.users.take(owner))
        | _event_times(meeting, begins)
        | {
            "WhoId": keys.people.take(whole(meeting["person"])),
            "WhatId": keys.what(meeting["deal"], meeting["account"]),
            "AccountId": keys.accounts.take(whole(meeting["account"])),
            "OwnerId": keys.users.take(owner),
            "Subject": pc.if_else(whole(meeting["cancelled"]), joined("Canceled: ", whole(meeting["subject"])), whole(meeting["subject"])),
            "IsPrivate": meeting["private"],
            "IsChild": slot > 0,
            "IsGroupEvent": grouped[rows],
            "GroupEventType": pc.if_else(arrow(grouped[rows]), "1", "0"),
            "IsRecurrence": np.zeros(len(rows), dtype=bool),
            "IsRecurrence2": np.zeros(len(rows), dtype=bool),
            "EventSubtype": pa.repeat("Event", len(rows)),
            "IsArchived": keys.archived(begins // DAY),
        }
    )


def _event_times(meeting: pa.Table, begins: Ints) -> Columns:
    all_day = meeting["all_day"].to_numpy()
    begins = np.where(all_day, begins // DAY * DAY, begins)
    minutes = np.where(all_day, 1_440, meeting["minutes"].to_numpy())
    return {
        "StartDateTime": instants(begins),
        "EndDateTime": instants(begins + np.where(all_day, 0, minutes * 60)),
        "DurationInMinutes": arrow(minutes.astype(np.int32)),
        "ActivityDate": dates(begins // DAY),
        "ActivityDateTime": pc.if_else(arrow(all_day), NO_TIME, instants(begins)),
        "IsAllDayEvent": all_day,
    }


def _guest_relations(batch: Activities, guests: _Guests, keys: Keys) -> pa.Table:
    table, meetings = guests.table, batch.meetings.take(arrow(guests.meeting))
    status = pc.if_else(arrow(guests.invited), translated(table["response"], STATUS), NO_TEXT)
    columns = {
        "RelationId": pc.coalesce(keys.users.take(whole(table["user"])), keys.people.take(whole(table["person"]))),
        "IsWhat": np.zeros(len(table), dtype=bool),
        "IsParent": ~guests.is_user,
        "IsInvitee": guests.invited,
        "Status": status,
    }
    return _relations(meetings, guests.place + 1, columns, keys)


def _what_relations(batch: Activities, keys: Keys) -> pa.Table:
    meetings = batch.meetings.filter(pc.is_valid(batch.meetings["account"]))
    n = len(meetings)
    columns = {
        "RelationId": keys.what(meetings["deal"], meetings["account"]),
        "IsWhat": np.ones(n, dtype=bool),
        "IsParent": np.ones(n, dtype=bool),
        "IsInvitee": np.zeros(n, dtype=bool),
        "Status": pa.nulls(n, pa.string()),
    }
    return _relations(meetings, np.zeros(n, dtype=np.int64), columns, keys)


def _relations(meetings: pa.Table, slot: Ints, columns: Columns, keys: Keys) -> pa.Table:
    activity, created = meetings["activity"].to_numpy(), seconds(meetings["created"])
    stamps = system(activity_ids("0RE", activity, slot), created, created, keys.users.take(whole(meetings["organizer"])))
    parent = {"EventId": activity_ids("00U", activity), "AccountId": keys.accounts.take(whole(meetings["account"]))}
    return frame(stamps | parent | columns)
