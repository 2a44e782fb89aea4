"""Dataverse contacts and leads in the neutral shape, with all their addresses.

A qualified lead is the contact it became. Qualification writes that contact into `parentcontactid` of the lead (where it also
stands when somebody chose an existing contact before), and the lead into `originatingleadid` of a contact it creates; either
is enough. Deleted and merged rows stay in, marked, because activities may still point at them.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Source
from transforms.functions import local_part, null
from transforms.staging.dynamics.entered import HOLDER
from transforms.staging.dynamics.raw import is_gone, state, target, target_in
from transforms.staging.dynamics.records import full_name, is_active
from transforms.staging.dynamics.words import worded
from transforms.staging.raw import Raw
from transforms.staging.shapes import stacked, staging_table

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

OPEN, QUALIFIED = 0, 1
ADDRESSES: Final = ("emailaddress1", "emailaddress2", "emailaddress3")


def people(source: Source, context: Context) -> Rows:
    """Contacts and leads."""
    parts = [part for part in (_contacts(source, context), _leads(source, context)) if part is not None]
    return stacked(staging_table(source.crm, "people"), parts)


def _contacts(source: Source, context: Context) -> Rows | None:
    raw = worded(source, "contact")
    if raw is None:
        return None
    columns = {
        **_person(raw, context),
        "person_kind": sa.literal("contact"),
        "successor_id": target(raw, "masterid"),
        "is_active": is_active(raw),
        "is_settled": sa.false(),
        "account_id": target_in(raw, "parentcustomerid", "account"),
        "department": raw.text("department"),
        "reports_to_id": target(raw, "parentcontactid"),
        **HOLDER.values(raw, "contact"),
    }
    return raw.rows("people", columns)


def _leads(source: Source, context: Context) -> Rows | None:
    raw = Raw.of(source, "lead")
    if raw is None:
        return None
    born = _born(source)
    became = sa.func.coalesce(target(raw, "parentcontactid"), born.c.contact_id, target_in(raw, "customerid", "contact"))
    columns = {
        **_person(raw, context),
        "person_kind": sa.literal("lead"),
        "successor_id": sa.func.coalesce(target(raw, "masterid"), sa.case((state(raw) == QUALIFIED, became))),
        "is_active": sa.true(),
        "is_settled": sa.func.coalesce(state(raw) != OPEN, sa.false()),
    }
    return raw.rows("people", columns).select_from(raw.table.outerjoin(born, born.c.lead_id == raw.text("leadid")))


def _born(source: Source) -> sa.Subquery:
    """Leads and the contacts made of them; of several the smallest id that is not deleted."""
    raw = Raw.of(source, "contact")
    if raw is None or not raw.has("_originatingleadid_value"):
        return sa.select(null(sa.String).label("lead_id"), null(sa.String).label("contact_id")).where(sa.false()).subquery("born")
    lead = target(raw, "originatingleadid")
    made = sa.select(lead.label("lead_id"), sa.func.min(raw.text("contactid")).label("contact_id")).select_from(raw.table)
    return made.where(lead.is_not(None), sa.not_(is_gone(raw))).group_by(lead).subquery("born")


def person_addresses(source: Source, context: Context) -> Rows:
    """Each address of each contact and lead, once."""
    tables = [(raw, key) for name, key in (("contact", "contactid"), ("lead", "leadid")) if (raw := Raw.of(source, name)) is not None]
    parts = [_addresses(raw, key, column) for raw, key in tables for column in ADDRESSES if raw.has(column)]
    listed = stacked(staging_table(source.crm, "person_addresses"), parts)
    return listed.distinct() if len(parts) > 1 else listed


def _addresses(raw: Raw, key: str, column: str) -> Rows:
    columns = {"person_id": raw.text(key), "address": raw.address(column)}
    return raw.rows("person_addresses", columns).where(raw.address(column).is_not(None))


def _person(raw: Raw, context: Context) -> dict[str, Cell]:
    known = [raw.address(column) for column in ADDRESSES]
    real = [sa.case((local_part(address).not_in(context.counting.not_people), address)) for address in known]
    return {
        "person_id": raw.text(f"{raw.name}id"),
        "is_deleted": is_gone(raw),
        "owner_id": target_in(raw, "ownerid", "systemuser"),
        "name": full_name(raw),
        "email": sa.func.coalesce(*real, *known, type_=sa.String),
        "title": raw.text("jobtitle"),
    }
