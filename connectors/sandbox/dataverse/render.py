"""Rows to JSON, inside the database: one SQL expression gives the text of one row, with its etag, annotations and expanded relations.

A page of thousands of rows never becomes Python objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from connectors.sandbox.dataverse.annotations import annotation_pieces
from connectors.sandbox.dataverse.errors import no_such_property
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.conditions import condition_sql
from connectors.sandbox.dataverse.odata.scope import Link, Scope, family
from connectors.sandbox.dataverse.odata.values import label, quoted
from connectors.sandbox.dataverse.preferences import Preferences
from connectors.sandbox.dataverse.schema_types import Attribute, Table

CURRENCY_COLUMN: Final = "_transactioncurrencyid_value"
_ETAG: Final = '\'"@odata.etag":"W/\\"\' || {alias}.versionnumber || \'\\""\''
_BOOLEAN: Final = "case {value} when true then 'true' when false then 'false' end"


@dataclass(frozen=True)
class Renderer:
    """How rows of one request become JSON; `root` is the address of the service root."""

    preferences: Preferences
    root: str

    def row(self, scope: Scope, options: tree.Options, *, first: Iterable[str] = ()) -> str:
        """SQL text of one row of the scope's table; `first` are pieces to put before the etag. Raises QueryError."""
        pieces = [*first, _ETAG.format(alias=scope.alias)]
        for column in selected(scope.table, options.select):
            pieces += self._column(scope, column)
        for expand in options.expand:
            pieces += self._expanded(scope, expand)
        return f"'{{' || concat_ws(',', {', '.join(pieces)}) || '}}'"

    def _column(self, scope: Scope, column: str) -> list[str]:
        value = scope.access.column_sql(scope.table, column, scope.alias)
        attribute = scope.table.columns[column]
        shown = f"{label(column)} || coalesce({value_json(attribute, value)}, 'null')"
        return [*annotation_pieces(scope, attribute, value, self.preferences), shown]

    def _expanded(self, scope: Scope, expand: tree.Expand) -> list[str]:
        if expand.name in scope.table.collections:
            return self._collection(scope, expand)
        if expand.name not in scope.table.navigation:
            raise no_such_property(expand.name, scope.table.logical_name)
        found = [self._related(scope, link, expand) for link in scope.single(expand.name)]
        return [f"{label(expand.name)} || coalesce({', '.join(found)}, 'null')"]

    def _related(self, scope: Scope, link: Link, expand: tree.Expand) -> str:
        inner = scope.inside(link.table, link.alias)
        return f'(select {self.row(inner, expand.options)} from "{link.table.logical_name}" {link.alias} where {link.join})'  # noqa: S608

    def _collection(self, scope: Scope, expand: tree.Expand) -> list[str]:
        """The children and, as the service always does, a link to read them again."""
        link = scope.collection(expand.name)
        inner, options = scope.inside(link.table, link.alias), expand.options
        wanted = condition_sql(options.filter, inner) if options.filter else "true"
        order = order_sql(inner, options.order)
        rows = f'"{link.table.logical_name}" {link.alias} where {link.join} and {wanted}'
        if options.top is not None:
            rows = f"(select {link.alias}.* from {rows} order by {order} limit {options.top}) {link.alias}"  # noqa: S608
        children = f"(select '[' || coalesce(string_agg({self.row(inner, options)}, ',' order by {order}), '') || ']' from {rows})"  # noqa: S608
        again = f"{self.root}{scope.table.entity_set}("
        query = f")/{expand.name}" + (f"?{expand.query}" if expand.query else "")
        link_piece = f"{label(f'{expand.name}@odata.nextLink')} || to_json({quoted(again)} || {_key(scope)} || {quoted(query)})"
        return [f"{label(expand.name)} || {children}", link_piece]


def selected(table: Table, wanted: tuple[str, ...]) -> list[str]:
    """The columns of an answer: the wanted ones (all when none is named), a money column's currency, and always the key."""
    names = list(wanted) or [name for name, attribute in table.columns.items() if attribute.readable]
    if CURRENCY_COLUMN in table.columns and any(name in table.columns and table.columns[name].type == "Money" for name in names):
        names.append(CURRENCY_COLUMN)
    return list(dict.fromkeys([*names, table.primary_id]))


def order_sql(scope: Scope, order: tuple[tree.OrderItem, ...]) -> str:
    """ORDER BY as SQL Server sorts: nothing before something; the key, which is also the default, decides between equals."""
    items = []
    for item in order:
        column = scope.column(item.path)
        folded = f"lower({column.sql})" if column.family == "text" else column.sql
        items.append(f"{folded} {'desc nulls last' if item.descending else 'asc nulls first'}")
    return ", ".join([*items, _key(scope)])


def value_json(attribute: Attribute, value: str) -> str:
    """SQL of a column's JSON text, null for null."""
    match family(attribute):
        case "text":
            return f"to_json({value})::varchar"
        case "guid":
            return f"'\"' || {value} || '\"'"
        case "boolean":
            return _BOOLEAN.format(value=value)
        case "datetime":
            return f"strftime({value}, '\"%Y-%m-%dT%H:%M:%SZ\"')"
        case "date":
            return f"strftime({value}, '\"%Y-%m-%d\"')"
        case _:
            return f"to_json({value})::varchar"


def _key(scope: Scope) -> str:
    return f'{scope.alias}."{scope.table.primary_id}"'
