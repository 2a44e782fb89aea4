"""What this run computed, put on record: one transaction, all of it or nothing.

A run replaces what an earlier run of the same day recorded, and appends to every day before. A run whose day lies before
a CRM's newest snapshot leaves the CRM's history as it is and lists what it would say otherwise (`revisions`). A record
without values ends; it begins anew when it gets some again.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment.tables import metadata as enrichment
from transforms.history import readable, revisions, tables
from transforms.history.entered import READS as ENTERED
from transforms.history.entered import changes
from transforms.history.retention import thin
from transforms.history.store import column_names, crms_of_run, date_of, day_of, ensure, version
from transforms.scores.expressions import Number
from transforms.tables import users
from warehouse import DuckDBWarehouse, ledger

STAMP: Final = ("crm", "record_id", "valid_from", "run_id", "ended", "scored_on")
"""Columns whose change is no news."""


@dataclass(frozen=True)
class Recorder(Model):
    """Writes the history tables; its own is `history.snapshots`."""

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Record the day; returns the CRMs recorded."""
        ensure(warehouse)
        newest, today = crms_of_run(warehouse, context), date_of(context)
        late = sorted(crm for crm, day in newest.items() if day is not None and day > today)
        crms = sorted(newest.keys() - set(late))
        with warehouse.connection() as connection:
            if crms:
                _record(connection, context, crms)
                thin(connection, context, crms)
            if late:
                revisions.store(connection, context, late)
        return len(crms)


@dataclass(frozen=True)
class Recorded(Model):
    """A table that the recorder writes: building it tells the rows of the day."""

    day: str = "day"

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Rows of the as-of's day."""
        rows = sa.select(sa.func.count()).select_from(self.table).where(self.table.c[self.day] == date_of(context))
        with warehouse.connection() as connection:
            return int(connection.scalar(rows) or 0)


def _record(connection: sa.Connection, context: Context, crms: Sequence[str]) -> None:
    for table in tables.versions.values():
        _replace_day(connection, context, table, "valid_from", crms, _versions(context, table))
    _replace_day(connection, context, tables.entered, "day", crms, changes(context))
    _replace_day(connection, context, tables.averages, "day", crms, _averages(context))
    _replace_day(connection, context, tables.snapshots, "day", crms, _snapshot(context))


def _replace_day(
    connection: sa.Connection,
    context: Context,
    table: sa.Table,
    day: str,
    crms: Sequence[str],
    rows: sa.Select[Any],
) -> None:
    """The rows of the day, instead of those an earlier run of the day left."""
    found = rows.subquery("found")
    ours = sa.select(*(found.c[column.name] for column in table.columns)).where(found.c.crm.in_(crms))
    connection.execute(sa.delete(table).where(table.c.crm.in_(crms), table.c[day] == date_of(context)))
    connection.execute(sa.insert(table).from_select(list(table.columns), ours))


def _versions(context: Context, table: sa.Table) -> sa.Select[Any]:
    """What changed since the last row of each record before this day: new values, and ends."""
    now = enrichment.tables[f"enrichment.{table.name}"]
    last = version(table, until=table.c.valid_from < day_of(context)).subquery("last")
    same = (now.c.crm == last.c.crm) & (now.c.record_id == last.c.record_id)
    moved = sa.or_(*(now.c[name].is_distinct_from(last.c[name]) for name in column_names(table, STAMP)))
    changed = _shaped(context, table, {column.name: column for column in now.columns}, ended=False)
    gone = _shaped(context, table, {name: last.c[name] for name in ("crm", "record_id")}, ended=True)
    fresh = sa.select(*changed).select_from(now.outerjoin(last, same)).where(sa.or_(last.c.ended.is_not(False), moved))
    ends = sa.select(*gone).select_from(last.outerjoin(now, same)).where(last.c.ended.is_(False), now.c.record_id.is_(None))
    return sa.select(sa.union_all(fresh, ends).subquery("changed"))


def _shaped(context: Context, table: sa.Table, values: dict[str, Any], *, ended: bool) -> list[sa.Label[Any]]:
    given: dict[str, Number] = {
        "valid_from": day_of(context),
        "run_id": sa.literal(context.run_id),
        "ended": sa.literal(ended),
        **values,
    }
    return [given.get(column.name, sa.cast(sa.null(), column.type)).label(column.name) for column in table.columns]


def _averages(context: Context) -> sa.Select[Any]:
    return sa.select(day_of(context).label("day"), *tables.current_averages.columns)


def _snapshot(context: Context) -> sa.Select[Any]:
    at = dt.datetime.fromtimestamp(context.as_of, dt.UTC).replace(tzinfo=None)
    return sa.select(
        users.c.crm,
        day_of(context).label("day"),
        sa.literal(at).label("as_of"),
        sa.literal(context.run_id).label("run_id"),
        sa.literal(ledger.now()).label("recorded_at"),
        sa.literal(context.method.version).label("method_version"),
        readable.told(context, users.c.crm).label("fields_read"),
    ).distinct()


WRITTEN: Final = tuple(f"enrichment.{entity}" for entity in tables.ENTITIES)
MODEL: Final = Recorder(tables.snapshots, _snapshot, tuple(sorted({*WRITTEN, *ENTERED, "scores.averages"})))


def recorded() -> list[Model]:
    """The tables written with the snapshot."""
    after = (MODEL.name,)
    versions = [Recorded(table, partial(_versions, table=table), after, "valid_from") for table in tables.versions.values()]
    others = {tables.entered: changes, tables.averages: _averages, tables.revisions: revisions.select}
    return [*versions, *(Recorded(table, select, after) for table, select in others.items())]
