"""A disk that fills in the middle of the work: the first fault is the one that is told, and the run can be made again."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from orchestration.config import load
from orchestration.session import recorded
from tests.disk import full_disk
from tests.orchestration.conftest import VARIABLES
from warehouse import DuckDBWarehouse, ledger
from warehouse.errors import WarehouseFull

TABLE = sa.Table("big", sa.MetaData(schema="staging"), sa.Column("word", sa.String))
ROWS = sa.select(sa.func.repeat(sa.func.md5(sa.cast(sa.column("range"), sa.String)), 50).label("word")).select_from(sa.text("range(40000)"))


def test_the_first_fault_of_a_disk_that_fills_is_told_and_the_next_run_closes_the_one_it_ended(write: Callable[..., Path]) -> None:
    config = load(write(), VARIABLES)
    with recorded(config):
        pass
    size = config.warehouse_file.stat().st_size
    with pytest.raises(WarehouseFull, match="is full; free space and run again"), full_disk(size + 4096), recorded(config) as session:
        session.warehouse.replace(TABLE, ROWS)
    with DuckDBWarehouse(config.warehouse_file) as warehouse:
        ledger.start_run(warehouse, dt.datetime(2026, 6, 1))
        assert [run["status"] for run in ledger.recent_runs(warehouse)][1:] == ["interrupted", "done"]
        assert warehouse.columns("staging", "big") == []
