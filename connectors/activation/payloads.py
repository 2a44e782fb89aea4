"""Payloads in SQL: the ledger's JSON objects of output columns, taken apart into typed columns and put together again.

One parse per payload, whatever the number of its columns: extracting 25 values one by one costs ten times as much. The
functions are DuckDB's (`from_json`, `struct_extract`, `json_object`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from connectors.fields import FieldSpec, column

Expression = sa.ColumnElement[Any]
TYPES: Final[Mapping[str, sa.types.TypeEngine[Any]]] = {
    "number": sa.Double(),
    "integer": sa.BigInteger(),
    "date": sa.Date(),
    "boolean": sa.Boolean(),
}
_PARSED: Final[Mapping[str, str]] = {"number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}


def sql_type(spec: FieldSpec) -> sa.types.TypeEngine[Any]:
    """SQL type of the field's values."""
    return TYPES.get(spec.kind, sa.String())


def parsed(payload: Expression, specs: Sequence[FieldSpec]) -> Expression:
    """The payload as one structured value; select it in a subquery, then take fields from it with `field_of`."""
    shape = {column(spec): _PARSED.get(spec.kind, "VARCHAR") for spec in specs}
    return sa.func.from_json(payload, sa.literal_column(f"'{json.dumps(shape)}'"))


def field_of(value: Expression, spec: FieldSpec) -> Expression:
    """One field of a parsed payload, in its own type; null when it is blank or not in the payload."""
    return sa.cast(sa.func.struct_extract(value, sa.literal_column(f"'{column(spec)}'")), sql_type(spec))


def payload_of(values: Mapping[str, Expression]) -> Expression:
    """A JSON object of these columns, blanks included."""
    parts = [part for name, value in values.items() for part in (sa.literal_column(f"'{name}'"), value)]
    return sa.cast(sa.func.json_object(*parts), sa.JSON)
