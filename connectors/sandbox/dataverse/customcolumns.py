"""Columns made at run time get what people had entered before: side tables `_entered_<table>(<key>, <logical name>...)`.

A choice is kept there as the position of its value (0, 1, ...), several as text `0;2`; everything else as the value itself.
"""

import duckdb

from connectors.sandbox.dataverse.schema_types import Attribute


def fill_entered(cursor: duckdb.DuckDBPyConnection, table: str, primary_id: str, attribute: Attribute) -> None:
    """Copy the entered values of one column; touched rows keep their version, as the values were always there."""
    cursor.execute(
        f'update "{table}" t set "{attribute.column}" = {_value(attribute)} from "_entered_{table}" e '  # noqa: S608
        f'where t."{primary_id}" = e."{primary_id}" and e."{attribute.logical_name}" is not null'
    )


def _value(attribute: Attribute) -> str:
    given, values = f'e."{attribute.logical_name}"', [item.value for item in attribute.options]
    if attribute.type == "Picklist":
        return f"{values}[{given} + 1]"
    if attribute.type == "MultiSelectPicklist":
        return f"array_to_string(list_transform(string_split({given}, ';'), lambda p: {values}[p::integer + 1]), ',')"
    return given
