"""The kinds of column a raw table has, and what each is called in Arrow, in DuckDB and in dlt."""

from collections.abc import Mapping
from typing import Final, Literal

import pyarrow as pa

ColumnKind = Literal["text", "boolean", "integer", "number", "date", "datetime"]

ARROW_TYPES: Final[Mapping[ColumnKind, pa.DataType]] = {
    "text": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", "UTC"),
}
SQL_TYPES: Final[Mapping[ColumnKind, str]] = {
    "text": "varchar",
    "boolean": "boolean",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamptz",
}
DLT_TYPES: Final[Mapping[ColumnKind, str]] = {
    "text": "text",
    "boolean": "bool",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamp",
}
