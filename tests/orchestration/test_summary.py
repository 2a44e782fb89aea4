"""The table a run ends with adds up, and warnings, notes and faults are seen."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.console import Console

from connectors.activation.preview import MethodChange, Move
from connectors.contract import ExtractReport, ObjectReport
from connectors.fields import OUTPUT
from orchestration.config import load
from orchestration.figures import INTERRUPTED, Check, Fault, Figures, Step
from orchestration.freshness import closing
from orchestration.in_process import _left
from orchestration.session import Session, opened
from orchestration.summary import show
from quality.reconciliation import Account
from tests.orchestration.conftest import DYNAMICS, VARIABLES
from warehouse.ledger import sync_run

Write = Callable[..., Path]


def figures(written: int = 2, planned: int = 3, rows: int = 10) -> Figures:
    reports = {"Task": ObjectReport("Task", rows=rows, total=10), "Lead": ObjectReport("Lead", mode="skipped", skipped="no Leads here")}
    found = Figures(
        steps=[
            Step("extract sales_cloud", "extract", 10, 2.0, "sales_cloud"),
            Step("model.people", "model", 5, 1.0),
            Step("model.users", "model", 1, 1.0),
        ]
    )
    found.extracts["sales_cloud"] = ExtractReport("sales_cloud", reports)
    found.accounts["sales_cloud", "Task"] = Account("sales_cloud", "Task", 10, 6, {"future": 1, "open": 3})
    numbers = {"planned": planned, "written": written, "unchanged": 4, "skipped": 0, "rejected": planned - written}
    found.entities["sales_cloud", "contact"] = numbers
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
    assert "run of sales_cloud as of 2026-06-01T00:00:00Z" in out
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
    found.faults["extract d"] = Fault("extract d: cannot be reached", "d")
    out, err = shown(found)
    assert found.failed
    assert found.message == "extract d: cannot be reached"
    assert err.splitlines() == [
        "failed: extract d: cannot be reached",
        "stopped: enrichment.contact: not so that no record is written twice",
    ]
    assert "nothing new" not in out


def test_of_several_crms_each_has_its_name_its_rows_and_its_sums(shown: Callable[..., tuple[str, str]]) -> None:
    found = figures()
    found.extracts["d"] = ExtractReport("d", {"email": ObjectReport("email", rows=3, total=3)})
    found.accounts["d", "email"] = Account("d", "email", 3, 3, {})
    found.entities["d", "contact"] = {"planned": 1, "written": 1, "unchanged": 0, "skipped": 0, "rejected": 0}
    out, _ = shown(found)
    names = [line.strip("│").split("│")[0].strip() for line in out.splitlines() if line.startswith("│")]
    assert names[:6] == ["sales_cloud", "Task", "Lead", "all activities", "d", "email"]
    assert [line.split("│")[6].strip() for line in out.splitlines() if line.startswith("│all activities")] == ["10 = 6 + 4", "3 = 3 + 0"]
    assert names[8:14] == ["sales_cloud", "contact", "all", "d", "contact", "all"]
    assert "run of sales_cloud, d as of" in out


def test_what_concerns_one_crm_is_told_from_what_concerns_all() -> None:
    found = figures()
    found.checks += [Check("model.people:x", True, "all"), Check("raw_d.email:x", True, "d alone", "d")]
    found.faults["build"] = Fault("all again")
    assert (found.failed_alone("sales_cloud"), found.failed_alone("d")) == (False, True)
    alone = found.only("sales_cloud")
    assert ([step.name for step in alone.steps], alone.faults, alone.checks) == (["extract sales_cloud"], {}, [])
    assert (list(alone.extracts), list(found.only("d").extracts)) == (["sales_cloud"], [])
    assert [check.line for check in found.only("", "sales_cloud").checks] == ["all"]


def closed(write: Write, found: Figures, pushed: dt.date | None = None, dry_run: bool = False) -> str:
    """The closing line of a run of sales_cloud, whose last push that came to its end was as of `pushed`."""
    with opened(load(write(), VARIABLES), crm="sales_cloud") as session:
        pushes = ((dt.date(2026, 6, 1), "done"), (pushed, "done"), (dt.date(2026, 5, 31), "failed")) if pushed else ()
        with session.warehouse.connection() as connection:
            for day, (as_of, status) in enumerate(pushes, 1):
                row = {"run_id": f"{day}", "crm": "sales_cloud", "as_of": as_of, "status": status}
                connection.execute(sa.insert(sync_run).values(planned_at=dt.datetime(2026, 6, day), **row))
        session.figures = found
        return closing(session, "sales_cloud", dry_run=dry_run)


def test_a_run_that_went_well_closes_with_what_is_fresh(write: Write) -> None:
    assert closed(write, figures()) == "sales_cloud: fresh, 2 rows written"


def test_a_run_that_failed_closes_with_why_and_of_what_day_the_figures_in_the_crm_are(write: Write) -> None:
    found = Figures(faults={"extract sales_cloud": Fault("extract sales_cloud: cannot be reached", "sales_cloud")})
    cause = "sales_cloud: NOT fresh: extract sales_cloud: cannot be reached; "
    assert closed(write, found, dt.date(2026, 5, 30)) == f"{cause}figures in the CRM are those of 2026-05-30"


def test_a_first_run_that_failed_says_that_the_crm_holds_nothing_yet(write: Write) -> None:
    found = Figures(checks=[Check("enrichment.contact:key_unique", True, "enrichment.contact: twice")])
    assert closed(write, found) == "sales_cloud: NOT fresh: enrichment.contact: twice; the CRM holds no figures yet"


def test_what_was_planned_only_is_not_called_fresh(write: Write) -> None:
    day = "figures in the CRM are those of 2026-05-30"
    assert closed(write, figures(), dt.date(2026, 5, 30), dry_run=True) == f"sales_cloud: not written, this was a dry run; {day}"
    waiting = figures()
    waiting.waiting["sales_cloud"] = "3f9c0a1b2d4e"
    assert closed(write, waiting, dt.date(2026, 5, 30)) == f"sales_cloud: not written, plan 3f9c0a1b2d4e waits for approval; {day}"


def test_without_an_extraction_there_is_no_table(shown: Callable[..., tuple[str, str]]) -> None:
    found = Figures(faults={"extract c": Fault("extract c: cannot be reached", "c")})
    assert shown(found) == ("", "failed: extract c: cannot be reached\n")


def changed() -> Figures:
    spec = next(spec for spec in OUTPUT["contact"] if spec.name == "Closeness_Grade")
    moves = [Move("contact", spec, "Good", "Fair", 1_200), Move("contact", spec, "Fair", "Good", 2)]
    found = figures()
    found.method_changes.append(MethodChange("c", "m1", "m2", {"contact": 3}, {"contact": 1_202}, moves))
    return found


def test_a_run_under_another_method_says_so_in_one_line(shown: Callable[..., tuple[str, str]]) -> None:
    out, _ = shown(changed())
    assert "c: method m1 -> m2: 1,202 contacts change grade, 3 rows to write" in out.splitlines()
    assert "Good -> Fair" not in out


def test_a_dry_run_under_another_method_tells_every_step_before_anything_is_written(shown: Callable[..., tuple[str, str]]) -> None:
    out, _ = shown(changed(), dry_run=True)
    assert "  contact  Closeness Grade  Good -> Fair  1,200  down" in out.splitlines()
    assert "  contact  Closeness Grade  Fair -> Good      2  up" in out.splitlines()


def goes_on_alone(write: Write, found: Figures) -> list[str]:
    """Of the two CRMs that were run together, those that must go on alone."""
    return [crm.name for crm in _left(found, list(load(write(DYNAMICS), VARIABLES).crms.values()))]


def test_who_was_read_goes_on_alone_when_another_or_all_together_could_not(write: Write) -> None:
    refused = Fault("extract dynamics: refused", "dynamics")
    assert goes_on_alone(write, Figures(faults={"extract dynamics": refused})) == ["sales_cloud"]
    assert goes_on_alone(write, Figures(checks=[Check("model.people:x", True, "bad")])) == ["sales_cloud", "dynamics"]
    planned = [Step(f"plan {crm}", "plan", crm=crm) for crm in ("sales_cloud", "dynamics")]
    assert goes_on_alone(write, Figures(steps=planned, faults={"push dynamics": refused})) == []


def test_nobody_goes_on_alone_after_an_interruption_or_when_history_cannot_be_kept(write: Write) -> None:
    assert goes_on_alone(write, Figures(faults={"model.people": Fault(f"model.people: {INTERRUPTED}")})) == []
    assert goes_on_alone(write, Figures(faults={"history": Fault("the disk is full")})) == []
