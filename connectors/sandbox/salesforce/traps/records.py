"""Task, Event and EmailMessage of a trap with all the rows Salesforce would have beside them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.salesforce.traps.cast import Cast
from connectors.sandbox.salesforce.traps.planter import Party, Planted, Planter

RELATION_TYPES = {"to": "ToAddress", "cc": "CcAddress", "bcc": "BccAddress"}


def task(planter: Planter, cast: Cast, at: datetime, people: Sequence[Party], **fields: Any) -> Planted:
    """A completed call of the rep unless the fields say otherwise; the first of the people is the who-person."""
    about = {"WhatId": cast.account, "AccountId": cast.account} if people and str(people[0].id).startswith("003") else {}
    done = {
        "Status": "Completed",
        "IsClosed": True,
        "CompletedDateTime": at,
        "ActivityDate": at.date(),
        "IsArchived": at <= planter.ago(days=366),
    }
    call = {
        "TaskSubtype": "Call",
        "CallType": "Outbound",
        "CallDisposition": "Connected",
        "CallDurationInSeconds": 300,
        "Subject": "Trap call",
    }
    who = {"OwnerId": cast.rep.id, "WhoId": people[0].id if people else None, "Priority": "Normal"}
    made = planter.add("Task", created=at, **(done | call | who | about | fields))
    account = fields.get("AccountId", about.get("AccountId"))
    related = {str(one.id): planter.add("TaskRelation", TaskId=made, RelationId=one.id, AccountId=account, created=at) for one in people}
    return Planted(made, relations=related)


def event(
    planter: Planter, cast: Cast, at: datetime, people: Mapping[Party, str | None], users: Mapping[Party, str] | None = None, **fields: Any
) -> Planted:
    """A meeting of the rep with people (status of the invited, None = only related) and invited users, who get child rows."""
    users = users or {}
    grouped = bool(users) or any(people.values())
    about = {"WhatId": cast.account, "AccountId": cast.account} if people else {}
    first = next(iter(people), None)
    shared = {
        "WhoId": first.id if first else None, "Subject": "Trap meeting", "StartDateTime": at, "EndDateTime": at + timedelta(minutes=60),
        "DurationInMinutes": 60, "ActivityDate": at.date(), "ActivityDateTime": at,
        "IsGroupEvent": grouped, "GroupEventType": "1" if grouped else "0",
        "EventSubtype": "Event", "IsArchived": at <= planter.ago(days=365), "created": at - timedelta(days=3), **about,
    }  # fmt: skip
    made = planter.add("Event", **(shared | {"OwnerId": cast.rep.id} | fields))
    attending = [one for one, status in users.items() if status not in ("Declined", "Uninvited")]
    copies = [planter.add("Event", **(shared | fields | {"OwnerId": one.id, "IsChild": True})) for one in attending]
    return Planted(made, copies, _event_relations(planter, made, people, users))


def _event_relations(planter: Planter, made: str, people: Mapping[Party, str | None], users: Mapping[Party, str]) -> dict[str, str]:
    rows = [(one, status, True) for one, status in people.items()] + [(one, status, False) for one, status in users.items()]
    return {
        str(one.id): planter.add(
            "EventRelation", EventId=made, RelationId=one.id, IsParent=related, IsInvitee=status is not None, Status=status
        )
        for one, status, related in rows
    }


def mail(
    planter: Planter,
    cast: Cast,
    at: datetime,
    sender: Party,
    receivers: Mapping[str, Sequence[Party]],
    twin: bool = True,
    twin_fields: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Planted:
    """A mail from sender to receivers by role (to, cc, bcc), and the Task that shadows it when `twin`."""
    everyone = [sender, *(one for parties in receivers.values() for one in parties)]
    outside = [one for one in everyone if str(one.id)[:3] in ("003", "00Q")]
    incoming = not str(sender.id).startswith("005")
    shadow = mail_task(planter, cast, at, outside[:1], **(twin_fields or {})).id if twin else None
    lines = {f"{role.title()}Address": "; ".join(one.address for one in parties) for role, parties in receivers.items()}
    about = {"RelatedToId": cast.account} if outside else {}
    made = planter.add("EmailMessage", **({
        "ActivityId": shadow, "Subject": "Trap mail", "TextBody": "Trap", "FromAddress": sender.address, "Incoming": incoming,
        "Status": "1" if incoming else "3", "MessageDate": at, "created": at, **about, **lines,
    } | fields))  # fmt: skip
    return Planted(made, [shadow] if shadow else [], _mail_relations(planter, made, at, sender, receivers))


def mail_task(planter: Planter, cast: Cast, at: datetime, people: Sequence[Party], **fields: Any) -> Planted:
    """The Task beside a mail."""
    nothing = {"CallType": None, "CallDisposition": None, "CallDurationInSeconds": None}
    return task(planter, cast, at, people, **({"TaskSubtype": "Email", "Subject": "Email: Trap mail"} | nothing | fields))


def _mail_relations(planter: Planter, made: str, at: datetime, sender: Party, receivers: Mapping[str, Sequence[Party]]) -> dict[str, str]:
    rows = [(sender, "FromAddress")] + [(one, RELATION_TYPES[role]) for role, parties in receivers.items() for one in parties]
    kinds = {"003": "Contact", "00Q": "Lead", "005": "User"}
    return {
        one.id or one.address: planter.add(
            "EmailMessageRelation", EmailMessageId=made, RelationId=one.id, RelationType=kind, RelationAddress=one.address,
            RelationObjectType=kinds.get(str(one.id)[:3]), created=at,
        )
        for one, kind in rows
    }  # fmt: skip
