"""`guanxi explain --as-of`: history read from the command line."""

import datetime as dt
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.transforms.history.kit import computed, empty, record
from tests.transforms.scores.small_company import store
from transforms import tables as model
from warehouse import DuckDBWarehouse, ledger

Guanxi = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[..., Path]
ANN = "0035g00000000LVAAY"


def past(folder: Path) -> None:
    """Ann on two days; runs of both came to their end."""
    (folder / ".guanxi").mkdir()
    with DuckDBWarehouse(folder / ".guanxi/warehouse.duckdb") as warehouse:
        ledger.migrate(warehouse)
        empty(warehouse)
        for day, closeness in (("2026-06-01", 40.0), ("2026-06-10", 50.0)):
            store(warehouse, model.people, [{"person_id": ANN, "attitude": 1}])
            computed(warehouse, **{ANN: {"closeness": closeness, "method_version": "m1"}})
            run = ledger.start_run(warehouse, dt.datetime.fromisoformat(day))
            record(warehouse, day, run_id=run)
            ledger.finish_run(warehouse, run, "done", "", {})


def test_a_past_day_is_read_with_the_labels_of_the_fields(guanxi: Guanxi, write: Write, tmp_path: Path) -> None:
    write()
    past(tmp_path)
    said = guanxi("explain", f"sales_cloud:{ANN}", "--as-of", "2026-06-05")
    assert said.returncode == 0, said.stderr
    text = " ".join(said.stdout.split())
    assert f"sales_cloud:{ANN} (contact) as recorded on 2026-06-01" in text
    assert "Closeness 40.0 today 50.0" in text
    assert "Attitude 1 seen first on 2026-06-01" in text
    before = guanxi("explain", f"sales_cloud:{ANN}", "--as-of", "2026-05-05")
    assert (before.returncode, before.stdout) == (1, "")
    assert "sales_cloud is on record from 2026-06-01 on" in before.stderr


def test_recompute_without_a_day_is_misuse(guanxi: Guanxi, write: Write) -> None:
    write()
    result = guanxi("explain", f"sales_cloud:{ANN}", "--recompute")
    assert result.returncode == 2
    assert "--recompute asks for --as-of DATE" in result.stderr
