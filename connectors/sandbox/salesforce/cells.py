"""Incoming records as one Arrow table of text cells, whether they came as JSON or as CSV.

A null cell leaves the field as it is, `CLEAR` blanks it, anything else is the value as text.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.salesforce.errors import malformed_body

CLEAR: Final = "\x1a"
BLANK_IN_CSV: Final = "#N/A"


def from_json(records: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Records of a JSON body; null and the empty text blank a field, a missing key leaves it."""
    names = list(dict.fromkeys(name for record in records for name in record if name != "attributes"))
    columns = {name: pa.array([_text(record[name]) if name in record else None for record in records], pa.string()) for name in names}
    return pa.table(columns) if columns else _empty_rows(len(records))


def from_csv(table: pa.Table) -> pa.Table:
    """Text columns of an ingest file: an empty cell is left alone, `#N/A` blanks."""
    return pa.table({name: _csv_column(table.column(name)) for name in table.column_names})


def _csv_column(column: Any) -> Any:
    text = column.cast(pa.string())
    kept = pc.if_else(pc.equal(text, pa.scalar("")), pa.scalar(None, pa.string()), text)
    return pc.if_else(pc.equal(kept, pa.scalar(BLANK_IN_CSV)), CLEAR, kept)


def _text(value: Any) -> str:
    if value is None or value == "":
        return CLEAR
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise malformed_body("Cannot deserialize a field value from this JSON value: expected a text, a number, a boolean or null")


def _empty_rows(count: int) -> pa.Table:
    return pa.table({"Id": pa.nulls(count, pa.string())})
