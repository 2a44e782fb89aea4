"""From the columns Salesforce sends to the columns we keep: Arrow types, derived columns, values that do not parse.

A value that is no date or number of the declared kind (old orgs hold such things, mapped fields too) becomes null and
is counted; it never stops a run and never turns a whole column to null.
"""

from collections.abc import Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.landing.kinds import ARROW_TYPES, SQL_TYPES
from connectors.salesforce.describe import VisibleColumn

PRIMARY_KEY: Final = "Id"
_SUBJECT_KINDS: Final = (
    ("call", "call:"),
    ("email", "email:"),
    ("meeting", "meeting:"),
    ("cancelled", "canceled:"),
    ("cancelled", "cancelled:"),
)


def stored_schema(columns: Sequence[VisibleColumn]) -> pa.Schema:
    """Arrow schema of the raw table; the key has no nulls and says so, as `RawTable.schema` has it."""
    fields = [(item.column.name, ARROW_TYPES[item.column.kind]) for item in columns]
    return pa.schema([pa.field(name, kind, nullable=name != PRIMARY_KEY) for name, kind in fields])


def sent_types(columns: Sequence[VisibleColumn], *, as_text: bool = False) -> dict[str, pa.DataType]:
    """Arrow types to parse a page with, by queried field; text where kinds differ (or everywhere) for `converted`."""
    return {item.column.selected: pa.string() if as_text else _sent_type(item) for item in columns}


def _sent_type(item: VisibleColumn) -> pa.DataType:
    kinds = {item.column.kind, item.sent_as}
    if item.column.derived_from or len(kinds) > 1:
        return pa.string()
    return ARROW_TYPES[item.column.kind]


def stored(table: pa.Table, columns: Sequence[VisibleColumn]) -> tuple[pa.Table, dict[str, int]]:
    """The page as it is kept, and per column the values that could not be read; fields of derived columns are gone."""
    shaped = pa.Table.from_arrays([_value(table, item) for item in columns], names=[item.column.name for item in columns])
    texts = [item for item in columns if shaped.schema.field(item.column.name).type != ARROW_TYPES[item.column.kind]]
    return (converted(shaped, texts), _failures(shaped, texts)) if texts else (shaped, {})


def _value(table: pa.Table, item: VisibleColumn) -> Any:
    values = table.column(item.column.selected)
    return subject_kind(values) if item.column.derived_from else values


def subject_kind(subjects: Any) -> Any:
    """call, email, meeting, cancelled by how the subject begins (any case), else null."""
    tests: list[Any] = [pc.fill_null(pc.starts_with(subjects, prefix, ignore_case=True), False) for _, prefix in _SUBJECT_KINDS]
    cases = pc.make_struct(*tests, field_names=[prefix for _, prefix in _SUBJECT_KINDS])
    return pc.case_when(cases, *(pa.scalar(kind) for kind, _ in _SUBJECT_KINDS))


def converted(table: pa.Table, texts: Sequence[VisibleColumn]) -> pa.Table:
    """`table` with the text columns cast to their declared kinds, null where that is impossible."""
    casts = ", ".join(f'try_cast("{item.column.name}" as {SQL_TYPES[item.column.kind]}) as "{item.column.name}"' for item in texts)
    result = _query(table, f"select * replace ({casts}) from page")  # noqa: S608
    shaped: pa.Table = result.cast(pa.schema([_field(table, name, texts) for name in table.column_names]))
    return shaped


def _field(table: pa.Table, name: str, texts: Sequence[VisibleColumn]) -> Any:
    declared = {item.column.name: ARROW_TYPES[item.column.kind] for item in texts}
    return pa.field(name, declared.get(name, table.schema.field(name).type))


def _failures(table: pa.Table, texts: Sequence[VisibleColumn]) -> dict[str, int]:
    counts = ", ".join(
        f'count("{item.column.name}") - count(try_cast("{item.column.name}" as {SQL_TYPES[item.column.kind]}))' for item in texts
    )
    row = _query(table, f"select {counts} from page").to_pylist()[0]  # noqa: S608
    return {item.column.name: int(count) for item, count in zip(texts, row.values(), strict=True) if count}


def _query(page: pa.Table, sql: str) -> Any:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("page", page)
        result: Any = connection.sql(sql).to_arrow_table()
        return result
