"""REST queryAll, for the objects bulk refuses: 2,000 rows a call, one call after the other, so never the first choice."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from connectors.errors import IncompleteRead
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.columns import sent_types, stored
from connectors.salesforce.describe import VisibleColumn

BATCH: Final = {"Sforce-Query-Options": "batchSize=2000"}


def tables(client: SalesforceClient, query: str, columns: Sequence[VisibleColumn]) -> Iterator[tuple[pa.Table, dict[str, int]]]:
    """The rows of `query` as stored tables with their unreadable values. Raises `IncompleteRead` on a wrong total."""
    answer = client.request("GET", "queryAll", params={"q": query}, headers=BATCH, expects="json").json()
    rows, announced = 0, int(answer["totalSize"])
    while True:
        table = _table(answer["records"], columns)
        rows += table.num_rows
        yield stored(table, columns)
        if answer.get("done", True):
            break
        answer = client.get_json(answer["nextRecordsUrl"])
    if rows != announced:
        raise IncompleteRead(f"{client.url('queryAll')}: {rows:,} rows came where {announced:,} were announced; run again")


def _table(records: Any, columns: Sequence[VisibleColumn]) -> pa.Table:
    """Every value as the text a bulk page would have, so that `stored` reads both alike, unreadable ones too."""
    names = sent_types(columns, as_text=True)
    return pa.Table.from_pylist([{name: _text(record.get(name)) for name in names} for record in records], schema=pa.schema(names))


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
