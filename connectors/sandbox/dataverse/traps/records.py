"""Phone call, appointment and email of a trap with the party rows Dataverse would have beside them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.dataverse.projection.parties import OWNER, REGARDING
from connectors.sandbox.dataverse.traps.cast import DOMAIN, Cast
from connectors.sandbox.dataverse.traps.planter import Party, Planted, Planter

Parties = Sequence[tuple[int, Party]]


def call(planter: Planter, cast: Cast, at: datetime, parties: Parties, **fields: Any) -> Planted:
    """A completed outgoing call unless the fields say otherwise."""
    done = {"statecode": 1, "statuscode": 2, "directioncode": True, "leftvoicemail": False, "subject": "Trap call"}
    times = {"actualstart": at - timedelta(minutes=5), "actualend": at, "scheduledend": at, "actualdurationminutes": 5}
    return activity(planter, cast, "phonecall", at, parties, **(done | times | fields))


def meeting(planter: Planter, cast: Cast, at: datetime, parties: Parties, table: str = "appointment", **fields: Any) -> Planted:
    """An hour's meeting marked completed unless the fields say otherwise."""
    ends = at + timedelta(hours=1)
    times = {"scheduledstart": at, "scheduledend": ends, "scheduleddurationminutes": 60}
    own = {"statecode": 1, "statuscode": 3, "subject": "Trap meeting", "isalldayevent": False, "ismapiprivate": False}
    return activity(planter, cast, table, at - timedelta(days=3), parties, **(times | own | fields))


def mail(planter: Planter, cast: Cast, at: datetime, parties: Parties, **fields: Any) -> Planted:
    """A mail as tracked: the first party sends; its flag says what the sender is unless the fields say otherwise."""
    sender = parties[0][1]
    outgoing = sender.table in ("systemuser", "queue")
    own = {"statecode": 1, "statuscode": 3 if outgoing else 4, "directioncode": outgoing, "subject": "Trap mail"}
    header = {"senton": at, "actualend": at, "sender": sender.address, "messageid": f"<{planter.new_id('message')}@{DOMAIN}>"}
    return activity(planter, cast, "email", at, parties, **(own | header | fields))


def activity(planter: Planter, cast: Cast, table: str, created: datetime, parties: Parties, **fields: Any) -> Planted:
    """Any kind of activity, of the rep and about the account unless the fields `owner` and `about` say otherwise."""
    owner: Party = fields.pop("owner", cast.rep)
    about: Party | None = fields.pop("about", cast.account)
    matter = {"_regardingobjectid_value": about.id, "_regardingobjectid_type": about.table} if about else {}
    made = planter.add(table, owner=owner, created=created, **(matter | fields))
    everyone = [*parties, (OWNER, owner), *([(REGARDING, about)] if about else [])]
    return Planted(made, {(mask, str(one.id or one.address)): _party(planter, table, made, mask, one) for mask, one in everyone})


def _party(planter: Planter, table: str, activity: str, mask: int, one: Party) -> str:
    return planter.add(
        "activityparty", _activityid_value=activity, _activityid_type=table, participationtypemask=mask, _partyid_value=one.id,
        _partyid_type=one.table if one.id else None, addressused=None if mask in (OWNER, REGARDING) else one.address,
        ispartydeleted=one.deleted,
    )  # fmt: skip
