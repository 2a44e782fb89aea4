"""The tables of time, declared: `history.*` grow from run to run, `scores.*` here are built anew like every score.

Days are UTC dates of the as-of. A key is (`crm`, `record_id`) as everywhere. Unknown is null.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, String, Table

from transforms.enrichment import tables as enrichment
from warehouse import HISTORY, SCORES

metadata = sa.MetaData()
scored = sa.MetaData()

ENTITIES: Final = ("contact", "lead", "account", "user", "opportunity")
LAGS: Final = ("month", "quarter", "year")
FIGURES: Final = ("closeness", "solution_acceptance_avg", "price_acceptance_avg", "map_completeness", "insight_rate")


def _versions(entity: str) -> Table:
    """`enrichment.<entity>` with the day from which on a row holds."""
    fields = [Column(column.name, column.type) for column in enrichment.metadata.tables[f"enrichment.{entity}"].columns]
    return Table(
        entity,
        metadata,
        *fields[:2],
        Column("valid_from", Date, comment="the row holds from this day to the record's next row"),
        Column("run_id", String, comment="run that wrote it"),
        Column("ended", Boolean, comment="the record gets no values any more; every field is null"),
        *fields[2:],
        schema=HISTORY,
        comment=f"What was computed of each {entity}: one row per day on which something changed.",
    )


snapshots = Table(
    "snapshots",
    metadata,
    Column("crm", String),
    Column("day", Date, comment="as-of"),
    Column("as_of", DateTime, comment="UTC"),
    Column("run_id", String),
    Column("recorded_at", DateTime, comment="UTC; what the log showed at this instant is what was computed"),
    Column("method_version", String),
    Column("fields_read", String, comment="fields people enter that could be read, each with the column it was read from; null = not told"),
    schema=HISTORY,
    comment="The days whose figures are on record, one row per CRM and day.",
)
versions: Final = {entity: _versions(entity) for entity in ENTITIES}
entered = Table(
    "entered",
    metadata,
    Column("crm", String),
    Column("entity", String, comment="contact, account, opportunity or user"),
    Column("record_id", String),
    Column("field", String, comment="name of contract 4.2 in lower case, plan, reporting_line or stage"),
    Column("day", Date, comment="day of the run that saw the value first"),
    Column("value", String, comment="null = cleared; free text as its md5, so that a change shows and the text does not"),
    Column("edited", Boolean, comment="false: the value was there when we first looked at the CRM, or at the column of the field"),
    Column("run_id", String),
    schema=HISTORY,
    comment="What people entered: one row per field and day on which its value was new to us.",
)
_AVERAGE: tuple[tuple[str, Any, str], ...] = (
    ("crm", String, ""),
    ("view", String, "rep (accounts covered), team (a manager and at least team.min_people who report to him or her), industry or company"),
    ("record_id", String, "user, manager, industry; empty for the company"),
    ("figure", String, "closeness, solution_acceptance_avg, price_acceptance_avg, map_completeness or insight_rate"),
    ("value", Double, "mean over the accounts whose figure is known"),
    ("known", BigInteger, "accounts whose figure is known"),
    ("accounts", BigInteger, "of so many"),
)


def _average_columns() -> list[Column[Any]]:
    columns = [Column(name, kind, comment=text or None) for name, kind, text in _AVERAGE]
    for lag in LAGS:
        columns.append(Column(f"change_{lag}", Double, comment=f"since a {lag} ago, over the accounts known then and now; null = none"))
        columns.append(Column(f"compared_{lag}", BigInteger, comment="so many accounts"))
    told = "of month, quarter, year: whose earlier value no run computed at its time; blank = none"
    return [*columns, Column("recomputed", String, comment=told)]


averages = Table(
    "averages",
    metadata,
    Column("day", Date, comment="as-of"),
    *_average_columns(),
    schema=HISTORY,
    comment="The averages of every day with their change over a month, a quarter (环比) and a year (同比).",
)
backfilled = Table(
    "backfilled",
    metadata,
    Column("crm", String),
    Column("record_id", String, comment="account"),
    Column("day", Date, comment="as-of, before the first snapshot of the CRM"),
    Column("method_version", String),
    Column("closeness", Double, comment="with the attitudes stated by the day it was recomputed"),
    schema=HISTORY,
    comment="Closeness of accounts on a day before the first run, recomputed from the log: never part of what was computed then.",
)
revisions = Table(
    "revisions",
    metadata,
    Column("crm", String),
    Column("entity", String),
    Column("record_id", String),
    Column("day", Date, comment="as-of of both values"),
    Column("field", String, comment="column; row = the record had values only then or has them only now"),
    Column("then", String, comment="what was computed on the day"),
    Column("now", String, comment="what today's log and entered values make of that day"),
    Column("run_id", String, comment="run that compared"),
    schema=HISTORY,
    comment="What would be computed otherwise today for a past day: rows that arrived late, were changed or were deleted.",
)
reviews = Table(
    "reviews",
    sa.MetaData(),
    Column("crm", String),
    Column("topic", String, comment="importance or closeness (of an account), needs (of an open deal)"),
    Column("record_id", String),
    Column("owner_id", String),
    Column("every_days", BigInteger, comment="[reviews] of the method"),
    Column("last_review", Date, comment="null = none that we could see"),
    Column("evidence", String, comment="edited (a field of the topic) or two_way (contact both ways); null = none"),
    Column("due", Date, comment="last review, else the first day we looked, plus the rhythm"),
    Column("days_overdue", BigInteger, comment="0 = not overdue"),
    schema=HISTORY,
    comment="When each account and open deal was last reviewed, and what is overdue.",
)

edits = Table(
    "edits",
    scored,
    Column("crm", String),
    Column("entity", String),
    Column("record_id", String),
    Column("field", String),
    Column("day", Date, comment="last day on which the value was new to us"),
    schema=SCORES,
    comment="When people last edited each field they enter, by the as-of; what was there at our first look is no edit.",
)
account_figures = Table(
    "account_figures",
    scored,
    Column("crm", String),
    Column("account_key", BigInteger),
    Column("figure", String, comment="one of the five of history.averages"),
    *(Column(name, Double, comment=f"{name}: null = unknown") for name in ("now", *LAGS)),
    *(Column(f"recomputed_{lag}", Boolean, comment="no run had looked then: what today's log shows of it") for lag in LAGS),
    schema=SCORES,
    comment="The figures of each account that averages are made of, today and as they stood a month, a quarter and a year ago.",
)
current_averages = Table(
    "averages",
    scored,
    *_average_columns(),
    schema=SCORES,
    comment="Averages over the accounts of every rep, team, industry and of the company at the as-of.",
)
