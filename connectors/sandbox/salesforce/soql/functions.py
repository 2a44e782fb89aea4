"""Functions of SOQL: aggregates, the parts of dates, and those that leave a value as it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.metadata import Field
from connectors.sandbox.salesforce.soql.scope import Expression, Scope
from connectors.sandbox.salesforce.soql.tree import Call, Operand
from connectors.sandbox.salesforce.soql.values import family

AGGREGATES: Final = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
_DATE_PARTS: Final[Mapping[str, str]] = {
    "CALENDAR_YEAR": "year({0})",
    "CALENDAR_QUARTER": "quarter({0})",
    "CALENDAR_MONTH": "month({0})",
    "FISCAL_YEAR": "year({0})",
    "FISCAL_QUARTER": "quarter({0})",
    "FISCAL_MONTH": "month({0})",
    "DAY_IN_MONTH": "day({0})",
    "DAY_IN_WEEK": "dayofweek({0}) + 1",
    "DAY_IN_YEAR": "dayofyear({0})",
    "WEEK_IN_MONTH": "(day({0}) - 1) // 7 + 1",
    "WEEK_IN_YEAR": "(dayofyear({0}) - 1) // 7 + 1",
    "HOUR_IN_DAY": "hour({0})",
    "DAY_ONLY": "cast({0} as date)",
}
_UNCHANGED: Final = ("TOLABEL", "CONVERTTIMEZONE", "CONVERTCURRENCY", "FORMAT")


def is_aggregate(operand: Operand) -> bool:
    """True for COUNT, SUM and their like."""
    return isinstance(operand, Call) and operand.function in AGGREGATES


def expression(scope: Scope, operand: Operand) -> Expression:
    """The SQL of a field or a function of it; raises INVALID_FIELD or MALFORMED_QUERY."""
    if not isinstance(operand, Call):
        return scope.resolve(operand)
    if len(operand.arguments) != 1:
        return _without_argument(operand)
    inner = expression(scope, operand.arguments[0])
    if operand.function in AGGREGATES:
        return _aggregate(operand.function, inner)
    if operand.function in _DATE_PARTS:
        return _date_part(operand.function, inner)
    if operand.function in _UNCHANGED:
        return inner
    raise QueryError("MALFORMED_QUERY", f"unexpected token: '{operand.function}'")


def _without_argument(call: Call) -> Expression:
    if call.function == "COUNT" and not call.arguments:
        return Expression("count(*)", Field("count", "int", "count"), ("count",), aggregate=True)
    raise QueryError("MALFORMED_QUERY", f"unexpected token: '{call.function}'")


def _aggregate(function: str, inner: Expression) -> Expression:
    if inner.aggregate or not _takes(function, inner.field):
        raise QueryError("MALFORMED_QUERY", f"field {inner.name} does not support aggregate operator {function}")
    if function in ("MIN", "MAX"):
        return Expression(f"{function.lower()}({inner.sql})", inner.field, (inner.path[-1],), aggregate=True)
    if function in ("SUM", "AVG"):
        return Expression(f"{function.lower()}({inner.sql})", replace(inner.field, type="double"), (inner.path[-1],), aggregate=True)
    distinct = "distinct " if function == "COUNT_DISTINCT" else ""
    return Expression(f"count({distinct}{inner.sql})", replace(inner.field, type="int"), (inner.path[-1],), aggregate=True)


def _takes(function: str, field: Field) -> bool:
    if function in ("SUM", "AVG"):
        return family(field) == "number"
    return field.aggregatable or (function.startswith("COUNT") and field.sortable)


def _date_part(function: str, inner: Expression) -> Expression:
    if family(inner.field) not in ("date", "datetime"):
        raise QueryError("INVALID_FIELD", f"date function '{function}' is not valid on field '{inner.name}'")
    kind = "date" if function == "DAY_ONLY" else "int"
    sql = _DATE_PARTS[function].format(inner.sql)
    return replace(inner, sql=sql, field=replace(inner.field, type=kind))
