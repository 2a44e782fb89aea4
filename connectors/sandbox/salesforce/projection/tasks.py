"""Calls and to-dos as Tasks, with a TaskRelation for everybody on the line and for the account or deal."""

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
    present,
    starts,
    whole,
)
from connectors.sandbox.salesforce.projection.keys import Columns, Keys, activity_ids, dates, fraction, seconds, system
from connectors.sandbox.salesforce.projection.records import translated

DISPOSITIONS = {"connected": "Connected", "voicemail": "Left Voicemail", "no answer": "No Answer"}
CALL_TYPES = {"out": "Outbound", "in": "Inbound"}
DELETED_SHARE = 0.003
UNMARKED_SHARE = 0.05


def tasks(batch: Activities, keys: Keys) -> dict[str, pa.Table]:
    """Task and TaskRelation rows of a chunk's calls and to-dos."""
    relations = [
        who_relations(batch.calls, seconds(batch.calls["at"]), keys),
        _line_relations(batch, keys),
        _what_relations(batch.calls, keys),
        who_relations(batch.todos, seconds(batch.todos["created"]), keys),
    ]
    return {"Task": pa.concat_tables([_calls(batch.calls, keys), _todos(batch.todos, keys)]), "TaskRelation": pa.concat_tables(relations)}


def task_rows(
    activities: pa.Table, own: Columns, created: Ints, day: Ints, closed: Bools, keys: Keys, deleted: Bools | None = None
) -> pa.Table:
    """Task rows with the columns that do not depend on what kind of activity it is."""
    owner = keys.users.take(whole(activities["user"]))
    n = len(activities)
    return frame(
        system(activity_ids("00T", activities["activity"].to_numpy()), created, np.minimum(created + 600, keys.as_of), owner, deleted)
        | {
            "WhoId": keys.people.take(whole(activities["person"])),
            "AccountId": keys.accounts.take(whole(activities["account"])),
            "OwnerId": owner,
            "Status": pc.if_else(arrow(closed), "Completed", "Not Started"),
            "Priority": pa.repeat("Normal", n),
            "IsClosed": closed,
            "ActivityDate": dates(day),
            "IsRecurrence": np.zeros(n, dtype=bool),
            "IsArchived": closed & keys.archived(day),
        }
        | own
    )


def _calls(calls: pa.Table, keys: Keys) -> pa.Table:
    at, number = seconds(calls["at"]), calls["activity"].to_numpy()
    marked = arrow(fraction(number, 17) >= UNMARKED_SHARE)
    own = {
        "WhatId": keys.what(calls["deal"], calls["account"]),
        "Subject": calls["subject"],
        "CompletedDateTime": calls["at"],
        "TaskSubtype": pa.repeat("Call", len(calls)),
        "Type": pa.nulls(len(calls), pa.string()),
        "CallType": translated(calls["direction"], CALL_TYPES),
        "CallDisposition": pc.if_else(pc.or_(marked, pc.invert(is_text(calls["outcome"], "connected"))),
                                      translated(calls["outcome"], DISPOSITIONS), NO_TEXT),
        "CallDurationInSeconds": pc.cast(whole(calls["seconds"]), pa.int32()),
    }  # fmt: skip
    return task_rows(calls, own, at, at // DAY, np.ones(len(calls), dtype=bool), keys, fraction(number, 19) < DELETED_SHARE)


def _todos(todos: pa.Table, keys: Keys) -> pa.Table:
    due, done, created = todos["due"].to_numpy(), todos["done"].to_numpy(), seconds(todos["created"])
    finished = np.clip(due * DAY + 50_000, created, keys.as_of)
    own = {
        "WhatId": keys.accounts.take(whole(todos["account"])),
        "Subject": todos["subject"],
        "CompletedDateTime": pc.if_else(arrow(done), instants(finished), NO_TIME),
        "TaskSubtype": pa.repeat("Task", len(todos)),
        "Type": pa.nulls(len(todos), pa.string()),
        "CallType": pa.nulls(len(todos), pa.string()),
        "CallDisposition": pa.nulls(len(todos), pa.string()),
        "CallDurationInSeconds": pa.nulls(len(todos), pa.int32()),
    }
    return task_rows(todos, own, created, due, done, keys)


def relation_rows(activities: pa.Table, slot: Ints, relation: Column, is_what: bool, created: Ints, keys: Keys) -> pa.Table:
    """TaskRelation rows: slot tells the relations of one Task apart."""
    activity = activities["activity"].to_numpy()
    columns = {
        "TaskId": activity_ids("00T", activity),
        "RelationId": relation,
        "IsWhat": np.full(len(activity), is_what),
        "AccountId": keys.accounts.take(whole(activities["account"])),
    }
    return frame(system(activity_ids("0RT", activity, slot), created, created, keys.users.take(whole(activities["user"]))) | columns)


def who_relations(activities: pa.Table, created: Ints, keys: Keys) -> pa.Table:
    """The primary person's TaskRelation of each activity that has one."""
    rows = np.flatnonzero(present(activities["person"]))
    known = activities.take(arrow(rows))
    return relation_rows(known, np.zeros(len(rows), dtype=np.int64), keys.people.take(whole(known["person"])), False, created[rows], keys)


def _line_relations(batch: Activities, keys: Keys) -> pa.Table:
    guests, first = batch.call_guests, batch.calls["activity"].to_numpy()[:1].sum()
    call = guests["activity"].to_numpy() - first
    place = np.arange(len(guests)) - starts(np.bincount(call, minlength=len(batch.calls)))[call]
    calls = batch.calls.take(arrow(call))
    return relation_rows(calls, 2 + place, keys.people.take(whole(guests["person"])), False, seconds(calls["at"]), keys)


def _what_relations(calls: pa.Table, keys: Keys) -> pa.Table:
    about = calls.filter(pc.is_valid(calls["account"]))
    what = keys.what(about["deal"], about["account"])
    return relation_rows(about, np.ones(len(about), dtype=np.int64), what, True, seconds(about["at"]), keys)
