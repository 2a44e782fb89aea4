"""What a past day would look like today: rows that arrived late, were changed or were deleted since.

History is not rewritten. The list is made when a run's as-of lies before the newest snapshot (from what the run computed),
or on request for any day on record (`revise`, which computes that day beside the tables in use). Values of other people's
fields that were edited since are part of the difference: nobody but `history.entered` knows when.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment.tables import metadata as enrichment
from transforms.history import tables
from transforms.history.past import ELSEWHERE, build_at, forget
from transforms.history.store import column_names, crms_of_run, date_of, day_of, ensure, first_days, standing
from transforms.scores.expressions import Number
from warehouse import ENRICHMENT, DuckDBWarehouse

PRESENCE = "row"
UNSEEN = ("valid_from", "run_id", "ended", "scored_on", "method_version", "account_ops_score")
"""Columns that are not compared: stamps, and a score that is itself made of history."""


def revise(warehouse: DuckDBWarehouse, context: Context, models: Sequence[Model], day: dt.date) -> pa.Table:
    """The differences that what is known today makes for `day`, a day on record; stored, and given.

    `models`: score and enrichment models, in build order; compared is what the enrichment models among them build.
    """
    ensure(warehouse)
    midnight = int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
    then = replace(context, as_of=_as_of(warehouse, day) or midnight)
    crms = sorted(crms_of_run(warehouse, then))
    entities = [entity for entity in tables.ENTITIES if f"{ENRICHMENT}.{entity}" in {model.name for model in models}]
    build_at(warehouse, then, models)
    with warehouse.connection() as connection:
        store(connection.execution_options(schema_translate_map=ELSEWHERE), then, crms, entities)
    forget(warehouse)
    table = tables.revisions
    return warehouse.arrow(sa.select(table).where(table.c.day == sa.cast(sa.literal(day.isoformat()), sa.Date), table.c.crm.in_(crms)))


def _as_of(warehouse: DuckDBWarehouse, day: dt.date) -> int | None:
    """The instant of the day that was computed then."""
    shot = tables.snapshots
    second = sa.cast(sa.func.epoch(sa.func.max(shot.c.as_of)), sa.BigInteger)
    with warehouse.connection() as connection:
        return connection.scalar(sa.select(second).where(shot.c.day == day))


def store(connection: sa.Connection, context: Context, crms: Sequence[str], entities: Sequence[str] = tables.ENTITIES) -> None:
    """Replace the list of the as-of's day by what the enrichment tables say of it now."""
    table, found = tables.revisions, select(context, entities).subquery("found")
    connection.execute(sa.delete(table).where(table.c.crm.in_(crms), table.c.day == date_of(context)))
    rows = sa.select(*(found.c[column.name] for column in table.columns)).where(found.c.crm.in_(crms))
    connection.execute(sa.insert(table).from_select(list(table.columns), rows))


def select(context: Context, entities: Sequence[str] = tables.ENTITIES) -> sa.Select[Any]:
    """Rows of `history.revisions` for the as-of's day; none where no run had looked by then."""
    return sa.select(sa.union_all(*(_differences(context, entity) for entity in entities)).subquery("revisions"))


def _differences(context: Context, entity: str) -> sa.Select[Any]:
    """One row per field that differs, of records with values on both sides; one for a record that has them on one side only."""
    names = column_names(tables.versions[entity], (*UNSEEN, "crm", "record_id"))
    both = _both(context, entity, names)
    fields = sa.values(sa.column("field", sa.String), name=f"fields_{entity}").data([(str(name),) for name in (*names, PRESENCE)])
    then, now = (_named(both, fields, names, side) for side in ("then", "now"))
    whole = both.c[f"then_{PRESENCE}"] & both.c[f"now_{PRESENCE}"]
    return (
        sa.select(
            both.c.crm,
            sa.literal(entity, sa.String).label("entity"),
            both.c.record_id,
            day_of(context).label("day"),
            fields.c.field,
            then.label("then"),
            now.label("now"),
            sa.literal(context.run_id, sa.String).label("run_id"),
        )
        .select_from(both.join(fields, sa.true()))
        .where(then.is_distinct_from(now), sa.or_(whole, fields.c.field == PRESENCE))
    )


def _both(context: Context, entity: str, names: Sequence[str]) -> sa.CTE:
    """What was computed on the day beside what the enrichment table says, by record; only of CRMs that had been looked at."""
    now = enrichment.tables[f"enrichment.{entity}"]
    then = standing(tables.versions[entity], day_of(context)).subquery(f"then_{entity}")
    first = first_days().subquery(f"first_{entity}")
    crm, record = sa.func.coalesce(then.c.crm, now.c.crm), sa.func.coalesce(then.c.record_id, now.c.record_id)
    columns = [side.c[name].label(f"{word}_{name}") for name in names for word, side in (("then", then), ("now", now))]
    there = [(side.c.record_id.is_not(None)).label(f"{word}_{PRESENCE}") for word, side in (("then", then), ("now", now))]
    same = (then.c.crm == now.c.crm) & (then.c.record_id == now.c.record_id)
    return (
        sa.select(crm.label("crm"), record.label("record_id"), *columns, *there)
        .select_from(then.outerjoin(now, same, full=True).join(first, crm == first.c.crm))
        .where(first.c.first <= day_of(context))
        .cte(f"both_{entity}")
    )


def _named(both: sa.CTE, fields: sa.Values, names: Sequence[str], side: str) -> Number:
    """The value of the field a row is about, as text."""
    return sa.case(*((fields.c.field == str(name), sa.cast(both.c[f"{side}_{name}"], sa.String)) for name in (*names, PRESENCE)))
