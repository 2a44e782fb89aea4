"""WHERE and HAVING as SQL with bound values, with SOQL's own truth: text has no case, and a comparison is never "unknown".

`!=` and NOT IN let nulls pass; under NOT every comparison is made two-valued. Outside NOT comparisons stay bare, so that the
engine can prune.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.soql import tree
from connectors.sandbox.salesforce.soql.dates import day_range
from connectors.sandbox.salesforce.soql.functions import expression
from connectors.sandbox.salesforce.soql.parse import spotted
from connectors.sandbox.salesforce.soql.scope import Expression, Scope
from connectors.sandbox.salesforce.soql.values import Value, bound, family, plain

_RANGE_FORMS: Final = {
    "=": "({0} >= {1} and {0} < {2})",
    "!=": "not coalesce({0} >= {1} and {0} < {2}, false)",
    "<": "{0} < {1}",
    "<=": "{0} < {2}",
    ">": "{0} >= {2}",
    ">=": "{0} >= {1}",
}
_EQUALITY: Final = ("=", "!=")


@dataclass
class Conditions:
    """Builds conditions of one scope; `params` are the bound values in order, `subquery` compiles a nested SELECT."""

    scope: Scope
    subquery: Callable[[tree.Query], tuple[str, list[Any]]]
    aggregates: bool = False
    params: list[Any] = field(default_factory=list)

    def sql(self, condition: tree.Condition, negated: bool = False) -> str:
        """The SQL of a condition; `negated` when a NOT stands somewhere above."""
        if isinstance(condition, tree.Junction):
            return "(" + f" {condition.op} ".join(self.sql(item, negated) for item in condition.items) + ")"
        if isinstance(condition, tree.Negation):
            return f"not ({self.sql(condition.item, True)})"
        with spotted(self.scope.text, condition.operand.start):
            bare = self._leaf(condition)
        return f"coalesce({bare}, false)" if negated else bare

    def _leaf(self, condition: tree.Comparison | tree.Membership | tree.Includes) -> str:
        operand = self._operand(condition.operand)
        if isinstance(condition, tree.Includes):
            return self._includes(operand, condition)
        if operand.field.type == "multipicklist" and not (isinstance(condition, tree.Comparison) and condition.op in _EQUALITY):
            raise _bad_operator(operand)
        if isinstance(condition, tree.Membership):
            return self._membership(operand, condition)
        if condition.op == "LIKE":
            return self._like(operand, condition.value)
        return self._comparison(operand, condition.op, condition.value)

    def _operand(self, operand: tree.Operand) -> Expression:
        found = expression(self.scope, operand)
        if found.aggregate and not self.aggregates:
            raise QueryError("MALFORMED_QUERY", f"Aggregate function not allowed in a WHERE clause: {found.name}")
        if not found.field.filterable:
            raise QueryError("INVALID_FIELD", f"field '{found.field.name}' can not be filtered in a query call")
        return found

    def _bind(self, value: Value) -> str:
        self.params.append(value)
        return "?"

    def _comparison(self, operand: Expression, op: str, literal: tree.Literal) -> str:
        value = bound(operand.field, literal)
        kind = family(operand.field)
        if value is None:
            return self._null(operand, op)
        if literal.kind == "range":
            return self._range(operand, op, str(value))
        if kind == "boolean" and op not in _EQUALITY:
            raise _bad_operator(operand)
        left = f"lower({operand.sql})" if kind == "text" else operand.sql
        right = self._bind(str(value).lower() if kind == "text" else value)
        return f"{left} is distinct from {right}" if op == "!=" else f"{left} {op} {right}"

    def _null(self, operand: Expression, op: str) -> str:
        if op not in _EQUALITY:
            raise QueryError("INVALID_QUERY_FILTER_OPERATOR", "cannot use the null value with a relative comparison")
        return f"{operand.sql} is {'not ' if op == '!=' else ''}null"

    def _range(self, operand: Expression, op: str, literal: str) -> str:
        first, after = day_range(literal, self.scope.now.date())
        bounds = (_typed(operand, first), _typed(operand, after))
        return _RANGE_FORMS[op].format(operand.sql, *bounds)

    def _like(self, operand: Expression, literal: tree.Literal) -> str:
        if family(operand.field) != "text":
            raise _bad_operator(operand)
        bound(operand.field, literal)
        return f"{operand.sql} ilike {self._bind(literal.value)} escape '\\'"

    def _membership(self, operand: Expression, condition: tree.Membership) -> str:
        if isinstance(condition.values, tree.Query):
            return self._semi_join(operand, condition.values, condition.negated)
        values = [bound(operand.field, literal) for literal in condition.values]
        present = [value for value in values if value is not None]
        inside = self._inside(operand, present)
        if len(present) < len(values):
            inside = f"({inside} or {operand.sql} is null)"
        return f"not coalesce({inside}, false)" if condition.negated else inside

    def _inside(self, operand: Expression, values: Sequence[Value]) -> str:
        if not values:
            return "false"
        is_text = family(operand.field) == "text"
        marks = ", ".join(self._bind(str(value).lower() if is_text else value) for value in values)
        return f"{f'lower({operand.sql})' if is_text else operand.sql} in ({marks})"

    def _semi_join(self, operand: Expression, query: tree.Query, negated: bool) -> str:
        if family(operand.field) != "id":
            raise QueryError(
                "MALFORMED_QUERY", f"The left operand '{operand.name}' cannot have more than one level of relationships or is no id"
            )
        sql, params = self.subquery(query)
        self.params.extend(params)
        inside = f"{operand.sql} in ({sql})"
        return f"not coalesce({inside}, false)" if negated else inside

    def _includes(self, operand: Expression, condition: tree.Includes) -> str:
        if operand.field.type != "multipicklist":
            raise QueryError("INVALID_QUERY_FILTER_OPERATOR", "INCLUDES or EXCLUDES operators can only be used on multipicklist fields")
        held = f"string_split({operand.sql}, ';')"
        wanted = [plain(str(bound(operand.field, literal) or "")) for literal in condition.values]
        alternatives = " or ".join(f"list_has_all({held}, string_split({self._bind(value)}, ';'))" for value in wanted)
        return f"not coalesce({alternatives}, false)" if condition.negated else f"({alternatives})"


def _typed(operand: Expression, day: date) -> str:
    if family(operand.field) == "date":
        return f"date '{day.isoformat()}'"
    return f"timestamp '{datetime.combine(day, time()).isoformat(sep=' ')}'"


def _bad_operator(operand: Expression) -> QueryError:
    kind = "id" if family(operand.field) == "id" else operand.field.type
    return QueryError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {kind} field")
