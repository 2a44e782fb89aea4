"""When people work: weekdays, holidays and seasons per region, office hours in the customer's time zone.

History is cut into windows of 30 days counted back from the as-of day; window 0 is the
newest and ends the day before. Daylight saving is left out.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from connectors.sandbox.company.arrays import DAY, Floats, Ints

WINDOWS = 37
WINDOW_DAYS = 30
REGIONS = ("Europe", "Americas", "China")
OFFSET_HOURS = np.array([1, -5, 8])
HOLIDAYS: tuple[frozenset[tuple[int, int]], ...] = (
    frozenset({(1, 1), (1, 6), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}),
    frozenset({(1, 1), (7, 3), (7, 4), (11, 11), (12, 24), (12, 25), (12, 26), (12, 31)}),
    frozenset({(1, 1), (5, 1), (5, 2), (5, 3), *((10, day) for day in range(1, 8)), *((2, day) for day in range(10, 17))}),
)
SEASON = np.array([0.9, 1.0, 1.15, 1.05, 1.0, 1.05, 0.8, 0.65, 1.1, 1.15, 1.15, 0.75])


@dataclass(frozen=True)
class Calendar:
    """Working days (epoch days) per region and window, padded; `sizes` says how many of each row are real."""

    as_of: int
    days: Ints
    sizes: Ints
    season: Floats

    def draw(self, rng: np.random.Generator, region: Ints, window: Ints) -> Ints:
        """Instants (epoch seconds) within office hours; one in fifty falls on any day and hour."""
        n = len(window)
        at = self.working_day(rng, region, window) * DAY + office_second(rng, n) - OFFSET_HOURS[region] * 3600
        stray = self.as_of - ((window + rng.random(n)) * WINDOW_DAYS * DAY).astype(np.int64)
        return np.asarray(np.where(rng.random(n) < 0.02, stray, at), dtype=np.int64)

    def working_day(self, rng: np.random.Generator, region: Ints, window: Ints) -> Ints:
        position = (rng.random(len(window)) * self.sizes[region, window]).astype(np.int64)
        return np.asarray(self.days[region, window, position], dtype=np.int64)


def office_second(rng: np.random.Generator, n: int) -> Ints:
    """Second of the local day between 08:30 and 18:00, most before and after lunch."""
    morning = rng.random(n) < 0.52
    hours = np.where(morning, 8.5 + 3.7 * rng.beta(1.6, 1.3, n), 13.0 + 5.0 * rng.beta(1.3, 1.8, n))
    return np.asarray(hours * 3600, dtype=np.int64)


def calendar(as_of: datetime) -> Calendar:
    """The calendar of the three years before `as_of`."""
    last = as_of.astimezone(UTC).date()
    rows = [[_working_days(last, region, window) for window in range(WINDOWS)] for region in range(len(REGIONS))]
    sizes = np.array([[len(days) for days in region] for region in rows])
    padded = np.array([[days + [days[-1]] * (WINDOW_DAYS - len(days)) for days in region] for region in rows])
    middle = [last - timedelta(days=WINDOW_DAYS * window + WINDOW_DAYS // 2) for window in range(WINDOWS)]
    return Calendar(int(as_of.timestamp()), padded, sizes, SEASON[[day.month - 1 for day in middle]])


def _working_days(last: date, region: int, window: int) -> list[int]:
    days = (last - timedelta(days=window * WINDOW_DAYS + back) for back in range(1, WINDOW_DAYS + 1))
    working = [day for day in days if day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS[region]]
    return [(day - date(1970, 1, 1)).days for day in working]
