"""What rows to be written look like between activation and a connector: control columns beside the output fields.

record_id   the CRM's id
parent_id   whose rows must not be in two requests in flight
changed     the columns this row sends; the CRM keeps its values of the others
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.errors import PermanentError
from connectors.fields import Entity, FieldSpec, writable

CONTROL: Final = ("record_id", "parent_id", "changed")


def checked(entity: Entity, rows: pa.Table) -> tuple[pa.Table, tuple[FieldSpec, ...]]:
    """The rows sorted by parent, with all control columns, and their specs; raises `PermanentError` for a payload that is a bug."""
    names = [name for name in rows.column_names if name not in CONTROL]
    try:
        specs = writable(entity, names)
    except KeyError as error:
        raise PermanentError(f"{entity}: {error.args[0]} is no output field; nothing was sent") from error
    ids = rows["record_id"]
    if ids.null_count or pc.count_distinct(ids).as_py() < len(ids) or pc.any(pc.equal(ids, pa.scalar(""))).as_py():
        raise PermanentError(f"{entity}: blank or repeated record ids among {len(ids):,} rows; nothing was sent")
    if "parent_id" not in rows.column_names:
        rows = rows.append_column("parent_id", ids)
    if "changed" not in rows.column_names:
        rows = rows.append_column("changed", pa.array([names] * len(ids), pa.list_(pa.string())))
    return rows.sort_by([("parent_id", "ascending"), ("record_id", "ascending")]), specs


def sent_mask(changed: Any, name: str) -> Any:
    """Per row, whether its list of changed columns holds `name`, as an Arrow array."""
    lists = changed.combine_chunks()
    mask = np.zeros(len(lists), dtype=bool)
    mask[pc.list_parent_indices(lists).filter(pc.equal(pc.list_flatten(lists), pa.scalar(name))).to_numpy()] = True
    return pa.array(mask)


def few(names: Sequence[str]) -> str:
    """The first three of `names` and how many more there are, for a line a person reads."""
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + rest
