"""Deletes and merges. Where a deleted row can still be seen depends on its object, and that is what integrations get wrong:

most objects                            stay with IsDeleted, and are in the delete log
TaskRelation, EventRelation, OpportunityContactRole, deleted themselves    gone, only in the delete log
AccountTeamMember, setup objects        gone without a trace
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import duckdb

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.metadata import SObject
from connectors.sandbox.salesforce.store import Store

LOGGED_ONLY: Final = frozenset({"TaskRelation", "EventRelation", "OpportunityContactRole"})
TRACELESS: Final = frozenset({"AccountTeamMember"})
CASCADES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("AccountContactRelation", "AccountId"),
        ("AccountTeamMember", "AccountId"),
    ),
    "Contact": (("OpportunityContactRole", "ContactId"), ("AccountContactRelation", "ContactId")),
    "Opportunity": (("OpportunityContactRole", "OpportunityId"),),
    "Task": (("TaskRelation", "TaskId"),),
    "Event": (("EventRelation", "EventId"),),
    "EmailMessage": (("EmailMessageRelation", "EmailMessageId"),),
    "PermissionSet": (("PermissionSetAssignment", "PermissionSetId"), ("FieldPermissions", "ParentId"), ("ObjectPermissions", "ParentId")),
}
"""Children that go with a parent: (object, field that names the parent)."""


def remove(cursor: duckdb.DuckDBPyConnection, store: Store, declared: SObject, record_ids: Sequence[str], *, hard: bool = False) -> None:
    """Delete rows and the children that go with them."""
    if not record_ids:
        return
    for child_name, link in CASCADES.get(declared.name, ()):
        child = store.catalog[child_name]
        sql = f'select "Id" from "{child.table}" where "{link}" in (select unnest(?::varchar[]))'  # noqa: S608
        children = [str(row[0]) for row in cursor.execute(sql, [list(record_ids)]).fetchall()]
        _remove_with_parent(cursor, store, child, children, hard)
    _remove(cursor, store, declared, record_ids, hard=hard or declared.name in LOGGED_ONLY or declared.name in TRACELESS)


def _remove_with_parent(cursor: duckdb.DuckDBPyConnection, store: Store, child: SObject, record_ids: Sequence[str], hard: bool) -> None:
    if child.name in CASCADES:
        remove(cursor, store, child, record_ids, hard=hard)
    elif record_ids:
        _remove(cursor, store, child, record_ids, hard=hard)


def _remove(cursor: duckdb.DuckDBPyConnection, store: Store, declared: SObject, record_ids: Sequence[str], *, hard: bool) -> None:
    now, wanted = store.stamp(), list(record_ids)
    stays = "IsDeleted" in declared.fields and not hard
    fresh = ' and not "IsDeleted"' if stays else ""
    if declared.name not in TRACELESS and declared.replicateable:
        log = f'insert into _deleted select ?, "Id", ? from "{declared.table}" where "Id" in (select unnest(?::varchar[])){fresh}'  # noqa: S608
        cursor.execute(log, [declared.name, now, wanted])
    if stays:
        sets = '"IsDeleted" = true, "LastModifiedDate" = ?, "SystemModstamp" = ?'
        cursor.execute(f'update "{declared.table}" set {sets} where "Id" in (select unnest(?::varchar[])){fresh}', [now, now, wanted])  # noqa: S608
    else:
        cursor.execute(f'delete from "{declared.table}" where "Id" in (select unnest(?::varchar[]))', [wanted])  # noqa: S608


def merge(store: Store, object_name: str, master_id: str, loser_ids: Sequence[str]) -> None:
    """Merge records: losers go to the bin with `MasterRecordId`, what pointed at them points at the master, stamped now.

    Raises INVALID_TYPE for an object that does not merge, INVALID_CROSS_REFERENCE_KEY for an id that is not there.
    """
    declared = store.sobject(object_name)
    if declared is None or not declared.mergeable:
        raise SalesforceError("INVALID_TYPE", f"merge is not supported for {object_name}")
    master = _existing(store, declared, master_id)
    losers = [_existing(store, declared, loser) for loser in loser_ids]
    with store.write() as cursor:
        now = store.stamp()
        for item in store.catalog.values():
            _repoint(cursor, item, declared.name, losers, master, now)
        _remove(cursor, store, declared, losers, hard=False)
        cursor.execute(
            f'update "{declared.table}" set "MasterRecordId" = ? where "Id" in (select unnest(?::varchar[]))',  # noqa: S608
            [master, losers],
        )
        cursor.execute(f'update "{declared.table}" set "LastModifiedDate" = ?, "SystemModstamp" = ? where "Id" = ?', [now, now, master])  # noqa: S608


def _existing(store: Store, declared: SObject, record_id: str) -> str:
    known = ids.normal(record_id) or ""
    if not store.read(f'select 1 from "{declared.table}" where "Id" = ? and not "IsDeleted"', [known]):  # noqa: S608
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return known


def _repoint(cursor: duckdb.DuckDBPyConnection, item: SObject, target: str, losers: Sequence[str], master: str, now: datetime) -> None:
    for field in item.fields.values():
        if target in field.reference_to and field.name != "MasterRecordId":
            cursor.execute(
                f'update "{item.table}" set "{field.name}" = ?, "SystemModstamp" = ? where "{field.name}" in (select unnest(?::varchar[]))',  # noqa: S608
                [master, now, list(losers)],
            )
