"""Fields the org made for itself long before ours: a plan on accounts and eight purchase factors on deals, for mapping.

They are there from the start with what people entered in them, and the integration user may read them through a permission set
of the org. A field of the same meaning that somebody makes later is filled likewise, see `customfields`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import duckdb

from connectors.sandbox.entered import Entered
from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.customfields import add_column, field_of, note
from connectors.sandbox.salesforce.schema import SOBJECTS
from connectors.sandbox.store import insert_row

POD: Final = "8o"
_FACTOR: Final[Mapping[str, Any]] = {"type": "Number", "precision": 3, "scale": 1}
OWN: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {
    ("Account", "Account_Plan__c"): {"type": "Text", "length": 255, "label": "Account Plan"},
    **{("Opportunity", f"Purchase_Factor_{n}__c"): {**_FACTOR, "label": f"Purchase Factor {n}"} for n in range(1, 9)},
}
"""(object, field) -> its metadata."""


def load(cursor: duckdb.DuckDBPyConnection, now: datetime, maker: str, reader: str) -> None:
    """Make them as user `maker` and open them to user `reader`; what people entered is in its side tables."""
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
    audit = {**stamps, **dict.fromkeys(("CreatedById", "LastModifiedById"), maker)}
    group, held = ids.make_id("0PS", 1, POD), ids.make_id("0Pa", 1, POD)
    insert_row(cursor, "_permission_sets", {"Id": group, "Name": "Sales_Planning", "Label": "Sales Planning", **audit})
    insert_row(cursor, "_assignments", {"Id": held, "PermissionSetId": group, "AssigneeId": reader, **audit})
    entered = Entered()
    for number, ((table, name), metadata) in enumerate(OWN.items()):
        add_column(cursor, SOBJECTS[table], field_of(name, metadata), entered)
        note(cursor, ids.make_id("00N", number, POD), table, name, metadata, (now, maker))
        grant = {"ParentId": group, "SobjectType": table, "Field": f"{table}.{name}", "PermissionsRead": True, "PermissionsEdit": False}
        insert_row(cursor, "_field_permissions", {"Id": ids.make_id("01k", number, POD), **grant, **audit})
