"""What stood on a day: how history is kept in shape and read.

The row that stands on a day is the record's newest one up to it. Tables are made when they are missing and get the columns
they lack; a column that is no longer declared stays where it is, so that what was computed then can still be looked up.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from transforms.base import DAY, Context, Model
from transforms.history import tables
from transforms.scores.expressions import Condition, Number, as_date, num
from transforms.tables import users
from warehouse import HISTORY, DuckDBWarehouse


def day_of(context: Context, back: int = 0) -> Number:
    """The as-of as a date, or so many days before it."""
    return as_date(num(context.as_of - back * DAY))


def date_of(context: Context, back: int = 0) -> dt.date:
    """The same as a Python date."""
    return dt.datetime.fromtimestamp(context.as_of - back * DAY, dt.UTC).date()


def ensure(warehouse: DuckDBWarehouse) -> None:
    """Make the tables that are missing and add the columns that tables of an earlier version lack."""
    found = warehouse.arrow(
        sa.text(f"select table_name, column_name from information_schema.columns where table_schema = '{HISTORY}'")  # noqa: S608
    ).to_pylist()
    there: dict[str, set[str]] = {}
    for row in found:
        there.setdefault(row["table_name"], set()).add(row["column_name"])
    missing = [statement for table in tables.metadata.sorted_tables for statement in _missing(warehouse, table, there.get(table.name))]
    if missing:
        with warehouse.connection() as connection:
            for statement in missing:
                connection.execute(statement)


def _missing(warehouse: DuckDBWarehouse, table: sa.Table, there: set[str] | None) -> Sequence[Any]:
    if there is None:
        return [CreateTable(table)]
    name = f'"{table.schema}"."{table.name}"'
    return [
        sa.text(f'alter table {name} add column "{column.name}" {column.type.compile(dialect=warehouse.engine.dialect)}')
        for column in table.columns
        if column.name not in there
    ]


class Timely(Model):
    """A model of `scores` whose select reads what earlier runs left in `history`."""

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """As every model, over history tables that are there."""
        ensure(warehouse)
        return super().build(warehouse, context)


def column_names(table: sa.Table, without: Sequence[str]) -> Sequence[str]:
    """The columns of a table but those."""
    return [column.name for column in table.columns if column.name not in without]


def newest(table: sa.Table, keys: Sequence[str], day: str, until: Condition) -> sa.Select[Any]:
    """Of each key the row with the largest `day` among those that fulfil `until`."""
    last = sa.func.max(table.c[day]).label("last")
    latest = sa.select(*(table.c[key] for key in keys), last).where(until).group_by(*(table.c[key] for key in keys)).subquery()
    same = sa.and_(*(table.c[key] == latest.c[key] for key in keys), table.c[day] == latest.c.last)
    return sa.select(table).join(latest, same)


version = partial(newest, keys=("crm", "record_id"), day="valid_from")


def standing(table: sa.Table, day: Number) -> sa.Select[Any]:
    """The rows of `history.<entity>` that stand on `day`."""
    return version(table, until=table.c.valid_from <= day).where(table.c.ended.is_(False))


def as_of(warehouse: DuckDBWarehouse, entity: str, day: dt.date) -> pa.Table:
    """What was computed of every record of `entity` as of `day`, as it stood then, in the columns of `history.<entity>`."""
    ensure(warehouse)
    return warehouse.arrow(standing(tables.versions[entity], sa.cast(sa.literal(day.isoformat()), sa.Date)))


def first_days() -> sa.Select[Any]:
    """`crm, first`: the first day on record of each CRM."""
    shot = tables.snapshots
    return sa.select(shot.c.crm, sa.func.min(shot.c.day).label("first")).group_by(shot.c.crm)


def crms_of_run(warehouse: DuckDBWarehouse, context: Context) -> Mapping[str, dt.date | None]:
    """The CRMs this run is of, each with the newest day on record."""
    shot, known = tables.snapshots, sa.select(users.c.crm).distinct().subquery()
    last = sa.func.max(shot.c.day).label("last")
    rows = warehouse.arrow(sa.select(known.c.crm, last).join(shot, known.c.crm == shot.c.crm, isouter=True).group_by(known.c.crm))
    found: dict[str, dt.date | None] = {row["crm"]: row["last"] for row in rows.to_pylist()}
    return {crm: day for crm, day in found.items() if context.crm in ("", crm)}
