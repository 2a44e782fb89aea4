"""Reading many objects at once: all jobs are created first, then each is awaited and its pages fetched.

The first job carries no upper bound; the time Salesforce stamps on it is the org's clock, and it bounds all the others.
The first failure stops the rest; what is complete on disk stays for the next run.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

from connectors.contract import Progress
from connectors.errors import ServerBusy
from connectors.landing.pages import PageNote, note_of
from connectors.landing.spool import Manifest, Spool
from connectors.salesforce import bulk_query
from connectors.salesforce.bulk_query import Job, NotInBulk, Stopped
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.download import Counted, Download

PAGES_IN_FLIGHT: Final = 4
QueryOf = Callable[[dt.datetime | None], str]


@dataclass(frozen=True)
class Read:
    """One query to read: `query` gives its SOQL for an upper bound. `cursor` is empty where rows carry none."""

    name: str
    query: QueryOf
    columns: Sequence[VisibleColumn]
    cursor: str
    spool: Spool


@dataclass(frozen=True)
class Pages:
    """A read that is complete on disk. `read_at` is the org's clock when it began."""

    name: str
    paths: Sequence[Path]
    read_at: dt.datetime
    seconds: float
    notes: Sequence[PageNote] = field(default_factory=tuple)

    @property
    def rows(self) -> int:
        """Rows in all pages."""
        return sum(note.rows for note in self.notes)

    @property
    def newest(self) -> dt.datetime | None:
        """The largest cursor read, UTC."""
        micros = max((note.newest for note in self.notes if note.newest is not None), default=None)
        return None if micros is None else dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros)


@dataclass(frozen=True)
class _Started:
    read: Read
    job: Job | None
    query: str
    at: dt.datetime
    since: float


@dataclass
class Reading:
    """One round of reads against one org."""

    client: SalesforceClient
    progress: Progress
    _stop: Event = field(default_factory=Event)

    def run(self, reads: Sequence[Read]) -> dict[str, Pages]:
        """All of `reads`, complete, by name. Raises the first failure after the others have stopped."""
        if not reads:
            return {}
        started = self._start_all(reads)
        with ThreadPoolExecutor(PAGES_IN_FLIGHT) as pool, ThreadPoolExecutor(len(reads)) as threads:
            futures = [threads.submit(self._finish, item, pool) for item in started]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                self._stop.set()
            return {pages.name: pages for pages in _results(futures)}

    def _start_all(self, reads: Sequence[Read]) -> Sequence[_Started]:
        first = self._start(reads[0], None)
        return [first, *(self._start(read, first.at) for read in reads[1:])]

    def _start(self, read: Read, upper: dt.datetime | None) -> _Started:
        query = read.query(upper)
        job = self._resumed(read) or self._submitted(read, query)
        at = job.created if job else upper or self.client.server_now() or dt.datetime.now(dt.UTC)
        return _Started(read, job, query, at, time.monotonic())

    def _resumed(self, read: Read) -> Job | None:
        job_id = read.spool.unfinished(self._identity(read))
        job = bulk_query.look_up(self.client, job_id) if job_id else None
        return None if job is None or job.lost else job

    def _submitted(self, read: Read, query: str) -> Job | None:
        try:
            job = bulk_query.submit(self.client, query)
        except NotInBulk:
            read.spool.begin(Manifest("", ""))
            return None
        read.spool.begin(Manifest(job.job_id, self._identity(read)))
        return job

    def _identity(self, read: Read) -> str:
        settings = self.client.settings
        return f"{settings.instance_url} v{settings.api_version} {read.query(None)}"

    def _finish(self, started: _Started, pool: Executor) -> Pages:
        read = started.read
        download = Download(self.client, pool, read.columns, read.cursor, read.spool, self._stop)
        paths = self._fetched(started, download)
        seconds = time.monotonic() - started.since
        return Pages(read.name, paths, started.at, seconds, [note_of(path) for path in paths])

    def _fetched(self, started: _Started, download: Download) -> Sequence[Path]:
        if started.job is None:
            return download.rest(started.query, self._counter(started.read.name, None))
        try:
            job = self._completed(started, started.job)
        except NotInBulk:
            return download.rest(started.query, self._counter(started.read.name, None))
        return download.bulk(job, self._counter(started.read.name, job.rows))

    def _completed(self, started: _Started, job: Job) -> Job:
        """The job when complete; a job Salesforce gave up on is created once more."""
        try:
            return bulk_query.wait(self.client, job, self._stop)
        except ServerBusy as error:
            self.progress(f"{started.read.name}: trying once more ({error})")
            again = bulk_query.submit(self.client, started.query)
            started.read.spool.begin(Manifest(again.job_id, self._identity(started.read)))
            return bulk_query.wait(self.client, again, self._stop)

    def _counter(self, name: str, total: int | None) -> Counted:
        done = 0

        def counted(rows: int) -> None:
            nonlocal done
            done += rows
            if self._stop.is_set():
                raise Stopped(f"{name} was left alone: another object failed")
            self.progress(f"{name}: {done:,} rows" if total is None else f"{name}: {done:,} of {total:,} rows")

        return counted


def _results(futures: Sequence[Future[Pages]]) -> Sequence[Pages]:
    """All results; the failure that stopped the others is raised, not their `Stopped`."""
    errors = [error for future in futures if (error := future.exception())]
    for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
        raise error
    return [future.result() for future in futures]
