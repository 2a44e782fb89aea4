"""Extractions that go wrong: what a run survives, what ends it, and that the run after it is whole again."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import CrmError, IncompleteRead, QuotaExhausted
from connectors.salesforce.reader import SalesforceReader
from warehouse import DuckDBWarehouse

ROOT = Path(__file__).parents[3]
RUN = """
import sys
from pathlib import Path
from connectors.salesforce.reader import SalesforceReader
from connectors.salesforce.settings import SalesforceSettings
from warehouse import DuckDBWarehouse
url, client_id, secret, folder = sys.argv[1:]
settings = SalesforceSettings(instance_url=url, client_id=client_id, client_secret=secret)
with DuckDBWarehouse(Path(folder) / "warehouse.duckdb") as warehouse:
    reader = SalesforceReader(settings, "sales", "GX", Path(folder) / "work")
    reader.extract(warehouse, progress=lambda line: print(line, flush=True))
"""
RESULTS, POLL, CREATE = "*/jobs/query/*/results", "*/jobs/query/750???????????????", "*/jobs/query"


@pytest.fixture
def extract(sandbox: Any, settings_of: Any, tmp_path: Any) -> Iterator[Callable]:
    """`extract()` runs once into this test's warehouse and gives the rows of each object."""
    sandbox.post_control("salesforce/bulk", {"page_rows": 100, "processing_seconds": 0})

    def run() -> dict[str, int]:
        reader = SalesforceReader(settings_of(sandbox), "sales", "GX", tmp_path / "work")
        with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as warehouse:
            reader.extract(warehouse)
        return stored(tmp_path)

    yield run
    sandbox.faults()
    sandbox.post_control("salesforce/bulk", {"page_rows": 50_000, "processing_seconds": 0})


def stored(folder: Path) -> dict[str, int]:
    with DuckDBWarehouse(folder / "warehouse.duckdb") as warehouse, warehouse.native() as cursor:
        query = (
            "select table_name from information_schema.tables where table_schema = 'raw_sales' and table_name not like '\\_%' escape '\\'"
        )
        names = [name for (name,) in cursor.execute(query).fetchall() if name != "extracted_columns"]
        return {name: cursor.execute(f'select count(distinct "Id") from raw_sales."{name}"').fetchone()[0] for name in names}


@pytest.fixture
def whole(sandbox: Any) -> dict[str, int]:
    """Rows of each object in the org."""
    with sandbox.client() as client:
        names = (
            "Task",
            "Event",
            "EmailMessage",
            "EmailMessageRelation",
            "TaskRelation",
            "EventRelation",
            "Contact",
            "Account",
            "Lead",
            "User",
        )
        counts = {name: client.get("queryAll", params={"q": f"SELECT COUNT() FROM {name}"}).json()["totalSize"] for name in names}
    return counts


def assert_whole(rows: dict[str, int], whole: dict[str, int]) -> None:
    assert {name: rows.get(name) for name in whole} == whole


SURVIVED = {
    "expired sessions and connections reset": [
        {"action": "expire_tokens", "path": POLL, "skip": 2},
        {"action": "expired", "path": RESULTS, "skip": 3},
        {"action": "reset", "path": RESULTS, "times": 4, "every": 5},
    ],
    "pages and answers that are none": [
        {"action": "unavailable", "path": RESULTS, "skip": 1, "times": 2, "every": 3},
        {"action": "busy", "skip": 10},
        {"action": "not_acceptable", "skip": 20},
        {"action": "concurrent_limit", "method": "POST", "path": CREATE, "times": 3, "every": 2},
        {"action": "cut_page", "path": RESULTS, "skip": 2, "value": 0.3},
        {"action": "fail_job", "method": "POST", "path": CREATE, "object": "Task"},
    ],
}


@pytest.mark.parametrize("rules", SURVIVED.values(), ids=SURVIVED)
def test_a_run_survives(sandbox: Any, extract: Any, whole: Any, rules: Any) -> None:
    sandbox.faults(*rules)
    assert_whole(extract(), whole)


def test_a_run_survives_a_storm(sandbox: Any, extract: Any, whole: Any) -> None:
    sandbox.post_control("faults", {"profile": "storm"})
    assert_whole(extract(), whole)


ENDED = {
    "pages that stay cut": ([{"action": "cut_page", "path": RESULTS, "times": 0, "value": 0.1}], IncompleteRead),
    "the day's calls are gone": ([{"action": "total_limit", "path": RESULTS, "skip": 5, "times": 0}], QuotaExhausted),
    "a job given up twice": ([{"action": "fail_job", "method": "POST", "path": CREATE, "object": "Task", "times": 0}], CrmError),
}


@pytest.mark.parametrize(("rules", "kind"), ENDED.values(), ids=ENDED)
def test_a_run_that_fails_stores_nothing_and_the_next_one_is_whole(
    sandbox: Any, extract: Any, whole: Any, tmp_path: Any, rules: Any, kind: Any
) -> None:
    sandbox.faults(*rules)
    with pytest.raises(kind) as caught:
        extract()
    assert "\n" not in str(caught.value)
    assert stored(tmp_path) == {}
    sandbox.faults()
    assert_whole(extract(), whole)


def start(sandbox: Any, folder: Path) -> subprocess.Popen:
    arguments = [sandbox.url, sandbox.client_id, sandbox.client_secret, str(folder)]
    return subprocess.Popen([sys.executable, "-c", RUN, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_at(process: subprocess.Popen, ready: Callable[[str], bool], after: float = 0.0) -> None:
    """Kill -9 once a line of progress says so."""
    for line in process.stdout:
        if ready(line):
            break
    time.sleep(after)
    process.kill()
    process.wait(10)


def test_after_a_kill_only_the_missing_pages_are_fetched(sandbox: Any, extract: Any, whole: Any, tmp_path: Any) -> None:
    sandbox.faults({"action": "slow", "path": RESULTS, "times": 0, "value": 0.02})
    kill_at(start(sandbox, tmp_path), lambda line: line.startswith("Task: 500 "))
    kept = len(list((tmp_path / "work").rglob("page-*.parquet")))
    assert kept >= 5
    sandbox.faults()
    sandbox.control("DELETE", "requests")
    assert_whole(extract(), whole)
    kinds = sandbox.requests()
    pages = sum(-(-max(count, 1) // 100) for count in whole.values())
    assert kinds["bulk.query.results"] <= pages + 4 - kept
    assert "bulk.query.create" not in kinds


@pytest.mark.parametrize("seconds", [0.1, 0.5])
def test_a_kill_while_loading_is_repaired_by_the_next_run(sandbox: Any, extract: Any, whole: Any, tmp_path: Any, seconds: Any) -> None:
    kill_at(start(sandbox, tmp_path), lambda line: line.startswith("loading"), seconds)
    assert_whole(extract(), whole)
