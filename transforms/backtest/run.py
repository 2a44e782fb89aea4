"""The backtest as models: the two large steps once a month, what follows from them in every run.

Scoring the past costs as much as scoring today, once per date; the dates move with the month. So `backtest.runs`, which builds
the outcomes and the eves of deals, keeps them while month, method and CRMs are those they were computed for.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable, DropTable

from transforms.backtest import deal_eves, deals, forecast, gaps, outcomes, ranking, scratch, tables, verdicts
from transforms.backtest.dates import cuts, date_of, month_start
from transforms.backtest.frames import cuts as read_cuts
from transforms.base import Context, Model
from transforms.tables import users
from warehouse import BACKTEST, DuckDBWarehouse

Row = dict[str, Any]


@dataclass(frozen=True)
class Backtest(Model):
    """Builds the outcomes and the eves of deals with its own table, when they are due."""

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Returns the CRMs."""
        crms = crms_of(warehouse)
        if not kept(warehouse, context, crms):
            observe(warehouse, context)
            deal_eves.build(warehouse, context)
            warehouse.replace(self.table, self.select(context))
        return len(crms)


@dataclass(frozen=True)
class Counted(Model):
    """A table that `Backtest` fills: building it tells its rows."""

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Rows of the table."""
        return count(warehouse, self.table)


@dataclass(frozen=True)
class Measured(Model):
    """A table of figures from arithmetic on whole columns."""

    measure: Callable[[DuckDBWarehouse, Context], list[Row]] = lambda warehouse, context: []

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Replace the rows; returns their number."""
        rows = self.measure(warehouse, context)
        _empty(warehouse, self.table)
        if rows:
            full = {column.name: [row.get(column.name) for row in rows] for column in self.table.columns}
            warehouse.write(self.table, pa.table(full))
        return len(rows)


def observe(warehouse: DuckDBWarehouse, context: Context) -> None:
    """Fill `backtest.outcomes`, one date after the other."""
    table = tables.outcomes
    _empty(warehouse, table)
    for cut in cuts(context):
        then = replace(context, as_of=cut)
        scratch.build(warehouse, scratch.steps(then))
        with warehouse.connection() as connection:
            connection.execute(sa.insert(table).from_select(list(table.columns), outcomes.select(then)))
    scratch.drop(warehouse, scratch.metadata)


def crms_of(warehouse: DuckDBWarehouse) -> Sequence[str]:
    """CRMs with users, sorted."""
    return sorted(row["crm"] for row in warehouse.arrow(sa.select(users.c.crm).distinct()).to_pylist())


def kept(warehouse: DuckDBWarehouse, context: Context, crms: Sequence[str]) -> bool:
    """Whether what is there was computed for this month, this method and these CRMs, in today's shape."""
    shapes = (tables.runs, tables.outcomes, tables.deal_eves)
    if any(list(warehouse.columns(BACKTEST, table.name)) != list(table.c.keys()) for table in shapes):
        return False
    found = warehouse.arrow(sa.select(tables.runs)).to_pylist()
    same = (_month(context), context.method.version)
    return sorted(row["crm"] for row in found) == list(crms) and all((row["month"], row["method_version"]) == same for row in found)


def _month(context: Context) -> dt.date:
    return date_of(month_start(context.as_of))


def runs(context: Context) -> sa.Select[Any]:
    """`backtest.runs`, once outcomes and eves are there."""
    pair, deal = tables.outcomes, tables.deal_eves
    known = sa.select(users.c.crm).distinct().cte("known")
    columns = (sa.func.count(pair.c.cut.distinct()).label("cuts"), sa.func.count().label("pairs"))
    seen = sa.select(pair.c.crm, *columns).group_by(pair.c.crm).cte("seen")
    closed = sa.select(deal.c.crm, sa.func.count().label("deals")).group_by(deal.c.crm).cte("closed")
    return sa.select(
        known.c.crm,
        _date(_month(context)).label("month"),
        _date(date_of(context.as_of)).label("computed_on"),
        sa.literal(context.method.version).label("method_version"),
        *(sa.func.coalesce(cell, 0).label(cell.name) for cell in (seen.c.cuts, seen.c.pairs, closed.c.deals)),
    ).select_from(known.outerjoin(seen, seen.c.crm == known.c.crm).outerjoin(closed, closed.c.crm == known.c.crm))


def _date(day: dt.date) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(day.isoformat()), sa.Date)


def _empty(warehouse: DuckDBWarehouse, table: sa.Table) -> None:
    with warehouse.connection() as connection:
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))


def count(warehouse: DuckDBWarehouse, table: sa.Table) -> int:
    """Rows of a table."""
    return int(warehouse.arrow(sa.select(sa.func.count().label("rows")).select_from(table)).to_pylist()[0]["rows"])


def read(warehouse: DuckDBWarehouse, table: sa.Table) -> list[Row]:
    """A table of figures as rows."""
    rows: list[Row] = warehouse.arrow(sa.select(table)).to_pylist()
    return rows


def _ranking(warehouse: DuckDBWarehouse, context: Context) -> list[Row]:
    return ranking.rows(context, read_cuts(warehouse))


def _calibration(warehouse: DuckDBWarehouse, context: Context) -> list[Row]:
    return forecast.calibration(context, read_cuts(warehouse))


def _chances(warehouse: DuckDBWarehouse, context: Context) -> list[Row]:
    return forecast.chances(context, read_cuts(warehouse), read(warehouse, tables.calibration))


def _verdicts(warehouse: DuckDBWarehouse, context: Context) -> list[Row]:
    figures = [read(warehouse, table) for table in (tables.ranking, tables.calibration, tables.deals)]
    return verdicts.rows(context, crms_of(warehouse), *figures)


def _shown(context: Context, table: sa.Table) -> sa.Select[Any]:
    """A table that is filled otherwise, as it stands."""
    return sa.select(table)


RUNS = Backtest(
    tables.runs, runs, ("model.interactions", "model.opportunities", "model.users", "scores.kappa", "scores.pairs", "scores.user_capture")
)


def models() -> list[Model]:
    """Each model after those it reads."""

    def told(table: sa.Table, measure: Callable[[DuckDBWarehouse, Context], list[Row]], *reads: str) -> Model:
        return Measured(table, partial(_shown, table=table), reads, measure)

    return [
        RUNS,
        *(Counted(table, partial(_shown, table=table), (RUNS.name,)) for table in (tables.outcomes, tables.deal_eves)),
        told(tables.ranking, _ranking, "backtest.outcomes"),
        told(tables.calibration, _calibration, "backtest.outcomes"),
        told(tables.chances, _chances, "backtest.outcomes", "backtest.calibration"),
        told(tables.deals, deals.rows, "backtest.deal_eves"),
        gaps.MODEL,
        told(tables.verdicts, _verdicts, "backtest.ranking", "backtest.calibration", "backtest.deals"),
    ]
