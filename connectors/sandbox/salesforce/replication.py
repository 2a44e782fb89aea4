"""getDeleted and getUpdated: what happened to an object in a window of time, with Salesforce's rules on the window."""

from datetime import datetime, timedelta
from typing import Any, Final

from connectors.sandbox.salesforce.api import Call
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.metadata import SObject
from connectors.sandbox.salesforce.records import visible
from connectors.sandbox.salesforce.shape import stamp
from connectors.sandbox.salesforce.timestamps import parse_instant

DELETED_KEPT: Final = timedelta(days=15)
UPDATED_KEPT: Final = timedelta(days=30)
SHORTEST: Final = timedelta(minutes=1)
MOST_IDS: Final = 600_000


def deleted(call: Call) -> dict[str, Any]:
    """GET /sobjects/X/deleted?start=&end="""
    declared = _replicated(call)
    start, end = _window(call, DELETED_KEPT)
    rows = call.store.read(
        "select id, deleted_at from _deleted where object = ? and deleted_at >= ? and deleted_at < ? order by deleted_at, id",
        [declared.name, start, end],
    )
    _refuse_too_many(len(rows))
    return {
        "deletedRecords": [{"deletedDate": stamp(at), "id": record_id} for record_id, at in rows],
        "earliestDateAvailable": stamp(call.store.clock.stamp() - DELETED_KEPT),
        "latestDateCovered": stamp(_covered(call, end)),
    }


def updated(call: Call) -> dict[str, Any]:
    """GET /sobjects/X/updated?start=&end="""
    declared = _replicated(call)
    start, end = _window(call, UPDATED_KEPT)
    live = ' and not "IsDeleted"' if "IsDeleted" in declared.fields else ""
    sql = f'select "Id" from "{declared.table}" where "SystemModstamp" >= ? and "SystemModstamp" < ?{live} order by 1'  # noqa: S608
    rows = call.store.read(sql, [start, end])
    _refuse_too_many(len(rows))
    return {"ids": [row[0] for row in rows], "latestDateCovered": stamp(_covered(call, end))}


def _replicated(call: Call) -> SObject:
    declared = visible(call.access, call.path("name"))
    if not declared.replicateable:
        raise SalesforceError("INVALID_TYPE", f"entity {declared.name} is not replicatable")
    return declared


def _window(call: Call, kept: timedelta) -> tuple[datetime, datetime]:
    start, end = _instant(call, "start"), _instant(call, "end")
    if end - start <= SHORTEST:
        raise SalesforceError("INVALID_REPLICATION_DATE", "endDate must be more than one minute after startDate")
    if start < call.store.clock.now() - kept - SHORTEST:
        raise SalesforceError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {kept.days} days ago")
    return start, end


def _instant(call: Call, name: str) -> datetime:
    text = call.param(name)
    if text is None:
        raise SalesforceError("MISSING_ARGUMENT", f"{name} is required")
    found = parse_instant(text)
    if found is None:
        raise SalesforceError("INVALID_REPLICATION_DATE", f"{name} is not a dateTime: {text}")
    return found


def _covered(call: Call, end: datetime) -> datetime:
    """Up to where the answer is complete: never the future."""
    return min(end, call.store.clock.stamp())


def _refuse_too_many(count: int) -> None:
    if count > MOST_IDS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"exceeded {MOST_IDS} ids: narrow the dates")
