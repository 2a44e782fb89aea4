"""What of the specs this environment shows to this user today: its own definitions decide on every run, nothing is remembered.

    EntityDefinitions with columns, one request -> may each table be read, for the whole organisation? how are dates sent? may
    secured columns be read? (all at once) -> labels of the choices that are read (`choices`)

Definitions are shown to everybody, so a table that is defined may still be refused and a secured column still be blank; both are
tried. What cannot be read is unknown, never empty: an optional one is not selected and reported, a required one stops the run
before the first page. Selected are only columns that are values of their own (`AttributeOf` is null) and may be read.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from connectors.dynamics.choices import labels
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.readable import may_read, readable_columns
from connectors.dynamics.specs import IS_DELETED, AttributeKind, Column, TableSpec
from connectors.errors import MissingPermission
from connectors.landing.kinds import ColumnKind
from connectors.landing.tables import RawTable

SYSTEM_DATES: Final = frozenset({"createdon", "modifiedon"})
"""Instants in every environment; how other dates are sent is the environment's choice."""
_TABLE: Final = "LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled"
_COLUMN: Final = "LogicalName,AttributeType,AttributeTypeName,AttributeOf,IsValidForRead,IsSecured"
_KINDS: Final[Mapping[str, AttributeKind]] = {
    "StringType": "text",
    "MemoType": "text",
    "UniqueidentifierType": "text",
    "EntityNameType": "text",
    "BooleanType": "boolean",
    "IntegerType": "integer",
    "BigIntType": "integer",
    "DecimalType": "number",
    "DoubleType": "number",
    "MoneyType": "number",
    "DateTimeType": "datetime",
    "LookupType": "lookup",
    "CustomerType": "typed_lookup",
    "OwnerType": "typed_lookup",
    "PicklistType": "choice",
    "StateType": "choice",
    "StatusType": "choice",
    "MultiSelectPicklistType": "choices",
}
_LOOKUPS: Final = ("lookup", "typed_lookup")


@dataclass(frozen=True)
class VisibleColumn:
    """A column that can be read, and the kind the environment sends it in (which may differ where a column is mapped).

    `type`: its metadata type without the namespace, e.g. `Picklist`, which says where its labels are.
    """

    column: Column
    kind: AttributeKind
    type: str = ""


@dataclass(frozen=True)
class VisibleTable:
    """One table as this user sees it. `tracked`: change tracking is on. `hidden` columns are unknown, `missing` ones are required."""

    spec: TableSpec
    entity_set: str
    primary_id: str
    columns: tuple[VisibleColumn, ...]
    hidden: tuple[str, ...]
    missing: tuple[str, ...]
    tracked: bool

    @property
    def name(self) -> str:
        """Logical name, and name of the raw table."""
        return self.spec.name

    @property
    def select(self) -> Sequence[str]:
        """What `$select` asks for."""
        return [visible.column.selected for visible in self.columns]

    @property
    def raw(self) -> RawTable:
        """The raw table these columns make."""
        columns: dict[str, ColumnKind] = {}
        for visible in self.columns:
            columns.update(visible.column.raw(visible.kind))
        return RawTable(self.name, {**columns, IS_DELETED: "boolean"}, self.primary_id, self.spec.cursor, IS_DELETED)


@dataclass(frozen=True)
class Catalog:
    """All tables of the specs: those that can be read, and those that cannot with the reason; `refused` are those no run can do without.

    `choices`: labels of the choice columns that are read, as `choices.labels` gives them.
    """

    tables: tuple[VisibleTable, ...]
    absent: Mapping[str, str]
    refused: tuple[str, ...]
    choices: pa.Table

    def require(self) -> None:
        """Raise `MissingPermission` in one line when a table or column no run can do without cannot be read."""
        complaints = [f"table {name} ({self.absent[name]})" for name in self.refused]
        complaints += [f"column {table.name}.{name}" for table in self.tables for name in table.missing]
        if complaints:
            raise MissingPermission(
                f"not readable for the application user: {', '.join(complaints)}; give its security role read access to the tables at"
                " organisation level, and a column security profile where columns are secured"
            )


