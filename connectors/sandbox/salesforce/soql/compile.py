"""SOQL to SQL: `compile_query` is the one door, used by REST queries, Bulk jobs and the Tooling API.

Flow: parse -> what the dialect refuses -> find the object -> select list (with joins and subqueries) -> conditions -> grouping
and order. Deleted rows and archived activities are left out unless all rows are asked for. Deliberately absent: TYPEOF, SOSL,
distance functions, USING SCOPE.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from connectors.sandbox.salesforce.errors import QueryError, no_such_column, unknown_relationship, unsupported_type
from connectors.sandbox.salesforce.metadata import SObject
from connectors.sandbox.salesforce.permissions import Access
from connectors.sandbox.salesforce.soql import tree
from connectors.sandbox.salesforce.soql.bulk_rules import refuse_for_bulk
from connectors.sandbox.salesforce.soql.compiled import Child, Column, Compiled, ParentId
from connectors.sandbox.salesforce.soql.conditions import Conditions
from connectors.sandbox.salesforce.soql.functions import expression, is_aggregate
from connectors.sandbox.salesforce.soql.grouping import group_clause, grouped_columns, order_clause
from connectors.sandbox.salesforce.soql.parse import parse, spotted
from connectors.sandbox.salesforce.soql.scope import Scope

Dialect = Literal["rest", "bulk", "tooling"]
MAX_OFFSET: Final = 2_000
MAX_FIELDS_LIMIT: Final = 200


@dataclass(frozen=True)
class _Context:
    access: Access
    text: str
    all_rows: bool
    dialect: Dialect


def compile_query(text: str, access: Access, *, all_rows: bool = False, dialect: Dialect = "rest") -> Compiled:
    """The statement ready to run; raises QueryError (MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE, ...) with Salesforce's text."""
    query = parse(text)
    context = _Context(access, text, all_rows or query.all_rows, dialect)
    if dialect == "bulk":
        refuse_for_bulk(query)
    return _compiled(context, query, _object(context, query.source), "")


def _object(context: _Context, source: tree.Name) -> SObject:
    with spotted(context.text, source.start):
        found = context.access.sobject(source.text, tooling=context.dialect == "tooling")
        if found is None or not found.queryable:
            raise unsupported_type(source.text)
        if context.dialect == "bulk" and not found.bulk:
            raise QueryError("INVALIDENTITY", f"Entity '{found.name}' is not supported by the Bulk API.")
        return found


def _compiled(context: _Context, query: tree.Query, declared: SObject, extra: str) -> Compiled:
    """One level; `extra` is a condition of the caller."""
    scope = Scope(context.access, declared, query.alias, context.access.store.clock.now(), context.text)
    items = [item for item in query.select if isinstance(item, tree.Item)]
    kind = _kind(query, items)
    columns = grouped_columns(scope, query, items) if kind == "aggregate" else _columns(context, scope, query, items)
    where = Conditions(scope, lambda nested: _semi_join(context, nested))
    conditions = [where.sql(query.where)] if query.where else []
    grouping, having_params = _grouping(context, scope, query)
    order = order_clause(scope, query)
    _check_window(query)
    return Compiled(
        declared,
        kind,
        tuple(columns),
        source=scope.source(),
        where=" and ".join((*_standing_filters(context, scope), *conditions, *([extra] if extra else []))),
        grouping=grouping,
        order=order,
        params=[*where.params, *having_params],
        limit=query.limit if kind != "count" else None,
        offset=query.offset,
        parents=_parents(scope, columns) if kind == "rows" else (),
        children=tuple(_child(context, declared, item) for item in query.select if isinstance(item, tree.Query)),
    )


def _kind(query: tree.Query, items: list[tree.Item]) -> Literal["rows", "count", "aggregate"]:
    if _is_count(query):
        return "count"
    aggregated = query.group or query.having or any(is_aggregate(item.operand) for item in items)
    return "aggregate" if aggregated else "rows"


def _is_count(query: tree.Query) -> bool:
    counts = [item for item in query.select if isinstance(item, tree.Item) and _bare_count(item.operand)]
    if counts and len(query.select) > 1:
        raise QueryError("MALFORMED_QUERY", "unexpected token: ','")
    return bool(counts)


def _bare_count(operand: tree.Operand) -> bool:
    return isinstance(operand, tree.Call) and operand.function == "COUNT" and not operand.arguments


def _columns(context: _Context, scope: Scope, query: tree.Query, items: list[tree.Item]) -> list[Column]:
    columns: list[Column] = []
    for item in items:
        with spotted(context.text, item.operand.start):
            columns.extend(_expanded(context, scope, query, item))
            _refuse_twice(columns)
    return columns


