"""Ranges of creation that are read side by side: a row never moves from one to another, whatever else changes in it.

Where all keys are known the ranges hold the same number of rows each. Where they are not, time between the first and the
last creation is cut into equal parts of some pages each: every range ends with a page that is not full, and is a search of
its own. The first range is open below, the last one above.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.queries import PAGE_ROWS, Range
from connectors.dynamics.read import Pages
from connectors.dynamics.tracking import CREATED
from warehouse import DuckDBWarehouse

RANGES_PER_PLACE: Final = 3
"""Ranges per request in flight: enough that the last ones end together."""
LONGEST: Final = 10
"""Pages of a range: below it each page costs the service a search of its own, above it the end is waited for."""
USUAL_PAGES: Final = 8
"""Pages of an equal part of time, on average."""
MOST_PARTS: Final = 96
_FULL: Final = 0.98
"""Of a page: rows of the same second go into one range, and a row too many would be a page of its own."""


def even(warehouse: DuckDBWarehouse, keys: Pages, width: int) -> list[Range]:
    """Ranges of about equal numbers of the rows whose keys these are; one for what fits a page, as large as the service makes them."""
    if len(keys.notes) < 2:
        return [Range()]
    page = keys.notes[0].rows
    pages = min(LONGEST, max(1, keys.rows // (page * RANGES_PER_PLACE * width)))
    parts = -(-keys.rows // max(1, int(page * pages * _FULL)))
    return between(_quantiles(warehouse, keys.paths, parts))


def equal(client: DynamicsClient, entity_set: str, rows: int) -> list[Range]:
    """Equal parts of the time in which the rows of a set were made, the last first, being the fullest where business grows.

    `rows` is how many are to be expected.
    """
    parts = min(MOST_PARTS, -(-rows // (PAGE_ROWS * USUAL_PAGES)))
    if parts <= 1:
        return [Range()]
    first, last = (_outermost(client, entity_set, order) for order in ("asc", "desc"))
    if first is None or last is None or first == last:
        return [Range()]
    step = (last - first) / parts
    return between([first + step * part for part in range(1, parts)])[::-1]


def between(edges: Sequence[dt.datetime]) -> list[Range]:
    """Ranges that meet at `edges` and leave nothing out."""
    distinct = sorted({edge.replace(microsecond=0) for edge in edges})
    return [Range(lower, upper) for lower, upper in zip([None, *distinct], [*distinct, None], strict=True)]


def _quantiles(warehouse: DuckDBWarehouse, keys: Sequence[Path], parts: int) -> list[dt.datetime]:
    shares = [part / parts for part in range(1, parts)]
    query = f"select unnest(quantile_disc(epoch_us({CREATED}), ?::double[])) from read_parquet(?)"  # noqa: S608
    with warehouse.native() as cursor:
        found = cursor.execute(query, [shares, [str(path) for path in keys]]).fetchall()
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return [epoch + dt.timedelta(microseconds=micros) for (micros,) in found if micros is not None]


def _outermost(client: DynamicsClient, entity_set: str, order: str) -> dt.datetime | None:
    """The first or the last creation of a set."""
    found = client.get_json(entity_set, {"$select": CREATED, "$orderby": f"{CREATED} {order}", "$top": "1"})["value"]
    text = found[0].get(CREATED) if found else None
    return dt.datetime.fromisoformat(text) if text else None
