"""Salesforce users, accounts, people and deals in the neutral shape.

Accounts, contacts and leads keep their deleted and merged rows, because activities may still point at them.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Source
from transforms.functions import local_part, null
from transforms.staging.raw import Raw, as_compared, share
from transforms.staging.salesforce.entered import HOLDER
from transforms.staging.shapes import shaped, stacked, staging_table

Rows = sa.Select[Any]


def users(source: Source, context: Context) -> Rows:
    """Everyone with a log-in; machines and customers' log-ins are marked as no persons."""
    raw = Raw.of(source, "User")
    if raw is None:
        return _none(source, "users")
    kind = sa.func.coalesce(sa.func.lower(raw.text("UserType")), "standard")
    ours = kind.in_(as_compared(context.method["counting.user_types"]))
    columns: dict[str, sa.ColumnElement[Any]] = {
        "user_id": raw.text("Id"),
        "name": raw.text("Name"),
        "email": sa.case((ours, raw.address("Email")), else_=null(sa.String)),
        "title": raw.text("Title"),
        "department": raw.text("Department"),
        "manager_id": raw.text("ManagerId"),
        "is_active": raw.flag("IsActive") if raw.has("IsActive") else sa.true(),
        "is_person": sa.and_(ours, sa.not_(_is_machine(raw, context))),
        **HOLDER.values(raw, "user"),
    }
    return _rows(source, "users", raw, columns)


def accounts(source: Source, context: Context) -> Rows:
    """Accounts; Salesforce has no inactive ones."""
    raw = Raw.of(source, "Account")
    if raw is None:
        return _none(source, "accounts")
    columns: dict[str, sa.ColumnElement[Any]] = {
        "account_id": raw.text("Id"),
        "successor_id": raw.text("MasterRecordId"),
        "is_deleted": raw.flag("IsDeleted"),
        "is_active": sa.true(),
        "name": raw.text("Name"),
        "parent_id": raw.text("ParentId"),
        "owner_id": raw.text("OwnerId"),
        "industry": raw.text("Industry"),
        "employees": raw.number("NumberOfEmployees"),
        **HOLDER.values(raw, "account"),
    }
    return _rows(source, "accounts", raw, columns)


def people(source: Source, context: Context) -> Rows:
    """Contacts and leads."""
    parts = [part for part in (_contacts(source), _leads(source, context)) if part is not None]
    return stacked(staging_table(source.crm, "people"), parts)


def _contacts(source: Source) -> Rows | None:
    raw = Raw.of(source, "Contact")
    if raw is None:
        return None
    columns = {
        **_person(raw),
        "person_kind": sa.literal("contact"),
        "successor_id": raw.text("MasterRecordId"),
        "is_settled": sa.false(),
        "account_id": raw.text("AccountId"),
        "department": raw.text("Department"),
        "reports_to_id": raw.text("ReportsToId"),
        **HOLDER.values(raw, "contact"),
    }
    return _rows(source, "people", raw, columns)


def _leads(source: Source, context: Context) -> Rows | None:
    raw = Raw.of(source, "Lead")
    if raw is None:
        return None
    became = sa.case((raw.flag("IsConverted"), raw.text("ConvertedContactId")), else_=null(sa.String))
    columns = {
        **_person(raw),
        "person_kind": sa.literal("lead"),
        "successor_id": sa.func.coalesce(raw.text("MasterRecordId"), became),
        "is_settled": sa.or_(raw.flag("IsConverted"), _is_disqualified(raw, context)),
        **HOLDER.values(raw, "lead"),
    }
    return _rows(source, "people", raw, columns)


def leads(source: Source, context: Context) -> Rows:
    """Leads that are neither deleted nor merged away; a conversion is told to the day, a disqualification not at all."""
    raw = Raw.of(source, "Lead")
    if raw is None:
        return _none(source, "leads")
    converted, closed = raw.flag("IsConverted"), raw.instant("ConvertedDate")
    columns: dict[str, sa.ColumnElement[Any]] = {
        "lead_id": raw.text("Id"),
        "owner_id": raw.text("OwnerId"),
        "created_s": raw.instant("CreatedDate"),
        "status": sa.case((converted, "converted"), (_is_disqualified(raw, context), "disqualified"), else_="open"),
        "closed_s": sa.case((converted & closed.is_not(None), sa.func.greatest(closed, raw.instant("CreatedDate")))),
        "contact_id": sa.case((converted, raw.text("ConvertedContactId"))),
        "account_id": sa.case((converted, raw.text("ConvertedAccountId"))),
        "opportunity_id": sa.case((converted, raw.text("ConvertedOpportunityId"))),
    }
    return raw.rows("leads", columns).where(sa.not_(raw.flag("IsDeleted")))


