"""What rows to be written look like between activation and a connector: control columns beside the output fields.

record_id   the CRM's id
parent_id   whose rows must not be in two requests in flight
changed     the columns this row sends; the CRM keeps its values of the others
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CONTROL: Final = ("record_id", "parent_id", "changed")


def sent_mask(changed: Any, name: str) -> Any:
    """Per row, whether its list of changed columns holds `name`, as an Arrow array."""
    lists = changed.combine_chunks()
    mask = np.zeros(len(lists), dtype=bool)
    mask[pc.list_parent_indices(lists).filter(pc.equal(pc.list_flatten(lists), pa.scalar(name))).to_numpy()] = True
    return pa.array(mask)
