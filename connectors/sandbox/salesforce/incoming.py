"""A caller's table made ready for one write: fields under their own names, defaults filled, ids in their 18-character form.

Columns of the result: one per written field (text cells), `n_<Field>` beside each reference (its id, null when it is none),
`_row` (input position), `given_id`, `_id` (the record's id, null when it is none), `_again` (true when an earlier row has it).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.metadata import Field, SObject

NORMAL: Final = "n_"


@dataclass(frozen=True)
class Column:
    """A written field; `given` tells that the caller sent it (and it is no default)."""

    field: Field
    given: bool

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def cell(self) -> str:
        """Its cell in SQL."""
        return f'i."{self.name}"'


@dataclass(frozen=True)
class Incoming:
    """The prepared rows, and the fields they write."""

    rows: pa.Table
    columns: tuple[Column, ...]
    names_ids: bool


def prepare(declared: SObject, table: pa.Table, defaults: Mapping[str, str]) -> Incoming:
    """The table ready to stage; raises INVALID_FIELD for a column that is no field."""
    sent = {_field(declared, name).name: table.column(name) for name in table.column_names}
    given_id = sent.pop("Id", pa.chunked_array([pa.nulls(table.num_rows, pa.string())]))
    cells = {name: _filled(cells, defaults.get(name)) for name, cells in sent.items()}
    missing = {name: value for name, value in defaults.items() if name not in sent and name in declared.fields}
    cells |= {name: pa.chunked_array([pa.repeat(pa.scalar(value), table.num_rows)]) for name, value in missing.items()}
    columns = tuple(Column(declared.fields[name], name in sent) for name in cells)
    references = {NORMAL + item.name: ids.normal_array(cells[item.name]) for item in columns if item.field.type == "reference"}
    rows = pa.table({**cells, **references, **_keys(given_id)})
    return Incoming(rows, columns, given_id.null_count < len(given_id))


def _field(declared: SObject, name: str) -> Field:
    found = declared.by_lower_name.get(name.lower())
    if found is None:
        raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {declared.name}")
    return found


def _filled(cells: Any, default: str | None) -> Any:
    text = cells.cast(pa.string())
    return text if default is None else pc.fill_null(text, default)


def _keys(given_id: Any) -> dict[str, Any]:
    text = given_id.cast(pa.string())
    known = ids.normal_array(text)
    return {"_row": pa.array(np.arange(len(text), dtype=np.int64)), "given_id": text, "_id": known, "_again": pa.array(_repeated(known))}


def _repeated(known: Any) -> npt.NDArray[np.bool_]:
    """True where an earlier row has the same id."""
    codes = known.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    repeated = np.ones(len(codes), dtype=np.bool_)
    repeated[np.unique(codes, return_index=True)[1]] = False
    return np.asarray(repeated & (codes >= 0), dtype=np.bool_)
