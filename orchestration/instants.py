"""Dates and instants as users type them."""

import datetime as dt
from typing import Final

YEARS: Final = range(1970, 2200)
"""A year beyond them is a slip of the hand, and windows and decays counted back from it leave the calendar."""


def instant(text: str) -> dt.datetime:
    """An ISO date (00:00:00Z of it) or instant (UTC unless it says otherwise), in UTC. Raises `ValueError`."""
    found = _sane(dt.datetime.fromisoformat(text))
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)


def of_seconds(text: str) -> dt.datetime:
    """Unix seconds. Raises `ValueError`."""
    try:
        return _sane(dt.datetime.fromtimestamp(float(text), dt.UTC))
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from error


def _sane(found: dt.datetime) -> dt.datetime:
    if found.year not in YEARS:
        raise ValueError(f"the year {found.year} is not between {YEARS.start} and {YEARS.stop - 1}")
    return found
