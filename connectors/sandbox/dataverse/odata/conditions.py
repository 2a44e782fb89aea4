"""`$filter` to SQL.

Texts compare without case, as the database of Dataverse does. `ne` and `not` keep rows without a value, as Dataverse's own translation
does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from connectors.sandbox.dataverse.errors import QueryError
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.functions import crm_condition, text_condition
from connectors.sandbox.dataverse.odata.scope import Expression, Family, Scope
from connectors.sandbox.dataverse.odata.values import as_sql, edm_name, quoted

_OPERATORS: Final = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_KINDS: Final = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}
_ACCEPTED: Final[Mapping[Family, frozenset[str]]] = {
    "text": frozenset({"string"}),
    "guid": frozenset({"guid"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "datetime": frozenset({"datetime", "date"}),
    "date": frozenset({"date"}),
}


def condition_sql(condition: tree.Condition, scope: Scope) -> str:
    """SQL that is true for the rows wanted; raises QueryError."""
    match condition:
        case tree.Junction(op, items):
            return "(" + f" {op} ".join(condition_sql(item, scope) for item in items) + ")"
        case tree.Negation(item):
            return f"not coalesce({condition_sql(item, scope)}, false)"
        case tree.Comparison():
            return _comparison(condition, scope)
        case tree.Call():
            return text_condition(condition, scope)
        case tree.CrmCall():
            return crm_condition(condition, scope)
        case tree.Lambda():
            return _quantified(condition, scope)


def _quantified(condition: tree.Lambda, scope: Scope) -> str:
    owner, navigation = scope.walk(condition.path)
    link = owner.collection(navigation)
    wanted = "true"
    if condition.condition is not None and condition.variable is not None:
        inner = scope.naming(condition.variable, owner.inside(link.table, link.alias))
        wanted = condition_sql(condition.condition, inner)
    rows = f'from "{link.table.logical_name}" {link.alias} where {link.join}'
    if condition.kind == "any":
        return f"exists (select 1 {rows} and {wanted})"
    return f"not exists (select 1 {rows} and not coalesce({wanted}, false))"


def _comparison(condition: tree.Comparison, scope: Scope) -> str:
    left, right = _resolved(condition.left, scope), _resolved(condition.right, scope)
    if isinstance(left, tree.Call) or isinstance(right, tree.Call):
        return _truth(left, condition.op, right, scope)
    if isinstance(left, tree.Literal) and isinstance(right, tree.Path):
        left, right, op = right, left, _mirrored(condition.op)
    else:
        op = condition.op
    if not isinstance(left, tree.Path):
        raise QueryError("The left or the right side of a comparison must be a property.")
    column = scope.column(left)
    return _between_columns(column, op, scope.column(right)) if isinstance(right, tree.Path) else _with_literal(column, op, right)


def _resolved(operand: tree.Operand, scope: Scope) -> tree.Path | tree.Literal | tree.Call:
    if not isinstance(operand, tree.Alias):
        return operand
    value = scope.constant(operand)
    if not isinstance(value, tree.Literal):
        raise QueryError(f"The parameter alias '{operand.name}' does not hold a single value.")
    return value


def _mirrored(op: str) -> str:
    return {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}.get(op, op)


def _truth(left: tree.Operand, op: str, right: tree.Operand, scope: Scope) -> str:
    """`contains(...) eq true` and its like."""
    call, other = (left, right) if isinstance(left, tree.Call) else (right, left)
    if not isinstance(call, tree.Call) or not isinstance(other, tree.Literal) or other.kind != "boolean" or op not in ("eq", "ne"):
        raise QueryError("A function in a comparison is only supported with true or false.")
    held = f"coalesce({text_condition(call, scope)}, false)"
    return held if bool(other.value) == (op == "eq") else f"not {held}"


def _between_columns(left: Expression, op: str, right: Expression) -> str:
    if left.family != right.family:
        raise _incompatible(left, op, edm_name(right.family))
    return _compared(_folded(left), op, _folded(right))


def _with_literal(column: Expression, op: str, literal: tree.Operand) -> str:
    if not isinstance(literal, tree.Literal):
        raise QueryError("The right side of a comparison must be a value.")
    if literal.kind == "null":
        if op not in ("eq", "ne"):
            return "false"
        return f"{column.sql} is {'not ' if op == 'ne' else ''}null"
    if literal.kind not in _ACCEPTED[column.family]:
        raise _incompatible(column, op, edm_name(literal.kind))
    value = literal.value
    if column.family == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return _compared(_folded(column), op, quoted(str(value).lower()) if literal.kind == "string" else as_sql(value))


def _folded(column: Expression) -> str:
    return f"lower({column.sql})" if column.family == "text" else column.sql


def _compared(left: str, op: str, right: str) -> str:
    return f"{left} is distinct from {right}" if op == "ne" else f"{left} {_OPERATORS[op]} {right}"


def _incompatible(column: Expression, op: str, other: str) -> QueryError:
    types = f"Found operand types '{edm_name(column.family)}' and '{other}' for operator kind '{_KINDS[op]}'."
    return QueryError(f"A binary operator with incompatible types was detected. {types}")
