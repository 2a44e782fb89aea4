"""What of the specs this org shows to this user today: describe decides on every run, nothing is remembered.

A field hidden by field-level security is absent from describe. An optional one is then not selected and reported; a
required one stops the run before the first job. Compound and binary types are never selected: bulk refuses them.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from simple_salesforce.api import Salesforce

from connectors.errors import MissingPermission
from connectors.landing.kinds import ColumnKind
from connectors.salesforce.specs import Column, ObjectSpec

NOT_SELECTABLE: Final = frozenset({"address", "location", "base64", "complexvalue", "JunctionIdList", "json"})
_KINDS: Final[Mapping[str, ColumnKind]] = {
    "boolean": "boolean",
    "int": "integer",
    "long": "integer",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
}


@dataclass(frozen=True)
class VisibleColumn:
    """A column of the raw table and the kind Salesforce sends it in (which may differ where a field is mapped)."""

    column: Column
    sent_as: ColumnKind


@dataclass(frozen=True)
class VisibleObject:
    """One object as this user sees it. `replicateable` says whether the delete log knows it.

    `formulas` are columns whose values change without the row being stamped: only reading everything shows that.
    """

    spec: ObjectSpec
    columns: tuple[VisibleColumn, ...]
    hidden: tuple[str, ...]
    missing: tuple[str, ...]
    replicateable: bool
    formulas: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the raw table, in order."""
        return tuple(visible.column.name for visible in self.columns)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Columns of the raw table with their kinds, in order."""
        return tuple(f"{visible.column.name} {visible.column.kind}" for visible in self.columns)


@dataclass(frozen=True)
class Catalog:
    """All objects of the specs: those the org has, and those it lacks with the reason."""

    objects: tuple[VisibleObject, ...]
    absent: Mapping[str, str]

    def require(self) -> None:
        """Raise `MissingPermission` in one line when an object or field no run can do without is not visible."""
        complaints = [f"field {item.spec.name}.{name}" for item in self.objects for name in item.missing]
        complaints += [f"object {name}" for name, reason in self.absent.items() if not reason]
        if complaints:
            raise MissingPermission(
                f"not visible to the integration user: {', '.join(complaints)}; give its permission set read access to them"
                " (field-level security of each field, Read and View All on each object, and Access Activities)"
            )


def catalog(rest: Salesforce, specs: Sequence[ObjectSpec], workers: int = 4) -> Catalog:
    """Describe the org's objects that are in `specs`; one call for the list and one per object."""
    listed = {item["name"] for item in (rest.describe() or {}).get("sobjects", []) if item.get("queryable", True)}
    present = [spec for spec in specs if spec.name in listed]
    with ThreadPoolExecutor(workers) as pool:
        described = tuple(pool.map(lambda spec: visible_object(spec, getattr(rest, spec.name).describe()), present))
    absent = {spec.name: _absence(spec) for spec in specs if spec.name not in listed}
    return Catalog(described, absent)


def _absence(spec: ObjectSpec) -> str:
    """Why an object may be missing; empty when the run cannot do without it."""
    return "" if spec.required else f"not in this org, or not visible to the integration user (comes with {spec.feature})"


def visible_object(spec: ObjectSpec, described: Mapping[str, Any]) -> VisibleObject:
    """The columns of `spec` that this describe shows."""
    types = {field["name"]: field["type"] for field in described["fields"] if field["type"] not in NOT_SELECTABLE}
    computed = {field["name"] for field in described["fields"] if field.get("calculated") and field.get("custom")}
    shown = tuple(VisibleColumn(item, _KINDS.get(types[item.selected], "text")) for item in spec.columns if item.selected in types)
    return VisibleObject(
        spec=spec,
        columns=shown,
        hidden=_names(item for item in spec.columns if item.selected not in types and not item.required and not item.of_feature),
        missing=_names(item for item in spec.columns if item.selected not in types and item.required),
        replicateable=bool(described.get("replicateable", False)),
        formulas=tuple(item.column.name for item in shown if item.column.selected in computed),
    )


def _names(columns: Iterable[Column]) -> tuple[str, ...]:
    return tuple(item.name for item in columns)
