"""Quarters, years and months up to the as-of, as small tables to join with: a time without any event has its row too."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import BigInteger, Date

from transforms.base import DAY, Context
from transforms.scores.expressions import Number
from transforms.scores.instants import quarter_start


def quarter_of(at: Number) -> Number:
    """First day of the quarter of a timestamp."""
    return sa.cast(sa.func.date_trunc("quarter", at), Date)


def month_of(at: Number) -> Number:
    """Months since the year 0."""
    return sa.cast(sa.extract("year", at) * 12 + sa.extract("month", at) - 1, BigInteger)


def quarter_starts(context: Context) -> Sequence[int]:
    """Epoch seconds: the running quarter and those before it, newest first, `operation.quarters` in all."""
    starts = [quarter_start(context.as_of)]
    for _ in range(context.method["operation.quarters"] - 1):
        starts.append(quarter_start(starts[-1] - 1))
    return starts


def quarters(context: Context) -> sa.Values:
    """`start_s, end_s` of those; an end is the start of the next one."""
    starts = quarter_starts(context)
    ends = [quarter_start(starts[0] + 100 * DAY), *starts[:-1]]
    return _table("quarter", ("start_s", "end_s"), list(zip(starts, ends, strict=True)))


def years(context: Context) -> sa.Values:
    """`year, start_s, end_s`: the running year and those before it, `operation.years` in all."""
    last = datetime.fromtimestamp(context.as_of, UTC).year
    found = range(last - context.method["operation.years"] + 1, last + 1)
    return _table("years", ("year", "start_s", "end_s"), [(year, _month_start(12 * year), _month_start(12 * year + 12)) for year in found])


def months(context: Context) -> sa.Values:
    """`month, end_s`: months that are over at the as-of, `operation.months` in all; the month as `month_of` counts it."""
    now = datetime.fromtimestamp(context.as_of, UTC)
    running = now.year * 12 + now.month - 1
    found = range(running - context.method["operation.months"], running)
    return _table("months", ("month", "end_s"), [(month, _month_start(month + 1)) for month in found])


def _month_start(month: int) -> int:
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())


def _table(name: str, columns: Sequence[str], rows: Sequence[tuple[int, ...]]) -> sa.Values:
    return sa.values(*(sa.column(column, BigInteger) for column in columns), name=name).data(rows)
