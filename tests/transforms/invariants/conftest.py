"""One warehouse per module; every scoring replaces its tables."""

from collections.abc import Iterator

import pytest

from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(":memory:") as opened:
        yield opened
