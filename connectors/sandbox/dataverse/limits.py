"""Service protection: the three limits Dataverse sets per user and web server, and the server time a request is made to take.

    admit -> (refused: `Throttled` with seconds to wait) | an `Admission`, which runs until the request is done and then charges its time

Requests and execution time are counted in sliding windows of five minutes, concurrent requests as they are. Execution time is wall time
between admission and answer, so what `Settings.server_seconds` makes a request take is charged as well. A caller that keeps knocking while
it is refused waits longer. Every answer tells the recommended degree of parallelism and what is left.

Deliberately absent: the daily entitlement of requests, which real environments report and do not enforce at once.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

from connectors.sandbox.dataverse.windows import SlidingWindow

TOO_MANY: Final = "0x80072322"
TOO_LONG: Final = "0x80072321"
TOO_MANY_AT_ONCE: Final = "0x80072326"
KINDS: Final = {"requests": TOO_MANY, "execution_seconds": TOO_LONG, "concurrent": TOO_MANY_AT_ONCE}
PENALTIES_PER_WINDOW: Final = 300
"""Each refused request of a blocked caller adds this part of the window to its wait: one second in five minutes."""

Steady = Callable[[], float]


@dataclass(frozen=True)
class Settings:
    """The limits (per user and server), and what one request costs the server.

    requests: in a window; execution_seconds: of all requests in a window; concurrent: at one moment; window_seconds: length of a window;
    servers: web servers behind the load balancer; dop_hint: recommended parallel requests; request_seconds, read_row_seconds,
    written_row_seconds: server time a request takes at least, whatever this machine needs. It grows in proportion when a user has more than
    `dop_hint` requests on a server.
    """

    requests: int = 6_000
    execution_seconds: float = 1_200.0
    concurrent: int = 52
    window_seconds: float = 300.0
    servers: int = 1
    dop_hint: int = 8
    request_seconds: float = 0.0
    read_row_seconds: float = 0.0
    written_row_seconds: float = 0.0

    def __post_init__(self) -> None:
        if not all(
            getattr(self, name) > 0 for name in ("requests", "execution_seconds", "concurrent", "window_seconds", "servers", "dop_hint")
        ):
            raise ValueError("requests, execution_seconds, concurrent, window_seconds, servers and dop_hint must be above 0")

    def with_changes(self, raw: Mapping[str, Any]) -> Self:
        """Other values for some keys; raises ValueError for an unknown key or an impossible value."""
        types = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        if unknown := sorted(set(raw) - set(types)):
            raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(types)}")
        return replace(self, **{name: types[name](value) for name, value in raw.items()})

    def server_seconds(self, rows_read: int, rows_written: int) -> float:
        """What a request that reads and writes so many rows takes on an idle server."""
        return self.request_seconds + rows_read * self.read_row_seconds + rows_written * self.written_row_seconds


class Throttled(Exception):
    """A request refused by service protection; `retry_after` in whole seconds, at least 1."""

    def __init__(self, code: str, message: str, wait: float) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = max(1, math.ceil(wait))


class _Load:
    """What one user asks of one server."""

    def __init__(self, window_seconds: float) -> None:
        self.requests = SlidingWindow(window_seconds)
        self.execution = SlidingWindow(window_seconds)
        self.executing = 0
        self.blocked_by = ""
        self.blocked_until = 0.0


@dataclass(frozen=True)
class Admission:
    """An admitted request; `server` is the web server that executes it."""

    server: int
    _protection: "Protection"
    _load: _Load
    _admitted: float

    def remaining_seconds(self, rows_read: int = 0, rows_written: int = 0) -> float:
        """How much longer the request must take, given what it read and wrote."""
        return self._protection.remaining_seconds(self._load, self._admitted, rows_read, rows_written)

    def headers(self) -> Mapping[str, str]:
        """What the answer tells about the limits."""
        return self._protection.headers(self._load)


class Protection:
    """The limits of one environment. Thread safe."""

    def __init__(self, settings: Settings | None = None, now: Steady = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.use(settings or Settings())

    def use(self, settings: Settings) -> None:
        """Put other settings in force, with empty windows."""
        with self._lock:
            self.settings = settings
            self._loads: dict[tuple[str, int], _Load] = {}
            self._refusals: deque[tuple[str, float]] = deque()
            self._turn = 0

    def refuse_next(self, kind: str, seconds: float) -> None:
        """Refuse the next request whoever makes it; `kind` is requests, execution_seconds or concurrent (a key of the settings)."""
        with self._lock:
            self._refusals.append((KINDS.get(kind, TOO_MANY), seconds))

    @contextmanager
    def admit(self, user: str, server: int | None = None) -> Iterator[Admission]:
        """Let a request of the user in for the time of the `with` block, on the given server or on the next in turn.

        Raises:
            Throttled: one of the limits is reached.
        """
        with self._lock:
            chosen = self._server(server)
            load = self._loads.setdefault((user, chosen), _Load(self.settings.window_seconds))
            admitted = self._now()
            self._check(load, admitted)
            load.requests.add(admitted)
            load.executing += 1
        try:
            yield Admission(chosen, self, load, admitted)
        finally:
            with self._lock:
                now = self._now()
                load.executing -= 1
                load.execution.add(now, now - admitted)

    def remaining_seconds(self, load: _Load, admitted: float, rows_read: int, rows_written: int) -> float:
        """Server time still to pass; more requests than recommended slow each other down."""
        with self._lock:
            crowding = max(1.0, load.executing / self.settings.dop_hint)
            wanted = self.settings.server_seconds(rows_read, rows_written) * crowding
            return max(0.0, wanted - (self._now() - admitted))

    def headers(self, load: _Load) -> Mapping[str, str]:
        """Degree of parallelism, and what is left of the windows."""
        with self._lock:
            now = self._now()
            requests = max(0, self.settings.requests - round(load.requests.total(now)))
            seconds = max(0.0, self.settings.execution_seconds - load.execution.total(now))
            return {
                "x-ms-dop-hint": str(self.settings.dop_hint),
                "x-ms-ratelimit-burst-remaining-xrm-requests": str(requests),
                "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds:,.2f}",
            }

    def _server(self, wanted: int | None) -> int:
        if wanted is not None and 0 <= wanted < self.settings.servers:
            return wanted
        self._turn = (self._turn + 1) % self.settings.servers
        return self._turn

    def _check(self, load: _Load, now: float) -> None:
        if self._refusals:
            code, seconds = self._refusals.popleft()
            raise Throttled(code, self._message(code), seconds)
        if load.executing >= self.settings.concurrent:
            raise Throttled(TOO_MANY_AT_ONCE, self._message(TOO_MANY_AT_ONCE), 1)
        waits = {
            TOO_MANY: load.requests.wait(now, self.settings.requests),
            TOO_LONG: load.execution.wait(now, self.settings.execution_seconds),
        }
        code = max(waits, key=lambda name: waits[name])
        if load.blocked_until > now:
            self._lengthen(load, now, waits[code])
        elif waits[code] > 0:
            load.blocked_by, load.blocked_until = code, now + waits[code]
        else:
            return
        raise Throttled(load.blocked_by, self._message(load.blocked_by), load.blocked_until - now)

    def _lengthen(self, load: _Load, now: float, wait: float) -> None:
        """A blocked caller asks again: it waits longer, a whole window at most."""
        longer = load.blocked_until + self.settings.window_seconds / PENALTIES_PER_WINDOW
        load.blocked_until = min(max(now + wait, longer), now + self.settings.window_seconds)

    def _message(self, code: str) -> str:
        if code == TOO_MANY_AT_ONCE:
            return f"Number of concurrent requests exceeded the limit of {self.settings.concurrent}."
        window = f"over time window of {self.settings.window_seconds:.0f} seconds."
        if code == TOO_MANY:
            return f"Number of requests exceeded the limit of {self.settings.requests} {window}"
        milliseconds = f"{self.settings.execution_seconds * 1_000:,.0f}"
        return f"Combined execution time of incoming requests exceeded limit of {milliseconds} milliseconds {window}"
