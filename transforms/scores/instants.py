"""The instants at which pairs are scored in one go: today, two earlier ones for the trends, and the quarter starts that freeze kappa.

At an earlier instant, later events do not exist. Kappa is a fact of the quarter's first instant, so every run within a
quarter finds the same value from the same history without having to remember it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from transforms.base import DAY, Context

TRENDS: Final = ("now", "month", "year")
INSTANTS: Final = (*TRENDS, *(f"{name}_quarter" for name in TRENDS))
_BACK: Final = {"now": 0, "month": 30, "year": 365}


def instants(context: Context) -> Mapping[str, int]:
    """Epoch seconds by name of `INSTANTS`."""
    at = {name: context.as_of - days * DAY for name, days in _BACK.items()}
    return at | {f"{name}_quarter": quarter_start(second) for name, second in at.items()}


def quarter_start(second: int) -> int:
    """First second (UTC) of the quarter that holds `second`."""
    date = datetime.fromtimestamp(second, UTC)
    return int(datetime(date.year, 1 + (date.month - 1) // 3 * 3, 1, tzinfo=UTC).timestamp())
