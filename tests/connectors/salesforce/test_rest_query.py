"""Objects bulk refuses: what REST sends as JSON is read as a bulk page would be."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse

from connectors.landing.kinds import ColumnKind
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.rest_query import tables
from connectors.salesforce.specs import Column

COLUMNS: dict[str, tuple[ColumnKind, ColumnKind]] = {
    "Id": ("text", "text"),
    "SystemModstamp": ("datetime", "datetime"),
    "IsDeleted": ("boolean", "boolean"),
    "Flag__c": ("text", "boolean"),
    "Rank__c": ("integer", "number"),
    "Day__c": ("date", "date"),
    "Note__c": ("text", "text"),
}
SENT = {"SystemModstamp": "2026-05-01T12:00:00.000+0000", "IsDeleted": False, "Flag__c": True, "Rank__c": 3.0, "Day__c": "2026-02-29"}


def test_values_of_another_kind_than_the_column_are_converted_and_unreadable_ones_counted(
    stub: Any, settings_of: Callable[..., Any]
) -> None:
    columns = [VisibleColumn(Column(name, kind), sent_as) for name, (kind, sent_as) in COLUMNS.items()]
    stub.answers = [JSONResponse({"totalSize": 2, "done": True, "records": [{"Id": "a", **SENT, "Note__c": ""}, {"Id": "b"}]})]
    with SalesforceClient(settings_of(stub)) as client:
        [(table, unreadable)] = tables(client, "SELECT Id FROM Thing", columns)
    noon = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
    assert [tuple(row.values()) for row in table.to_pylist()] == [("a", noon, False, "true", 3, None, None), ("b", *[None] * 6)]
    assert unreadable == {"Day__c": 1}
