"""A quarter of the machine's memory, within bounds."""

from pathlib import Path

import pytest

from warehouse import DuckDBWarehouse
from warehouse.memory import MB, limit_of, machine_memory

GB = 1024 * MB


@pytest.mark.parametrize(
    ("memory", "limit"),
    [(1 * GB, "512MiB"), (2 * GB, "512MiB"), (4 * GB, "1024MiB"), (15 * GB, "3840MiB"), (16 * GB, "4096MiB"), (512 * GB, "4096MiB")],
)
def test_the_engine_gets_a_quarter_of_the_memory_within_bounds(memory: int, limit: str) -> None:
    assert limit_of(memory) == limit


def test_a_container_has_the_memory_it_is_given(tmp_path: Path) -> None:
    given = tmp_path / "memory.max"
    whole = machine_memory(given)
    assert whole > 100 * MB
    given.write_text(f"{100 * MB}\n")
    assert machine_memory(given) == 100 * MB
    given.write_text("max\n")
    assert machine_memory(given) == whole


def test_the_limit_is_that_of_the_machine_unless_one_is_given(tmp_path: Path) -> None:
    def limit(**given: str) -> str:
        with DuckDBWarehouse(tmp_path / "w.duckdb", **given) as warehouse, warehouse.native() as cursor:  # type: ignore[arg-type]
            return str(cursor.execute("select current_setting('memory_limit')").fetchall()[0][0])

    assert limit(memory_limit="300MiB") == "300.0 MiB"
    assert limit() == limit(memory_limit=limit_of(machine_memory()))
