"""One empty warehouse per module, for tests that fill all tables anew each time."""

from collections.abc import Iterator

import pytest

from tests.transforms.kit import open_warehouse
from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as opened:
        yield opened
