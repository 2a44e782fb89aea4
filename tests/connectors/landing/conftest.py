"""What tests of the landing share: a warehouse, and a table `thing` as either CRM might have it, with pages of rows made by hand."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.landing.load import Loader
from connectors.landing.pages import page_file
from connectors.landing.tables import RawTable
from warehouse import DuckDBWarehouse

THING = RawTable(
    "Thing",
    {"thingId": "text", "_parent_value": "text", "versionnumber": "integer", "is_deleted": "boolean"},
    primary_key="thingId",
    cursor="versionnumber",
    deleted="is_deleted",
)


@pytest.fixture
def thing() -> RawTable:
    return THING


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as opened:
        yield opened


@pytest.fixture
def loader(warehouse: DuckDBWarehouse, tmp_path: Path) -> Loader:
    return Loader(warehouse, "crm", tmp_path / "load")


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[..., Path]:
    """`page_of("ab", 2, parent="p")`: a page file with these rows, all of one version."""

    def make(ids: str, version: int = 1, *, parent: str | None = "p", deleted: bool = False) -> Path:
        rows = [{"thingId": one, "_parent_value": parent, "versionnumber": version, "is_deleted": deleted} for one in ids]
        target = tmp_path / f"page-{ids}-{version}-{parent}.parquet"
        with page_file(target, THING.schema) as page:
            page.add(pa.Table.from_pylist(rows, schema=THING.schema), "versionnumber")
        return target

    return make


@pytest.fixture
def night(warehouse: DuckDBWarehouse, loader: Loader) -> Callable[..., list[tuple]]:
    """`night([page], truth)`: one load, merged unless `full`; gives `(id, deleted)` of the raw table, or other `columns`."""

    def load(pages: Sequence[Path], truth: Any = None, *, full: bool = False, columns: str = '"thingId", is_deleted') -> list[tuple]:
        held = THING.held(pages, keeps_raw=not full)
        loader.load([held.landed({"at": len(pages)}, truth)], first=not loader.states())
        with warehouse.native() as cursor:
            return cursor.execute(f'select {columns} from raw_crm."Thing" order by all').fetchall()

    return load


@pytest.fixture
def ids_of() -> Callable[[str], pa.Table]:
    return lambda ids: pa.table({"id": pa.array(list(ids), pa.string())})
