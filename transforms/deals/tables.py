"""The tables of deals, declared. Unknown is null; days are whole UTC days; amounts are in the currency the CRM gave them in."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Integer, String, Table

from warehouse import DEALS

metadata = sa.MetaData()


def _deal() -> list[Column[Any]]:
    return [Column("crm", String), Column("opportunity_id", String)]


stages = Table(
    "stages",
    metadata,
    *_deal(),
    Column("owner_id", String),
    Column("account_id", String),
    Column("has_one_owner", Boolean, comment="an active person of ours owns it; false: nobody answers for the stage"),
    Column("stage", String, comment="as named in the CRM"),
    Column("probability", Double, comment="0-100"),
    Column("amount", Double),
    Column("deal_class", String, comment="A (largest) to E by amount; null = no amount"),
    Column("days_in_stage", BigInteger),
    Column(
        "since",
        String,
        comment="crm (the CRM says since when), seen (a run saw it change) or at least (it was so when we first looked); null = no stage",
    ),
    Column("slow_after", Double, comment="days from which on a stage is slow in this CRM"),
    Column("is_slow", Boolean, comment="longer in its stage than slow_after; null = it may be"),
    schema=DEALS,
    comment="Open deals: their stage, how long they are in it, their class, and whether somebody answers for them.",
)

lamps = Table(
    "lamps",
    metadata,
    *_deal(),
    Column("lamp", String, comment="advantage 有优势, method 有办法, signs 有迹象, relations 有关系, enemy 有敌人 or aim 有目标"),
    Column("is_on", Boolean, comment="null = nothing is known of it"),
    Column("evidence", String, comment="the fields it rests on with their values, by their names in English; free text only as entered"),
    schema=DEALS,
    comment="The six lamps 六有 of every open deal, one row each.",
)

factors = Table(
    "factors",
    metadata,
    *_deal(),
    Column("factor", Integer, comment="1 to 8"),
    Column("score", Double, comment="0-10, entered; null = not entered"),
    schema=DEALS,
    comment="The eight purchase factors of open deals for which one at least is entered, a row for each of the eight.",
)

work = Table(
    "work",
    metadata,
    *_deal(),
    Column("user_id", String),
    Column("deal_class", String, comment="A to E; null = no amount"),
    Column("is_open", Boolean),
    Column("touches", BigInteger, comment="counted events that regard the deal"),
    Column("days", BigInteger, comment="distinct UTC days of those"),
    Column("rounds", BigInteger, comment="distinct calendar months of those"),
    Column("hours", Double, comment="of those with a duration, two decimals; null = no duration is logged"),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("rep_type", String, comment="project or solution, whichever most of these events are; project where they are equal"),
    schema=DEALS,
    comment="Who of us worked on which deal, open or closed.",
)

credits = Table(
    "credits",
    metadata,
    *_deal(),
    Column("user_id", String),
    Column("reason", String, comment="owner (of the deal) or account owner"),
    Column("is_open", Boolean, comment="false: won within lifecycle.days"),
    Column("share", Double, comment="of the amount: 1.0 for each, also where two are credited"),
    Column("counted_twice", Boolean, comment="the deal is credited to another user too 双算: add up deals, not credits"),
    Column("amount", Double),
    schema=DEALS,
    comment="Whom an open or lately won deal counts for: its owner, and the owner of its account if that is another.",
)

rep_types = Table(
    "rep_types",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    Column("touches", BigInteger, comment="counted events of 365 days with contacts, or that regard a deal"),
    *[Column(f"{kind}_share", Double, comment="0-100, one decimal; null = no event") for kind in ("account", "solution", "project")],
    Column("rep_type", String, comment="account, solution or project; null below rep_types.min_touches"),
    schema=DEALS,
    comment="What each active user's activity goes to; none when individual grading is off.",
)

team_types = Table(
    "team_types",
    metadata,
    *_deal(),
    Column("people", BigInteger, comment="active users who worked on it, own it, or cover its account"),
    Column("untyped", BigInteger, comment="of those without a rep type; one of them may be of a missing type"),
    Column("types", String, comment="types present, comma separated; null = none"),
    Column("missing_types", String, comment="types nobody is of, comma separated; null = none is missing"),
    schema=DEALS,
    comment="Rep types on the team of each open deal; none when individual grading is off.",
)
