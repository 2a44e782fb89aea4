"""What is not in the figures of a record: activities that were not counted, and entered values that could not be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from transforms.explanation.asked import Asked
from transforms.staging.shapes import staging_table
from transforms.tables import entered_dropped, interactions_dropped, opportunity_roles, participants_dropped, people
from warehouse import MODEL, STAGING


@dataclass(frozen=True)
class Unused:
    """A field that people filled in with something that is not allowed there; `reason` as in `model.entered_dropped`."""

    record_id: str
    field: str
    reason: str


def dropped(asked: Asked, entity: str) -> Mapping[str, int]:
    """Activities that name the record or its people and were not counted, and counted ones that left them out, by reason."""
    named, reasons = _named(asked, entity), []
    if asked.warehouse.columns(MODEL, participants_dropped.name):
        left_out = participants_dropped
        reasons.append(
            sa.select(left_out.c.event_id, left_out.c.reason).where(left_out.c.crm == asked.crm, left_out.c.person_id.in_(named))
        )
    participants = staging_table(asked.crm, "participants")
    if asked.warehouse.columns(STAGING, participants.name):
        events = sa.select(participants.c.event_id).where(participants.c.party_id.in_(named))
        gone = interactions_dropped
        reasons.append(sa.select(gone.c.event_id, gone.c.reason).where(gone.c.crm == asked.crm, gone.c.event_id.in_(events)))
    if not reasons:
        return {}
    every = sa.union_all(*reasons).subquery("reasons")
    count = sa.func.count(every.c.event_id.distinct()).label("records")
    rows = sa.select(every.c.reason, count).group_by(every.c.reason).order_by(count.desc(), every.c.reason)
    return {row["reason"]: row["records"] for row in asked.rows(rows)}


def unused(asked: Asked, entity: str) -> Sequence[Unused]:
    """Entered values of the record, and of an account's people, that count as not entered."""
    table = entered_dropped
    if not asked.warehouse.columns(MODEL, table.name):
        return ()
    ids = sa.union(sa.select(sa.literal(asked.record_id)), _named(asked, entity)).subquery("ids")
    rows = sa.select(table.c.record_id, table.c.field, table.c.reason).where(
        table.c.crm == asked.crm, table.c.record_id.in_(sa.select(ids))
    )
    return [Unused(**row) for row in asked.rows(rows.order_by(table.c.record_id, table.c.field))]


def _named(asked: Asked, entity: str) -> sa.Select[Any]:
    """Ids under which activities name a record: its own, or those of its people."""
    if entity == "account":
        return sa.select(people.c.person_id).where(people.c.crm == asked.crm, people.c.account_id == asked.record_id)
    if entity == "opportunity":
        role = opportunity_roles
        return sa.select(role.c.person_id).where(role.c.crm == asked.crm, role.c.opportunity_id == asked.record_id)
    return sa.select(sa.literal(asked.record_id))
