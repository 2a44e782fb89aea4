"""The identity tables, declared.

An identity is a group of records, at most one of each CRM; most are groups of one. It is called after its smallest record,
`<crm>:<record id>`, so its name stays while that record and the evidence stay. `identity_key` is that record's integer key.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, String, Table

from warehouse import IDENTITY

metadata = sa.MetaData()


def _record(entity: str) -> list[Column[Any]]:
    return [Column("crm", String), Column(f"{entity}_id", String), Column(f"{entity}_key", BigInteger)]


def _identity() -> list[Column[Any]]:
    return [
        Column("identity_key", BigInteger, comment="key of the smallest record of the identity"),
        Column("identity_id", String, comment="<crm>:<record id> of the smallest record of the identity"),
        Column("records", BigInteger, comment="records of the identity, each of another CRM; 1 = stands alone"),
        Column("crms", String, comment="the CRMs it is in, in alphabetical order"),
    ]


people = Table(
    "people",
    metadata,
    *_record("person"),
    *_identity(),
    Column("evidence", String, comment="same address or single"),
    Column("address", String, comment="the address that joins it, as compared; null = stands alone"),
    schema=IDENTITY,
    comment="Who an outside person is across CRMs: one row per contact or lead of model.people. Joined by address, never by name.",
)

users = Table(
    "users",
    metadata,
    *_record("user"),
    *_identity(),
    Column("evidence", String, comment="same address or single"),
    Column("address", String, comment="the address that joins it, as compared; null = stands alone"),
    schema=IDENTITY,
    comment="Who a user of ours is across CRMs: one row per user of model.users.",
)

account_evidence = Table(
    "account_evidence",
    metadata,
    Column("account_key", BigInteger),
    Column("other_key", BigInteger, comment="an account of another CRM, of the larger key"),
    Column("shared_people", BigInteger, comment="people who are in both accounts"),
    Column("people_elsewhere", BigInteger, comment="people of the account who are in any account of the other's CRM"),
    Column("others_elsewhere", BigInteger, comment="people of the other account who are in any account of the first one's CRM"),
    Column("domain", String, comment="mail domain that more than half of the people with a company address have, in both accounts"),
    Column("verdict", String, comment="shared people, same domain; null = not enough to join them"),
    schema=IDENTITY,
    comment="What speaks for two accounts of different CRMs being one: people they share, and a common mail domain.",
)

accounts = Table(
    "accounts",
    metadata,
    *_record("account"),
    *_identity(),
    Column("evidence", String, comment="shared people, same domain or single"),
    Column("shared_people", BigInteger, comment="people it shares with the account it is joined to; null = stands alone"),
    Column("people_elsewhere", BigInteger, comment="of so many of its people who are in any account of that CRM"),
    Column("domain", String, comment="mail domain that both accounts have; null = none in common, or stands alone"),
    schema=IDENTITY,
    comment="Which accounts of several CRMs are one: one row per account of model.accounts.",
)

apart = Table(
    "apart",
    metadata,
    Column("entity", String, comment="person, user or account"),
    Column("crm", String),
    Column("record_id", String),
    Column(
        "reason",
        String,
        comment="shared_address (several records of one CRM have it), role_address, our_user (address of a user of ours), "
        "several_records (would join two records of one CRM), people_split (its people are in several accounts of the other CRM), "
        "few_people (too few shared people and no common domain)",
    ),
    Column("evidence", String, comment="the address or domain, else the number of shared people"),
    Column("others", BigInteger, comment="records of other CRMs it might have been"),
    schema=IDENTITY,
    comment="Records that look like one of another CRM and were not joined to it, one row per reason and evidence.",
)
