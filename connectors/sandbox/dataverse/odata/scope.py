"""Names of a query to SQL: which table stands behind which alias, and what a path such as `primarycontactid/fullname` means there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final, Literal

from connectors.sandbox.dataverse.access import Access
from connectors.sandbox.dataverse.errors import QueryError, no_such_property
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_constant
from connectors.sandbox.dataverse.schema_types import DATE_ONLY, Attribute, Table

Family = Literal["text", "guid", "number", "boolean", "datetime", "date"]

_FAMILIES: Final[Mapping[str, Family]] = {
    **dict.fromkeys(("Uniqueidentifier", "Lookup", "Customer", "Owner"), "guid"),
    **dict.fromkeys(("Integer", "BigInt", "Decimal", "Double", "Money", "Picklist", "State", "Status"), "number"),
    "Boolean": "boolean",
    "DateTime": "datetime",
}


@dataclass(frozen=True)
class Expression:
    """A column as SQL, and how its values compare."""

    sql: str
    attribute: Attribute
    table: Table

    @property
    def family(self) -> Family:
        return family(self.attribute)


@dataclass(frozen=True)
class Link:
    """A table reached over a navigation property: its alias, and the SQL that ties it to where it was reached from."""

    table: Table
    alias: str
    join: str


@dataclass(frozen=True)
class Scope:
    """One table under one alias; `variables` are the lambda variables in force, `aliases` the request's parameters (`@name`)."""

    access: Access
    table: Table
    alias: str
    aliases: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Scope] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def inside(self, table: Table, alias: str) -> Scope:
        """The scope of a table reached from here."""
        return replace(self, table=table, alias=alias)

    def naming(self, variable: str, scope: Scope) -> Scope:
        """This scope with one more lambda variable."""
        return replace(self, variables={**self.variables, variable: scope})

    def constant(self, alias: tree.Alias) -> tree.Constant:
        """The value a parameter has in the request; null when it is not given."""
        text = self.aliases.get(alias.name)
        return parse_constant(text) if text is not None else tree.Literal("null", None)

    def column(self, path: tree.Path) -> Expression:
        """The column a path leads to; raises QueryError."""
        first, *rest = path.names
        if rest and first in self.variables:
            return self.variables[first].column(tree.Path(tuple(rest), path.start))
        if not rest:
            sql = self.access.column_sql(self.table, first, self.alias)
            return Expression(sql, self.table.columns[first], self.table)
        return self._over(self.single(first), tree.Path(tuple(rest), path.start))

    def _over(self, links: list[Link], rest: tree.Path) -> Expression:
        """The column beyond a single-valued navigation property, as a subquery."""
        found = [(link, self.inside(link.table, link.alias).column(rest)) for link in links]
        queries = [f'(select {item.sql} from "{link.table.logical_name}" {link.alias} where {link.join})' for link, item in found]  # noqa: S608
        return replace(found[0][1], sql=f"coalesce({', '.join(queries)})")

    def single(self, navigation: str) -> list[Link]:
        """The tables a single-valued navigation property may lead to (several for `ownerid`); raises QueryError."""
        lookup = self.table.navigation.get(navigation)
        if lookup is None:
            raise no_such_property(navigation, self.table.logical_name)
        targets = [target for name, target in zip(lookup.navigation, lookup.targets, strict=True) if name == navigation]
        return [self._link_to(self.access.readable(target), lookup) for target in targets]

    def _link_to(self, target: Table, lookup: Attribute) -> Link:
        alias = self.fresh()
        join = f'{alias}."{target.primary_id}" = {self.access.column_sql(self.table, lookup.column, self.alias)}'
        kind = f" and {self.alias}.\"{lookup.type_column}\" = '{target.logical_name}'" if lookup.type_column else ""
        return Link(target, alias, f"{join}{kind} and {self.access.row_filter(target, alias)}")

    def collection(self, navigation: str) -> Link:
        """The child table behind a collection-valued navigation property; raises QueryError."""
        if navigation not in self.table.collections:
            raise no_such_property(navigation, self.table.logical_name)
        name, lookup_name = self.table.collections[navigation]
        child, alias = self.access.readable(name), self.fresh()
        lookup = child.attributes[lookup_name]
        join = f'{alias}."{lookup.column}" = {self.alias}."{self.table.primary_id}"'
        kind = f" and {alias}.\"{lookup.type_column}\" = '{self.table.logical_name}'" if lookup.type_column else ""
        return Link(child, alias, f"{join}{kind} and {self.access.row_filter(child, alias)}")

    def fresh(self) -> str:
        """An alias nobody has yet."""
        return f"n{next(self._numbers)}"

    def walk(self, path: tree.Path) -> tuple[Scope, str]:
        """For a path that ends in a collection: the scope that has it, and its name."""
        first, *rest = path.names
        if rest and first in self.variables:
            return self.variables[first].walk(tree.Path(tuple(rest), path.start))
        if rest:
            raise QueryError(f"The navigation path '{'/'.join(path.names)}' is not supported in a lambda expression.")
        return self, first


def family(attribute: Attribute) -> Family:
    """How values of a column compare."""
    if attribute.behavior == DATE_ONLY:
        return "date"
    return _FAMILIES.get(attribute.type, "text")
