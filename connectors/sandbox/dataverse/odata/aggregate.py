"""`$apply`: filter, group, aggregate, as one SQL statement that gives the JSON text of each group."""

from __future__ import annotations

from typing import Final

from connectors.sandbox.dataverse.errors import QueryError
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.conditions import condition_sql
from connectors.sandbox.dataverse.odata.scope import Expression, Scope
from connectors.sandbox.dataverse.odata.values import quoted

_METHODS: Final = {"sum": "sum", "average": "avg", "min": "min", "max": "max", "countdistinct": "count"}
_INSTANT: Final = "%Y-%m-%dT%H:%M:%SZ"


def aggregate_sql(apply: tree.Apply, scope: Scope) -> str:
    """A statement with one text column `j`; raises QueryError."""
    groups = {"/".join(path.names): scope.column(path) for path in apply.groups}
    values = {name: column.sql for name, column in groups.items()} | {item.name: _measured(item, scope) for item in apply.measures}
    fields = ", ".join(f"{quoted(name)}, {sql}" for name, sql in values.items())
    where = condition_sql(apply.filter, scope) if apply.filter else "true"
    visible = scope.access.row_filter(scope.table, scope.alias)
    grouping = "group by " + ", ".join(column.sql for column in groups.values()) if groups else ""
    rows = f'from "{scope.table.logical_name}" {scope.alias} where {where} and {visible} {grouping}'
    return f"select json_object({fields})::varchar as j {rows}"


def _measured(measure: tree.Measure, scope: Scope) -> str:
    if measure.path is None or measure.method is None:
        return "count(*)"
    if measure.method not in _METHODS:
        raise QueryError(f"The aggregation method '{measure.method}' is not supported.")
    return _as_json(measure.method, scope.column(measure.path))


def _as_json(method: str, column: Expression) -> str:
    if method == "countdistinct":
        return f"count(distinct {column.sql})"
    value = f"{_METHODS[method]}({column.sql})"
    return f"strftime({value}, '{_INSTANT}')" if column.family == "datetime" else value
