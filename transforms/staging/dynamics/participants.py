"""Who took part in Dataverse activities: the parties whose kind of participation counts, and two that may stand in.

Nothing is resolved or decided here. A meeting has organizer and attendees, a call sender and recipients, a mail sender, To, Cc and
Bcc; parties of any other kind (regarding, owner, resource, customer, related) are none. The owner of the record joins a
meeting, stands in on a call without any of ours, and is there for a mail nobody else of ours sent. The regarding person
stands in where no party is a person.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.functions import null
from transforms.staging.dynamics.raw import IS_DELETED, party_kind, state, target, target_table
from transforms.staging.raw import Raw
from transforms.staging.shapes import stacked, staging_table

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

SENDER, TO, CC, BCC, REQUIRED, OPTIONAL, ORGANIZER = range(1, 8)
MASKS: Final = {
    "email": {SENDER: "from", TO: "to", CC: "cc", BCC: "bcc"},
    "phonecall": {SENDER: "from", TO: "invitee"},
    "appointment": {ORGANIZER: "from", REQUIRED: "invitee", OPTIONAL: "invitee"},
}
"""Activity -> kind of participation -> role."""
PEOPLE: Final = ("contact", "lead")


def participants(source: Source, context: Context) -> Rows:
    """Every participant of every activity, as many rows as the records name it."""
    found = [raw for name in MASKS if (raw := Raw.of(source, name)) is not None]
    parts = [*_parties(source, found), *(rows for raw in found for rows in (_owner(raw), _regarding(raw)))]
    return stacked(staging_table(source.crm, "participants"), parts)


def _parties(source: Source, found: Sequence[Raw]) -> list[Rows]:
    """Parties in one pass, each with the activity it belongs to."""
    raw = Raw.of(source, "activityparty")
    if raw is None or not found:
        return []
    event = sa.union_all(*(_event(activity) for activity in found)).subquery("event")
    role, party = _role(event, state(raw, "participationtypemask")), target(raw, "partyid")
    is_owner = sa.and_(event.c.kind != "email", party == event.c.owner_id)
    columns = {
        "event_id": event.c.event_id,
        "role": sa.case((sa.func.coalesce(is_owner, sa.false()), "owner"), else_=role),
        "party_kind": party_kind(target_table(raw, "partyid")),
        "party_id": party,
        "address": raw.address("addressused"),
        "declined": sa.false(),
        "from_header": sa.false(),
        "stands_in": sa.false(),
    }
    joined = raw.table.join(event, event.c.event_id == target(raw, "activityid"))
    named = sa.or_(party.is_not(None), raw.address("addressused").is_not(None))
    return [raw.rows("participants", columns).select_from(joined).where(sa.not_(raw.flag(IS_DELETED)), role.is_not(None), named)]


def _event(raw: Raw) -> Rows:
    cells = {"event_id": raw.text("activityid"), "owner_id": target(raw, "ownerid"), "kind": sa.literal(raw.name)}
    return sa.select(*(cell.label(name) for name, cell in cells.items())).select_from(raw.table)


def _role(event: sa.FromClause, mask: Cell) -> Cell:
    cases = [(sa.and_(event.c.kind == kind, mask == number), role) for kind, roles in MASKS.items() for number, role in roles.items()]
    return sa.case(*cases, else_=null(sa.String))


def _owner(raw: Raw) -> Rows:
    """The owner: a user unless the environment says that it is a team."""
    kind = sa.func.coalesce(party_kind(target_table(raw, "ownerid")), "user")
    return _on_record(raw, "ownerid", "owner", kind, raw.name == "phonecall")


def _regarding(raw: Raw) -> Rows:
    kind = target_table(raw, "regardingobjectid")
    rows = _on_record(raw, "regardingobjectid", "regarding", sa.literal("person"), True)
    return rows.where(sa.func.coalesce(kind, PEOPLE[0]).in_(PEOPLE))


def _on_record(raw: Raw, lookup: str, role: str, kind: Cell, stands_in: bool) -> Rows:
    columns = {
        "event_id": raw.text("activityid"),
        "role": sa.literal(role),
        "party_kind": kind,
        "party_id": target(raw, lookup),
        "declined": sa.false(),
        "from_header": sa.false(),
        "stands_in": sa.true() if stands_in else sa.false(),
    }
    return raw.rows("participants", columns).where(target(raw, lookup).is_not(None))
