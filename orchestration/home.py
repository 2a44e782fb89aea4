"""Dagster's own home, beside the configuration, shared by `guanxi run` and `make dev`, so that both see one history."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.config import locate

if TYPE_CHECKING:
    import dagster as dg

SETTINGS = """\
# Written by guanxi. What steps print is not captured and events are not printed: the pages show them all.
nux:
  enabled: false
telemetry:
  enabled: false
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
concurrency:
  pools:
    default_limit: 1
    granularity: run
  runs:
    max_concurrent_runs: 1
python_logs:
  python_log_level: CRITICAL
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: orchestration.event_log
  class: KeptEventLog
  config:
    base_dir: {events}
"""
INTENTIONS = "1000"
"""Events of what a run is going to do that Dagster writes at once."""


class HistoryUnusable(Exception):
    """Dagster's record of the runs cannot be kept; one line: what, where, what to do."""


def private_home(folder: Path) -> Path:
    """`.guanxi` in a folder, made for us alone: what is extracted there are people's names and addresses."""
    home = folder / ".guanxi"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def dagster_home(config_file: str | Path | None = None) -> Path:
    """The folder for DAGSTER_HOME (`.guanxi/dagster` beside the configuration), made ready."""
    folder = private_home(locate(config_file).parent) / "dagster"
    folder.mkdir(exist_ok=True)
    text = SETTINGS.format(events=json.dumps(str(folder / "history" / "runs")))
    settings = folder / "dagster.yaml"
    if not settings.exists() or settings.read_text(encoding="utf-8") != text:
        settings.write_text(text, encoding="utf-8")
    return folder


@contextmanager
def instance(config_file: Path) -> Iterator["dg.DagsterInstance"]:
    """Dagster's instance in our home; raises `HistoryUnusable` when what happens cannot be written there."""
    import dagster as dg
    from sqlalchemy.exc import DBAPIError

    try:
        environ["DAGSTER_HOME"] = str(dagster_home(config_file))
        environ["DAGSTER_EVENT_BATCH_SIZE"] = INTENTIONS
        with dg.DagsterInstance.get() as found:
            yield found
    except (DBAPIError, OSError) as error:
        told = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        where = config_file.parent / ".guanxi" / "dagster"
        advice = "free space if the disk is full, else look at the rights there, and run again"
        raise HistoryUnusable(f"the history of runs in {where} cannot be written ({told}); {advice}") from error


def close_abandoned(found: "dg.DagsterInstance") -> None:
    """Mark runs as failed whose process died: they would hold their pool for ever.

    Call it while holding the warehouse, which no living run can then hold.
    """
    import dagster as dg

    alive = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    for run in found.get_runs(filters=dg.RunsFilter(statuses=alive)):
        found.report_run_failed(run, "the process ended before the run did")
