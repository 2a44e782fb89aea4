"""Activity parties follow their activity: the given ones replace those there were, and the owner and the regarding row are parties too.

Replaced rows leave the delete log their old ids; that is why a reader treats parties as a set that belongs to the activity.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

import duckdb

from connectors.sandbox.dataverse.drafts import Draft, Reader, check_references
from connectors.sandbox.dataverse.rows import insert
from connectors.sandbox.dataverse.schema_activities import PARTY
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.store import Store

REGARDING: Final = 8
OWNER: Final = 9
_ROLES: Final = ((REGARDING, "regardingobjectid"), (OWNER, "ownerid"))


def put_parties(cursor: duckdb.DuckDBPyConnection, store: Store, activity: Table, drafts: Sequence[Draft], *, creating: bool) -> None:
    """Put the parties of written activities in place: the given ones, the regarding row, the owner."""
    given = [(draft.id, rows) for draft in drafts for children, rows in draft.children.items() if children.parties]
    _drop(cursor, store, [record_id for record_id, _ in given], f"participationtypemask not in ({REGARDING}, {OWNER})")
    reader = Reader(PARTY, store.catalog, creating=True)
    parties = [_of(reader.read(str(uuid.uuid4()), row), activity, record_id) for record_id, rows in given for row in rows]
    check_references(cursor, store.catalog[PARTY.logical_name], store.catalog, parties)
    insert(cursor, PARTY, parties)
    for mask, lookup in _ROLES:
        attribute = activity.attributes[lookup]
        changed = [draft.id for draft in drafts if creating or attribute.column in draft.cells]
        _drop(cursor, store, changed, f"participationtypemask = {mask}")
        _add(cursor, activity, mask, lookup, changed)
    _copy_times(cursor, activity, [draft.id for draft in drafts])


def _of(party: Draft, activity: Table, record_id: str) -> Draft:
    return Draft(party.id, {**party.cells, "_activityid_value": record_id, "_activityid_type": activity.logical_name})


def _drop(cursor: duckdb.DuckDBPyConnection, store: Store, activities: Sequence[str], which: str) -> None:
    if not activities:
        return
    sql = f"delete from activityparty where _activityid_value in (select unnest(?::varchar[])) and {which} returning activitypartyid"  # noqa: S608
    gone = [str(row[0]) for row in cursor.execute(sql, [list(activities)]).fetchall()]
    store.log_deletes(cursor, PARTY.logical_name, gone)


def _add(cursor: duckdb.DuckDBPyConnection, activity: Table, mask: int, lookup: str, activities: Sequence[str]) -> None:
    """The row a lookup of the activity names becomes a party."""
    sql = f"""
        insert into activityparty by name
        select uuid()::varchar as activitypartyid, activityid as _activityid_value, '{activity.logical_name}' as _activityid_type,
            "_{lookup}_value" as _partyid_value, "_{lookup}_type" as _partyid_type, {mask} as participationtypemask
        from "{activity.logical_name}"
        where activityid in (select unnest(?::varchar[])) and "_{lookup}_value" is not null"""  # noqa: S608
    if activities:
        cursor.execute(sql, [list(activities)])


def _copy_times(cursor: duckdb.DuckDBPyConnection, activity: Table, activities: Sequence[str]) -> None:
    """A party shows its activity's schedule and kind of instance."""
    copied = ("scheduledstart", "scheduledend", "instancetypecode")
    sets = ", ".join(f"{name} = a.{name}" for name in copied)
    differs = " or ".join(f"p.{name} is distinct from a.{name}" for name in copied)
    sql = f"""
        update activityparty p set {sets}, versionnumber = nextval('_versions') from "{activity.logical_name}" a
        where p._activityid_value = a.activityid and a.activityid in (select unnest(?::varchar[])) and ({differs})"""  # noqa: S608
    cursor.execute(sql, [list(activities)])