def _expanded(context: _Context, scope: Scope, query: tree.Query, item: tree.Item) -> list[Column]:
    if isinstance(item.operand, tree.Call) and item.operand.function == "FIELDS":
        return _all_fields(context, scope, query, item.operand)
    if item.alias:
        raise QueryError("MALFORMED_QUERY", f"only aggregate expressions use field aliasing: {item.alias}")
    found = expression(scope, item.operand)
    if context.dialect == "bulk" and found.field.is_compound:
        raise QueryError("INVALID_FIELD", "Selecting compound data not supported in Bulk Query")
    return [Column(found.name, found.path, found.field, found.sql)]


def _all_fields(context: _Context, scope: Scope, query: tree.Query, call: tree.Call) -> list[Column]:
    which = call.arguments[0].text.upper() if call.arguments and isinstance(call.arguments[0], tree.Name) else ""
    if which not in ("ALL", "STANDARD", "CUSTOM"):
        raise QueryError("MALFORMED_QUERY", f"unexpected token: '{which or ')'}'")
    if which != "STANDARD":
        _refuse_unbounded(context, query)
    chosen = [item for item in scope.declared.fields.values() if which == "ALL" or item.custom == (which == "CUSTOM")]
    names = [item.name for item in chosen if not (context.dialect == "bulk" and item.is_compound)]
    found = [scope.resolve(tree.Name(name, call.start)) for name in names]
    return [Column(item.name, item.path, item.field, item.sql) for item in found]


def _refuse_unbounded(context: _Context, query: tree.Query) -> None:
    if context.dialect == "bulk":
        raise QueryError("MALFORMED_QUERY", "The SOQL FIELDS function is not supported in Bulk API queries unless it is FIELDS(STANDARD)")
    if query.limit is None or query.limit > MAX_FIELDS_LIMIT:
        raise QueryError("MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}")


def _refuse_twice(columns: list[Column]) -> None:
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise QueryError("INVALID_FIELD", f"duplicate field selected: {twice}")


def _standing_filters(context: _Context, scope: Scope) -> list[str]:
    declared = scope.declared
    filters = [context.access.row_filter(declared, "t0")]
    if not context.all_rows and "IsDeleted" in {item.name for item in context.access.store.catalog.get(declared.name, declared).columns}:
        filters.append('t0."IsDeleted" = false')
    if not context.all_rows and declared.activity:
        filters.append(f"not {scope.archived()}")
    return [item for item in filters if item]


def _grouping(context: _Context, scope: Scope, query: tree.Query) -> tuple[str, list[Any]]:
    if query.having is None:
        return group_clause(scope, query), []
    having = Conditions(scope, lambda nested: _semi_join(context, nested), aggregates=True)
    return f"{group_clause(scope, query)} having {having.sql(query.having)}", having.params


def _check_window(query: tree.Query) -> None:
    if query.offset is not None and query.offset > MAX_OFFSET:
        raise QueryError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")


def _parents(scope: Scope, columns: list[Column]) -> tuple[ParentId, ...]:
    shown = {column.path[:depth] for column in columns for depth in range(1, len(column.path))}
    known = [parent for path, parent in scope.parents.items() if path in shown]
    return tuple(ParentId(item.path, item.id_sql, item.type, f"__p{index}") for index, item in enumerate(known))


def _child(context: _Context, declared: SObject, nested: tree.Query) -> Child:
    """A subquery in the select list; its source is a relationship name of the parent."""
    with spotted(context.text, nested.source.start):
        relations = {name.lower(): (name, *target) for name, target in declared.child_relationships.items()}
        name, child, link = relations.get(nested.source.text.lower(), ("", "", ""))
        found = context.access.sobject(child) if child else None
        if found is None:
            raise unknown_relationship(nested.source.text, "FROM part of query call")
        if link not in found.fields:
            raise no_such_column(link, found.name)
        compiled = _compiled(context, replace(nested, alias=None), found, "")
    return Child(name, link, compiled)


def _semi_join(context: _Context, nested: tree.Query) -> tuple[str, list[Any]]:
    """The SQL of `IN (SELECT ...)`: one id column, nulls left out."""
    declared = _object(context, nested.source)
    compiled = _compiled(context, nested, declared, "")
    if len(compiled.columns) != 1 or compiled.columns[0].field.type not in ("id", "reference"):
        raise QueryError("MALFORMED_QUERY", "The inner and outer selects of a semi join must each name one id or reference field")
    column = compiled.columns[0].sql
    known = replace(compiled, where=" and ".join(filter(None, (compiled.where, f"{column} is not null"))))
    return known.sql, known.params
