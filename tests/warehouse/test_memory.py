"""The engine begins with little memory and takes more when a statement cannot do with it; what was configured stands."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import DuckDBWarehouse
from warehouse import memory as memory_module
from warehouse.errors import WarehouseShort
from warehouse.memory import MB, first_limit, machine_memory, next_limit, spelled

GB = 1024 * MB


@pytest.mark.parametrize(
    ("memory", "limit"),
    [(1 * GB, "512MiB"), (2 * GB, "512MiB"), (3 * GB, "768MiB"), (512 * GB, "768MiB")],
)
def test_the_engine_begins_with_a_quarter_of_the_memory_within_bounds(memory: int, limit: str) -> None:
    assert spelled(first_limit(memory)) == limit


@pytest.mark.parametrize(("memory", "held", "limit"), [(24, 1, "768MiB"), (24, 4, "2048MiB"), (24, 40, "6144MiB"), (1, 40, "512MiB")])
def test_a_large_warehouse_begins_with_half_its_size_and_no_more_than_a_quarter_of_the_machine(memory: int, held: int, limit: str) -> None:
    assert spelled(first_limit(memory * GB, held * GB)) == limit


@pytest.mark.parametrize(("limit", "memory", "grown"), [(768, 8_000, 1_536), (1_536, 4_000, 2_000), (2_000, 4_000, 2_000), (512, 900, 512)])
def test_it_grows_twofold_up_to_half_of_the_machine_and_never_shrinks(limit: int, memory: int, grown: int) -> None:
    assert next_limit(limit, memory) == grown


def test_a_container_has_the_memory_it_is_given(tmp_path: Path) -> None:
    given = tmp_path / "memory.max"
    whole = machine_memory(given)
    assert whole > 100 * MB
    given.write_text(f"{100 * MB}\n")
    assert machine_memory(given) == 100 * MB
    given.write_text("max\n")
    assert machine_memory(given) == whole


def limit_in_force(warehouse: DuckDBWarehouse) -> str:
    with warehouse.native() as cursor:
        return str(cursor.execute("select current_setting('memory_limit')").fetchall()[0][0])


def test_the_limit_is_that_of_the_machine_unless_one_is_given(tmp_path: Path) -> None:
    def limit(**given: str) -> str:
        with DuckDBWarehouse(tmp_path / "w.duckdb", **given) as warehouse:  # type: ignore[arg-type]
            return limit_in_force(warehouse)

    assert limit(memory_limit="300MiB") == "300.0 MiB"
    assert limit() == limit(memory_limit=spelled(first_limit(machine_memory())))


LISTED = "select list(number order by number % 7) as numbers from range(2000000) as numbers(number)"
"""It cannot go on from disk, and does not fit into 30 MiB."""


def test_too_little_memory_is_one_line_that_says_which_key_to_set(tmp_path: Path) -> None:
    with DuckDBWarehouse(tmp_path / "w.duckdb", memory_limit="30MiB") as warehouse:
        with pytest.raises(WarehouseShort, match=r"\[warehouse\] memory"):
            warehouse.arrow(sa.text(LISTED))
        assert warehouse.arrow(sa.select(sa.literal(1).label("one"))).to_pylist() == [{"one": 1}]
        assert limit_in_force(warehouse) == "30.0 MiB"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose engine begins with 30 MiB; write how much memory it has into this file."""
    for name in ("LEAST", "USUAL"):
        monkeypatch.setattr(memory_module, name, 30 * MB)
    given = tmp_path / "memory.max"
    given.write_text("max")
    monkeypatch.setattr(machine_memory, "__defaults__", (given,))
    return given


def test_a_statement_that_is_short_of_memory_is_given_more_and_run_again(tmp_path: Path, machine: Path) -> None:
    listed = sa.Table("listed", sa.MetaData(), sa.Column("numbers", sa.ARRAY(sa.BigInteger)), schema="model")
    rows = sa.select(sa.text(LISTED).columns(*(sa.column(column.name, column.type) for column in listed.c)).subquery())
    with DuckDBWarehouse(tmp_path / "w.duckdb") as warehouse:
        assert limit_in_force(warehouse) == "30.0 MiB"
        assert warehouse.replace(listed, rows) == 1
        taken = limit_in_force(warehouse)
        assert taken != "30.0 MiB"
        assert warehouse.arrow(sa.text("select len(numbers) as many from model.listed"))["many"].to_pylist() == [2_000_000]
        assert limit_in_force(warehouse) == taken


def test_a_question_that_is_short_of_memory_is_asked_again_with_more(tmp_path: Path, machine: Path) -> None:
    with DuckDBWarehouse(tmp_path / "w.duckdb") as warehouse:
        assert len(warehouse.arrow(sa.text(LISTED))["numbers"][0].values) == 2_000_000
        assert limit_in_force(warehouse) != "30.0 MiB"


def test_more_than_half_of_the_machine_is_never_taken(tmp_path: Path, machine: Path) -> None:
    machine.write_text(str(70 * MB))
    with DuckDBWarehouse(tmp_path / "w.duckdb") as warehouse:
        with pytest.raises(WarehouseShort, match=r"\[warehouse\] memory"):
            warehouse.arrow(sa.text(LISTED))
        assert limit_in_force(warehouse) == "35.0 MiB"
