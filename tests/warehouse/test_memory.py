"""A quarter of the machine's memory, within bounds."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import DuckDBWarehouse
from warehouse.errors import WarehouseShort
from warehouse.memory import MB, limit_of, machine_memory

GB = 1024 * MB


@pytest.mark.parametrize(
    ("memory", "limit"),
    [(1 * GB, "512MiB"), (2 * GB, "512MiB"), (3 * GB, "768MiB"), (512 * GB, "768MiB")],
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


def test_too_little_memory_is_one_line_that_says_which_key_to_set(tmp_path: Path) -> None:
    big = sa.text("select list(number order by number % 7) from range(5000000) as numbers(number)")
    with DuckDBWarehouse(tmp_path / "w.duckdb", memory_limit="60MiB") as warehouse:
        with pytest.raises(WarehouseShort, match=r"\[warehouse\] memory"):
            warehouse.arrow(big)
        assert warehouse.arrow(sa.select(sa.literal(1).label("one"))).to_pylist() == [{"one": 1}]
