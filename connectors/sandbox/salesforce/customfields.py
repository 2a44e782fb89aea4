"""Custom fields as the Tooling API describes them (`Metadata`) and as `Field`s; fields of Activity belong to Task and Event alike."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

import duckdb

from connectors.sandbox.entered import Entered
from connectors.sandbox.salesforce.metadata import LONG_TEXT, Field, SObject
from connectors.sandbox.store import insert_row

FIELD_TYPES: Final[Mapping[str, str]] = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Lookup": "reference",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
}
ACTIVITY_OBJECTS: Final = ("Task", "Event")
_LENGTHS: Final[Mapping[str, int]] = {
    "TextArea": LONG_TEXT,
    "Email": 80,
    "Phone": 40,
    "Url": 255,
    "Picklist": 255,
    "MultiselectPicklist": 4099,
}


def owners(table: str) -> tuple[str, ...]:
    """The objects that carry a custom field declared on `table`."""
    return ACTIVITY_OBJECTS if table == "Activity" else (table,)


def field_of(api_name: str, metadata: Mapping[str, Any]) -> Field:
    """The `Field` a `Metadata` mapping declares."""
    kind = str(metadata["type"])
    values = _values(metadata)
    return Field(
        api_name,
        FIELD_TYPES[kind],
        str(metadata.get("label", api_name)),
        length=_length(kind, metadata),
        precision=int(metadata.get("precision") or 0),
        scale=int(metadata.get("scale") or 0),
        reference_to=(str(metadata["referenceTo"]),) if kind == "Lookup" else (),
        relationship_name=api_name.removesuffix("__c") + "__r" if kind == "Lookup" else None,
        values=tuple(str(item["fullName"]) for item in values),
        value_labels=tuple(str(item.get("label", item["fullName"])) for item in values),
        restricted=bool((metadata.get("valueSet") or {}).get("restricted", False)),
        nillable=kind != "Checkbox" and not metadata.get("required", False),
        default=_default(kind, metadata),
        custom=True,
        external_id=bool(metadata.get("externalId", False)),
        unique=bool(metadata.get("unique", False)),
        id_lookup=bool(metadata.get("externalId", False)),
        help_text=metadata.get("inlineHelpText"),
    )


@cache
def stored_field(api_name: str, metadata: str) -> Field:
    """`field_of` for the JSON text kept in the store."""
    return field_of(api_name, json.loads(metadata))


def _values(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    value_set = metadata.get("valueSet") or {}
    definition = value_set.get("valueSetDefinition") or {}
    return list(definition.get("value") or [])


def _length(kind: str, metadata: Mapping[str, Any]) -> int:
    if kind == "Lookup":
        return 18
    return int(metadata.get("length") or _LENGTHS.get(kind, 0))


def _default(kind: str, metadata: Mapping[str, Any]) -> str | None:
    if kind != "Checkbox":
        return None
    return "true" if str(metadata.get("defaultValue", "false")).lower() == "true" else "false"


def note(
    cursor: duckdb.DuckDBPyConnection, field_id: str, table: str, name: str, metadata: Mapping[str, Any], made: tuple[datetime, str]
) -> None:
    """The record of a field itself; `made`: when (naive UTC) and by which user."""
    now, user = made
    values = {
        "Id": field_id,
        "DeveloperName": name.removesuffix("__c"),
        "TableEnumOrId": table,
        "FullName": f"{table}.{name}",
        "Metadata": json.dumps(metadata),
        "Object": table,
        "ApiName": name,
        **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now),
        **dict.fromkeys(("CreatedById", "LastModifiedById"), user),
    }
    insert_row(cursor, "_fields", values)


def add_column(cursor: duckdb.DuckDBPyConnection, declared: SObject, field: Field, entered: Entered) -> None:
    """Add the column to an object's table, with what people had entered in it before, whatever prefix the org gave it."""
    default = f" default {field.default}" if field.type == "boolean" else ""
    cursor.execute(f'alter table "{declared.table}" add column "{field.name}" {field.column_type}{default}')
    meaning = _without_prefix(field.name)
    source = next((name for name in entered.columns(cursor, declared.name) if _without_prefix(name) == meaning), None)
    if source is None:
        return
    value = f'cast(e."{source}" as {field.column_type})'
    known = f"coalesce({value}, {field.default})" if field.type == "boolean" else value
    cursor.execute(
        f'update "{declared.table}" t set "{field.name}" = {known} from "_entered_{declared.name}" e where t."Id" = e."Id"'  # noqa: S608
    )


def _without_prefix(api_name: str) -> str:
    return api_name.partition("_")[2].lower()
