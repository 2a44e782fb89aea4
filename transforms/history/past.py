"""A quarter before the first run: figures recomputed from the log, for the comparisons a new user would wait a quarter for.

    models up to scores.accounts, at the earlier as-of, in schemas of their own -> history.backfilled

What the log alone shows of the past is closeness; what people had entered then nobody knows. So a recomputed row holds
closeness, with today's stated attitudes as in every trend, and nothing of acceptance, map completeness or insight. A month
and a year ago need no run of their own: scores carry closeness at both.
Deliberately absent: any of this in `history.account`, which says what was computed on a day and nothing else.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.schema import CreateSchema, DropSchema

from transforms.base import DAY, Context, Model
from transforms.history import tables
from transforms.history.store import date_of, day_of, first_days
from transforms.scores import tables as scores
from transforms.tables import accounts
from warehouse import ENRICHMENT, SCORES, DuckDBWarehouse

ELSEWHERE = {SCORES: "past_scores", ENRICHMENT: "past_enrichment"}


def build_at(warehouse: DuckDBWarehouse, context: Context, models: Sequence[Model]) -> None:
    """Build score and enrichment models beside those in use, at another as-of."""
    forget(warehouse)
    with warehouse.connection() as connection:
        for schema in ELSEWHERE.values():
            connection.execute(CreateSchema(schema))
    for model in models:
        warehouse.replace(model.table, model.select(context), ELSEWHERE)


def forget(warehouse: DuckDBWarehouse) -> None:
    """Drop what `build_at` built, also where a run died half-way."""
    with warehouse.connection() as connection:
        for schema in ELSEWHERE.values():
            connection.execute(DropSchema(schema, cascade=True, if_exists=True))


def backfill(warehouse: DuckDBWarehouse, context: Context, models: Sequence[Model]) -> None:
    """Recompute a quarter ago for the CRMs of which neither a run nor an earlier recomputation near that day is on record."""
    wanted = lacking(warehouse, context)
    if not wanted:
        return
    back = context.method["history.quarter_days"]
    then = replace(context, as_of=context.as_of - back * DAY)
    build_at(warehouse, then, models)
    _store(warehouse, then, wanted)
    forget(warehouse)


def lacking(warehouse: DuckDBWarehouse, context: Context) -> Sequence[str]:
    """CRMs with accounts of which nothing is known as they stood a quarter ago."""
    first, near = first_days().subquery(), recomputed(context).subquery()
    known = sa.select(accounts.c.crm).distinct().subquery()
    joined = known.outerjoin(first, known.c.crm == first.c.crm).outerjoin(near, known.c.crm == near.c.crm)
    rows = sa.select(known.c.crm).distinct().select_from(joined)
    target = day_of(context, context.method["history.quarter_days"])
    rows = rows.where(near.c.crm.is_(None), sa.or_(first.c.first.is_(None), first.c.first > target))
    return sorted(row["crm"] for row in warehouse.arrow(rows).to_pylist())


def recomputed(context: Context) -> sa.Select[tuple[str, dt.date]]:
    """`crm, day`: the newest recomputation that stands for a quarter ago, by this method."""
    table, back = tables.backfilled, context.method["history.quarter_days"]
    slack = int(back * context.method["history.tolerance"])
    near = table.c.day.between(day_of(context, back + slack), day_of(context, back))
    day = sa.func.max(table.c.day).label("day")
    return sa.select(table.c.crm, day).where(near, table.c.method_version == context.method.version).group_by(table.c.crm)


def _store(warehouse: DuckDBWarehouse, then: Context, crms: Sequence[str]) -> None:
    table, score = tables.backfilled, scores.accounts
    rows = sa.select(
        score.c.crm,
        score.c.account_id,
        day_of(then),
        sa.literal(then.method.version),
        score.c.closeness_now,
    ).where(score.c.crm.in_(crms))
    with warehouse.connection() as connection:
        connection.execute(sa.delete(table).where(table.c.crm.in_(crms), table.c.day == date_of(then)))
        connection.execute(
            sa.insert(table).from_select(list(table.columns), rows), execution_options={"schema_translate_map": {SCORES: ELSEWHERE[SCORES]}}
        )
