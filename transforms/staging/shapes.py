"""The neutral shape every CRM kind is staged into: `staging.stg_<crm>__<entity>`, one table per CRM and entity.

Everything downstream reads only these tables, so a new CRM kind is one package beside `salesforce/`. Ids are the CRM's
own, unresolved: merges, conversions and addresses are followed later, once for all CRMs. Deleted, merged and converted
records stay in, marked, because activities may still point at them. Instants are epoch seconds UTC.

`activities.reason` is the first reason a source can see on the record alone, in the order of contract section 3 up to
`invitee_copy`; the later reasons need other records and are decided by `transforms.interactions`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Double, Integer, String

from transforms.functions import null
from transforms.tables import FACTORS
from warehouse import STAGING

Shape = Mapping[str, tuple[Any, str]]

USERS: Final[Shape] = {
    "user_id": (String, ""),
    "name": (String, ""),
    "email": (String, "lower case, trimmed; null for log-ins of customers, which are never recognised by address"),
    "title": (String, ""),
    "department": (String, ""),
    "manager_id": (String, ""),
    "is_active": (Boolean, ""),
    "is_person": (Boolean, "false for integration, application and automated users, and log-ins of customers"),
    "industry_expert": (Boolean, "entered"),
}
ACCOUNTS: Final[Shape] = {
    "account_id": (String, ""),
    "successor_id": (String, "the record this one was merged into"),
    "is_deleted": (Boolean, "deleted or merged away"),
    "is_active": (Boolean, ""),
    "name": (String, ""),
    "parent_id": (String, ""),
    "owner_id": (String, ""),
    "industry": (String, ""),
    "employees": (BigInteger, ""),
    "key_departments": (String, "entered, as typed"),
    "potential": (Double, "entered, 0-10"),
    "demonstration": (Double, "entered, 0-10"),
    "can_win": (Double, "entered, 0-10"),
    "competitor_main": (String, "entered"),
    "plan": (String, "entered in a mapped field"),
}
PEOPLE: Final[Shape] = {
    "person_id": (String, ""),
    "person_kind": (String, "contact or lead"),
    "successor_id": (String, "the record this one was merged into, or the contact a lead became"),
    "is_deleted": (Boolean, "deleted or merged away"),
    "is_active": (Boolean, ""),
    "is_settled": (Boolean, "a lead that was converted or disqualified: gets no values of its own"),
    "account_id": (String, "null for leads"),
    "owner_id": (String, ""),
    "name": (String, ""),
    "email": (String, "the first address that may be a person's: lower case, trimmed"),
    "title": (String, ""),
    "department": (String, "as typed"),
    "reports_to_id": (String, ""),
    "influenced_by_id": (String, "entered"),
    "attitude": (Integer, "entered, -2..2"),
    "solution_acceptance": (Integer, "entered, -2..2"),
    "price_acceptance": (Integer, "entered, -2..2"),
    "competitor_attitude": (Integer, "entered, -2..2"),
    "vote": (String, "entered"),
    "buying_roles": (String, "entered, semicolon list"),
    "key_person": (Boolean, "entered"),
    "value": (Double, "entered in a mapped field, 0-10"),
    "created_s": (BigInteger, ""),
}
PERSON_ADDRESSES: Final[Shape] = {
    "person_id": (String, ""),
    "address": (String, "lower case, trimmed; any of the person's addresses, each once"),
}
ACCOUNT_MEMBERS: Final[Shape] = {
    "account_id": (String, ""),
    "user_id": (String, ""),
    "member_role": (String, "owner or team"),
}
ACCOUNT_CONTACTS: Final[Shape] = {
    "account_id": (String, ""),
    "person_id": (String, "a contact; the account may be its own"),
    "roles": (String, "what the contact is to the account, as the CRM says it; null = it does not say"),
}
OPPORTUNITIES: Final[Shape] = {
    "opportunity_id": (String, ""),
    "account_id": (String, ""),
    "owner_id": (String, ""),
    "stage": (String, ""),
    "stage_since_s": (BigInteger, "null = the CRM does not say"),
    "probability": (Double, "0-100"),
    "amount": (Double, "in the currency of the whole organisation; null = unknown, or its rate is"),
    "close_day": (BigInteger, "days since 1970-01-01"),
    "created_s": (BigInteger, ""),
    "is_closed": (Boolean, ""),
    "is_won": (Boolean, ""),
    "compelling_event": (Boolean, "entered"),
    "inside_source": (Boolean, "entered"),
    "competitor_rank": (Integer, "entered, 1-9"),
    "value_proposition": (String, "entered"),
    **dict.fromkeys(FACTORS, (Double, "entered in a mapped field, 0-10")),
}
LEADS: Final[Shape] = {
    "lead_id": (String, ""),
    "owner_id": (String, ""),
    "created_s": (BigInteger, ""),
    "status": (String, "open, converted or disqualified"),
    "closed_s": (BigInteger, "null = open, or unknown"),
    "contact_id": (String, "what it became"),
    "account_id": (String, "what it became"),
    "opportunity_id": (String, "what it became"),
}
OPPORTUNITY_ROLES: Final[Shape] = {
    "opportunity_id": (String, ""),
    "person_id": (String, ""),
    "role": (String, ""),
}
ACTIVITIES: Final[Shape] = {
    "event_id": (String, "id of the source activity record"),
    "kind": (String, "source object: Task, Event, EmailMessage, phonecall, ..."),
    "channel": (String, "meeting, call or email; null = neither (a plain to-do)"),
    "reason": (String, "first of deleted ... invitee_copy that applies; null = none"),
    "shadows_mail": (Boolean, "a mail record of its own names this one as its shadow"),
    "is_log": (Boolean, "only logs that something was sent: may shadow a mail record without a link to it"),
    "is_open": (Boolean, "not completed"),
    "is_list_mail": (Boolean, "one recipient's copy of a mass mail, or the mail beside it"),
    "at_s": (BigInteger, "when it happened, by contract section 3"),
    "logged_s": (BigInteger, "the instant to the minute, to recognise shadows; null = unknown"),
    "minutes": (Double, "scheduled duration of a meeting; null = unknown"),
    "says": (String, "out or in, by the record's own flag; null = it does not say"),
    "unanswered": (Boolean, "a call that reached nobody"),
    "message_id": (String, "the mail's message identifier"),
    "regarding_id": (String, "record the activity is about"),
    "account_id": (String, "account the activity belongs to; needed for mails, to choose between contacts of one address"),
}
PARTICIPANTS: Final[Shape] = {
    "event_id": (String, ""),
    "role": (String, "owner, invitee (ours or a room), who (outside), from, to, cc, bcc, regarding (the record it is about)"),
    "party_kind": (String, "user, person, nobody (queue, team, public calendar, room); null = address only"),
    "party_id": (String, "record id; null = address only"),
    "address": (String, "lower case, trimmed; null = by id only"),
    "declined": (Boolean, "declined or uninvited"),
    "from_header": (
        Boolean,
        "read from an address line: counts only where no relation in that role names that address",
    ),
    "stands_in": (Boolean, "counts only where no other participant is a user (an owner) or a person (the regarding one)"),
}
ENTERED_DROPPED: Final[Shape] = {
    "entity": (String, "contact, lead, account, opportunity or user"),
    "record_id": (String, ""),
    "field": (String, "name of contract 4.2 in lower case"),
    "reason": (String, "unknown_value or out_of_range"),
}

SHAPES: Final[Mapping[str, Shape]] = {
    "users": USERS,
    "accounts": ACCOUNTS,
    "people": PEOPLE,
    "person_addresses": PERSON_ADDRESSES,
    "account_members": ACCOUNT_MEMBERS,
    "account_contacts": ACCOUNT_CONTACTS,
    "opportunities": OPPORTUNITIES,
    "opportunity_roles": OPPORTUNITY_ROLES,
    "leads": LEADS,
    "activities": ACTIVITIES,
    "participants": PARTICIPANTS,
    "entered_dropped": ENTERED_DROPPED,
}


@cache
def staging_table(crm: str, entity: str) -> sa.Table:
    """`staging.stg_<crm>__<entity>` with the columns of its shape, `crm` first."""
    columns = [sa.Column(name, type_, comment=text or None) for name, (type_, text) in SHAPES[entity].items()]
    told = f"{entity.replace('_', ' ').capitalize()} of {crm}, in the shape that every kind of CRM is brought to."
    return sa.Table(f"stg_{crm}__{entity}", sa.MetaData(), sa.Column("crm", String), *columns, schema=STAGING, comment=told)


def shaped(table: sa.Table, crm: str, columns: Mapping[str, sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """`columns` in the order of `table`, `crm` filled in, what is not given unknown."""
    given = {"crm": sa.literal(crm), **columns}
    return [given.get(column.name, null(column.type)).label(column.name) for column in table.columns]


def stacked(table: sa.Table, selects: Sequence[sa.Select[Any]]) -> sa.Select[Any]:
    """The rows of all `selects`, one after the other; no selects = no rows."""
    if not selects:
        return sa.select(*(null(column.type).label(column.name) for column in table.columns)).where(sa.false())
    if len(selects) == 1:
        return selects[0]
    return sa.select(sa.union_all(*selects).subquery(f"all_{table.name}"))


def over_sources(crms: Sequence[str], entity: str) -> sa.Subquery:
    """One entity of all CRMs."""
    tables = [staging_table(crm, entity) for crm in crms]
    empty = staging_table("none", entity)
    return stacked(empty, [sa.select(table) for table in tables]).subquery(f"staged_{entity}")
