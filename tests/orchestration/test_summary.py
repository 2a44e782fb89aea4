"""The table a run ends with adds up, and warnings, notes and faults are seen."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from connectors.contract import ExtractReport, ObjectReport
from orchestration.config import load
from orchestration.figures import Check, Figures, Step
from orchestration.session import Session, opened
from orchestration.summary import show
from quality.reconciliation import Account
from tests.orchestration.conftest import VARIABLES

Write = Callable[..., Path]


def figures(written: int = 2, planned: int = 3, rows: int = 10) -> Figures:
    reports = {"Task": ObjectReport("Task", rows=rows, total=10), "Lead": ObjectReport("Lead", mode="skipped", skipped="no Leads here")}
    found = Figures(
        steps=[Step("extract c", "extract", 10, 2.0), Step("model.people", "model", 5, 1.0), Step("model.users", "model", 1, 1.0)]
    )
    found.extracts["c"] = ExtractReport("c", reports)
    found.accounts["c", "Task"] = Account("c", "Task", 10, 6, {"future": 1, "open": 3})
    numbers = {"planned": planned, "written": written, "unchanged": 4, "skipped": 0, "rejected": planned - written}
    found.entities["c", "contact"] = numbers
    return found


@pytest.fixture
def shown(write: Write) -> Callable[..., tuple[str, str]]:
    config = load(write(), VARIABLES)

    def show_it(found: Figures, dry_run: bool = False) -> tuple[str, str]:
        with opened(config, dt.datetime(2026, 6, 1, tzinfo=dt.UTC)) as session:
            out, err = (Console(file=io.StringIO(), width=160) for _ in range(2))
            show(Session(config, session.warehouse, session.as_of, figures=found), out, err, dry_run=dry_run)
            return out.file.getvalue(), err.file.getvalue()  # type: ignore[attr-defined]

    return show_it


def cells(text: str, name: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"│{name} "))
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_read_is_counted_plus_dropped_and_reasons_are_told(shown: Callable[..., tuple[str, str]]) -> None:
    out, err = shown(figures())
    assert cells(out, "Task") == ["Task", "10", "10", "6", "4", "future 1, open 3"]
    assert cells(out, "all activities")[-1] == "10 = 6 + 4"
    assert cells(out, "contact") == ["contact", "3", "2", "4", "0", "1"]
    assert cells(out, "extract") == ["extract", "10", "2.0", "5", "", ""]
    assert cells(out, "model") == ["model", "6", "2.0", "3", "", ""]
    assert "no Leads here" in out
    assert "run of c as of 2026-06-01T00:00:00Z" in out
    assert err == ""


def test_a_run_with_nothing_new_says_so(shown: Callable[..., tuple[str, str]]) -> None:
    assert "nothing new: no record changed, 0 rows written" in shown(figures(written=0, planned=0, rows=0))[0]
    assert "nothing new: 10 changed rows were read and move no figure" in shown(figures(written=0, planned=0))[0]


def test_a_dry_run_says_what_would_be_written(shown: Callable[..., tuple[str, str]]) -> None:
    assert "dry run: 3 rows would be written, nothing was" in shown(figures(written=0), dry_run=True)[0]


def test_a_failing_check_that_does_not_block_is_a_visible_warning(shown: Callable[..., tuple[str, str]]) -> None:
    found = figures()
    found.checks.append(Check("model.people:x", False, "model.people: not so that x: 2 of 9 rows, e.g. c:003"))
    out, _ = shown(found)
    assert not found.failed
    assert "warning: model.people: not so that x: 2 of 9 rows, e.g. c:003" in out


def test_a_blocking_check_and_a_fault_fail_the_run_and_go_to_standard_error(shown: Callable[..., tuple[str, str]]) -> None:
    found = figures()
    found.checks.append(Check("enrichment.contact:key_unique", True, "enrichment.contact: not so that no record is written twice"))
    found.faults["extract d"] = "extract d: cannot be reached"
    out, err = shown(found)
    assert found.failed
    assert found.message == "extract d: cannot be reached"
    assert err.splitlines() == [
        "failed: extract d: cannot be reached",
        "stopped: enrichment.contact: not so that no record is written twice",
    ]
    assert "nothing new" not in out


def test_without_an_extraction_there_is_no_table(shown: Callable[..., tuple[str, str]]) -> None:
    found = Figures(faults={"extract c": "extract c: cannot be reached"})
    assert shown(found) == ("", "failed: extract c: cannot be reached\n")
