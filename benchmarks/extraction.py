"""All Task rows of a Salesforce org, typed or as records: ours beside what people use today.

Every way reads the same rows and columns from the same sandbox over loopback, with gzip, and ends when the last row is
in hand. On loopback the client's cost is what is measured; over a real link the org and the link are slower than all of
these.
"""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from simple_salesforce.api import Salesforce

from benchmarks import race
from benchmarks.org import Org
from connectors.landing.spool import Spool
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import VisibleObject, catalog
from connectors.salesforce.read import Read, Reading
from connectors.salesforce.rest import salesforce
from connectors.salesforce.soql import Window, select
from connectors.salesforce.specs import objects

OBJECT = "Task"
ROUNDS = 2


def guanxi(org: Org) -> int:
    """Parallel Bulk 2.0 pages to typed Arrow in Parquet files, counts checked."""
    with SalesforceClient(org.settings()) as client, tempfile.TemporaryDirectory() as folder:
        item = _visible(client)
        fields = [column.column.selected for column in item.columns]
        read = Read(OBJECT, lambda upper: _query(fields), item.columns, item.spec.cursor, Spool(Path(folder)))
        return Reading(client, lambda line: None).run([read])[OBJECT].rows


def bulk2_records(org: Org) -> int:
    """simple-salesforce's Bulk 2.0 and csv.DictReader: all values text."""
    session, fields = _session(org), _fields(org)
    pages = session.bulk2.Task.query_all(_query(fields), max_records=50_000)
    return sum(1 for page in pages for _ in csv.DictReader(io.StringIO(page)))


def bulk2_small_frames(org: Org) -> int:
    """Bulk 2.0 to a file, then pandas a hundred rows at a time to records, as Airbyte's connector does."""
    import pandas as pd

    session, fields = _session(org), _fields(org)
    rows = 0
    for page in session.bulk2.Task.query_all(_query(fields), max_records=50_000):
        for frame in pd.read_csv(io.StringIO(page), chunksize=100, dtype=str, na_filter=False):
            rows += len(frame.to_dict(orient="records"))
    return rows


def rest_records(org: Org) -> int:
    """simple-salesforce's query_all_iter: JSON, 2,000 records a call."""
    session, fields = _session(org), _fields(org)
    return sum(1 for _ in session.query_all_iter(_query(fields), include_deleted=True))


WAYS: Mapping[str, race.Way] = {
    "guanxi": guanxi,
    "simple-salesforce bulk2 + csv": bulk2_records,
    "bulk2 + pandas, 100 rows a time": bulk2_small_frames,
    "simple-salesforce query_all_iter": rest_records,
}


class _Loopback(requests.adapters.HTTPAdapter):
    """simple-salesforce insists on https; the sandbox speaks http on loopback."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **options)


def _session(org: Org) -> Any:
    session = requests.Session()
    session.mount("https://", _Loopback())
    return Salesforce(instance_url=org.url.replace("http://", "https://"), session_id=org.token(), session=session, version="62.0")


def _visible(client: SalesforceClient) -> VisibleObject:
    specs = [spec for spec in objects("GX", {}) if spec.name == OBJECT]
    return catalog(salesforce(client), specs).objects[0]


def _fields(org: Org) -> list[str]:
    with SalesforceClient(org.settings()) as client:
        return list(dict.fromkeys(column.column.selected for column in _visible(client).columns))


def _query(fields: list[str]) -> str:
    return select(OBJECT, fields, "SystemModstamp", Window())


def table(org: Org) -> Iterator[str]:
    """The comparison as lines of Markdown."""
    return race.table(__name__, WAYS, org, ROUNDS)


if __name__ == "__main__":
    race.main(WAYS)
