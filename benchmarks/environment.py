"""A whole Dynamics environment: ours beside pages read one after the other, at half a second of server time per page.

The service protection limits are Microsoft's: 6,000 requests and 1,200 seconds of execution in five minutes, 52 requests at once, and a
server that slows down above the eight it recommends. Every way asks for the same tables and columns in pages of 5,000 rows. Ours ends
when the rows are in the warehouse and every key has its row; the others follow one chain of next links per table and end with the rows
in hand, one page at a time in memory. They are stopped after some pages of each table, at a speed that stays the same to the end.
Loopback needs no compression, so none is asked for.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from benchmarks import race
from benchmarks.org import Org
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.definitions import VisibleTable, catalog
from connectors.dynamics.pages import saved
from connectors.dynamics.queries import ROWS, address
from connectors.dynamics.reader import DynamicsReader
from connectors.dynamics.specs import tables
from warehouse import DuckDBWarehouse

PREFIX = "gx"
SERVER_SECONDS = 0.5
PAGES_TIMED = 25
ROUNDS = 1
Decode = Callable[[bytes, VisibleTable, Path], tuple[int, str]]
"""A page to rows; how many, and the address of the next page."""


def guanxi(org: Org) -> int:
    """First extraction into an empty warehouse, checked and loaded."""
    org.limit(request_seconds=SERVER_SECONDS)
    with tempfile.TemporaryDirectory() as folder, DuckDBWarehouse(Path(folder) / "warehouse.duckdb") as warehouse:
        report = DynamicsReader(org.dynamics(compress=False), "dynamics", PREFIX, Path(folder) / "work").extract(warehouse)
    return sum(item.rows for item in report.objects.values())


def records(org: Org) -> int:
    """A chain of next links per table, each page to a list of dicts."""
    return _one_by_one(org, _as_records)


def decoded(org: Org) -> int:
    """The same chains, each page to a typed page file as ours."""
    return _one_by_one(org, _as_page_file)


WAYS: Mapping[str, race.Way] = {
    race.OURS: guanxi,
    "one chain a table, json.loads": records,
    "one chain a table, our page files": decoded,
}


def _one_by_one(org: Org, decode: Decode) -> int:
    org.limit(request_seconds=SERVER_SECONDS)
    with DynamicsClient(org.dynamics(compress=False)) as client, tempfile.TemporaryDirectory() as folder:
        return sum(_chain(client, item, decode, Path(folder)) for item in _visible(client))


def _visible(client: DynamicsClient) -> Sequence[VisibleTable]:
    return catalog(client, tables(PREFIX, {})).tables


def _chain(client: DynamicsClient, item: VisibleTable, decode: Decode, folder: Path) -> int:
    return sum(islice(_pages(client, item, decode, folder), PAGES_TIMED))


def _pages(client: DynamicsClient, item: VisibleTable, decode: Decode, folder: Path) -> Iterator[int]:
    """Rows of each page."""
    link = address(item.entity_set, item.select)
    while link:
        rows, link = decode(client.page(link, prefer=ROWS), item, folder)
        yield rows


def _as_records(body: bytes, item: VisibleTable, folder: Path) -> tuple[int, str]:
    page = json.loads(body)
    return len(page["value"]), page.get("@odata.nextLink", "")


def _as_page_file(body: bytes, item: VisibleTable, folder: Path) -> tuple[int, str]:
    note = saved(body, item.raw, folder / "page.parquet")
    return note.rows, note.next_page


def table(org: Org) -> Iterator[str]:
    """The comparison as lines of Markdown."""
    return race.table(__name__, WAYS, org, ROUNDS)


if __name__ == "__main__":
    race.main(WAYS)
