"""What goes first: places in the line to the service, and work for a few threads, both by urgency.

A walk over all keys can only go page after page, and everything else of its table waits for it. Rows of tables come next:
what is left when all pages are there (comparing, parties read again) needs them. Parties are the bulk and fill what is free.
"""

import heapq
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Condition, Lock
from typing import Any, Final, ParamSpec, TypeVar

URGENT: Final = 0
USUAL: Final = 1
LATER: Final = 2
Given = ParamSpec("Given")
Result = TypeVar("Result")


class Line:
    """Who sends the next page: the most urgent, of equal ones who came first. `width`: pages in flight at most, asked each time."""

    def __init__(self, width: Callable[[], int]) -> None:
        self._width = width
        self._condition = Condition()
        self._waiting: list[tuple[int, int]] = []
        self._tickets = count()
        self._in_flight = 0

    @contextmanager
    def place(self, urgency: int) -> Iterator[None]:
        """Wait for one's turn; it lasts for the `with` block."""
        with self._condition:
            ticket = (urgency, next(self._tickets))
            heapq.heappush(self._waiting, ticket)
            self._condition.wait_for(lambda: self._waiting[0] == ticket and self._in_flight < self._width())
            heapq.heappop(self._waiting)
            self._in_flight += 1
            self._condition.notify_all()
        try:
            yield
        finally:
            with self._condition:
                self._in_flight -= 1
                self._condition.notify_all()


class Workers:
    """Threads that do the most urgent of what waits, of equal work what came first."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self._lock = Lock()
        self._waiting: list[tuple[int, int, Future[Any], Callable[[], Any]]] = []
        self._tickets = count()

    def submit(self, urgency: int, work: Callable[Given, Result], *args: Given.args, **options: Given.kwargs) -> "Future[Result]":
        """As with an executor."""
        future: Future[Result] = Future()
        with self._lock:
            heapq.heappush(self._waiting, (urgency, next(self._tickets), future, lambda: work(*args, **options)))
        self._pool.submit(self._next)
        return future

    def shutdown(self) -> None:
        """Wait for all work, and end the threads."""
        self._pool.shutdown()

    def _next(self) -> None:
        with self._lock:
            _, _, future, work = heapq.heappop(self._waiting)
        future.set_running_or_notify_cancel()
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)
