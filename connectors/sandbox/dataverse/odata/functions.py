"""Functions in `$filter`: those of OData on texts, and Dataverse's own query functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from connectors.sandbox.dataverse.errors import NO_SUCH_ATTRIBUTE, QueryError
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.scope import Expression, Scope
from connectors.sandbox.dataverse.odata.values import as_sql, quoted

_TEXT: Final = {"contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}


def text_condition(call: tree.Call, scope: Scope) -> str:
    """`contains`, `startswith`, `endswith`; raises QueryError for any other function."""
    if call.function not in _TEXT:
        raise QueryError(f"An unknown function with name '{call.function}' was found.")
    column, wanted = _text_arguments(call, scope)
    return f"{_TEXT[call.function]}(lower({column.sql}), {quoted(wanted.lower())})"


def _text_arguments(call: tree.Call, scope: Scope) -> tuple[Expression, str]:
    arguments = [scope.constant(item) if isinstance(item, tree.Alias) else item for item in call.arguments]
    match arguments:
        case [tree.Path() as path, tree.Literal("string", str() as wanted)]:
            column = scope.column(path)
            if column.family == "text":
                return column, wanted
    raise QueryError(f"No function signature for the function with name '{call.function}' matches the specified arguments.")


def crm_condition(call: tree.CrmCall, scope: Scope) -> str:
    """A query function of the namespace Microsoft.Dynamics.CRM; raises QueryError for one that is not offered here."""
    made = _CRM.get(call.function)
    if made is None:
        raise QueryError(f"An unknown function with name 'Microsoft.Dynamics.CRM.{call.function}' was found.")
    return made(call, scope, _named(_text(call, scope, "PropertyName"), call, scope))


def _named(name: str, call: tree.CrmCall, scope: Scope) -> Expression:
    """These functions know columns by logical name, lookups too: `ownerid`, not `_ownerid_value`; raises QueryError."""
    attribute = scope.table.attributes.get(name)
    if attribute is None:
        table = scope.table.logical_name
        raise QueryError(f"'{table}' entity doesn't contain attribute with Name = '{name}' and NameMapping = 'Logical'.", NO_SUCH_ATTRIBUTE)
    return scope.column(tree.Path((attribute.column,), call.start))


def _constant(call: tree.CrmCall, scope: Scope, name: str) -> tree.Literal | tuple[tree.Literal, ...]:
    value = call.arguments.get(name)
    if isinstance(value, tree.Alias):
        value = scope.constant(value)
    if value is None or isinstance(value, tree.Alias):
        raise QueryError(f"The function 'Microsoft.Dynamics.CRM.{call.function}' needs the parameter '{name}'.")
    return value


def _text(call: tree.CrmCall, scope: Scope, name: str) -> str:
    value = _constant(call, scope, name)
    if isinstance(value, tuple) or value.value is None:
        raise QueryError(f"The parameter '{name}' must be a single value.")
    return str(value.value)


def _several(call: tree.CrmCall, scope: Scope, column: Expression) -> list[str]:
    value = _constant(call, scope, "PropertyValues")
    if not isinstance(value, tuple):
        raise QueryError("The parameter 'PropertyValues' must be a collection.")
    return [_typed(str(item.value), column) for item in value]


def _typed(text: str, column: Expression) -> str:
    """A value these functions take as text, in the column's type; raises QueryError."""
    try:
        match column.family:
            case "number":
                return as_sql(float(text))
            case "datetime":
                return as_sql(datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None))
            case "date":
                return as_sql(datetime.fromisoformat(text).date())
            case "boolean":
                return as_sql(text.lower() in ("1", "true"))
            case _:
                return quoted(text.lower())
    except ValueError as error:
        raise QueryError(f"Invalid value '{text}' for property '{column.attribute.logical_name}'.") from error


def _folded(column: Expression) -> str:
    return f"lower({column.sql})" if column.family == "text" else column.sql


def _in(call: tree.CrmCall, scope: Scope, column: Expression) -> str:
    values = _several(call, scope, column)
    return f"{_folded(column)} in ({', '.join(values)})" if values else "false"


def _not_in(call: tree.CrmCall, scope: Scope, column: Expression) -> str:
    return f"not coalesce({_in(call, scope, column)}, false)"


def _between(call: tree.CrmCall, scope: Scope, column: Expression) -> str:
    values = _several(call, scope, column)
    if len(values) != 2:
        raise QueryError("The parameter 'PropertyValues' must hold two values.")
    return f"{_folded(column)} between {values[0]} and {values[1]}"


def _on_or_after(call: tree.CrmCall, scope: Scope, column: Expression) -> str:
    return f"{column.sql} >= {_typed(_text(call, scope, 'PropertyValue'), column)}"


def _on_or_before(call: tree.CrmCall, scope: Scope, column: Expression) -> str:
    return f"{column.sql}::date <= {_typed(_text(call, scope, 'PropertyValue'), column)}::date"


def _last_days(call: tree.CrmCall, scope: Scope, column: Expression) -> str:
    now = scope.access.store.clock.now()
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=int(_text(call, scope, "PropertyValue")))
    return f"{column.sql} between {as_sql(since)} and {as_sql(now)}"


_CRM: Final[Mapping[str, Callable[[tree.CrmCall, Scope, Expression], str]]] = {
    "In": _in,
    "NotIn": _not_in,
    "Between": _between,
    "OnOrAfter": _on_or_after,
    "OnOrBefore": _on_or_before,
    "LastXDays": _last_days,
}
