"""The nightly job, run in this process against Dagster's instance beside the configuration.

The warehouse is opened before Dagster starts a run, so that a busy or broken one is one line and no run. Each CRM gets a
run of its own: one that fails neither hides nor stops the others.
"""

import datetime as dt
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO, cast

from orchestration.config import Configuration
from orchestration.crms import Crm
from orchestration.freshness import closing
from orchestration.home import HistoryUnusable, close_abandoned, instance
from orchestration.progress import display, tell_retries
from orchestration.session import Session, recorded

if TYPE_CHECKING:
    import dagster as dg
    from rich.console import Console

NOISE = "Exception while writing logger call to event log"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Options:
    """What `guanxi run` was asked for."""

    as_of: dt.datetime | None = None
    dry_run: bool = False
    full_refresh: bool = False


def run_all(config: Configuration, crms: Sequence[Crm], options: Options, console: "Console") -> Iterator[Session]:
    """Run each CRM, all as of one instant, and give its closed session; ends early when somebody interrupts.

    Raises `WarehouseError` when there is no warehouse to work in.
    """
    warnings.simplefilter("ignore")
    as_of = options.as_of or dt.datetime.now(dt.UTC)
    for crm in crms:
        with display(console) as shown, recorded(config, as_of, crm.name) as session:
            session.display, session.full_refresh = shown, options.full_refresh
            tell_retries(shown)
            shown.busy("starting")
            try:
                _run(session, crm, options)
            except HistoryUnusable as error:
                session.figures.faults["history"] = str(error)
            session.figures.closing = closing(session, dry_run=options.dry_run)
        yield session
        if session.figures.interrupted:
            return


def _run(session: Session, crm: Crm, options: Options) -> None:
    from orchestration.definitions import build
    from orchestration.nightly import CRM_TAG, JOB, selection

    job = build(session.config, session).resolve_job_def(JOB)
    with instance(session.config.file) as found, redirect_stderr(cast("TextIO", _WithoutNoise(sys.stderr))):
        close_abandoned(found)
        result = job.execute_in_process(
            instance=found,
            run_config=QUIET,
            raise_on_error=False,
            asset_selection=selection(session.config, crm, dry_run=options.dry_run),
            tags={CRM_TAG: crm.name, "guanxi/run": session.run_id, "guanxi/as_of": session.as_of.isoformat()},
        )
    _keep_unknown(session, result)


def _keep_unknown(session: Session, result: "dg.ExecuteInProcessResult") -> None:
    """A run that failed for a reason no step told is still a failure."""
    if result.success or session.figures.failed:
        return
    failures = [event for event in result.all_events if event.is_failure]
    told = failures[0].message if failures else None
    session.figures.faults["run"] = told or "the run failed; see its events with: make dev"


class _WithoutNoise:
    """Standard error without what Dagster says for every event it cannot write: that is told once, in our own words."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith(NOISE) else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
