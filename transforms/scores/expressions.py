"""Small SQL expressions the scores share: numbers, rounding, decay, ladders of labels.

Every literal number goes through `num`: an engine may read a bare 0.25 as a decimal and cut later digits off.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Double, Numeric

from transforms.base import DAY, Context

Number = sa.ColumnElement[Any]
Condition = sa.ColumnElement[bool]


def num(value: float) -> Number:
    """A literal as Double."""
    return sa.cast(sa.literal(value), Double)


def real(column: sa.ColumnElement[Any]) -> Number:
    """A column as Double, for divisions and powers."""
    return sa.cast(column, Double)


def two_to(exponent: Number) -> Number:
    """2 to a power."""
    return sa.func.power(num(2), exponent)


def rounded(value: Number, decimals: int) -> Number:
    """`value` at a declared precision; nine decimals first, so that sums added in another order give the same digit."""
    return sa.cast(sa.func.round(sa.cast(value, Numeric(18, 9)), decimals), Double)


def from_ratio(ratio: Number) -> Number:
    """Closeness 0-100 of intensity / kappa: 50 where they are equal."""
    return num(100) * (num(1) - two_to(-ratio))


def summed(condition: Condition) -> Number:
    """Rows that fulfil a condition, 0 where none does."""
    return sa.cast(sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0), BigInteger)


def every(condition: Condition) -> Condition:
    """Whether all rows of the group fulfil a condition."""
    return sa.func.min(sa.case((condition, 1), else_=0)) == 1


def some(condition: Condition) -> Condition:
    """Whether a row of the group fulfils a condition."""
    return sa.func.max(sa.case((condition, 1), else_=0)) == 1


def zero(value: Number) -> Number:
    """A count that is 0 where nothing was seen."""
    return sa.func.coalesce(value, 0)


def for_industry(context: Context, key: str, industry: Number) -> Number:
    """A number of the method as it holds for accounts of `industry` (their own text; unknown industries have the general one)."""
    own = {name: values[key] for name, values in context.method.industries.items() if key in values}
    general = num(context.method[key])
    if not own:
        return general
    compared = sa.func.lower(sa.func.trim(industry))
    return sa.case(*((compared == name, num(value)) for name, value in own.items()), else_=general)


def since(context: Context, days: int) -> int:
    """Instants above this lie in the last `days` days."""
    return context.as_of - days * DAY


def ladder(value: Number, steps: Sequence[tuple[float, str]], otherwise: str) -> Number:
    """The label of the first cut that `value` reaches (cuts from high to low); null for an unknown value."""
    reached = [(value >= num(cut), sa.literal(label)) for cut, label in steps]
    return sa.case((value.is_(None), sa.null()), *reached, else_=sa.literal(otherwise))


def grade(context: Context, closeness: Number) -> Number:
    """Excellent, Good, Fair or Poor of a closeness at its stored precision."""
    cuts = [(context.method[f"grade.{label.lower()}"], label) for label in ("Excellent", "Good", "Fair")]
    return ladder(closeness, cuts, "Poor")


def attitude_points(context: Context, attitude: Number) -> Number:
    """Closeness that a stated attitude of -2..2 stands for; null where none is stated."""
    points = context.method["attitude.points"]
    return sa.case(*((attitude == value - 2, num(score)) for value, score in enumerate(points)), else_=sa.null())


def as_date(seconds: Number) -> Number:
    """UTC date of epoch seconds."""
    return sa.literal_column("date '1970-01-01'", sa.Date) + sa.cast(sa.func.floor(real(seconds) / num(DAY)), sa.Integer)
