"""One object from a job to complete pages on disk: resumed where a crash left it, counted against the server's total."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from connectors.errors import IncompleteRead
from connectors.landing.pages import PageNote, kept_note, note_of, page_file
from connectors.landing.spool import Spool
from connectors.salesforce import bulk_query, rest_query
from connectors.salesforce.bulk_query import Job, Stopped
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.columns import stored_schema
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.pages import fetch

Counted = Callable[[int], None]
"""Called with the rows of each page that is complete."""


@dataclass(frozen=True)
class Download:
    """Fetches the pages of one object. Pages go through the shared `pool`, which bounds how many are in flight.

    Once `stop` is set no further page is begun.
    """

    client: SalesforceClient
    pool: Executor
    columns: Sequence[VisibleColumn]
    cursor: str
    spool: Spool
    stop: Event

    def bulk(self, job: Job, counted: Counted) -> Sequence[Path]:
        """All pages of a complete job. Raises `IncompleteRead` when they do not add up to the job's total."""
        if not job.rows:
            return [self._empty()]
        paths = bulk_query.page_paths(self.client, job)
        wanted = self._parallel(list(paths), counted) if paths is not None else self._sequential(job, counted)
        rows = sum(note_of(path).rows for path in wanted)
        if rows != job.rows:
            self.spool.clear()
            raise IncompleteRead(f"query job {job.job_id}: {rows:,} rows came where {job.rows:,} were announced; run again")
        return wanted

    def rest(self, query: str, counted: Counted) -> Sequence[Path]:
        """The rows of a REST query as one page."""
        target = self.spool.page(query)
        with page_file(target, stored_schema(self.columns)) as page:
            for table, unreadable in rest_query.tables(self.client, query, self.columns):
                page.add(table, self.cursor, unreadable)
                counted(table.num_rows)
        return [target]

    def _empty(self) -> Path:
        target = self.spool.page("empty")
        with page_file(target, stored_schema(self.columns)):
            return target

    def _parallel(self, paths: Sequence[str], counted: Counted) -> Sequence[Path]:
        futures: list[Future[PageNote]] = [self.pool.submit(self._page, path) for path in paths]
        try:
            for future in futures:
                counted(future.result().rows)
        finally:
            for future in futures:
                future.cancel()
        return [self.spool.page(path) for path in paths]

    def _sequential(self, job: Job, counted: Counted) -> Sequence[Path]:
        wanted: list[Path] = []
        path = bulk_query.sequential_path(job)
        while path:
            note = self.pool.submit(self._page, path).result()
            counted(note.rows)
            wanted.append(self.spool.page(path))
            path = bulk_query.sequential_path(job, note.next_page) if note.next_page else ""
        return wanted

    def _page(self, path: str) -> PageNote:
        if self.stop.is_set():
            raise Stopped(f"{path} was left alone: the read was given up")
        target = self.spool.page(path)
        return kept_note(target) or fetch(self.client, path, self.columns, self.cursor, target)
