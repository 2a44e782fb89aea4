"""Date literals (`TODAY`, `LAST_N_DAYS:30`, ...) as half-open ranges of days.

The org's week starts on Sunday, its fiscal year is the calendar's.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from connectors.sandbox.salesforce.errors import QueryError

Range = tuple[date, date]
_N: Final = re.compile(r"(?:(LAST|NEXT)_N_(?:FISCAL_)?([A-Z]+)S|N_(?:FISCAL_)?([A-Z]+)S_AGO):(\d+)")
_NAMED: Final = re.compile(r"(LAST|THIS|NEXT)_(?:FISCAL_)?([A-Z]+)")


def day_range(literal: str, today: date) -> Range:
    """[first day, first day after) of a literal in upper case; raises MALFORMED_QUERY for one that does not exist."""
    if literal in _DAYS:
        return _DAYS[literal](today)
    if match := _N.fullmatch(literal):
        direction, unit, ago, number = match.groups()
        return _counted(direction, _known(unit or ago, literal), int(number), today)
    match = _NAMED.fullmatch(literal)
    unit = _known(match[2] if match else "", literal)
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}[match[1] if match else "THIS"]
    return _span(unit, today, offset, offset + 1)


_DAYS: Final[Mapping[str, Callable[[date], Range]]] = {
    "YESTERDAY": lambda today: _span("DAY", today, -1, 0),
    "TODAY": lambda today: _span("DAY", today, 0, 1),
    "TOMORROW": lambda today: _span("DAY", today, 1, 2),
    "LAST_90_DAYS": lambda today: _span("DAY", today, -90, 1),
    "NEXT_90_DAYS": lambda today: _span("DAY", today, 1, 91),
}


def _known(unit: str, literal: str) -> str:
    if unit not in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR"):
        raise QueryError("MALFORMED_QUERY", f"unexpected token: '{literal}'")
    return unit


def _counted(direction: str | None, unit: str, number: int, today: date) -> Range:
    if direction is None:
        return _span(unit, today, -number, 1 - number)
    if direction == "NEXT":
        return _span(unit, today, 1, 1 + number)
    return _span(unit, today, -number, 1 if unit == "DAY" else 0)


def _span(unit: str, today: date, first: int, after: int) -> Range:
    return _shifted(unit, today, first), _shifted(unit, today, after)


def _shifted(unit: str, today: date, count: int) -> date:
    """The first day of the unit `count` units away from the one that holds `today`."""
    if unit == "DAY":
        return today + timedelta(days=count)
    if unit == "WEEK":
        return today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=count)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    index = today.year * 12 + today.month - 1
    index = index - index % months + count * months
    return date(index // 12, index % 12 + 1, 1)
