"""Columns whose kinds changed between two nights: the load goes on, and each is of the kind it has now."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest

from connectors.landing.kinds import ColumnKind
from connectors.landing.pages import page_file

DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
VALUES: dict[ColumnKind, Any] = {"text": "words", "boolean": True, "integer": 7, "number": 1.5, "date": DAY.date(), "datetime": DAY}
PAIRS: Sequence[tuple[ColumnKind, ColumnKind]] = [(one, other) for one in get_args(ColumnKind) for other in get_args(ColumnKind)]
KEPT: dict[tuple[ColumnKind, ColumnKind], Any] = {
    ("boolean", "text"): "true",
    ("number", "text"): "1.5",
    ("integer", "text"): "7",
    ("integer", "number"): 7.0,
    ("date", "text"): "2026-01-01",
    ("date", "datetime"): DAY,
    ("text", "number"): None,
    ("boolean", "date"): None,
}


@pytest.fixture
def night(loader: Any, warehouse: Any, thing: Any, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """`night("a", kinds)`: one load of one row with a column of each kind; gives the columns of all rows."""

    def load(row_id: str, kinds: Sequence[ColumnKind], *, full: bool = False) -> list[dict[str, Any]]:
        extra = {f"extra_{place}": kind for place, kind in enumerate(kinds)}
        shaped = replace(thing, columns={**thing.columns, **extra})
        target = tmp_path / f"page-{row_id}.parquet"
        row = {"thingId": row_id, "versionnumber": ord(row_id), "is_deleted": False, **{name: VALUES[kind] for name, kind in extra.items()}}
        with page_file(target, shaped.schema) as page:
            page.add(pa.Table.from_pylist([row], schema=shaped.schema), "versionnumber")
        first = not loader.states()
        loader.load([shaped.held([target], keeps_raw=not (first or full)).landed({"at": row_id})], first=first)
        with warehouse.native() as cursor:
            rows: list[dict[str, Any]] = cursor.sql('from raw_crm."Thing" order by "thingId"').to_arrow_table().to_pylist()
        return [{name: row[name] for name in extra} for row in rows]

    return load


def test_a_column_of_another_kind_than_last_night_is_loaded_as_what_it_is_now(night: Any) -> None:
    before, after = zip(*PAIRS, strict=True)
    night("a", before)
    old, new = (list(row.values()) for row in night("b", after))
    assert new == [VALUES[kind] for kind in after]
    assert {pair: kept for pair, kept in zip(PAIRS, old, strict=True) if pair in KEPT} == KEPT
    assert [list(row.values()) for row in night("c", before, full=True)] == [[VALUES[kind] for kind in before]]
