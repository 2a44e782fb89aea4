"""Rows for Salesforce: as text cells for a bulk CSV, as JSON records for Collections, and back.

Each row sends only the columns it names in `changed`. A null among them blanks the field: `#N/A` in CSV, null in JSON. A
checkbox has no blank in Salesforce, so a null yes/no is written as no.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.fields import FieldSpec, api_name, arrow_type, column
from connectors.rows import sent_mask

BLANK: Final = "#N/A"


def cells(rows: pa.Table, specs: Sequence[FieldSpec], prefix: str) -> pa.Table:
    """Text columns `Id` and the API names; null = not sent, `#N/A` = blank."""
    columns: dict[str, Any] = {"Id": rows["record_id"]}
    for spec in specs:
        text = _or_blank(_text(rows[column(spec)], spec))
        columns[api_name(spec, prefix)] = pc.if_else(sent_mask(rows["changed"], column(spec)), text, pa.scalar(None, pa.string()))
    return pa.table(columns)


def records(rows: pa.Table, specs: Sequence[FieldSpec], prefix: str) -> list[dict[str, Any]]:
    """JSON records of a few rows: `Id` and what each row sends."""
    names = {column(spec): api_name(spec, prefix) for spec in specs}
    booleans = {column(spec) for spec in specs if spec.kind == "boolean"}
    return [
        {"Id": row["record_id"], **{names[name]: _json(row[name], name in booleans) for name in row["changed"] if name in names}}
        for row in rows.to_pylist()
    ]


def table(found: Sequence[Mapping[str, Any]], specs: Sequence[FieldSpec], prefix: str) -> pa.Table:
    """JSON records as typed columns: record_id, then the columns of `specs`."""
    values: dict[str, Any] = {"record_id": pa.array([record["Id"] for record in found], pa.string())}
    for spec in specs:
        held = [record.get(api_name(spec, prefix)) for record in found]
        values[column(spec)] = _typed(held, spec)
    return pa.table(values)


def _text(values: Any, spec: FieldSpec) -> Any:
    if spec.kind == "boolean":
        values = pc.fill_null(values, False)
    return values.cast(arrow_type(spec)).cast(pa.string())


def _or_blank(text: Any) -> Any:
    """An empty cell would be left as it is, though an empty text is what Salesforce calls blank."""
    return pc.if_else(pc.fill_null(pc.equal(text, pa.scalar("")), True), BLANK, text)


def _json(value: Any, is_boolean: bool) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return False if value is None and is_boolean else value


def _typed(values: Sequence[Any], spec: FieldSpec) -> Any:
    if spec.kind == "date":
        return pa.array(values, pa.string()).cast(pa.date32())
    if spec.kind == "integer":
        return pa.array(values, pa.float64()).cast(pa.int64())
    return pa.array(values, arrow_type(spec))
