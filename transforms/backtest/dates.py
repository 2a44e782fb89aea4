"""The past dates at which the score is put to the test: starts of months, one window apart, as far back as configured."""

import datetime as dt
from collections.abc import Sequence

from transforms.base import DAY, Context


def month_start(second: int) -> int:
    """First second (UTC) of the month that holds `second`."""
    date = dt.datetime.fromtimestamp(second, dt.UTC)
    return int(dt.datetime(date.year, date.month, 1, tzinfo=dt.UTC).timestamp())


def date_of(second: int) -> dt.date:
    """UTC date of epoch seconds."""
    return dt.datetime.fromtimestamp(second, dt.UTC).date()


def cuts(context: Context) -> Sequence[int]:
    """Epoch seconds, oldest first; every window ends before the next date and before the as-of."""
    window = context.method["backtest.window_days"] * DAY
    found, second = [], context.as_of
    for _ in range(context.method["backtest.cuts"]):
        second = month_start(second - window)
        found.append(second)
    return found[::-1]
