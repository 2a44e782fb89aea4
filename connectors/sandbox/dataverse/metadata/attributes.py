"""One column as `EntityDefinitions(...)/Attributes` shows it: what every kind has, what its kind adds, and its option set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.metadata.labels import label, managed
from connectors.sandbox.dataverse.schema_types import CHOICES, Attribute, Option, Table

Definition = dict[str, Any]
OPTION_SETS: Final = ("Picklist", "State", "Status", "Boolean", "MultiSelectPicklist")
_KINDS: Final = {"Customer": "Lookup", "Owner": "Lookup", "PartyList": "Lookup", "Uniqueidentifier": "UniqueIdentifier", "Virtual": ""}
_LENGTHS: Final = ("String", "Memo")
_NUMBERS: Final = ("Integer", "BigInt", "Decimal", "Double", "Money")


def kind_of(attribute: Attribute) -> str:
    """The metadata type without its namespace, e.g. `PicklistAttributeMetadata`."""
    return f"{_KINDS.get(attribute.type, attribute.type)}AttributeMetadata"


def definitions(table: Table, secured: frozenset[str]) -> list[Definition]:
    """All columns of a table, with the ones the platform derives from lookups and choices (`AttributeOf` says from which)."""
    found: list[Definition] = []
    for attribute in table.attributes.values():
        found.append(definition(table, attribute, f"{table.logical_name}.{attribute.logical_name}" in secured))
        found += [_derived(table, attribute, derived) for derived in _names_of(table, attribute)]
    return [{**item, "ColumnNumber": number} for number, item in enumerate(found, start=1)]


def definition(table: Table, attribute: Attribute, secured: bool) -> Definition:
    """One column."""
    party_list = attribute.type == "PartyList"
    return {
        "@odata.type": f"#Microsoft.Dynamics.CRM.{kind_of(attribute)}",
        **_common(table, attribute),
        "IsPrimaryId": attribute.primary_id,
        "IsPrimaryName": attribute.primary_name,
        "IsValidForRead": attribute.readable or party_list,
        "IsValidForCreate": attribute.creatable or party_list,
        "IsValidForUpdate": attribute.updatable or party_list,
        "IsSecured": attribute.secured or secured,
        "IsCustomAttribute": attribute.custom,
        "IsManaged": not attribute.custom,
        "RequiredLevel": managed(_required(attribute), "canmodifyrequirementlevelsettings"),
        "SourceType": 1 if attribute.expression else 0,
        **_own(table, attribute),
    }


def _common(table: Table, attribute: Attribute) -> Definition:
    multiple = attribute.type == "MultiSelectPicklist"
    return {
        "MetadataId": guid("attribute", f"{table.logical_name}.{attribute.logical_name}"),
        "LogicalName": attribute.logical_name,
        "SchemaName": attribute.schema_name or attribute.logical_name,
        "EntityLogicalName": table.logical_name,
        "AttributeOf": None,
        "AttributeType": "Virtual" if multiple else attribute.type,
        "AttributeTypeName": {"Value": f"{attribute.type}Type"},
        "DisplayName": label(attribute.label),
        "Description": label(attribute.description),
        "IsLogical": False,
        "IsValidForAdvancedFind": managed(True, "canmodifysearchsettings"),
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "IntroducedVersion": "5.0.0.0",
    }


def _required(attribute: Attribute) -> str:
    if attribute.primary_id:
        return "SystemRequired"
    return "ApplicationRequired" if attribute.required else "None"


def _own(table: Table, attribute: Attribute) -> Definition:
    """What only its kind has."""
    if attribute.type in _LENGTHS:
        return {"MaxLength": attribute.max_length, "Format": attribute.format, "FormatName": {"Value": attribute.format}}
    if attribute.type in _NUMBERS:
        return _range(attribute)
    if attribute.type == "DateTime":
        behavior = {"Value": attribute.behavior}
        return {
            "Format": attribute.format,
            "DateTimeBehavior": behavior,
            "CanChangeDateTimeBehavior": managed(False, "canchangedatetimebehavior"),
        }
    if kind_of(attribute) == "LookupAttributeMetadata":
        return {"Targets": list(attribute.targets), "Format": "None"}
    if attribute.type in OPTION_SETS:
        return {
            "DefaultFormValue" if attribute.type != "Boolean" else "DefaultValue": attribute.default,
            "OptionSet": option_set(table, attribute),
        }
    return {}


def _range(attribute: Attribute) -> Definition:
    """Limits of a number; `Precision` where it has decimals."""
    limits = {"MinValue": attribute.minimum, "MaxValue": attribute.maximum}
    return limits if attribute.type in ("Integer", "BigInt") else {**limits, "Precision": attribute.precision}


def option_set(table: Table, attribute: Attribute) -> Definition:
    """The values of a choice, or the two of a yes/no."""
    shared = {
        "MetadataId": guid("optionset", f"{table.logical_name}.{attribute.logical_name}"),
        "Name": f"{table.logical_name}_{attribute.logical_name}",
        "DisplayName": label(attribute.label),
        "IsGlobal": False,
        "IsCustomOptionSet": attribute.custom,
        "OptionSetType": attribute.type if attribute.type in (*CHOICES, "Boolean") else "Picklist",
    }
    options = [_option(attribute, item) for item in attribute.options]
    if attribute.type == "Boolean":
        return {**shared, "FalseOption": options[0], "TrueOption": options[1]}
    return {**shared, "Options": options}


def _option(attribute: Attribute, option: Option) -> Definition:
    shown: Definition = {"Value": option.value, "Label": label(option.label), "Description": label(""), "Color": None, "IsManaged": True}
    if attribute.type == "Status":
        return {"@odata.type": "#Microsoft.Dynamics.CRM.StatusOptionMetadata", **shown, "State": option.state}
    if attribute.type == "State":
        return {"@odata.type": "#Microsoft.Dynamics.CRM.StateOptionMetadata", **shown, "InvariantName": option.label}
    return shown


def _names_of(table: Table, attribute: Attribute) -> Iterable[tuple[str, str]]:
    """Columns that exist besides a lookup or a choice: its label and, where it may point at several tables, the kind of target."""
    derived = {f"{attribute.logical_name}name": "String" if attribute.is_lookup else "Virtual"}
    if attribute.polymorphic:
        derived[f"{attribute.logical_name}type"] = "EntityName"
    wanted: Mapping[str, str] = derived if attribute.is_lookup or attribute.type in OPTION_SETS else {}
    return [(name, kind) for name, kind in wanted.items() if name not in table.attributes]


def _derived(table: Table, attribute: Attribute, derived: tuple[str, str]) -> Definition:
    name, kind = derived
    made = Attribute(name, kind, attribute.label, max_length=100, format="Text", creatable=False, updatable=False)
    return {**definition(table, made, False), "AttributeOf": attribute.logical_name, "IsLogical": True}
