"""Decisions about the DuckDB warehouse: shared file, declared types, whole or nothing, one clear line on a fault."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import sqlalchemy as sa

from warehouse import SCORES, STAGING, DuckDBWarehouse, raw_schema
from warehouse.errors import WarehouseBusy, WarehouseUnusable

NUMBERS = sa.Table("numbers", sa.MetaData(), sa.Column("n", sa.BigInteger), sa.Column("half", sa.Double), schema=SCORES)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(tmp_path / "deep" / "warehouse.duckdb") as opened:
        yield opened


def series(count: int) -> sa.Select[tuple[object, object]]:
    generated = sa.func.generate_series(1, count).table_valued("generate_series")
    return sa.select(generated.c.generate_series.label("n"), generated.c.generate_series.label("half"))


def test_replace_casts_to_the_declared_types_and_counts_the_rows(warehouse: DuckDBWarehouse) -> None:
    assert warehouse.replace(NUMBERS, series(3)) == 3
    got = warehouse.arrow(sa.select(NUMBERS).order_by(NUMBERS.c.n))
    assert got.schema.types == [pa.int64(), pa.float64()]
    assert got.column("half").to_pylist() == [1.0, 2.0, 3.0]


def test_a_failing_select_leaves_the_old_table_untouched(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace(NUMBERS, series(3))
    broken = sa.select(sa.cast(sa.literal("not a number"), sa.BigInteger).label("n"), sa.literal(1.0).label("half"))
    with pytest.raises(duckdb.Error):
        warehouse.replace(NUMBERS, broken)
    assert warehouse.arrow(sa.select(sa.func.count().label("rows")).select_from(NUMBERS)).to_pylist() == [{"rows": 3}]


def test_rows_are_written_by_column_name_whatever_their_order(warehouse: DuckDBWarehouse) -> None:
    with warehouse.connection() as connection:
        NUMBERS.create(connection)
    warehouse.write(NUMBERS, pa.table({"half": [0.5], "n": [1]}))
    assert warehouse.arrow(sa.select(NUMBERS)).to_pylist() == [{"n": 1, "half": 0.5}]


def test_values_are_bound_so_that_quotes_in_them_are_harmless(warehouse: DuckDBWarehouse) -> None:
    text = "O'Brien \"; drop table x; -- 100% 李"
    assert warehouse.arrow(sa.select(sa.literal(text).label("t"))).to_pylist() == [{"t": text}]


def test_columns_of_a_table_that_is_not_there_are_none(warehouse: DuckDBWarehouse) -> None:
    assert warehouse.columns(STAGING, "nothing") == []
    warehouse.replace(NUMBERS, series(1))
    assert warehouse.columns(SCORES, "numbers") == ["n", "half"]


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    with DuckDBWarehouse(tmp_path / "w.duckdb") as first:
        first.replace(NUMBERS, series(5))
    with DuckDBWarehouse(tmp_path / "w.duckdb") as second:
        assert second.arrow(sa.select(NUMBERS)).num_rows == 5


def test_a_file_open_in_another_process_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(path)!r}); print('open', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        with pytest.raises(WarehouseBusy, match="open in another process"):
            DuckDBWarehouse(path)
    finally:
        holder.communicate("\n")


def test_a_file_that_is_no_warehouse_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_text("a shopping list, not a database " * 200)
    with pytest.raises(WarehouseUnusable, match="cannot use the warehouse file"):
        DuckDBWarehouse(path)


def test_each_crm_has_a_raw_schema_of_its_own() -> None:
    assert raw_schema("sales_cloud") == "raw_sales_cloud"
