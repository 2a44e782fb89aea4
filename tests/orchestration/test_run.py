"""`guanxi run` against a real org over HTTP: what goes wrong is one line and exit 1, and the next run goes on."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.config import load
from orchestration.event_log import KeptEventLog
from orchestration.home import close_abandoned, instance
from tests.orchestration.conftest import VARIABLES

Guanxi = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[..., Path]
AS_OF = ("--as-of", "2026-06-01")


@pytest.fixture
def variables(sandbox: Any) -> dict[str, str]:
    sandbox.faults()
    sandbox.post_control("salesforce/access", {"hidden_fields": [], "hidden_objects": []})
    return {"SF_INSTANCE_URL": sandbox.url, "SF_CLIENT_ID": sandbox.client_id, "SF_CLIENT_SECRET": sandbox.client_secret, "COLUMNS": "200"}


def failure(result: "subprocess.CompletedProcess[str]") -> str:
    assert result.returncode == 1, result.stdout + result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line]
    return line.removeprefix("failed: extract sales_cloud: ")


def test_a_wrong_secret_is_one_line_without_the_secret(guanxi: Guanxi, write: Write, variables: Mapping[str, str]) -> None:
    write()
    result = guanxi("run", *AS_OF, variables={**variables, "SF_CLIENT_SECRET": "very-wrong-secret"})
    assert "client_secret" in failure(result)
    assert "very-wrong-secret" not in result.stdout + result.stderr
    status = guanxi("status", variables=variables)
    assert status.returncode == 0
    assert "failed" in status.stdout


def test_an_object_we_may_not_see_is_named(guanxi: Guanxi, write: Write, variables: Mapping[str, str], sandbox: Any) -> None:
    write()
    sandbox.post_control("salesforce/access", {"hidden_objects": ["Task"]})
    assert "Task" in failure(guanxi("run", *AS_OF, variables=variables))


@pytest.mark.slow
def test_a_truncated_page_keeps_nothing_and_the_next_run_goes_on(
    guanxi: Guanxi, write: Write, variables: Mapping[str, str], sandbox: Any, tmp_path: Path
) -> None:
    write()
    sandbox.faults({"action": "cut_page", "path": "*/results", "times": 0, "value": 0.5})
    assert "rows" in failure(guanxi("run", *AS_OF, "--dry-run", variables=variables))
    with duckdb.connect(str(tmp_path / ".guanxi/warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from information_schema.tables where table_name = 'Task'").fetchall() == [(0,)]
    sandbox.faults()
    sandbox.post_control("salesforce/access", {"hidden_fields": ["Contact.Title"]})
    result = guanxi("run", *AS_OF, "--dry-run", variables=variables)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "rows would be written, nothing was" in result.stdout
    assert result.stderr == ""
    _the_history_is_where_dagster_looks(tmp_path)


def _the_history_is_where_dagster_looks(folder: Path) -> None:
    with instance(folder / "guanxi.toml") as found:
        assert isinstance(found.event_log_storage, KeptEventLog)
        good, bad = found.get_runs()
        assert (good.status, bad.status) == (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE)
        assert (good.job_name, good.tags["crm"]) == ("nightly", "sales_cloud")
        landed = found.get_latest_materialization_event(dg.AssetKey(["raw_sales_cloud", "Task"]))
        assert landed is not None
        assert landed.run_id == good.run_id
        assert found.get_latest_materialization_event(dg.AssetKey(["activation_sales_cloud", "push"])) is None


def test_events_are_kept_and_not_printed(write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    @dg.op
    def fails() -> None:
        raise dg.Failure("so it is")

    @dg.job
    def anything() -> None:
        fails()

    with instance(load(write(), VARIABLES).file) as found:
        run = anything.execute_in_process(instance=found, raise_on_error=False)
        assert dg.DagsterEventType.STEP_FAILURE in {log.dagster_event_type for log in found.all_logs(run.run_id)}
    assert capfd.readouterr() == ("", "")


def test_a_run_whose_process_died_is_closed_by_the_next(write: Write) -> None:
    file = load(write(), VARIABLES).file

    @dg.job
    def anything() -> None: ...

    with instance(file) as found:
        dead = found.create_run_for_job(anything)
        found.report_run_canceling(dead)
        found.add_run_tags(dead.run_id, {"left": "behind"})
        started = found.create_run_for_job(anything, status=dg.DagsterRunStatus.STARTED)
        close_abandoned(found)
        closed = found.get_run_by_id(started.run_id)
        assert closed is not None
        assert closed.status is dg.DagsterRunStatus.FAILURE
