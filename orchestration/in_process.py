"""The nightly job, run in this process against Dagster's instance beside the configuration.

The warehouse is opened before Dagster starts a run, so that a busy or broken one is one line and no run. All CRMs together are
one run, which builds and checks once what is built over all of them. Where it cannot come to the plans, because a CRM cannot be read
or brings bad rows, each of the others gets a run of its own from there on: none hides or stops another.
"""

import datetime as dt
import gc
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO, cast

from orchestration.config import Configuration
from orchestration.crms import Crm
from orchestration.figures import Fault, Figures
from orchestration.freshness import closing
from orchestration.home import HistoryUnusable, close_abandoned, instance
from orchestration.progress import display, tell_retries
from orchestration.session import Session, recorded

if TYPE_CHECKING:
    import dagster as dg
    from rich.console import Console

NOISE = "Exception while writing logger call to event log"


@dataclass(frozen=True)
class Options:
    """What `guanxi run` was asked for."""

    as_of: dt.datetime | None = None
    dry_run: bool = False
    full_refresh: bool = False


def run_all(config: Configuration, crms: Sequence[Crm], options: Options, console: "Console") -> Iterator[Session]:
    """Run the CRMs, all as of one instant, and give each closed session; ends early when somebody interrupts.

    Raises `WarehouseError` when there is no warehouse to work in.
    """
    warnings.simplefilter("ignore")
    options = replace(options, as_of=options.as_of or dt.datetime.now(dt.UTC))
    if len(crms) == len(config.crms) > 1:
        together, left = _run_together(config, crms, options, console)
        read = together.figures
        if left:
            together.figures = read.only(*(crm.name for crm in crms if crm not in left))
        yield together
    else:
        left, read = crms, None
    for crm in left:
        with _running(config, options, crm.name, console) as session:
            if read:
                session.figures = read.only(crm.name)
            _run(session, [crm], options, read=not read)
            session.figures.closings[crm.name] = closing(session, crm.name, dry_run=options.dry_run)
        yield session
        if session.figures.interrupted:
            return


def _run_together(config: Configuration, crms: Sequence[Crm], options: Options, console: "Console") -> tuple[Session, Sequence[Crm]]:
    """One run of all; the closed session, and the CRMs that must go on alone."""
    with _running(config, options, "", console) as session:
        _run(session, crms, options)
        session.figures = session.figures.only("", *(crm.name for crm in crms))
        left = _left(session.figures, crms)
        if left:
            session.display.tell(f"{', '.join(crm.name for crm in left)}: alone from here, {session.figures.message}")
        for crm in crms:
            if crm not in left and _came_to_something(session.figures, crm):
                session.figures.closings[crm.name] = closing(session, crm.name, dry_run=options.dry_run)
    return session, left


def _left(figures: Figures, crms: Sequence[Crm]) -> Sequence[Crm]:
    """CRMs that could be read but not planned, for a reason that may be another's."""
    if figures.interrupted or "history" in figures.faults:
        return []
    return [crm for crm in crms if not figures.failed_alone(crm.name) and not figures.planned(crm.name)]


def _came_to_something(figures: Figures, crm: Crm) -> bool:
    """Not so for a CRM whose turn had not come when somebody interrupted."""
    return not figures.interrupted or figures.failed_alone(crm.name) or figures.planned(crm.name)


@contextmanager
def _running(config: Configuration, options: Options, crm: str, console: "Console") -> Iterator[Session]:
    """A session of a run that a person looks at."""
    with display(console) as shown, recorded(config, options.as_of, crm) as session:
        session.display, session.full_refresh = shown, options.full_refresh
        tell_retries(shown)
        shown.busy("starting")
        yield session


def _run(session: Session, crms: Sequence[Crm], options: Options, *, read: bool = True) -> None:
    from orchestration.nightly import selection

    wanted = selection(crms, read=read, dry_run=options.dry_run)
    try:
        _keep_unknown(session, _executed(session, wanted))
    except HistoryUnusable as error:
        session.figures.faults["history"] = Fault(str(error))


def _executed(session: Session, wanted: Sequence["dg.AssetKey"]) -> "dg.ExecuteInProcessResult":
    from orchestration.definitions import build
    from orchestration.nightly import CRM_TAG, JOB

    job = build(session.config, session).resolve_job_def(JOB)
    gc.freeze()  # definitions and imports stay: to look through them again and again costs a tenth of a run
    tags = {CRM_TAG: session.crm} if session.crm else {}
    with instance(session.config.file) as found, redirect_stderr(cast("TextIO", _WithoutNoise(sys.stderr))):
        close_abandoned(found)
        return job.execute_in_process(
            instance=found,
            raise_on_error=False,
            asset_selection=wanted,
            tags={**tags, "guanxi/run": session.run_id, "guanxi/as_of": session.as_of.isoformat()},
        )


def _keep_unknown(session: Session, result: "dg.ExecuteInProcessResult") -> None:
    """A run that failed for a reason no step told is still a failure."""
    if result.success or session.figures.failed:
        return
    failures = [event for event in result.all_events if event.is_failure]
    told = failures[0].message if failures else None
    session.figures.faults["run"] = Fault(told or "the run failed; see its events with: make dev")


class _WithoutNoise:
    """Standard error without what Dagster says for every event it cannot write: that is told once, in our own words."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if text.startswith(NOISE) else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
