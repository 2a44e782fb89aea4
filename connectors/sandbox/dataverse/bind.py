"""What the properties of a JSON row mean for its table: values, bindings of lookups, rows to be created with it, or nothing at all.

`name`                      a value; of a column the platform keeps itself it is passed over in silence, as the real service does
`nav@odata.bind`            the row a lookup points to, as address; `nav` is case-sensitive and decides the target's table
`nav`: null                 blanks the lookup
`collection`: [rows]        children created (or, for activity parties, put in place) with the row
`@...`, `x@...`             annotations, passed over
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.sandbox.dataverse.cells import GUID, Convert, converter
from connectors.sandbox.dataverse.errors import DataverseError, bad_payload, no_such_segment
from connectors.sandbox.dataverse.schema_activities import PARTY
from connectors.sandbox.dataverse.schema_types import Attribute, Table

BIND: Final = "@odata.bind"
_ADDRESS: Final = re.compile(r"(?:https?://[^/]+/api/data/v9\.\d/)?/?(\w+)\(([^()]*)\)")
Catalog = Mapping[str, Table]


@dataclass(frozen=True)
class Value:
    """A property that is a value of a column."""

    attribute: Attribute
    convert: Convert


@dataclass(frozen=True)
class Reference:
    """A property that points a lookup at a row of one of `targets` (or blanks it)."""

    attribute: Attribute
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Children:
    """A property that holds rows of `table`; each points back by the property `bind` at a row of `parent_set`."""

    table: str
    bind: str
    parent_set: str

    @property
    def parties(self) -> bool:
        """True when they are the parties of an activity."""
        return self.table == PARTY.logical_name


@dataclass(frozen=True)
class Nothing:
    """A property without effect."""


Meaning = Value | Reference | Children | Nothing


def meaning(table: Table, name: str, catalog: Catalog, *, creating: bool) -> Meaning:
    """What a property of a row of this table is; raises DataverseError (0x80048d19) for one the table does not have."""
    if name.endswith(BIND):
        return _bound(table, name.removesuffix(BIND), creating)
    if "@" in name:
        return Nothing()
    if name in table.navigation:
        return _bound(table, name, creating)
    if name in table.collections:
        return _children(table, catalog, *table.collections[name])
    attribute = table.columns.get(name)
    if attribute is None or attribute.is_lookup:
        raise _undeclared(table, name)
    return Value(attribute, converter(table.logical_name, attribute)) if _writable(attribute, creating) else Nothing()


def _children(table: Table, catalog: Catalog, child: str, lookup: str) -> Children:
    attribute = catalog[child].attributes[lookup]
    navigation = dict(zip(attribute.targets, attribute.navigation, strict=True))[table.logical_name]
    return Children(child, navigation + BIND, table.entity_set)


def _bound(table: Table, name: str, creating: bool) -> Meaning:
    attribute = table.navigation.get(name)
    if attribute is None:
        raise bad_payload(
            f"An undeclared property '{name}' which only has property annotations in the payload but no property value was found in the"
            " payload. In OData, only declared navigation properties and declared named streams can be represented as properties"
            " without values."
        )
    targets = tuple(target for target, known in zip(attribute.targets, attribute.navigation, strict=True) if known == name)
    return Reference(attribute, targets) if _writable(attribute, creating) else Nothing()


def _writable(attribute: Attribute, creating: bool) -> bool:
    return attribute.creatable if creating else attribute.updatable


def _undeclared(table: Table, name: str) -> DataverseError:
    return bad_payload(
        f"The property '{name}' does not exist on type 'Microsoft.Dynamics.CRM.{table.logical_name}'. Make sure to only use property names"
        " that are defined by the type."
    )


def address(value: Any, targets: tuple[str, ...], catalog: Catalog) -> tuple[str, str]:
    """Logical name and id of the row that a binding names, e.g. `/accounts(<guid>)`.

    Raises:
        DataverseError: not an address (0x80048d19), or of a table the property does not lead to.
        QueryError: no such entity set.
    """
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None or not GUID.fullmatch(match[2]):
        raise bad_payload("The value of a binding must be the address of a row, such as '/accounts(00000000-0000-0000-0000-000000000001)'.")
    table = next((item for item in catalog.values() if item.entity_set == match[1]), None)
    if table is None:
        raise no_such_segment(match[1])
    if table.logical_name not in targets:
        raise bad_payload(f"A row of '{match[1]}' cannot be bound here: expected {' or '.join(targets)}.")
    return table.logical_name, match[2].lower()
