"""One empty warehouse per module, for tests that fill all tables anew each time."""

from collections.abc import Iterator

import pytest

from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(":memory:") as opened:
        yield opened
