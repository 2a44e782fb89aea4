"""`guanxi report` as a user types it."""

from collections.abc import Callable
from pathlib import Path

from tests.orchestration.conftest import Guanxi
from tests.orchestration.report.conftest import record_run
from warehouse import DuckDBWarehouse


def test_before_the_first_run_one_line_says_what_to_do(guanxi: Guanxi, write: Callable[..., Path], tmp_path: Path) -> None:
    write()
    result = guanxi("report")
    assert result.returncode == 1
    assert result.stderr == "guanxi: there is nothing to report yet; start with: guanxi run\n"
    assert not (tmp_path / ".guanxi").exists()


def test_the_pages_are_written_where_asked_and_the_entry_is_named(guanxi: Guanxi, write: Callable[..., Path], tmp_path: Path) -> None:
    write()
    with DuckDBWarehouse(tmp_path / ".guanxi" / "warehouse.duckdb") as warehouse:
        record_run(warehouse)
    result = guanxi("report", "--output", "elsewhere")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "7 pages; open elsewhere/index.html\n"
    assert len(list((tmp_path / "elsewhere").glob("*.html"))) == 7
