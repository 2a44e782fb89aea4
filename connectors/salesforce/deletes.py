"""Rows that left the org, three ways.

1. queryAll returns deleted and merged-away rows with IsDeleted: they arrive like any other row.
2. Rows of junctions deleted directly, and rows purged from the bin, are only in the delete log (getDeleted), which
   reaches 15 days back and loses entries when it grows too big.
3. Where the log does not know the object, does not reach back, or holds too many entries: a list of all living ids,
   and whatever we hold that is not in it is gone.

A row is never removed from the raw table; it gets `IsDeleted`. A log entry older than the row's own change is void: the
row was restored since. A row already known as deleted stays so until it changes.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from simple_salesforce.api import Salesforce

from connectors.errors import RequestRejected
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.soql import parsed
from connectors.salesforce.specs import Column
from connectors.salesforce.state import LOOKBACK, ReadPlan

LOG_REACH: Final = dt.timedelta(days=14)
SECOND: Final = dt.timedelta(seconds=1)
"""The log is asked in whole seconds; the last one is wanted too."""
LOG_REFUSALS: Final = frozenset({"EXCEEDED_ID_LIMIT", "INVALID_REPLICATION_DATE"})
ID_COLUMN: Final = VisibleColumn(Column("Id", required=True), "text")
_SENT: Final[Mapping[str, pa.DataType]] = {"id": pa.string(), "deletedDate": pa.string()}
_KEPT: Final[Mapping[str, pa.DataType]] = {"Id": pa.string(), "deleted_at": pa.timestamp("us", "UTC")}


@dataclass(frozen=True)
class DeleteLog:
    """Entries `Id, deleted_at` of one object, complete up to `covered_to`."""

    entries: pa.Table
    covered_to: dt.datetime


def uses_log(plan: ReadPlan) -> bool:
    """Whether the delete log of this object can be asked."""
    return plan.visible.spec.deletes == "log" and plan.visible.replicateable


def ids_query(name: str) -> str:
    """All living ids. Always for queryAll: plain `query` would leave out archived activities, and they would look deleted."""
    return f"SELECT Id FROM {name} WHERE IsDeleted = false"  # noqa: S608


def read_log(rest: Salesforce, plan: ReadPlan, until: dt.datetime) -> DeleteLog | None:
    """The log since the last run (at first: as far back as it goes); None when it cannot be trusted to be complete."""
    oldest = until - LOG_REACH
    start = min(plan.state.deleted_to, until) - LOOKBACK if plan.state else oldest
    if start < oldest:
        return None
    try:
        answer = getattr(rest, plan.name).deleted(start, until + SECOND)
    except RequestRejected as error:
        if error.code in LOG_REFUSALS:
            return None
        raise
    return _log(answer, None if plan.state is None else start, until)


def _log(answer: Any, needed_from: dt.datetime | None, until: dt.datetime) -> DeleteLog | None:
    earliest = answer.get("earliestDateAvailable")
    if needed_from and earliest and parsed(earliest) > needed_from:
        return None
    covered = answer.get("latestDateCovered")
    sent = pa.Table.from_pylist(answer.get("deletedRecords", []), schema=pa.schema(_SENT))
    entries = sent.rename_columns(list(_KEPT)).cast(pa.schema(_KEPT))
    return DeleteLog(entries, min(until, parsed(covered)) if covered else until)
