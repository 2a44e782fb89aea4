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

EPSILON: Final = 1e-6


class MethodError(ValueError):
    """A key the method does not know, or a value of the wrong type or out of range; names the key."""


def check(place: str, default: Any, value: Any, minimum: float) -> None:
    """Refuse a value that is not of the kind of `default`, or a number below `minimum`."""
    if not _same_kind(default, value):
        raise MethodError(f"{place}: expected {_described(default)}, got {value!r}")
    if _number(default) and not minimum <= value < math.inf:
        raise MethodError(f"{place}: expected a number of at least {minimum:g}, got {value!r}")


def check_together(values: Mapping[str, Any], where: str) -> None:
    """Refuse ladders that do not rise and shares that do not make a whole."""
    for ladder in ASCENDING:
        for low, high in pairwise(key for key in ladder if key in values):
            if values[high] < values[low]:
                raise MethodError(f"{where} {high}: expected at least {low} ({values[low]:g}), got {values[high]:g}")
    for shares in WHOLE:
        parts = [values[key] for key in shares if key in values]
        if parts and abs(sum(parts) - 1) > EPSILON:
            raise MethodError(f"{where} {', '.join(shares)}: expected numbers that add up to 1, got {sum(parts):g}")


def normal(default: Any, value: Any) -> Any:
    """The value as the shipped file would write it, so that 50 and 50.0 are one method."""
    if isinstance(default, list) and _numbers(default):
        return [normal(one, other) for one, other in zip(default, value, strict=True)]
    if not _number(default):
        return value
    return int(value) if isinstance(default, int) and float(value).is_integer() else float(value)


def _described(default: Any) -> str:
    if isinstance(default, list) and _numbers(default):
        return f"a list of {len(default)} numbers"
    return {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list of texts"}.get(type(default), "a table")


def _same_kind(default: Any, value: Any) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float)
    if isinstance(default, list) and isinstance(value, list):
        return len(value) == len(default) and _numbers(value) if _numbers(default) else all(isinstance(item, str) for item in value)
    return isinstance(value, type(default))


def _numbers(values: list[Any]) -> bool:
    return all(_number(value) for value in values)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
