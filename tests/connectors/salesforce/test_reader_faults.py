"""Extractions that go wrong: what a run survives, what ends it, and that the run after it is whole again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import CrmError, IncompleteRead, QuotaExhausted
from connectors.salesforce.reader import SalesforceReader
from connectors.salesforce.specs import OBJECTS
from tests.connectors.night import killed_at
from warehouse import DuckDBWarehouse

RESULTS, POLL, CREATE = "*/jobs/query/*/results", "*/jobs/query/750???????????????", "*/jobs/query"


@pytest.fixture
def extract(sandbox: Any, settings_of: Any, tmp_path: Any) -> Iterator[Callable]:
    """`extract()` runs once into this test's warehouse and gives the rows of each object."""
    sandbox.post_control("salesforce/bulk", {"page_rows": 100, "processing_seconds": 0})

    def run() -> dict[str, int]:
        reader = SalesforceReader(settings_of(sandbox), "sales", "GX", tmp_path / "work")
        with DuckDBWarehouse(tmp_path / "warehouse.duckdb") as warehouse:
            task = reader.extract(warehouse).objects["Task"]
        assert task.pages == -(-task.rows // 100)
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
        names = [spec.name for spec in OBJECTS]
        counts = {name: client.get("queryAll", params={"q": f"SELECT COUNT() FROM {name}"}).json()["totalSize"] for name in names}
    return counts


def assert_whole(rows: dict[str, int], whole: dict[str, int]) -> None:
    assert {name: rows.get(name) for name in whole} == whole


def test_a_run_survives_ended_sessions_broken_lines_and_answers_that_are_none(sandbox: Any, extract: Any, whole: Any) -> None:
    sandbox.faults(
        {"action": "expire_tokens", "path": POLL, "skip": 2},
        {"action": "expired", "path": RESULTS, "skip": 3},
        {"action": "reset", "path": RESULTS, "times": 4, "every": 5},
        {"action": "unavailable", "path": RESULTS, "skip": 1, "times": 2, "every": 3},
        {"action": "busy", "skip": 10},
        {"action": "not_acceptable", "skip": 20},
        {"action": "concurrent_limit", "method": "POST", "path": CREATE, "times": 3, "every": 2},
        {"action": "cut_page", "path": RESULTS, "skip": 2, "value": 0.3},
        {"action": "fail_job", "method": "POST", "path": CREATE, "object": "Task"},
    )
    assert_whole(extract(), whole)
    assert all(rule["struck"] for rule in sandbox.control("GET", "faults").json()["rules"])


def test_a_run_survives_a_storm(sandbox: Any, extract: Any, whole: Any) -> None:
    sandbox.post_control("faults", {"profile": "storm"})
    assert_whole(extract(), whole)


def test_a_run_that_fails_stores_nothing_and_the_next_one_is_whole(sandbox: Any, extract: Any, whole: Any, tmp_path: Any) -> None:
    for rule, kind in (
        ({"action": "fail_job", "method": "POST", "path": CREATE, "object": "Task"}, CrmError),
        ({"action": "cut_page", "path": RESULTS, "value": 0.1}, IncompleteRead),
        ({"action": "total_limit", "path": RESULTS, "skip": 5}, QuotaExhausted),
    ):
        sandbox.faults({**rule, "times": 0})
        with pytest.raises(kind) as caught:
            extract()
        assert "\n" not in str(caught.value)
        assert stored(tmp_path) == {}
    sandbox.faults()
    assert_whole(extract(), whole)


def kill(sandbox: Any, folder: Path, begins: str, after: float = 0.0) -> None:
    given = {"instance_url": sandbox.url, "client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    killed_at("salesforce", "sales", given, folder, lambda line: line.startswith(begins), after)


def test_after_a_kill_only_the_missing_pages_are_fetched(sandbox: Any, extract: Any, whole: Any, tmp_path: Any) -> None:
    sandbox.faults({"action": "slow", "path": RESULTS, "times": 0, "value": 0.02})
    kill(sandbox, tmp_path, "Task: 500 ")
    kept = len(list((tmp_path / "work").rglob("page-*.parquet")))
    assert kept >= 5
    sandbox.faults()
    sandbox.control("DELETE", "requests")
    assert_whole(extract(), whole)
    kinds = sandbox.requests()
    pages = sum(-(-max(count, 1) // 100) for count in whole.values())
    assert kinds["bulk.query.results"] <= pages - kept
    assert "bulk.query.create" not in kinds


def test_kills_while_loading_are_repaired_by_the_next_run(sandbox: Any, extract: Any, whole: Any, tmp_path: Any) -> None:
    kill(sandbox, tmp_path, "loading", after=0.05)
    kill(sandbox, tmp_path, "loading", after=0.2)
    assert_whole(extract(), whole)
