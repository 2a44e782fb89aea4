"""The `$filter` of a whole request.

What it demands of one parent (`activityid_email/createdon ge ... and activityid_email/createdon lt ...`) becomes one search among the
parents instead of a look-up per row and condition, as the optimizer of the real database would do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.conditions import condition_sql
from connectors.sandbox.dataverse.odata.scope import Scope

_NEVER_OF_NOTHING: Final = frozenset({"eq", "gt", "ge", "lt", "le"})
"""Operators that no row without a parent meets."""


def filter_sql(condition: tree.Condition, scope: Scope) -> str:
    """SQL that is true for the rows wanted; raises QueryError."""
    terms = condition.items if isinstance(condition, tree.Junction) and condition.op == "and" else (condition,)
    of_parents: dict[str, list[tree.Comparison]] = {}
    found = []
    for term in terms:
        if isinstance(term, tree.Comparison) and (name := _parent(term, scope)):
            of_parents.setdefault(name, []).append(term)
        else:
            found.append(condition_sql(term, scope))
    found += [_among(name, wanted, scope) for name, wanted in of_parents.items()]
    return f"({' and '.join(found)})"


def _parent(term: tree.Comparison, scope: Scope) -> str:
    """The navigation property a comparison with a value goes over; empty unless it leads to one column of one table."""
    left, right = term.left, term.right
    if not isinstance(left, tree.Path) or len(left.names) != 2 or term.op not in _NEVER_OF_NOTHING:
        return ""
    if not isinstance(right, tree.Literal) or right.kind == "null" or left.names[0] in scope.variables:
        return ""
    lookup = scope.table.navigation.get(left.names[0])
    return left.names[0] if lookup is not None and lookup.navigation.count(left.names[0]) == 1 else ""


def _among(navigation: str, wanted: Sequence[tree.Comparison], scope: Scope) -> str:
    (link,) = scope.single(navigation)
    lookup, inner = scope.table.navigation[navigation], scope.inside(link.table, link.alias)
    terms = [condition_sql(_from_parent(term), inner) for term in wanted]
    where = " and ".join([*terms, scope.access.row_filter(link.table, link.alias)])
    parents = f'select {link.alias}."{link.table.primary_id}" from "{link.table.logical_name}" {link.alias} where {where}'  # noqa: S608
    kind = f"{scope.alias}.\"{lookup.type_column}\" = '{link.table.logical_name}' and " if lookup.type_column else ""
    return f"{kind}{scope.access.column_sql(scope.table, lookup.column, scope.alias)} in ({parents})"


def _from_parent(term: tree.Comparison) -> tree.Comparison:
    """The comparison as the parent's own."""
    assert isinstance(term.left, tree.Path)
    return tree.Comparison(tree.Path(term.left.names[1:], term.left.start), term.op, term.right)
