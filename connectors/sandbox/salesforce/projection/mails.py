"""Mails as EmailMessages with their twin Tasks and EmailMessageRelations; some sent ones were only logged as Tasks by a plug-in."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.company import Activities
from connectors.sandbox.company.arrays import (
    DAY,
    NO_TEXT,
    Bools,
    Column,
    Ints,
    arrow,
    frame,
    is_text,
    joined,
    mask,
    present,
    starts,
    texts,
    whole,
)
from connectors.sandbox.salesforce.projection.keys import Keys, activity_ids, fraction, seconds, system
from connectors.sandbox.salesforce.projection.records import translated
from connectors.sandbox.salesforce.projection.tasks import task_rows, who_relations

RELATION_TYPES = {"from": "FromAddress", "to": "ToAddress", "cc": "CcAddress", "bcc": "BccAddress"}
TASK_ONLY_SHARE = 0.05
UNRESOLVED_SHARE = 0.06
BODIES = ("Hello, please find it attached.", "Thank you, that works for us.", "Could we talk about this next week?", "你好，请查收附件。")


def mails(batch: Activities, keys: Keys) -> dict[str, pa.Table]:
    """EmailMessage, EmailMessageRelation, Task and TaskRelation rows of a chunk's mails."""
    if not len(batch.mails):
        return {}
    number = batch.mails["activity"].to_numpy()
    logged = _only_logged(batch.mails, number)
    addresses = batch.mail_addresses
    row = addresses["activity"].to_numpy() - number[0]
    real = np.flatnonzero(~logged[row])
    return {
        "Task": _twins(batch.mails, number, logged, keys),
        "TaskRelation": who_relations(batch.mails, seconds(batch.mails["at"]), keys),
        "EmailMessage": _messages(batch.mails, addresses, row, keys).filter(arrow(~logged)),
        "EmailMessageRelation": _relations(batch.mails, addresses, row, keys).take(arrow(real)),
    }


def _only_logged(mails: pa.Table, number: Ints) -> Bools:
    sent = mask(is_text(mails["direction"], "out")) & present(mails["person"])
    return sent & (fraction(number, 23) < TASK_ONLY_SHARE)


def _twins(mails: pa.Table, number: Ints, logged: Bools, keys: Keys) -> pa.Table:
    """A Task per mail; half of the plug-in's have no subtype and are told by their subject only."""
    at, n = seconds(mails["at"]), len(mails)
    by_subject = arrow(logged & (fraction(number, 29) < 0.5))
    own = {
        "WhatId": keys.what(mails["deal"], mails["account"]),
        "Subject": joined("Email: ", whole(mails["subject"])),
        "CompletedDateTime": mails["at"],
        "TaskSubtype": pc.if_else(by_subject, "Task", "Email"),
        "Type": pa.nulls(n, pa.string()),
        "CallType": pa.nulls(n, pa.string()),
        "CallDisposition": pa.nulls(n, pa.string()),
        "CallDurationInSeconds": pa.nulls(n, pa.int32()),
    }
    return task_rows(mails, own, at, at // DAY, np.ones(n, dtype=bool), keys)


def _messages(mails: pa.Table, addresses: pa.Table, row: Ints, keys: Keys) -> pa.Table:
    number, at, n = mails["activity"].to_numpy(), seconds(mails["at"]), len(mails)
    incoming = is_text(mails["direction"], "in")
    read = pc.if_else(whole(mails["answered"]), "2", "1")
    domain = "@mail.guanxi-sales.example>"
    return frame(
        system(activity_ids("02s", number), at, np.minimum(at + 30, keys.as_of), keys.users.take(whole(mails["user"])))
        | {
            "ActivityId": activity_ids("00T", number),
            "RelatedToId": keys.what(mails["deal"], mails["account"]),
            "Subject": mails["subject"],
            "TextBody": texts(BODIES, number % len(BODIES)),
            **_address_fields(addresses, row, n, keys),
            "Incoming": incoming,
            "Status": pc.if_else(incoming, read, "3"),
            "MessageDate": mails["at"],
            "MessageIdentifier": joined("<m", number, domain),
            "ThreadIdentifier": joined("<t", mails["thread"].to_numpy(), domain),
            "IsBounced": np.zeros(n, dtype=bool),
            "IsExternallyVisible": np.zeros(n, dtype=bool),
        }
    )


def spelled(addresses: pa.Table, keys: Keys) -> Column:
    """The address of every row: the user's, the person's, or the one given."""
    known = keys.user_emails.take(whole(addresses["user"])), keys.person_emails.take(whole(addresses["person"]))
    return pc.coalesce(*known, whole(addresses["address"]))


def _address_fields(addresses: pa.Table, row: Ints, n: int, keys: Keys) -> dict[str, Column]:
    """FromAddress, ToAddress, CcAddress, BccAddress; several are separated by semicolons."""
    address, fields = spelled(addresses, keys), {}
    for role, field in RELATION_TYPES.items():
        mine = np.flatnonzero(mask(is_text(addresses["role"], role)))
        counts = np.bincount(row[mine], minlength=n)
        ends = np.append(starts(counts), len(mine)).astype(np.int32)
        lists = pa.ListArray.from_arrays(arrow(ends), address.take(arrow(mine)))
        fields[field] = pc.if_else(arrow(counts > 0), pc.binary_join(lists, "; "), NO_TEXT)
    return fields


def _relations(mails: pa.Table, addresses: pa.Table, row: Ints, keys: Keys) -> pa.Table:
    number, n = addresses["activity"].to_numpy(), len(addresses)
    place = np.arange(n) - starts(np.bincount(row, minlength=len(mails)))[row]
    at = seconds(mails["at"])[row]
    person = whole(addresses["person"])
    found = pc.coalesce(keys.users.take(whole(addresses["user"])), keys.people.take(person))
    kinds = pc.coalesce(pc.if_else(arrow(present(addresses["user"])), "User", NO_TEXT), keys.person_kinds.take(person))
    missed = arrow(fraction(number * 64 + place, 31) < UNRESOLVED_SHARE)
    nothing = NO_TEXT
    return frame(
        system(activity_ids("0Em", number, place), at, at, keys.users.take(whole(mails["user"]).take(arrow(row))))
        | {
            "EmailMessageId": activity_ids("02s", number),
            "RelationId": pc.if_else(missed, nothing, found),
            "RelationType": translated(addresses["role"], RELATION_TYPES),
            "RelationAddress": spelled(addresses, keys),
            "RelationObjectType": pc.if_else(missed, nothing, kinds),
        }
    )
