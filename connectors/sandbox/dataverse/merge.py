"""Merges: the subordinate row is deactivated and points at its master, and everything that pointed at it points at the master.

The moved rows change in their own tables, each with a new version: a reader hears of them table by table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.sandbox.dataverse.access import Access
from connectors.sandbox.dataverse.cells import GUID
from connectors.sandbox.dataverse.drafts import Draft, check_rows
from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError, bad_payload
from connectors.sandbox.dataverse.records import update_many
from connectors.sandbox.dataverse.references import links_to, touched
from connectors.sandbox.dataverse.rows import update
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.states import settled
from connectors.sandbox.dataverse.store import Store

TYPE: Final = "@odata.type"
PREFIX: Final = "Microsoft.Dynamics.CRM."
INACTIVE: Final[Mapping[str, int]] = {"lead": 2}
"""The state of a merged row where it is not 1."""
Body = Mapping[str, Any]


def merge(store: Store, access: Access, body: Body) -> None:
    """The Merge action: `Target`, `Subordinate`, `UpdateContent`, `PerformParentingChecks`.

    Raises:
        DataverseError: rows that are not there (404), or that cannot be merged.
    """
    table, target = typed_row(store, body.get("Target"), "Target")
    other, subordinate = typed_row(store, body.get("Subordinate"), "Subordinate")
    if table.logical_name != other.logical_name or not table.mergeable or target == subordinate:
        raise DataverseError(INVALID_ARGUMENT, "The rows must be two different rows of one table that supports merging.")
    access.check(table, "Write")
    with store.write() as cursor:
        check_rows(cursor, table, [target, subordinate])
        for link in links_to(store.catalog, table.logical_name):
            set_to = f'"{link.attribute.column}" = ?, {touched(link.child, store.stamp())}'
            cursor.execute(f'update "{link.child.logical_name}" set {set_to} where {link.where("(?)")}', [target, subordinate])  # noqa: S608
        gone = Draft(subordinate, {"statecode": INACTIVE.get(table.logical_name, 1), "merged": True, "_masterid_value": target})
        update(cursor, table, settled(cursor, table, [gone], creating=False), access.user_id, store.stamp())
        update_many(store, access, table, [(target, _content(body, table))])


def typed_row(store: Store, row: Any, what: str) -> tuple[Table, str]:
    """Table and id of a row that says its type, e.g. `{"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": "<guid>"}`.

    Raises:
        DataverseError: no row, no type, unknown type, or no id (0x80048d19).
    """
    kind = row.get(TYPE, "") if isinstance(row, dict) else ""
    table = store.table(str(kind).lstrip("#").removeprefix(PREFIX))
    if table is None:
        raise bad_payload(f"A row of '{what}' must carry '{TYPE}' with the name of a table, such as '{PREFIX}account'.")
    record_id = row.get(table.primary_id)
    if not isinstance(record_id, str) or not GUID.fullmatch(record_id):
        raise bad_payload(f"A row of '{what}' must carry '{table.primary_id}'.")
    return table, record_id.lower()


def _content(body: Body, table: Table) -> Body:
    content = body.get("UpdateContent") or {}
    if not isinstance(content, dict):
        raise bad_payload("UpdateContent must be a row.")
    return {name: value for name, value in content.items() if name != table.primary_id}
