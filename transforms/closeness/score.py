"""From a file of events to one row per pair (contract section 5)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.closeness import answers, events, reading, result, tables
from transforms.closeness.forecast import Forecast, learn
from transforms.closeness.log import age_days, closeness, event_log, intensities, numbers
from transforms.method import Method
from warehouse import DuckDBWarehouse


@dataclass(frozen=True)
class Scored:
    """What was scored, and on which scale; `origin`: where kappa is from (quarter, as_of for the last event, or default)."""

    pairs: int
    events: int
    half_life_days: float
    kappa: float
    origin: str
    forecast: Forecast


def score(warehouse: DuckDBWarehouse, source: Path, target: Path, as_of: float, method: Method) -> Scored:
    """Read `source`, score its pairs as of `as_of` (Unix seconds), write them to `target`; raises `EventLogError`."""
    file = reading.read(warehouse, source)
    warehouse.replace(tables.persons, events.persons(file.whole_numbers))
    count = warehouse.replace(tables.interactions, events.interactions(as_of))
    first = _span(warehouse, as_of)[0]
    forecast = learn(warehouse, _context(as_of, first, method), first)
    context = build(warehouse, as_of, method)
    warehouse.replace(tables.answers, answers.select(context))
    result.write(warehouse, target, result.select(context, file, forecast))
    pairs, scale = _first(warehouse, sa.select(sa.func.count().label("n")).select_from(tables.pairs)), sa.select(tables.kappa)
    kappa = _first(warehouse, scale)
    return Scored(pairs["n"], count, context.method["closeness.half_life_days"], kappa["kappa"], kappa["origin"], forecast)


def build(warehouse: DuckDBWarehouse, as_of: float, method: Method) -> Context:
    """Score the interactions that had happened by `as_of` (`scores.log_pairs`); returns the context that held."""
    first, last = _span(warehouse, as_of)
    context = _context(as_of, first, method)
    log = event_log(context, last)
    for table, select in (*intensities(context, log), *closeness(context, log)):
        warehouse.replace(table, select)
    return context


def _context(as_of: float, first: float, method: Method) -> Context:
    return Context(int(as_of // 1), numbers(method, age_days(as_of, first)), ())


def _span(warehouse: DuckDBWarehouse, as_of: float) -> tuple[float, int]:
    """First and last event by the as-of, the as-of itself in an empty log."""
    log = tables.interactions
    ends = sa.select(sa.func.min(log.c.at).label("first"), sa.func.max(log.c.at_s).label("last")).where(log.c.at <= as_of)
    found = _first(warehouse, ends)
    return (as_of, int(as_of // 1)) if found["first"] is None else (found["first"], found["last"])


def _first(warehouse: DuckDBWarehouse, select: sa.Select[Any]) -> dict[str, Any]:
    row: dict[str, Any] = warehouse.arrow(select).to_pylist()[0]
    return row