def catalog(client: DynamicsClient, specs: Sequence[TableSpec]) -> Catalog:
    """Ask the environment what of `specs` it has and shows. Raises CrmError."""
    found = _definitions(client, specs)
    present = [spec for spec in specs if spec.name in found]
    with ThreadPoolExecutor(client.gate.width) as pool:
        tried = pool.map(lambda spec: may_read(client, found[spec.name]), present)
        shown = pool.map(lambda spec: _visible_table(client, spec, found[spec.name]), present)
        reasons = {spec.name: reason for spec, reason in zip(present, tried, strict=True) if reason}
        tables = tuple(table for table in shown if table.name not in reasons)
        choices = labels(client, pool, [(table.name, _choice_types(table)) for table in tables])
    lacking = {
        spec.name: f"not in this environment (comes with {spec.feature or 'Dynamics 365'})" for spec in specs if spec.name not in found
    }
    absent = {spec.name: {**lacking, **reasons}[spec.name] for spec in specs if spec.name in lacking or spec.name in reasons}
    return Catalog(tables, absent, tuple(spec.name for spec in specs if spec.required and spec.name in absent), choices)


def _definitions(client: DynamicsClient, specs: Sequence[TableSpec]) -> Mapping[str, Mapping[str, Any]]:
    """Definitions of those tables the environment has, with their columns, by logical name."""
    named = " or ".join(f"LogicalName eq '{spec.name}'" for spec in specs)
    params = {"$select": _TABLE, "$filter": named, "$expand": f"Attributes($select={_COLUMN})"}
    return {item["LogicalName"]: item for item in client.get_json("EntityDefinitions", params)["value"]}


def _visible_table(client: DynamicsClient, spec: TableSpec, definition: Mapping[str, Any]) -> VisibleTable:
    """The columns of `spec` that can be read today."""
    held = {item["LogicalName"]: item for item in definition["Attributes"] if item["IsValidForRead"] and not item["AttributeOf"]}
    known = [(column, held[column.name]) for column in spec.columns if column.name in held and _can_hold(column, held[column.name])]
    readable = readable_columns(client, definition["EntitySetName"], [column.selected for column, item in known if item["IsSecured"]])
    days = _days(client, spec, [column.name for column, item in known if _type(item) == "DateTimeType"])
    shown = tuple(
        VisibleColumn(column, _kind(column, item, days), _type(item).removesuffix("Type"))
        for column, item in known
        if not item["IsSecured"] or column.selected in readable
    )
    unseen = [column for column in spec.columns if column not in {visible.column for visible in shown}]
    return VisibleTable(
        spec=spec,
        entity_set=definition["EntitySetName"],
        primary_id=definition["PrimaryIdAttribute"],
        columns=shown,
        hidden=tuple(column.name for column in unseen if not column.required),
        missing=tuple(column.name for column in unseen if column.required),
        tracked=bool(definition["ChangeTrackingEnabled"]),
    )


def _type(attribute: Mapping[str, Any]) -> str:
    """The type's name: a choice of several values, for instance, is `Virtual` by `AttributeType`."""
    return str((attribute.get("AttributeTypeName") or {}).get("Value") or f"{attribute['AttributeType']}Type")


def _can_hold(column: Column, attribute: Mapping[str, Any]) -> bool:
    """Whether it has values at all, and of a kind the column can keep."""
    kind = _KINDS.get(_type(attribute))
    return kind is not None and column.accepts(kind)


def _kind(column: Column, attribute: Mapping[str, Any], days: frozenset[str]) -> AttributeKind:
    """The kind it is sent in; whether a lookup may lead to several tables is the spec's to say."""
    kind = _KINDS[_type(attribute)]
    if kind in _LOOKUPS and column.kind in _LOOKUPS:
        return column.kind
    return "date" if column.name in days else kind


def _days(client: DynamicsClient, spec: TableSpec, names: Sequence[str]) -> frozenset[str]:
    """Those of these columns that are days without a time, by `DateTimeBehavior`."""
    if not set(names) - SYSTEM_DATES:
        return frozenset()
    path = f"EntityDefinitions(LogicalName='{spec.name}')/Attributes/Microsoft.Dynamics.CRM.DateTimeAttributeMetadata"
    found = client.get_json(path, {"$select": "LogicalName,DateTimeBehavior"})["value"]
    return frozenset(item["LogicalName"] for item in found if (item.get("DateTimeBehavior") or {}).get("Value") == "DateOnly")


def _choice_types(table: VisibleTable) -> Mapping[str, str]:
    """Choice columns and their metadata types."""
    return {visible.column.name: visible.type for visible in table.columns if visible.kind in ("choice", "choices")}
