"""Which column a name means: fields of the queried object, child-to-parent paths as joins, polymorphic parents as one "Name" object.

Only what the user may see is found; anything else is the same "No such column".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connectors.sandbox.salesforce.errors import QueryError, no_such_column, unknown_relationship
from connectors.sandbox.salesforce.metadata import Field, SObject, text
from connectors.sandbox.salesforce.permissions import Access
from connectors.sandbox.salesforce.soql.tree import Name

MAX_DEPTH: Final = 5
ARCHIVE_AFTER: Final = timedelta(days=365)
_NAME_FIELDS: Final = ("Id", "Name", "FirstName", "LastName", "Title", "Email", "Username", "IsActive")
_NAME_TYPE: Final = text("Type", 40)


@dataclass(frozen=True)
class Expression:
    """SQL of one value, the field that gives it its type, and its path in the answer."""

    sql: str
    field: Field
    path: tuple[str, ...]
    aggregate: bool = False

    @property
    def name(self) -> str:
        """Path with dots, as in the header of a CSV."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Parent:
    """A joined parent; `type` is None for a polymorphic one, whose object only its id tells."""

    path: tuple[str, ...]
    alias: str
    id_sql: str
    type: str | None
    fields: Mapping[str, Field]
    declared: SObject | None
    join: str


@dataclass
class Scope:
    """Names of one FROM; `parents` collects the joins that resolving needed."""

    access: Access
    declared: SObject
    alias: str | None
    now: datetime
    text: str
    parents: dict[tuple[str, ...], Parent] = field(default_factory=dict)

    def resolve(self, name: Name) -> Expression:
        """The expression of a field path; raises INVALID_FIELD."""
        parts = self._without_alias(name.text.split("."))
        if len(parts) - 1 > MAX_DEPTH:
            raise QueryError("INVALID_FIELD", f"Relationship path '{name.text}' has more than {MAX_DEPTH} levels")
        parent: Parent | None = None
        for step in parts[:-1]:
            parent = self._parent(parent, step)
        return self._own(parts[-1]) if parent is None else _of_parent(parent, parts[-1])

    def _without_alias(self, parts: list[str]) -> list[str]:
        known = {self.declared.name.lower(), (self.alias or "").lower()}
        return parts[1:] if len(parts) > 1 and parts[0].lower() in known else parts

    def _own(self, name: str) -> Expression:
        found = self.declared.by_lower_name.get(name.lower())
        if found is None:
            raise no_such_column(name, self.declared.name)
        return Expression(self._column(found), found, (found.name,))

    def _column(self, found: Field) -> str:
        if found.name == "IsArchived":
            return self.archived()
        if found.is_compound:
            return _address("t0", found.name, self.declared.fields)
        return f't0."{found.name}"'

    def archived(self) -> str:
        """SQL that is true for activities the archive has swallowed by now."""
        limit = (self.now - ARCHIVE_AFTER).isoformat(sep=" ")
        day, instant = f"date '{limit[:10]}'", f"timestamp '{limit}'"
        if self.declared.name == "Event":
            return f'coalesce(t0."StartDateTime" <= {instant}, t0."ActivityDate" <= {day}, false)'
        old = f't0."ActivityDate" <= {day} or (t0."ActivityDate" is null and t0."CreatedDate" <= {instant})'
        return f'coalesce(t0."IsClosed" and ({old}), false)'

    def _parent(self, child: Parent | None, step: str) -> Parent:
        declared = self.declared if child is None else child.declared
        reference = declared.by_relationship.get(step.lower()) if declared else None
        if reference is None or declared is None:
            raise unknown_relationship(step, "field path")
        path = (*(child.path if child else ()), str(reference.relationship_name))
        if path not in self.parents:
            self.parents[path] = self._joined(path, child.alias if child else "t0", reference)
        return self.parents[path]

    def _joined(self, path: tuple[str, ...], child_alias: str, reference: Field) -> Parent:
        alias = f"t{len(self.parents) + 1}"
        key = f'{child_alias}."{reference.name}"'
        targets = [item for target in reference.reference_to if (item := self.access.sobject(target))]
        if not targets:
            raise unknown_relationship(path[-1], "field path")
        if reference.polymorphic:
            join = f'left join ({_name_union(targets)}) {alias} on {alias}."Id" = {key}'
            return Parent(path, alias, f'{alias}."Id"', None, {}, None, join)
        join = f'left join "{targets[0].table}" {alias} on {alias}."Id" = {key}'
        return Parent(path, alias, f'{alias}."Id"', targets[0].name, targets[0].by_lower_name, targets[0], join)

    def source(self) -> str:
        """FROM with its joins."""
        return " ".join((f'"{self.declared.table}" t0', *(parent.join for parent in self.parents.values())))


def _of_parent(parent: Parent, name: str) -> Expression:
    if parent.type is None:
        return _of_name(parent, name)
    found = parent.fields.get(name.lower())
    if found is None:
        raise no_such_column(name, parent.type)
    if found.is_compound and parent.declared:
        return Expression(_address(parent.alias, found.name, parent.declared.fields), found, (*parent.path, found.name))
    column = f'{parent.alias}."{found.name}"'
    return Expression(f"coalesce({column}, false)" if found.type == "boolean" else column, found, (*parent.path, found.name))


def _of_name(parent: Parent, name: str) -> Expression:
    found = next((item for item in (*_NAME_FIELDS, "Type") if item.lower() == name.lower()), None)
    if found is None:
        raise no_such_column(name, "Name")
    kind = {"Id": "id", "IsActive": "boolean"}.get(found, "string")
    declared = _NAME_TYPE if found == "Type" else Field(found, kind, found, length=255)
    return Expression(f'{parent.alias}."{found}"', declared, (*parent.path, found))


def _name_union(targets: list[SObject]) -> str:
    """The rows of several objects as one, with their type."""
    return " union all ".join(_name_rows(target) for target in targets)


def _name_rows(target: SObject) -> str:
    columns = (f'"{name}"' if name in target.fields else f'null::{_name_type(name)} as "{name}"' for name in _NAME_FIELDS)
    return f'select {", ".join(columns)}, \'{target.name}\' as "Type" from "{target.table}"'  # noqa: S608


def _name_type(name: str) -> str:
    return "boolean" if name == "IsActive" else "varchar"


def _address(alias: str, compound: str, fields: Mapping[str, Field]) -> str:
    """A compound address as a struct of its visible parts."""
    stem = compound.removesuffix("Address")
    parts = [item.name for item in fields.values() if item.compound == compound]
    packed = ", ".join(f'"{part.removeprefix(stem)[:1].lower()}{part.removeprefix(stem)[1:]}" := {alias}."{part}"' for part in parts)
    return f"struct_pack({packed})" if parts else "null"
