"""One empty warehouse per module, for tests that fill all tables anew each time."""

from collections.abc import Iterator

import pytest

from tests.transforms.scores.small_company import fresh
from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    with fresh(tmp_path_factory.mktemp("scores")) as opened:
        yield opened
