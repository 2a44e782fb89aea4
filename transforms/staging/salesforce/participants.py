"""Who took part in Salesforce activities: owners, who-persons, relations and address lines, one neutral row each.

Nothing is resolved or decided here. Deleted relation rows are no participants. Address lines of a mail are read too,
because an org without EmailMessageRelation has nothing else; they count where no relation names the same address in
the same role. A Task that a mail names as its shadow is left out: the mail has the participants.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.functions import null, split_rows, tidy_address
from transforms.staging.raw import Raw
from transforms.staging.salesforce.raw import is_shadow, party_kind
from transforms.staging.shapes import shaped, stacked, staging_table

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

MAIL_ROLES: Final = {
    "fromaddress": "from",
    "toaddress": "to",
    "ccaddress": "cc",
    "bccaddress": "bcc",
    "from": "from",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
}
HEADERS: Final = {"FromAddress": "from", "ToAddress": "to", "CcAddress": "cc", "BccAddress": "bcc"}
AROUND: Final = "\t\r\n'\""
"""What may stand around an address in a line beside blanks: folds and quotes."""
TASKS: Final = ("Task", "TaskRelation")
STAYED_AWAY: Final = ("declined", "uninvited")


def participants(source: Source, context: Context) -> Rows:
    """Every participant of every activity, as many rows as the records name it."""
    parts = [
        *_named_on_record(source, "Task"),
        *_named_on_record(source, "Event"),
        *_related(source, "TaskRelation", "TaskId"),
        *_related(source, "EventRelation", "EventId"),
        *_mail_owners(source),
        *_mail_relations(source),
        *_mail_headers(source),
    ]
    return stacked(staging_table(source.crm, "participants"), parts)


def _named_on_record(source: Source, name: str) -> list[Rows]:
    raw = Raw.of(source, name)
    if raw is None:
        return []
    return [
        _by_id(source, raw, raw.text("Id"), raw.text(column), sa.literal(role)) for column, role in (("OwnerId", "owner"), ("WhoId", "who"))
    ]


def _related(source: Source, name: str, event_id: str) -> list[Rows]:
    """People and invited users; the record an activity is about is none of them."""
    raw = Raw.of(source, name)
    if raw is None:
        return []
    party = raw.text("RelationId")
    role = sa.case((party_kind(party) == "person", "who"), else_="invitee")
    declined = sa.func.coalesce(sa.func.lower(raw.text("Status")).in_(STAYED_AWAY), sa.false())
    rows = _by_id(source, raw, raw.text(event_id), party, role, declined)
    return [rows.where(sa.not_(raw.flag("IsDeleted")), sa.not_(raw.flag("IsWhat")))]


def _mail_owners(source: Source) -> list[Rows]:
    """A mail has no owner of its own; the Task beside it has."""
    mail, task = Raw.of(source, "EmailMessage"), Raw.of(source, "Task")
    if mail is None or task is None:
        return []
    rows = _by_id(source, mail, mail.text("Id"), task.text("OwnerId"), sa.literal("owner"))
    return [rows.select_from(mail.table.join(task.table, task.text("Id") == mail.text("ActivityId")))]


def _mail_relations(source: Source) -> list[Rows]:
    raw = Raw.of(source, "EmailMessageRelation")
    if raw is None:
        return []
    role, names = _mail_role(raw), sa.func.coalesce(raw.text("RelationId"), raw.address("RelationAddress"))
    columns = {
        "event_id": raw.text("EmailMessageId"),
        "role": role,
        "party_kind": party_kind(raw.text("RelationId")),
        "party_id": raw.text("RelationId"),
        "address": raw.address("RelationAddress"),
        "declined": sa.false(),
        "from_header": sa.false(),
    }
    return [_rows(source, raw, columns).where(sa.not_(raw.flag("IsDeleted")), role.is_not(None), names.is_not(None))]


def _mail_role(raw: Raw) -> Cell:
    """from, to, cc or bcc; null for relations of other kinds."""
    kind = sa.func.lower(raw.text("RelationType"))
    return sa.case(*((kind == word, role) for word, role in MAIL_ROLES.items()), else_=null(sa.String))


def _mail_headers(source: Source) -> list[Rows]:
    """One row per address of a line such as `a@x.example; Bo <b@x.example>`, but for those a relation names already."""
    raw = Raw.of(source, "EmailMessage")
    lines = [] if raw is None else [_line(raw, column, role) for column, role in HEADERS.items() if raw.has(column)]
    if not lines:
        return []
    part = sa.union_all(*lines).subquery("part")
    inside = sa.func.split_part(sa.func.split_part(part.c.part, "<", 2), ">", 1)
    is_wrapped = sa.or_(*(part.c.part.contains(mark) for mark in AROUND))
    whole = sa.case((is_wrapped, sa.func.trim(part.c.part, AROUND + " ")), else_=part.c.part)
    address = tidy_address(sa.case((part.c.part.contains("<"), sa.func.trim(inside, AROUND + " ")), else_=whole))
    found = sa.select(part.c.event_id, part.c.role, address.label("address")).where(address.contains("@")).subquery("found")
    columns = {**{cell.name: cell for cell in found.c}, "declined": sa.false(), "from_header": sa.true()}
    rows = sa.select(*shaped(staging_table(source.crm, "participants"), source.crm, columns))
    return [_not_related(source, rows, found)]


def _line(raw: Raw, column: str, role: str) -> Rows:
    line = sa.func.replace(raw.text(column), ",", ";")
    cells: list[Cell] = [raw.text("Id").label("event_id"), sa.literal(role).label("role"), split_rows(line, sa.literal(";")).label("part")]
    return sa.select(*cells).where(raw.text(column).contains("@"))


def _not_related(source: Source, rows: Rows, found: sa.Subquery) -> Rows:
    raw = Raw.of(source, "EmailMessageRelation")
    if raw is None:
        return rows.select_from(found)
    role = _mail_role(raw)
    named = sa.select(raw.text("EmailMessageId").label("event_id"), raw.address("RelationAddress").label("address"), role.label("role"))
    relation = named.where(sa.not_(raw.flag("IsDeleted")), role.is_not(None)).subquery("relation")
    same = sa.and_(*(relation.c[name] == found.c[name] for name in ("event_id", "address", "role")))
    return rows.select_from(found.outerjoin(relation, same)).where(relation.c.event_id.is_(None))


def _by_id(source: Source, raw: Raw, event_id: Cell, party: Cell, role: Cell, declined: Cell | None = None) -> Rows:
    columns = {
        "event_id": event_id,
        "role": role,
        "party_kind": party_kind(party),
        "party_id": party,
        "declined": sa.false() if declined is None else declined,
        "from_header": sa.false(),
    }
    rows = _rows(source, raw, columns).where(party_kind(party).is_not(None))
    return rows.where(sa.not_(is_shadow(source, event_id))) if raw.name in TASKS else rows


def _rows(source: Source, raw: Raw, columns: dict[str, Cell]) -> Rows:
    return sa.select(*shaped(staging_table(source.crm, "participants"), source.crm, columns)).select_from(raw.table)
