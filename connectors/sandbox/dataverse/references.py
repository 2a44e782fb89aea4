"""Who points at a table: every lookup of every table that may hold its rows. Merges move them, deletes follow or blank them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.sandbox.dataverse.schema_types import Attribute, Table

AUDIT: Final = frozenset({"createdby", "modifiedby", "masterid", "owninguser", "owningteam"})
"""Lookups that tell history; what they point at may be gone."""


@dataclass(frozen=True)
class Link:
    """A lookup of a child table that may hold rows of the parent."""

    child: Table
    attribute: Attribute
    parent: str

    def where(self, ids: str) -> str:
        """SQL: the child's rows that point at one of `ids` (a subquery or list)."""
        kind = f" and \"{self.attribute.type_column}\" = '{self.parent}'" if self.attribute.type_column else ""
        return f'"{self.attribute.column}" in {ids}{kind}'


def links_to(catalog: Mapping[str, Table], parent: str) -> Iterator[Link]:
    """Every link to a table, but for those that tell history."""
    for child in catalog.values():
        if child.view:
            continue
        for attribute in child.attributes.values():
            if attribute.is_lookup and parent in attribute.targets and attribute.logical_name not in AUDIT:
                yield Link(child, attribute, parent)


def touched(child: Table, now: datetime) -> str:
    """SQL: what changes in a row besides the columns of the change itself."""
    stamp = f"modifiedon = timestamp '{now.isoformat(sep=' ')}', " if child.has_modifiedon else ""
    return f"{stamp}versionnumber = nextval('_versions')"
