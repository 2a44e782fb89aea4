"""Rows for Dataverse as JSON text, and its rows back as typed columns.

All rows of a push are turned into text by one DuckDB query, not by a loop over them: a request is then only a join of texts.
Each row holds only the columns it names in `changed`, every one with a comma before it. A null among them is an explicit blank. Choices
go by number, lookups by the property they are bound by, numbers at the decimals of their column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.dynamics.column_metadata import TABLES, TYPE, Table
from connectors.dynamics.specs import logical_name
from connectors.fields import Entity, FieldSpec, arrow_type, column

BIND: Final = "@odata.bind"


@dataclass(frozen=True)
class Target:
    """How one table of this environment takes our fields, all mappings by column (lower case, as in enrichment tables).

    options: the number of each choice in the contract's order; bindings: the property a lookup is bound by.
    """

    entity: Entity
    prefix: str
    options: Mapping[str, Sequence[int]]
    bindings: Mapping[str, str]

    @property
    def table(self) -> Table:
        """Its names in the API."""
        return TABLES[self.entity]

    @property
    def type_name(self) -> str:
        """What every row of a request of many must carry."""
        return f"{TYPE}{self.table.logical_name}"

    def selected(self, spec: FieldSpec) -> str:
        """What `$select` calls a field."""
        name = logical_name(spec, self.prefix)
        return f"_{name}_value" if spec.kind == "lookup" else name

    def sent(self, spec: FieldSpec) -> str:
        """The property a field is written as."""
        return self.bindings[column(spec)] + BIND if spec.kind == "lookup" else logical_name(spec, self.prefix)


def bodies(rows: pa.Table, specs: Sequence[FieldSpec], target: Target) -> pa.Table:
    """record_id, parent_id and `body` (text) of each row, in the order of `rows`."""
    fragments = ", ".join(_fragment(spec, target) for spec in specs) or "''"
    sql = f"select record_id, coalesce(parent_id, record_id) as parent_id, concat({fragments}) as body from rows"  # noqa: S608
    with duckdb.connect(":memory:") as engine:
        engine.register("rows", rows)
        made: pa.Table = engine.sql(sql).to_arrow_table()
    return made


def many(made: pa.Table, target: Target) -> bytes:
    """The body of UpdateMultiple for rows out of `bodies`."""
    head = f'{{"@odata.type":"{target.type_name}","{target.table.primary_id}":"'
    return b'{"Targets":[' + joined([head, made["record_id"], '"', made["body"], "}"], ",") + b"]}"


def one(made: pa.Table, target: Target) -> list[Any]:
    """Pieces of text that make up the body of an update of each single row."""
    return [f'{{"@odata.type":"{target.type_name}"', made["body"], "}"]


def joined(pieces: Sequence[Any], separator: str) -> bytes:
    """Texts and columns of text put together row by row, and the rows put together."""
    texts: Any = pc.binary_join_element_wise(*pieces, "")
    chunk = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    whole: Any = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(chunk)], pa.int32()), chunk), separator)
    return str(whole[0].as_py()).encode()


def table(found: Sequence[Mapping[str, Any]], specs: Sequence[FieldSpec], target: Target) -> pa.Table:
    """Rows as the API sends them, as typed columns: record_id, then the columns of `specs`."""
    names = {column(spec): target.selected(spec) for spec in specs}
    sent = pa.Table.from_pylist(list(found), pa.schema([(target.table.primary_id, pa.string()), *_sent_types(specs, names)]))
    values: dict[str, Any] = {"record_id": sent[target.table.primary_id]}
    values |= {name: _typed(sent[names[name]], spec, target) for spec in specs if (name := column(spec))}
    return pa.table(values)


def _sent_types(specs: Sequence[FieldSpec], names: Mapping[str, str]) -> list[tuple[str, pa.DataType]]:
    types: Mapping[str, pa.DataType] = {"picklist": pa.int64(), "date": pa.string()}
    return [(names[column(spec)], types.get(spec.kind, arrow_type(spec))) for spec in specs]


def _typed(values: Any, spec: FieldSpec, target: Target) -> Any:
    if spec.kind == "date":
        return values.cast(pa.date32())
    if spec.kind != "picklist":
        return values
    place = pc.index_in(values, value_set=pa.array(target.options[column(spec)], pa.int64()))
    named = pa.array([choice.value for choice in spec.values]).take(place.combine_chunks())
    return pc.if_else(pc.is_null(place), values.cast(pa.string()), named)


def _fragment(spec: FieldSpec, target: Target) -> str:
    """SQL of `,"name":value`, null where the row does not send the field."""
    key = _text(f',"{target.sent(spec)}":')
    return f"case when list_contains(changed, {_text(column(spec))}) then {key} || coalesce({_value(spec, target)}, 'null') end"


def _value(spec: FieldSpec, target: Target) -> str:
    """SQL of a value as JSON text. A word that is no choice goes as it is, for the CRM to refuse."""
    name = f'"{column(spec)}"'
    match spec.kind:
        case "number":
            return f"case when isfinite({name}) then to_json(round({name}, {spec.decimals}))::varchar end"
        case "picklist":
            numbers = zip(spec.values, target.options[column(spec)], strict=True)
            cases = " ".join(f"when {_text(choice.value)} then '{number}'" for choice, number in numbers)
            return f"case {name} {cases} else to_json({name})::varchar end"
        case "lookup":
            return f"""'"/{TABLES[spec.lookup_to or spec.entity].entity_set}(' || {name} || ')"'"""
        case _:
            return f"to_json({name})::varchar"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
