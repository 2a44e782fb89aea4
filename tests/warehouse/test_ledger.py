"""The ledger's shape comes from migrations alone, and pipeline runs are kept in it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from warehouse import DuckDBWarehouse, ledger
from warehouse.errors import WarehouseUnusable

AS_OF = datetime(2026, 6, 1)


@pytest.fixture
def warehouse(tmp_path: Path) -> Any:
    with DuckDBWarehouse(tmp_path / "w.duckdb") as opened:
        ledger.migrate(opened)
        yield opened


def version(warehouse: DuckDBWarehouse) -> Any:
    with warehouse.connection() as connection:
        return connection.exec_driver_sql("select version_num from ledger.schema_version").scalar_one()


@pytest.mark.parametrize("table", ledger.metadata.sorted_tables, ids=lambda table: table.name)
def test_migrations_give_the_declared_tables(warehouse: DuckDBWarehouse, table: Any) -> None:
    with warehouse.connection() as connection:
        connection.execute(sa.schema.CreateSchema("declared"))
        table.to_metadata(sa.MetaData(), schema="declared").create(connection)
        found, declared = (
            {column["name"]: str(column["type"]) for column in sa.inspect(connection).get_columns(table.name, schema=schema)}
            for schema in ("ledger", "declared")
        )
    assert found == declared
    assert list(found) == [column.name for column in table.columns]


def test_an_empty_warehouse_is_brought_to_the_newest_version(warehouse: DuckDBWarehouse) -> None:
    config = Config()
    config.set_main_option("script_location", str(ledger.MIGRATIONS))
    assert version(warehouse) == ScriptDirectory.from_config(config).get_current_head()


def test_migrating_again_changes_nothing(warehouse: DuckDBWarehouse) -> None:
    run_id = ledger.start_run(warehouse, AS_OF)
    before = version(warehouse)
    ledger.migrate(warehouse)
    assert (version(warehouse), ledger.recent_runs(warehouse)[0]["run_id"]) == (before, run_id)


def test_a_ledger_of_a_newer_version_is_told_in_a_line_and_left_as_it_is(warehouse: DuckDBWarehouse) -> None:
    with warehouse.connection() as connection:
        connection.exec_driver_sql("update ledger.schema_version set version_num = '9999'")
    with pytest.raises(WarehouseUnusable, match="was made by a newer guanxi; install that version again"):
        ledger.migrate(warehouse)
    assert version(warehouse) == "9999"


def test_a_ledger_survives_closing_the_file(tmp_path: Path) -> None:
    with DuckDBWarehouse(tmp_path / "w.duckdb") as first:
        ledger.migrate(first)
        run_id = ledger.start_run(first, AS_OF)
    with DuckDBWarehouse(tmp_path / "w.duckdb") as second:
        ledger.migrate(second)
        assert ledger.recent_runs(second)[0]["run_id"] == run_id


def test_the_engine_and_migrations_work_in_either_import_order(tmp_path: Path) -> None:
    """DuckDB's dialect registers with Alembic only when Alembic is loaded first; ours must not depend on it."""
    import subprocess
    import sys

    code = "import duckdb_sqlalchemy, sys; from warehouse import DuckDBWarehouse, ledger; ledger.migrate(DuckDBWarehouse(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "w.duckdb")], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_run_keeps_its_end_and_its_numbers(warehouse: DuckDBWarehouse) -> None:
    run_id = ledger.start_run(warehouse, AS_OF)
    ledger.finish_run(warehouse, run_id, "done", counts={"read": 3, "dropped": {"open": 1}})
    [run] = ledger.recent_runs(warehouse)
    assert (run["status"], run["as_of"], run["counts"]) == ("done", AS_OF, {"read": 3, "dropped": {"open": 1}})
    assert run["finished"] >= run["started"]


def test_a_run_whose_process_died_is_interrupted_when_the_next_one_starts(warehouse: DuckDBWarehouse) -> None:
    ledger.start_run(warehouse, AS_OF)
    ledger.start_run(warehouse, AS_OF)
    assert [run["status"] for run in ledger.recent_runs(warehouse)] == ["running", "interrupted"]


def test_runs_come_newest_first_and_limited(warehouse: DuckDBWarehouse) -> None:
    ids = [ledger.start_run(warehouse, AS_OF) for _ in range(3)]
    assert [run["run_id"] for run in ledger.recent_runs(warehouse, limit=2)] == ids[:0:-1]


def test_quarantine_lists_what_was_rejected_often_enough(warehouse: DuckDBWarehouse) -> None:
    row = {"crm": "c", "entity": "contact", "code": "LOCKED", "message": "m", "first_at": AS_OF, "last_at": AS_OF, "run_id": "r"}
    with warehouse.connection() as connection:
        rows = [{**row, "record_id": str(attempts), "attempts": attempts} for attempts in (4, 5, 6)]
        connection.execute(sa.insert(ledger.sync_quarantine), rows)
    assert [item["attempts"] for item in ledger.quarantined(warehouse, 5)] == [5, 6]


def test_instants_are_naive_utc() -> None:
    assert ledger.now().tzinfo is None
