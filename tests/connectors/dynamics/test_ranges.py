"""Ranges: they leave nothing out, hold what they should, and are as many as pay."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.dynamics.queries import Range
from connectors.dynamics.ranges import between, equal, even
from connectors.dynamics.read import Pages
from connectors.landing.pages import PageNote
from warehouse import DuckDBWarehouse

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def inside(instant: dt.datetime, part: Range) -> bool:
    return (part.lower is None or instant >= part.lower) and (part.upper is None or instant < part.upper)


@given(st.lists(st.datetimes(timezones=st.just(dt.UTC)), max_size=8), st.datetimes(timezones=st.just(dt.UTC)))
def test_every_instant_is_in_exactly_one_range(edges: list[dt.datetime], instant: dt.datetime) -> None:
    assert sum(inside(instant, part) for part in between(edges)) == 1


def walked(folder: Path, seconds: Any, page: int) -> Pages:
    """Keys with these creations, in pages of so many rows."""
    created = pa.array(np.asarray(seconds, dtype=np.int64) * 1_000_000 + int(START.timestamp() * 1e6), pa.timestamp("us", "UTC"))
    paths, notes = [], []
    for number, first in enumerate(range(0, len(created), page)):
        paths.append(folder / f"{number}.parquet")
        pq.write_table(pa.table({"createdon": created.slice(first, page)}), paths[-1])
        notes.append(PageNote(len(created.slice(first, page))))
    return Pages(paths, notes)


@pytest.fixture
def warehouse(tmp_path: Path) -> Any:
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as opened:
        yield opened


def sizes(ranges: list[Range], seconds: Any) -> list[int]:
    instants = [START + dt.timedelta(seconds=int(second)) for second in seconds]
    return [sum(inside(instant, part) for instant in instants) for part in ranges]


def test_even_ranges_fill_a_page_each_however_uneven_the_years_are(warehouse: Any, tmp_path: Path) -> None:
    seconds = np.random.default_rng(7).exponential(1e7, 2_000).astype(int)
    found = sizes(even(warehouse, walked(tmp_path, seconds, 100), width=8), seconds)
    assert sum(found) == 2_000
    assert max(found) <= 100
    assert len(found) == 21


def test_a_large_table_gets_long_ranges_enough_of_them_for_all_places(warehouse: Any, tmp_path: Path) -> None:
    seconds = range(5_000)
    ranges = even(warehouse, walked(tmp_path, seconds, 10), width=2)
    assert 6 * 2 <= len(ranges) <= 60


def test_rows_of_one_second_stay_together(warehouse: Any, tmp_path: Path) -> None:
    assert sizes(even(warehouse, walked(tmp_path, [5] * 300, 100), width=8), [5] * 300) in ([300], [0, 300])


def test_what_fits_a_page_is_one_open_range(warehouse: Any, tmp_path: Path) -> None:
    assert even(warehouse, walked(tmp_path, range(100), 100), width=8) == [Range()]


def test_equal_parts_of_time_hold_all_rows_of_the_environment(dynamics: Any, client_of: Any) -> None:
    client = client_of(dynamics)
    ranges = equal(client, "emails", rows=320_000)
    counts = [int(client.request("GET", "emails/$count", params={"$filter": part.condition("createdon")}).text) for part in ranges]
    assert len(ranges) == 8
    assert sum(counts) == int(client.request("GET", "emails/$count").text)
    assert sum(count > 0 for count in counts) > 4
    assert ranges[0].upper is None
    assert equal(client, "emails", rows=100) == [Range()]
