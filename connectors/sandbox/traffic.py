"""Counts the requests the sandbox answers, by kind and status: what tests and benchmarks ask to see how a client behaves.

Kinds are patterns of the path; ids and queries never enter the counts.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kinds = Sequence[tuple[str, re.Pattern[str]]]


def kinds(*pairs: tuple[str, str]) -> Kinds:
    """Kinds from (name, pattern of `METHOD path`); the first that matches names a request."""
    return tuple((name, re.compile(pattern)) for name, pattern in pairs)


class Traffic:
    """Counters of answered requests. Thread safe."""

    def __init__(self, known: Kinds) -> None:
        self._known = known
        self._lock = threading.Lock()
        self._kinds: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()
        self._bytes = 0

    def record(self, method: str, path: str, status: int, size: int) -> None:
        with self._lock:
            self._kinds[self.kind(method, path)] += 1
            self._statuses[status] += 1
            self._bytes += size

    def kind(self, method: str, path: str) -> str:
        """The name of a request; `other` when no pattern matches."""
        line = f"{method} {path}"
        return next((name for name, pattern in self._known if pattern.fullmatch(line)), "other")

    def report(self) -> dict[str, object]:
        """Totals so far: requests, body bytes sent, counts by kind and by status (0: connection reset)."""
        with self._lock:
            statuses = {str(status): number for status, number in sorted(self._statuses.items())}
            return {
                "total": self._kinds.total(),
                "bytes": self._bytes,
                "kinds": dict(sorted(self._kinds.items())),
                "statuses": statuses,
            }

    def reset(self) -> None:
        """Count from zero again."""
        with self._lock:
            self._kinds.clear()
            self._statuses.clear()
            self._bytes = 0


class TrafficMiddleware:
    """Feeds a `Traffic`; requests to `/_sandbox` are not traffic."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self.app, self.traffic = app, traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        status, size = 0, 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counted)
        finally:
            self.traffic.record(scope["method"], scope["path"], status, size)
