"""One warehouse per module; every scoring replaces its tables."""

from collections.abc import Iterator

import pytest

from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(tmp_path_factory.mktemp("closeness") / "events.duckdb") as opened:
        yield opened
