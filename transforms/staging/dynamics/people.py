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
from transforms.staging.dynamics.records import full_name, is_active, none
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
    raw = worded(source, "lead")
    if raw is None:
        return None
    born = _born(source, "contact")
    columns = {
        **_person(raw, context),
        "person_kind": sa.literal("lead"),
        "successor_id": sa.func.coalesce(target(raw, "masterid"), sa.case((state(raw) == QUALIFIED, _became(raw, born)))),
        "is_active": sa.true(),
        "is_settled": sa.func.coalesce(state(raw) != OPEN, sa.false()),
        **HOLDER.values(raw, "lead"),
    }
    return raw.rows("people", columns).select_from(raw.table.outerjoin(born, born.c.lead_id == raw.text("leadid")))


def leads(source: Source, context: Context) -> Rows:
    """Leads that are neither deleted nor merged away.

    When one was qualified is told by the deal or contact that was made of it, if it is younger; when one was disqualified, or
    led to records that were there before, nobody says.
    """
    raw = Raw.of(source, "lead")
    if raw is None:
        return none(source, "leads")
    born, deal = _born(source, "contact"), _born(source, "opportunity")
    qualified, made_s = state(raw) == QUALIFIED, sa.func.coalesce(deal.c.created_s, born.c.created_s)
    columns = {
        "lead_id": raw.text("leadid"),
        "owner_id": target_in(raw, "ownerid", "systemuser"),
        "created_s": raw.instant("createdon"),
        "status": sa.case((qualified, "converted"), (state(raw) != OPEN, "disqualified"), else_="open"),
        "closed_s": sa.case((qualified & (made_s >= raw.instant("createdon")), made_s)),
        "contact_id": sa.case((qualified, _became(raw, born))),
        "account_id": sa.case((qualified, sa.func.coalesce(target(raw, "parentaccountid"), target_in(raw, "customerid", "account")))),
        "opportunity_id": sa.case((qualified, sa.func.coalesce(target(raw, "qualifyingopportunityid"), deal.c.record_id))),
    }
    joined = raw.table
    for made in (born, deal):
        joined = joined.outerjoin(made, made.c.lead_id == raw.text("leadid"))
    return raw.rows("leads", columns).select_from(joined).where(sa.not_(is_gone(raw)))


def _became(raw: Raw, born: sa.Subquery) -> Cell:
    """The contact a qualified lead is."""
    return sa.func.coalesce(target(raw, "parentcontactid"), born.c.record_id, target_in(raw, "customerid", "contact"))


def _born(source: Source, table: str) -> sa.Subquery:
    """Leads and the record of a table made of each; of several the smallest id that is not gone."""
    raw = Raw.of(source, table)
    if raw is None or not raw.has("_originatingleadid_value"):
        nothing = (null(sa.String).label("lead_id"), null(sa.String).label("record_id"), null(sa.BigInteger).label("created_s"))
        return sa.select(*nothing).where(sa.false()).subquery(f"born_{table}")
    lead = target(raw, "originatingleadid")
    first = (sa.func.min(raw.text(f"{table}id")).label("record_id"), sa.func.min(raw.instant("createdon")).label("created_s"))
    made = sa.select(lead.label("lead_id"), *first).select_from(raw.table)
    return made.where(lead.is_not(None), sa.not_(is_gone(raw))).group_by(lead).subquery(f"born_{table}")


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
        "created_s": raw.instant("createdon"),
    }
