"""Small real tables for the suites."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse import DuckDBWarehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    """An empty warehouse of its own."""
    with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as opened:
        yield opened
