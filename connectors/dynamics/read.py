"""Pages of many chains at once: each chain follows its own next links, and the most urgent page goes first.

    chain (an address and what its rows are) -> page -> page file -> next link -> ... -> Pages

A chain asks for its next page while the one before is decoded, one page ahead and no more, so that what it holds in memory
is bounded. The link is read off the bytes for that, and taken back should the decoded page say otherwise. How many requests
are in flight is the gate's business; here only their order is kept. The first failure stops all chains before their next page.
"""

import os
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from dataclasses import dataclass, field
from itertools import chain as chained
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import stamina

from connectors.contract import Progress
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.pages import next_page, saved
from connectors.dynamics.queries import ROWS
from connectors.dynamics.urgency import USUAL, Line, Workers
from connectors.errors import IncompleteRead
from connectors.landing.pages import PageNote
from connectors.landing.spool import Spool
from connectors.landing.tables import RawTable

FETCHES: Final = 3
DECODERS: Final = max(2, os.cpu_count() or 2)
"""Threads that turn pages into files: more than there are processors only wait for each other."""
Result = TypeVar("Result")


class Stopped(Exception):
    """This chain was left alone because another one failed."""


@dataclass(frozen=True)
class Chain:
    """Pages that follow from one address: rows of `table`, kept in `spool`, asked with `prefer` on each page."""

    link: str
    table: RawTable
    spool: Spool
    prefer: Sequence[str] = ROWS
    urgency: int = USUAL


@dataclass(frozen=True)
class Pages:
    """A chain, or several, read to the end. `deleted`: ids a delta says are gone; `changes`: the delta link, if the last page had one."""

    paths: Sequence[Path] = ()
    notes: Sequence[PageNote] = ()

    @property
    def rows(self) -> int:
        """Rows in all pages."""
        return sum(note.rows for note in self.notes)

    @property
    def deleted(self) -> list[str]:
        """Ids a delta says are gone."""
        return list(chained.from_iterable(note.deleted for note in self.notes))

    @property
    def changes(self) -> str:
        """The delta link of the last page."""
        return self.notes[-1].changes if self.notes else ""

    def __add__(self, other: "Pages") -> "Pages":
        return Pages((*self.paths, *other.paths), (*self.notes, *other.notes))


class Counted(Protocol):
    """Told of each page's rows."""

    def __call__(self, rows: int) -> None:
        """So many more."""


@dataclass
class Tally:
    """Progress of one table, "email: 20,000 of 340,000 rows"; the total is an estimate of the service, up to a day old."""

    name: str
    progress: Progress
    total: int = 0
    _done: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, rows: int) -> None:
        """So many more rows."""
        with self._lock:
            self._done += rows
            done = self._done
        self.progress(f"{self.name}: {done:,} of {max(self.total, done):,} rows" if self.total else f"{self.name}: {done:,} rows")


@dataclass(frozen=True)
class _Arrived:
    """A page in hand: where it came from, its file while that is made, and the page after it as far as the bytes say."""

    link: str
    path: Path
    note: Future[PageNote]
    next_page: str


class Following:
    """One round of chains against one environment, as a context manager."""

    def __init__(self, client: DynamicsClient) -> None:
        self.client = client
        self._pool = Workers(client.settings.max_concurrency)
        self._decoders = Workers(DECODERS)
        self._line = Line(lambda: client.gate.width)
        self._stop = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._pool.shutdown()
        self._decoders.shutdown()

    def stop(self) -> None:
        """End all chains before their next page."""
        self._stop.set()

    def one(self, chain: Chain, counted: Counted) -> Pages:
        """All pages of a chain, in order, in this thread. Raises `CrmError`, `WarehouseFull` or `Stopped`."""
        paths, notes = [], []
        chain.spool.folder.mkdir(parents=True, exist_ok=True)
        page = self._asked(chain, chain.link)
        while page:
            ahead = self._asked(chain, page.next_page)
            note = self._settled(chain, page)
            counted(note.rows)
            paths.append(page.path)
            notes.append(note)
            page = ahead if note.next_page == page.next_page else self._instead(ahead, chain, note.next_page)
        return Pages(paths, notes)

    def all(self, chains: Sequence[Chain], counted: Counted) -> Pages:
        """All pages of many chains, side by side. Raises the first failure, after which the others stop."""
        futures = [self._pool.submit(chain.urgency, self.one, chain, counted) for chain in chains]
        return sum(self.results(futures), start=Pages())

    def results(self, futures: Sequence[Future[Result]]) -> list[Result]:
        """What came of parallel work, once `finish` found no failure."""
        self.finish(futures)
        return [future.result() for future in futures]

    def finish(self, futures: Sequence[Future[Any]]) -> None:
        """Wait for parallel work; the failure that stopped the others is raised, not their `Stopped`."""
        wait(futures, return_when=FIRST_EXCEPTION)
        if any(future.done() and future.exception() for future in futures):
            self.stop()
        wait(futures)
        errors = [error for future in futures if (error := future.exception())]
        for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
            raise error

    def _asked(self, chain: Chain, link: str) -> _Arrived | None:
        """The page at a link, on its way into its file; None without a link."""
        if not link:
            return None
        body, path = self._body(chain, link), chain.spool.page(link)
        return _Arrived(link, path, self._decoders.submit(chain.urgency, saved, body, chain.table, path), next_page(body))

    def _instead(self, ahead: _Arrived | None, chain: Chain, link: str) -> _Arrived | None:
        """The page at a link, when another was asked for by mistake, whose file is of no use once it is made."""
        wait([ahead.note] if ahead else [])
        return self._asked(chain, link)

    def _body(self, chain: Chain, link: str) -> bytes:
        with self._line.place(chain.urgency):
            if self._stop.is_set():
                raise Stopped(f"{chain.table.name} was left alone: another table failed")
            return self.client.page(link, prefer=chain.prefer)

    def _settled(self, chain: Chain, page: _Arrived) -> PageNote:
        """What a page says about itself once it is in its file; it is fetched again when it arrived cut."""
        note = page.note
        for attempt in stamina.retry_context(on=IncompleteRead, attempts=FETCHES, timeout=600, wait_initial=0.5, wait_max=20):
            with attempt:
                if attempt.num > 1:
                    note = self._decoders.submit(chain.urgency, saved, self._body(chain, page.link), chain.table, page.path)
                return note.result()
        raise AssertionError("unreachable: the last attempt returns or raises")
