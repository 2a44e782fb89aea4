"""Is this constant right for that field, and as what value does it reach the database."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.errors import QueryError
from connectors.sandbox.salesforce.metadata import Field
from connectors.sandbox.salesforce.soql import tree

Family = Literal["text", "id", "boolean", "number", "date", "datetime"]
Value = str | float | bool | date | datetime | None

_FAMILIES: Final[Mapping[str, Family]] = {
    "id": "id",
    "reference": "id",
    "boolean": "boolean",
    "int": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
}
_ACCEPTED: Final[Mapping[Family, frozenset[str]]] = {
    "text": frozenset({"string", "null"}),
    "id": frozenset({"string", "null"}),
    "boolean": frozenset({"boolean", "null"}),
    "number": frozenset({"number", "null"}),
    "date": frozenset({"date", "range", "null"}),
    "datetime": frozenset({"datetime", "range", "null"}),
}
_SOAP_NAMES: Final = {
    "datetime": "dateTime",
    "currency": "double",
    "percent": "double",
    "picklist": "string",
    "reference": "ID",
    "id": "ID",
}


def family(field: Field) -> Family:
    """How values of a field compare."""
    return _FAMILIES.get(field.type, "text")


def plain(text: str) -> str:
    r"""A string literal outside LIKE: `\\`, `\%` and `\_` are the bare characters."""
    return re.sub(r"\\([\\%_])", r"\1", text)


def bound(field: Field, literal: tree.Literal) -> Value:
    """The value to bind; raises INVALID_FIELD or INVALID_QUERY_FILTER_OPERATOR when the constant does not fit."""
    kind = family(field)
    if literal.kind not in _ACCEPTED[kind]:
        raise _wrong_type(field, kind)
    if kind == "id" and isinstance(literal.value, str):
        return _record_id(literal.value)
    return plain(literal.value) if isinstance(literal.value, str) and literal.kind == "string" else literal.value


def _wrong_type(field: Field, kind: Family) -> QueryError:
    quotes = "should be enclosed in quotes" if kind in ("text", "id") else "should not be enclosed in quotes"
    name = _SOAP_NAMES.get(field.type, "string" if kind == "text" else field.type)
    return QueryError("INVALID_FIELD", f"value of filter criterion for field '{field.name}' must be of type {name} and {quotes}")


def _record_id(text: str) -> str | None:
    if not text:
        return None
    found = ids.normal(text)
    if found is None:
        raise QueryError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return found
