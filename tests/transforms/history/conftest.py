"""A warehouse per module; tests that need a history of their own empty it first."""

from collections.abc import Iterator

import pytest

from tests.transforms.history.kit import empty
from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module")
def opened() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(":memory:", threads=1) as warehouse:
        yield warehouse


@pytest.fixture
def warehouse(opened: DuckDBWarehouse) -> DuckDBWarehouse:
    """The module's warehouse without a past."""
    empty(opened)
    return opened
