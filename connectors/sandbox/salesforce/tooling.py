"""The Tooling API's CustomField: creating one adds a column, and fills it with what people "had entered" in it.

A new field is closed to everybody until FieldPermissions open it; see `permissions.py`.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.api import Call, json_response
from connectors.sandbox.salesforce.customfields import FIELD_TYPES, add_column, field_of, note, owners
from connectors.sandbox.salesforce.describe import describe, global_describe
from connectors.sandbox.salesforce.errors import SalesforceError, malformed_body, not_found
from connectors.sandbox.salesforce.metadata import Field, SObject
from connectors.sandbox.salesforce.schema import DATA_OBJECTS, TOOLING
from connectors.sandbox.salesforce.shape import records_of
from connectors.sandbox.salesforce.soql import compile_query

_API_NAME: Final = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
LONGEST_NAME: Final = 43
LONGEST_LABEL: Final = 40
MOST_DIGITS: Final = 18
TABLES: Final = frozenset({*DATA_OBJECTS, "Activity"})
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "Lookup": ("referenceTo", "relationshipName"),
}


def objects(call: Call) -> dict[str, Any]:
    """GET /tooling/sobjects"""
    return global_describe(TOOLING, f"{call.base}/tooling")


def describe_custom_field(call: Call) -> dict[str, Any]:
    """GET /tooling/sobjects/CustomField/describe"""
    return describe(TOOLING["CustomField"], TOOLING, f"{call.base}/tooling")


def read_custom_field(call: Call) -> dict[str, Any]:
    """GET /tooling/sobjects/CustomField/Id"""
    known = ids.normal(call.path("id"))
    names = ", ".join(TOOLING["CustomField"].fields)
    if known is None:
        raise not_found()
    text = f"SELECT {names} FROM CustomField WHERE Id = '{known}'"  # noqa: S608
    compiled = compile_query(text, call.access, dialect="tooling")
    shown = records_of(call.store, compiled, call.store.arrow(compiled.record_sql, compiled.params), f"{call.base}/tooling")
    if not shown:
        raise not_found()
    return shown[0]


def create_custom_field(call: Call) -> Response:
    """POST /tooling/sobjects/CustomField"""
    if not call.access.restrictions.customize:
        raise SalesforceError("INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id", fields=[])
    body = call.json_object()
    metadata = body.get("Metadata")
    if not isinstance(metadata, dict):
        raise malformed_body("Cannot deserialize instance of complexvalue Metadata from this JSON value")
    table, api_name = _checked_name(str(body.get("FullName", "")))
    _check_metadata(call, metadata)
    field_id = _add(call, table, field_of(api_name, metadata), metadata)
    return json_response({"id": field_id, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def _checked_name(full_name: str) -> tuple[str, str]:
    table, _, api_name = full_name.partition(".")
    if table not in TABLES or not api_name:
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION", f"Entity Enumeration Or ID: bad value for restricted picklist field: {table}", "FullName"
        )
    if not _API_NAME.fullmatch(api_name) or len(api_name) > LONGEST_NAME:
        raise _refused(
            "INVALID_INPUT", f"The field name you provided {api_name} on object {table} is not a valid, required format", "FullName"
        )
    return table, api_name


def _check_metadata(call: Call, metadata: Mapping[str, Any]) -> None:
    kind = metadata.get("type")
    if kind not in FIELD_TYPES:
        raise _refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Type: bad value for restricted picklist field: {kind}", "type")
    for name in ("label", *_NEEDED.get(str(kind), ())):
        if metadata.get(name) is None:
            raise _refused("FIELD_INTEGRITY_EXCEPTION", f"Must specify '{name}' for a CustomField of type {kind}", name)
    if len(str(metadata["label"])) > LONGEST_LABEL:
        raise _refused("STRING_TOO_LONG", f"Label: data value too large: {metadata['label']} (max length={LONGEST_LABEL})", "label")
    if int(metadata.get("precision") or 0) > MOST_DIGITS:
        raise _refused("INVALID_INPUT", f"precision may be {MOST_DIGITS} at most", "precision")
    if kind == "Lookup" and call.store.sobject(str(metadata["referenceTo"])) is None:
        raise _refused(
            "FIELD_INTEGRITY_EXCEPTION", f"referenceTo value of '{metadata['referenceTo']}' does not resolve to a valid sObject type", ""
        )


def _refused(code: str, message: str, field: str) -> SalesforceError:
    return SalesforceError(code, message, fields=[field] if field else [])


def _add(call: Call, table: str, field: Field, metadata: Mapping[str, Any]) -> str:
    """Add the column and its record in one transaction; the next one sees the catalog with it."""
    store = call.store
    with store.lock:
        for owner in owners(table):
            _refuse_existing(store.catalog[owner], field, table)
        field_id = store.new_ids("00N", 1)[0]
        with store.write() as cursor:
            for owner in owners(table):
                add_column(cursor, store.catalog[owner], field, store.entered)
            note(cursor, field_id, table, field.name, metadata, (store.stamp(), call.access.user_id))
        store.refresh_catalog()
    return field_id


def _refuse_existing(declared: SObject, field: Field, table: str) -> None:
    if field.name.lower() in declared.by_lower_name:
        raise _refused(
            "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {field.name.removesuffix('__c')} on {table}.", "FullName"
        )
