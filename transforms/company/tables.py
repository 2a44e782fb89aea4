"""The company-wide tables, declared: keys and ids are those of identities (`transforms.identity.tables`).

Steps that exist per CRM as well are copies of the tables of `scores`, so they cannot drift from them; `crm` is `*` there.
"""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, String, Table

from transforms import tables as model
from transforms.scores import tables as scores
from transforms.scores.instants import TRENDS
from warehouse import COMPANY

EVERY_CRM = "*"
"""`crm` of what belongs to no single CRM; no CRM can be called so."""

metadata = sa.MetaData()


def _of_company(table: sa.Table, comment: str, *more: Column[str] | Column[bool]) -> sa.Table:
    """A table declared like `table`, in the company's schema."""
    copied = (Column(item.name, item.type, comment=item.comment) for item in table.columns)
    return Table(table.name, metadata, *copied, *more, schema=COMPANY, comment=comment)


repeats = Table(
    "repeats",
    metadata,
    Column("event_key", BigInteger, comment="the record that does not count"),
    Column("user_key", BigInteger, comment="identity of our user"),
    Column("person_key", BigInteger, comment="identity of the outside person"),
    Column("first_key", BigInteger, comment="event_key of the record that counts"),
    Column("repeat_by", String, comment="message id or same minute: what says that it is the same event"),
    schema=COMPANY,
    comment="Events of a user and a person that a second CRM logged as well.",
)
interactions = _of_company(
    model.interactions,
    "Interactions of people and accounts that several CRMs know, by identity; event_key is that of the first CRM that logged the event.",
    Column("logged_crm", String, comment="the CRM that holds the record event_id"),
    Column("repeats", String, comment="<crm>:<event id> of the record of the same event that counts; null = this one counts"),
    Column("repeat_by", String, comment="message id or same minute: what says that it is the same event"),
)
pair_facts = _of_company(scores.pair_facts, "As scores.pair_facts, for people whom several CRMs know.")
pair_intensity = _of_company(scores.pair_intensity, "As scores.pair_intensity, for people whom several CRMs know.")
kappa = _of_company(scores.kappa, "The typical live relationship of the whole company, frozen per quarter.")

pairs = Table(
    "pairs",
    metadata,
    Column("user_key", BigInteger),
    Column("person_key", BigInteger),
    Column("user_identity", String, comment="our user: identity_id of identity.users"),
    Column("person_identity", String, comment="the outside person: identity_id of identity.people"),
    Column("crms", String, comment="CRMs that hold events of the two, in alphabetical order"),
    Column("x_out", Double),
    Column("x_in", Double),
    Column("intensity", Double, comment="I at the as-of"),
    Column("kappa", Double),
    Column("closeness", Double, comment="0-100 at the as-of, not rounded; on the company's scale"),
    *[Column(f"ratio_{name}", Double, comment="intensity / kappa; null = no event by then") for name in TRENDS],
    Column("capped", Boolean),
    Column("plain_sum", Boolean),
    *[
        Column(name, BigInteger)
        for name in ("touches", "contact_days", "touches_90d", "touches_365d", "two_way_days_365d", "meetings_365d")
    ],
    *[Column(name, BigInteger) for name in ("first_s", "last_s", "last_two_way_s")],
    Column("level", String, comment="Interaction_Level seen by this user alone"),
    Column("doubled", BigInteger, comment="events that a second CRM logged as well, counted once"),
    schema=COMPANY,
    comment="Who knows whom: one row per user of ours and outside person with a counted event in any CRM.",
)

people = Table(
    "people",
    metadata,
    Column("identity_key", BigInteger),
    Column("identity_id", String),
    Column("crms", String, comment="CRMs that hold a record of the person, in alphabetical order"),
    Column("closeness", Double, comment="our company to this person, 0-100, one decimal; null = no event"),
    Column("known_by", BigInteger, comment="our users with two-way evidence in 365 days"),
    Column("strongest_user", String, comment="identity_id of the active user of the highest closeness"),
    *[Column(name, BigInteger) for name in ("touches_90d", "touches_365d", "contact_days_90d", "meetings_365d")],
    *[Column(name, BigInteger) for name in ("first_s", "last_s", "last_two_way_s")],
    Column("doubled", BigInteger, comment="events that a second CRM logged as well, counted once"),
    schema=COMPANY,
    comment="Outside people that get values in at least one CRM, over all CRMs.",
)

accounts = Table(
    "accounts",
    metadata,
    Column("identity_key", BigInteger),
    Column("identity_id", String),
    Column("crms", String, comment="CRMs that hold a record of the account, in alphabetical order"),
    Column("our_people", BigInteger, comment="our users with two-way evidence in 365 days"),
    *[Column(name, BigInteger) for name in ("touches_90d", "touches_365d", "contact_days_90d")],
    *[Column(name, BigInteger) for name in ("last_s", "last_two_way_s")],
    Column("doubled", BigInteger, comment="events that a second CRM logged as well, counted once"),
    schema=COMPANY,
    comment="Accounts that get values in at least one CRM, over all CRMs.",
)
