"""The map tables, declared. Unknown is null; closeness is 0-100; instants are epoch seconds UTC."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, String, Table

from warehouse import MAPS

metadata = sa.MetaData()


def _account() -> list[Column[Any]]:
    return [Column("crm", String), Column("account_key", BigInteger), Column("account_id", String)]


def _person(comment: str | None = None) -> list[Column[Any]]:
    return [Column("person_key", BigInteger), Column("person_id", String, comment=comment)]


links = Table(
    "links",
    metadata,
    *_account(),
    Column("kind", String, comment="reporting (to answers to from) or influence (from influences to)"),
    Column("from_key", BigInteger),
    Column("from_id", String, comment="the boss, or the influencer"),
    Column("to_key", BigInteger),
    Column("to_id", String, comment="who answers to, or is influenced by"),
    Column("from_closeness", Double, comment="effective closeness of our company to from; null = unknown"),
    Column("to_closeness", Double, comment="effective closeness of our company to to; null = unknown"),
    schema=MAPS,
    comment="Customer map, its lines: reporting and influence lines between live contacts of one account, as entered.",
)

people = Table(
    "people",
    metadata,
    *_account(),
    *_person(),
    Column("name", String),
    Column("title", String),
    Column("department", String, comment="normalised; null = unknown"),
    Column("roles", String, comment="buying roles entered, a semicolon list; null = none"),
    Column("vote", String, comment="None, Approve, Veto, Both; null = unknown"),
    Column("key_person", Boolean, comment="a key person of the account (method section 3)"),
    Column("key_entered", Boolean, comment="key by what people entered; false = stands in; null = no key person"),
    Column("depth", Integer, comment="steps below the top of the reporting tree, 0 = top; null = in no tree, or its lines run in a circle"),
    Column("reports", BigInteger, comment="people on the map who answer to this one"),
    Column("attitude", Integer, comment="-2..2, entered"),
    Column("solution_acceptance", Integer),
    Column("price_acceptance", Integer),
    Column("competitor_attitude", Integer),
    Column("closeness", Double, comment="observed, our company to this person"),
    Column("effective", Double, comment="of the stated attitude, else observed"),
    Column("grade", String),
    Column("level", String, comment="Interaction_Level"),
    Column("strongest_user_id", String),
    Column("last_two_way_s", BigInteger),
    schema=MAPS,
    comment="Customer map, its people: the live contacts of each account.",
)

related = Table(
    "related",
    metadata,
    *_account(),
    *_person(),
    Column("name", String),
    Column("title", String),
    Column("department", String, comment="in the own account, normalised; null = unknown"),
    Column("roles", String, comment="what the person is to this account, as the CRM says it; null = it does not say"),
    Column("own_account_id", String, comment="the account the person belongs to and counts for; null = none"),
    Column("closeness", Double, comment="observed, our company to this person"),
    Column("effective", Double, comment="of the stated attitude, else observed"),
    Column("grade", String),
    Column("level", String, comment="Interaction_Level"),
    Column("strongest_user_id", String),
    Column("last_two_way_s", BigInteger),
    schema=MAPS,
    comment="Customer map, beside its people: live contacts of other accounts who are related to this one. They count for it nowhere.",
)

resources = Table(
    "resources",
    metadata,
    *_account(),
    Column("department", String, comment="normalised department of the person; null = unknown"),
    *_person(),
    Column("key_person", Boolean),
    Column("user_key", BigInteger),
    Column("user_id", String),
    Column("rank", BigInteger, comment="1 = the closest of us to this person; equal ones by latest contact, then id"),
    Column("closeness", Double, comment="of the pair, one decimal"),
    Column("level", String, comment="Interaction_Level seen by this user alone"),
    Column("last_two_way_s", BigInteger),
    schema=MAPS,
    comment="Own resources: which active user of ours can reach which contact, by two-way contact of any time.",
)

decision_chain = Table(
    "decision_chain",
    metadata,
    Column("crm", String),
    Column("opportunity_id", String),
    Column("account_id", String),
    Column("position", Integer, comment="order for reading: the five buying roles, then people without one"),
    Column("role", String, comment="buying role; null = the person is in the chain without one"),
    Column("filled", Boolean, comment="somebody holds the role; null where there is no role"),
    *_person("null = nobody holds the role"),
    Column("on_deal", Boolean, comment="a contact role of the deal; false = a key person of the account who stands in"),
    Column("closeness", Double, comment="effective"),
    Column("attitude", Integer),
    Column("solution_acceptance", Integer),
    Column("price_acceptance", Integer),
    Column("vote", String),
    Column("reached", Boolean, comment="two-way evidence within opportunity.days"),
    Column("veto_against", Boolean, comment="holds a veto and is against"),
    Column("strongest_user_id", String),
    schema=MAPS,
    comment="Decision chain of each open deal: one row per role and holder, one per missing role, one per person without a role.",
)

competitor = Table(
    "competitor",
    metadata,
    *_account(),
    Column("competitor", String, comment="Competitor_Main as typed; null = none named"),
    *_person("null = no contact's attitude towards it is entered"),
    Column("key_person", Boolean),
    Column("attitude", Integer, comment="towards us, -2..2"),
    Column("competitor_attitude", Integer, comment="towards the competitor, -2..2"),
    Column("leans", String, comment="us, even or competitor; null where one of the attitudes is unknown"),
    Column("competitor_closeness", Double, comment="the account's: mean over key persons whose attitude to it is known, one decimal"),
    Column("competitor_level", String, comment="None, Initial or Mid; Strong needs evidence only the competitor has; null = unknown"),
    Column("our_closeness", Double, comment="ours: mean effective closeness over those key persons where both are known"),
    Column("standing", String, comment="of us against it over those key persons: ahead, even or behind; null = unknown"),
    Column("worst_rank", Integer, comment="the worst Competitor_Rank entered on an open deal"),
    schema=MAPS,
    comment="Competitor's relations: contacts whose attitude towards the competitor is entered, and where it stands at each account.",
)

deciders = Table(
    "deciders",
    metadata,
    *_account(),
    Column("owner_key", BigInteger),
    Column("owner_id", String, comment="the account's owner while an active user; null = nobody to start from"),
    *_person(),
    Column("by_deal", Boolean, comment="decides by a contact role of an open deal alone; false = key person who decides or votes"),
    Column("reached", Boolean, comment="two-way contact of the owner within maps.two_way_days; null without an owner"),
    schema=MAPS,
    comment="Who decides at each account, and whether the account's owner reaches them.",
)

steps = Table(
    "steps",
    metadata,
    *_account(),
    Column("place", Integer, comment="1, 2 or 3: which step of a path it can be"),
    Column("kind", String, comment="colleague, contact, influence or reporting"),
    Column("from_node", String, comment="user:<id> or person:<id>"),
    Column("to_node", String, comment="user:<id> or person:<id>"),
    Column("strength", Double, comment="0-1: closeness / 100 of a contact, else the number of the method"),
    schema=MAPS,
    comment="Steps that can lead from an owner to deciders he or she does not reach; what cannot be on a best path is left out.",
)

paths = Table(
    "paths",
    metadata,
    *_account(),
    Column("owner_id", String, comment="our user the path starts from"),
    Column("decider_id", String, comment="the person it leads to, without two-way contact of the owner"),
    Column("steps", Integer, comment="2 or 3; null = no path of three steps is known"),
    Column("strength", Double, comment="100 times the product over its steps, one decimal"),
    Column("lines", String, comment="kinds of its steps in order, e.g. colleague, contact"),
    Column("via_1", String, comment="first stop: user:<id> or person:<id>"),
    Column("via_2", String, comment="second stop; null = the decider comes next"),
    schema=MAPS,
    comment="Influence beyond direct contact: the strongest path from the account's owner to each decider the owner does not reach.",
)