def _is_disqualified(raw: Raw, context: Context) -> sa.ColumnElement[bool]:
    named = sa.func.lower(sa.func.trim(raw.text("Status"))).in_(as_compared(context.method["counting.disqualified_statuses"]))
    return sa.func.coalesce(named, sa.false())


def person_addresses(source: Source, context: Context) -> Rows:
    """The one address of each contact and lead."""
    parts = [_addresses(raw) for name in ("Contact", "Lead") if (raw := Raw.of(source, name)) is not None]
    return stacked(staging_table(source.crm, "person_addresses"), parts)


def _addresses(raw: Raw) -> Rows:
    columns = {"person_id": raw.text("Id"), "address": raw.address("Email")}
    return raw.rows("person_addresses", columns).where(raw.address("Email").is_not(None))


def opportunities(source: Source, context: Context) -> Rows:
    """Deals that are not deleted."""
    raw = Raw.of(source, "Opportunity")
    if raw is None:
        return _none(source, "opportunities")
    columns: dict[str, sa.ColumnElement[Any]] = {
        "opportunity_id": raw.text("Id"),
        "account_id": raw.text("AccountId"),
        "owner_id": raw.text("OwnerId"),
        "stage": raw.text("StageName"),
        "stage_since_s": raw.instant("LastStageChangeDate"),
        "probability": share(raw.number("Probability")),
        "amount": _corporate(source, raw),
        "close_day": sa.cast(sa.func.floor(sa.cast(raw.instant("CloseDate"), sa.Double) / DAY), sa.BigInteger),
        "created_s": raw.instant("CreatedDate"),
        "is_closed": raw.column("IsClosed", sa.Boolean),
        "is_won": raw.column("IsWon", sa.Boolean),
        **HOLDER.values(raw, "opportunity"),
    }
    return _rows(source, "opportunities", raw, columns).where(sa.not_(raw.flag("IsDeleted")))


def _corporate(source: Source, raw: Raw) -> sa.ColumnElement[Any]:
    """The amount in the corporate currency; unknown where the rate of its own is."""
    rates = Raw.of(source, "CurrencyType")
    if not raw.has("CurrencyIsoCode"):
        return raw.number("Amount")
    rate = null(sa.Double)
    if rates is not None:
        of_code = sa.select(sa.func.max(rates.number("ConversionRate"))).where(rates.text("IsoCode") == raw.text("CurrencyIsoCode"))
        rate = sa.func.nullif(of_code.correlate(raw.table).scalar_subquery(), 0)
    return sa.case((raw.text("CurrencyIsoCode").is_(None), raw.number("Amount")), else_=raw.number("Amount") / rate)


def _person(raw: Raw) -> dict[str, sa.ColumnElement[Any]]:
    return {
        "person_id": raw.text("Id"),
        "is_deleted": raw.flag("IsDeleted"),
        "is_active": sa.true(),
        "owner_id": raw.text("OwnerId"),
        "name": raw.text("Name"),
        "email": raw.address("Email"),
        "title": raw.text("Title"),
        "created_s": raw.instant("CreatedDate"),
    }


def _is_machine(raw: Raw, context: Context) -> sa.ColumnElement[bool]:
    """A log-in whose name or user name begins with one of the words of machines, or whose address is nobody's."""
    words = as_compared(context.method["counting.integration_names"])
    named = [sa.func.lower(raw.text(column)).startswith(word) for column in ("Username", "Name") for word in words]
    local = local_part(raw.address("Email"))
    return sa.func.coalesce(sa.or_(*named), sa.false()) | sa.func.coalesce(local.in_(context.counting.not_people), sa.false())


def _rows(source: Source, entity: str, raw: Raw, columns: dict[str, sa.ColumnElement[Any]]) -> Rows:
    return sa.select(*shaped(staging_table(source.crm, entity), source.crm, columns)).select_from(raw.table)


def _none(source: Source, entity: str) -> Rows:
    return stacked(staging_table(source.crm, entity), [])
