"""GROUP BY, aggregates in the select list, and ORDER BY."""

from collections.abc import Iterator

from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.soql import tree
from connectors.sandbox.salesforce.soql.compiled import Column
from connectors.sandbox.salesforce.soql.functions import expression
from connectors.sandbox.salesforce.soql.parse import spotted
from connectors.sandbox.salesforce.soql.scope import Expression, Scope
from connectors.sandbox.salesforce.soql.values import family

_SUPERGROUPS = ("ROLLUP", "CUBE")


def grouped_columns(scope: Scope, query: tree.Query, items: list[tree.Item]) -> list[Column]:
    """The columns of an aggregate query; aggregates without an alias are called expr0, expr1, ..."""
    grouped = {found.sql for found in _group_expressions(scope, query)}
    unnamed = 0
    columns = []
    for item in items:
        with spotted(scope.text, item.operand.start):
            found = expression(scope, item.operand)
            if not found.aggregate and found.sql not in grouped:
                raise QueryError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {found.name}")
        computed = isinstance(item.operand, tree.Call)
        name = item.alias or (f"expr{unnamed}" if computed else found.path[-1])
        unnamed += computed and not item.alias
        columns.append(Column(name, (name,), found.field, found.sql))
    _refuse_same_alias(columns)
    return columns


def _refuse_same_alias(columns: list[Column]) -> None:
    names = [column.name.lower() for column in columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise QueryError("MALFORMED_QUERY", f"duplicate alias: {twice}")


def group_clause(scope: Scope, query: tree.Query) -> str:
    """GROUP BY as SQL; empty without one."""
    expressions = list(_group_expressions(scope, query))
    if not expressions:
        return ""
    listed = ", ".join(found.sql for found in expressions)
    first = query.group[0]
    if isinstance(first, tree.Call) and first.function in _SUPERGROUPS:
        return f"group by {first.function.lower()} ({listed})"
    return f"group by {listed}"


def _group_expressions(scope: Scope, query: tree.Query) -> Iterator[Expression]:
    for operand in _flattened(query.group):
        with spotted(scope.text, operand.start):
            found = expression(scope, operand)
            if found.aggregate or not found.field.groupable:
                raise QueryError("INVALID_FIELD", f"field '{found.name}' can not be grouped in a query call")
            yield found


def _flattened(group: tuple[tree.Operand, ...]) -> Iterator[tree.Operand]:
    for operand in group:
        if isinstance(operand, tree.Call) and operand.function in _SUPERGROUPS:
            yield from operand.arguments
        else:
            yield operand


def order_clause(scope: Scope, query: tree.Query) -> str:
    """ORDER BY as SQL: nulls first unless said otherwise (last when descending), text without case; empty without one."""
    if not query.order:
        return ""
    return "order by " + ", ".join(_order_item(scope, query, item) for item in query.order)


def _order_item(scope: Scope, query: tree.Query, item: tree.OrderItem) -> str:
    with spotted(scope.text, item.operand.start):
        found = expression(scope, item.operand)
        if not found.field.sortable:
            raise QueryError("INVALID_FIELD", f"field '{found.name}' can not be sorted in a query call")
        _refuse_ungrouped(scope, query, found)
    nulls = item.nulls or ("last" if item.descending else "first")
    sql = f"lower({found.sql})" if family(found.field) == "text" else found.sql
    return f"{sql} {'desc' if item.descending else 'asc'} nulls {nulls}"


def _refuse_ungrouped(scope: Scope, query: tree.Query, found: Expression) -> None:
    if query.group and not found.aggregate and found.sql not in {known.sql for known in _group_expressions(scope, query)}:
        raise QueryError("MALFORMED_QUERY", f"Ordered field must be grouped or aggregated: {found.name}")
