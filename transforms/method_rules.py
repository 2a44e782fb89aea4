"""What a number of the method may be: of the kind and range of the shipped one, and in order with those it belongs to."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

ASCENDING: Final[Sequence[Sequence[str]]] = (
    ("grade.fair", "grade.good", "grade.excellent"),
    ("level.initial", "level.mid", "level.strong"),
    ("rhythm.late", "rhythm.cooling", "rhythm.lapsed"),
    ("horizon.quarter_days", "horizon.year_days", "horizon.far_days"),
    ("confidence.fresh_days", "confidence.stale_days"),
    ("closeness.quality_min", "closeness.quality_max"),
)
"""Ladders: none may lie below the one before."""

WHOLE: Final[Sequence[Sequence[str]]] = (
    ("importance.weight_sales", "importance.weight_potential", "importance.weight_demonstration", "importance.weight_can_win"),
    ("confidence.capture", "confidence.evidence", "confidence.freshness"),
    ("pay.base", "pay.sales", "pay.operation"),
)
"""Shares of one figure that ends at 100."""

RISING: Final = ("attitude.points",)
"""Lists in which no number may lie below the one before."""

CENTURY: Final = 36_500
"""Days; nobody's records reach further back, and the calendar has an end."""

EPSILON: Final = 1e-6


class MethodError(ValueError):
    """A key the method does not know, or a value of the wrong type or out of range; names the key."""


def check(place: str, default: Any, value: Any, entry: Mapping[str, Any]) -> None:
    """Refuse a value that is not of the kind of `default`, or with a number outside the bounds of its `entry` in the file."""
    if not _same_kind(default, value):
        raise MethodError(f"{place}: expected {_described(default)}, got {value!r}")
    low, high = entry.get("minimum", 0), entry.get("maximum", CENTURY if entry.get("unit") == "days" else math.inf)
    numbers = [number for number in (value if isinstance(value, list) else [value]) if _number(number)]
    if not all(low <= number <= high and number != math.inf for number in numbers):
        raise MethodError(f"{place}: expected {_many(value)} {_within(low, high)}, got {value!r}")
    if entry.get("whole") and not all(float(number).is_integer() for number in numbers):
        raise MethodError(f"{place}: expected a whole number, got {value!r}")
    _check_words(place, value, entry)


def _check_words(place: str, value: Any, entry: Mapping[str, Any]) -> None:
    """Refuse a table with a name, or a value, that means nothing to us and would never be found."""
    for told, words in (("names", value), ("choices", value.values() if isinstance(value, dict) else ())):
        if told in entry and (unknown := sorted(set(words) - set(entry[told]))):
            raise MethodError(
                f"{place}: expected {told if told == 'names' else 'values'} of {', '.join(entry[told])}, got {', '.join(unknown)}"
            )


def _many(value: Any) -> str:
    return "numbers" if isinstance(value, list) else "a number"


def _within(low: float, high: float) -> str:
    return f"of at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"


def check_together(values: Mapping[str, Any], where: str) -> None:
    """Refuse ladders that do not rise and shares that do not make a whole."""
    for ladder in ASCENDING:
        for low, high in pairwise(key for key in ladder if key in values):
            if values[high] < values[low]:
                raise MethodError(f"{where} {high}: expected at least {low} ({values[low]:g}), got {values[high]:g}")
    for key in RISING:
        if key in values and sorted(values[key]) != values[key]:
            raise MethodError(f"{where} {key}: expected numbers that rise, got {values[key]!r}")
    for shares in WHOLE:
        parts = [values[key] for key in shares if key in values]
        if parts and abs(sum(parts) - 1) > EPSILON:
            raise MethodError(f"{where} {', '.join(shares)}: expected numbers that add up to 1, got {sum(parts):g}")


def normal(default: Any, value: Any, entry: Mapping[str, Any]) -> Any:
    """The value as the shipped file would write it, so that 50 and 50.0, or `Boss` and `boss` as a text to compare, are one method."""
    if isinstance(default, list) and _numbers(default):
        return [_plain(one, other) for one, other in zip(default, value, strict=True)]
    if "choices" in entry:
        return {name.strip().lower(): choice for name, choice in value.items()}
    return _plain(default, value) if _number(default) else value


def _plain(default: float, value: float) -> float:
    return int(value) if isinstance(default, int) and float(value).is_integer() else float(value)


def _described(default: Any) -> str:
    if isinstance(default, list) and _numbers(default):
        return f"a list of {len(default)} numbers"
    if isinstance(default, dict):
        return f"a table of {'lists of texts' if isinstance(next(iter(default.values())), list) else 'texts'}"
    return {bool: "true or false", int: "a number", float: "a number", str: "a text"}.get(type(default), "a list of texts")


def _same_kind(default: Any, value: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float)
    if isinstance(default, list) and isinstance(value, list):
        return len(value) == len(default) and _numbers(value) if _numbers(default) else all(isinstance(item, str) for item in value)
    if isinstance(default, dict) and isinstance(value, dict):
        kind = next(iter(default.values()))
        return all(_same_kind(kind, item) for item in value.values())
    return isinstance(value, type(default))


def _numbers(values: list[Any]) -> bool:
    return all(_number(value) for value in values)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
