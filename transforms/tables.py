"""The CRM-neutral model as declared tables: what staging fills and everything downstream reads.

Every table is keyed by `crm` (the name in the configuration) and the CRM's own record id; `*_key` columns are integers,
unique over all CRMs within one run, for joins. Instants are epoch seconds UTC, `at` is the same instant as a naive UTC
timestamp for people to read, `day` is `at_s // 86400`. Unknown is null. Comments are the documentation of the columns.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Double, Integer, String, Table

from warehouse import MODEL

metadata = sa.MetaData()

FACTORS: Final = tuple(f"factor_{number}" for number in range(1, 9))
"""The eight factors of a purchase: columns of `model.opportunities`."""

users = Table(
    "users",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    Column("user_key", BigInteger),
    Column("name", String),
    Column("email", String, comment="lower case, trimmed"),
    Column("title", String),
    Column("department", String),
    Column("manager_id", String),
    Column("is_active", Boolean),
    Column("is_person", Boolean, comment="false for integration, application and automated users"),
    Column("industry_expert", Boolean, comment="entered, contract 4.2; null = not entered"),
    schema=MODEL,
    comment="Our people: one row per CRM user.",
)

accounts = Table(
    "accounts",
    metadata,
    Column("crm", String),
    Column("account_id", String),
    Column("account_key", BigInteger),
    Column("name", String),
    Column("parent_id", String),
    Column("owner_id", String),
    Column("industry", String),
    Column("employees", BigInteger),
    Column("key_departments", String, comment="entered list, as typed; null = use the configured default list"),
    Column("potential", Double),
    Column("demonstration", Double),
    Column("can_win", Double),
    Column("competitor_main", String, comment="entered, as typed"),
    Column("plan", String, comment="as typed in the field mapped for it; null = none entered, or no field mapped"),
    Column("is_live", Boolean, comment="active: gets values; deleted and merged accounts are not in the table"),
    schema=MODEL,
    comment="Customer accounts: one row per CRM account that is neither deleted nor merged away.",
)

people = Table(
    "people",
    metadata,
    Column("crm", String),
    Column("person_id", String),
    Column("person_key", BigInteger),
    Column("person_kind", String, comment="contact or lead"),
    Column("account_id", String, comment="null for leads"),
    Column("account_key", BigInteger),
    Column("owner_id", String),
    Column("name", String),
    Column("email", String, comment="lower case, trimmed"),
    Column("title", String),
    Column("department", String, comment="as typed"),
    Column("department_name", String, comment="normalised: case, spaces, synonyms table of the method; null = unknown"),
    Column("reports_to_id", String),
    Column("influenced_by_id", String),
    Column("attitude", Integer, comment="-2..2, entered; null = not entered or outside the value list"),
    Column("solution_acceptance", Integer),
    Column("price_acceptance", Integer),
    Column("competitor_attitude", Integer),
    Column("vote", String, comment="None, Approve, Veto, Both; null = unknown"),
    Column("buying_roles", String, comment="semicolon list of Gatekeeper, Buyer, User, Decider, Influencer; null = none entered"),
    Column("key_person", Boolean),
    Column("value", Double, comment="0-10, from the field mapped for it; null = unknown"),
    Column("created_s", BigInteger, comment="epoch seconds"),
    Column("is_active", Boolean),
    Column("is_person", Boolean, comment="false: address of a no-reply kind, or of one of our users"),
    Column("is_live", Boolean, comment="active, a person, not converted or disqualified: gets values"),
    schema=MODEL,
    comment="Outside people: one row per contact or lead that is not deleted, merged away or converted to a contact we see.",
)

account_members = Table(
    "account_members",
    metadata,
    Column("crm", String),
    Column("account_id", String),
    Column("account_key", BigInteger),
    Column("user_id", String),
    Column("user_key", BigInteger),
    Column("member_role", String, comment="owner or team; one row per account and user, owner first"),
    schema=MODEL,
    comment="Which of our users cover which account.",
)

account_contacts = Table(
    "account_contacts",
    metadata,
    Column("crm", String),
    Column("account_id", String),
    Column("account_key", BigInteger),
    Column("person_id", String),
    Column("person_key", BigInteger),
    Column("roles", String, comment="what the contact is to the account, as the CRM says it; null = it does not say"),
    schema=MODEL,
    comment="Contacts related to an account that is not their own: shown on its map, counted nowhere.",
)

opportunities = Table(
    "opportunities",
    metadata,
    Column("crm", String),
    Column("opportunity_id", String),
    Column("account_id", String),
    Column("account_key", BigInteger),
    Column("owner_id", String),
    Column("stage", String),
    Column("stage_since_s", BigInteger, comment="since when in this stage, epoch seconds; null = the CRM does not say"),
    Column("probability", Double, comment="0-100; null = unknown"),
    Column("amount", Double),
    Column("close_day", BigInteger, comment="days since 1970-01-01"),
    Column("created_s", BigInteger),
    Column("is_closed", Boolean),
    Column("is_won", Boolean),
    Column("compelling_event", Boolean),
    Column("inside_source", Boolean),
    Column("competitor_rank", Integer),
    Column("value_proposition", String, comment="entered, as typed"),
    *(Column(name, Double, comment="0-10, from the field mapped for it; null = unknown") for name in FACTORS),
    schema=MODEL,
    comment="Deals that are not deleted.",
)

opportunity_roles = Table(
    "opportunity_roles",
    metadata,
    Column("crm", String),
    Column("opportunity_id", String),
    Column("person_id", String),
    Column("person_key", BigInteger),
    Column("role", String),
    schema=MODEL,
    comment="Contact roles of deals.",
)

leads = Table(
    "leads",
    metadata,
    Column("crm", String),
    Column("lead_id", String),
    Column("owner_id", String),
    Column("created_s", BigInteger, comment="epoch seconds"),
    Column("status", String, comment="open, converted or disqualified"),
    Column("closed_s", BigInteger, comment="when it was converted or disqualified, epoch seconds; null = open, or unknown"),
    Column("contact_id", String, comment="the contact it became; null = none, or unknown"),
    Column("account_id", String, comment="the account it became; null = none, or unknown"),
    Column("opportunity_id", String, comment="the deal it became; null = none, or unknown"),
    schema=MODEL,
    comment="Every lead that is neither deleted nor merged away, what became of it included.",
)

interactions = Table(
    "interactions",
    metadata,
    Column("crm", String),
    Column("event_id", String, comment="id of the source activity record"),
    Column("user_id", String),
    Column("person_id", String),
    Column("person_kind", String, comment="contact or lead"),
    Column("account_id", String, comment="the person's account; null for leads"),
    Column("at", DateTime, comment="UTC"),
    Column("channel", String, comment="meeting, call or email"),
    Column("direction", String, comment="out, in or both"),
    Column("minutes", Double, comment="scheduled duration of a meeting; null = unknown"),
    Column("participants_outside", Integer, comment="outside people counted on the event"),
    Column("recipients", Integer, comment="distinct To+Cc+Bcc addresses of a mail; null for meetings and calls"),
    Column("is_cc", Boolean, comment="the receiving side of this row was only copied"),
    Column("two_way", Boolean, comment="evidence of two-way contact: a meeting, a connected call, an inbound mail"),
    Column("unanswered", Boolean, comment="a call marked voicemail, no answer or left message"),
    Column("at_s", BigInteger, comment="epoch seconds"),
    Column("day", BigInteger, comment="at_s // 86400"),
    Column("event_key", BigInteger),
    Column("user_key", BigInteger),
    Column("person_key", BigInteger),
    Column("account_key", BigInteger),
    schema=MODEL,
    comment="Contract section 3: one row per our user, outside person and counted event.",
)

interactions_dropped = Table(
    "interactions_dropped",
    metadata,
    Column("crm", String),
    Column("event_id", String),
    Column("kind", String, comment="source object: Task, Event, EmailMessage, ..."),
    Column("reason", String, comment="first reason of contract section 3 that applies"),
    schema=MODEL,
    comment="Source activity records that were not counted, one row each.",
)

participants_dropped = Table(
    "participants_dropped",
    metadata,
    Column("crm", String),
    Column("event_id", String),
    Column("person_id", String, comment="record id, when there is one"),
    Column("address", String, comment="else the masked address, e.g. a***@example.com"),
    Column("reason", String, comment="declined, unresolved, ours, not_a_person, deleted, not_sender (copied on an inbound mail)"),
    schema=MODEL,
    comment="Single people left out of counted records.",
)

entered_dropped = Table(
    "entered_dropped",
    metadata,
    Column("crm", String),
    Column("entity", String, comment="contact, lead, account, opportunity or user"),
    Column("record_id", String),
    Column("field", String, comment="name of contract 4.2 in lower case"),
    Column("reason", String, comment="unknown_value, out_of_range or unresolved (a lookup to nobody we see)"),
    schema=MODEL,
    comment="Values people entered that could not be used: the field counts as not entered.",
)
