"""How many requests may be in flight and when the next may go: the rules of `Gate` without threads and without a clock.

Three things hold a request back, whichever is longest:

    a stop      the service said when to come back (429); nothing is sent before, because knocking lengthens the stop
    the width   requests in flight: at first eight or what the service recommends, one more per round of answers, half after
                a refusal or a timeout. Never more than recommended: it makes every request slower and dearer
    the budget  the service allows each of its web servers 6,000 requests and 1,200 seconds of work in five minutes; we
                keep the same book and wait before the service has to refuse

A book of what happened is kept instead of a bucket that refills: a full bucket of 1,200 seconds that refills by four a second
would let 2,400 through in the first five minutes. Work is counted until the answer begins, as seen from here.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

START_WIDTH: Final = 8
SHARE: Final = 0.95
"""Of the limits: clocks and the way to the server differ a little."""
SMOOTHING: Final = 0.2
DEFAULT_STOP: Final = 5.0


@dataclass(frozen=True)
class Limits:
    """Service protection of one user on one web server: `requests` and `execution_seconds` in any `window_seconds`."""

    requests: int = 6_000
    execution_seconds: float = 1_200.0
    window_seconds: float = 300.0


class Budget:
    """What was spent in the window, on as many web servers as answered in it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent: deque[tuple[float, float]] = deque()
        self._total = 0.0
        self._begun: deque[float] = deque()
        self._servers: dict[str, float] = {}
        self._usual = 0.0

    def begin(self, now: float) -> None:
        """A request goes out."""
        self._begun.append(now)

    def spend(self, now: float, seconds: float, server: str) -> None:
        """A request was executed for so long, by this web server (empty: nobody knows which)."""
        self._spent.append((now, seconds))
        self._total += seconds
        if server:
            self._servers[server] = now
        self._usual += (seconds - self._usual) * SMOOTHING if self._usual else seconds

    def wait(self, now: float, executing: int) -> float:
        """Seconds until one more request fits beside the `executing` ones."""
        self._forget(now)
        return max(self._wait_for_requests(now, self.servers), self._wait_for_time(now, self.servers, executing))

    @property
    def servers(self) -> int:
        """Web servers that answered in the window, at least one."""
        return max(1, len(self._servers))

    def _wait_for_requests(self, now: float, servers: int) -> float:
        surplus = len(self._begun) + 1 - int(self._limits.requests * SHARE) * servers
        return self._begun[surplus - 1] + self._limits.window_seconds - now if 0 < surplus <= len(self._begun) else 0.0

    def _wait_for_time(self, now: float, servers: int, executing: int) -> float:
        """Room is kept for what is in flight, at what requests usually take; one that fits no window at all goes alone."""
        surplus = self._total + (executing + 1) * self._usual - self._limits.execution_seconds * SHARE * servers
        leaves = 0.0
        for at, seconds in self._spent:
            if surplus <= 0:
                break
            surplus -= seconds
            leaves = at + self._limits.window_seconds - now
        return float("inf") if surplus > 0 and executing else leaves

    def _forget(self, now: float) -> None:
        since = now - self._limits.window_seconds
        while self._spent and self._spent[0][0] <= since:
            self._total -= self._spent.popleft()[1]
        while self._begun and self._begun[0] <= since:
            self._begun.popleft()
        self._servers = {server: seen for server, seen in self._servers.items() if seen > since}
        if not self._spent:
            self._total = 0.0


@dataclass
class Pace:
    """The rules. Instants are seconds of any steady clock, given by the caller; `most` bounds the width.

    `width`: requests that may be in flight; `executing`: those that are; `begun`: all that ever were;
    `recommended`: what the service said last of the width; `stopped_until`: when a stop ends; `refusals`: how often the
    service had to refuse.
    """

    most: int
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.recommended: int | None = None
        self.width = float(min(START_WIDTH, self.most))
        self.executing = 0
        self.stopped_until = 0.0
        self.begun = 0
        self.refusals = 0
        self._narrowed_at = float("-inf")
        self._budget = Budget(self.limits)

    @property
    def servers(self) -> int:
        """Web servers that answered lately, as far as they say so; each has limits of its own."""
        return self._budget.servers

    def wait(self, now: float) -> float:
        """Seconds until the next request may go if nothing happens meanwhile; 0 when it may, infinite when one must end first."""
        if self.executing >= int(self.width):
            return float("inf")
        return max(0.0, self.stopped_until - now, self._budget.wait(now, self.executing))

    def begin(self, now: float) -> None:
        """A request goes out."""
        self.executing += 1
        self.begun += 1
        self._budget.begin(now)

    def end(self) -> None:
        """It is over, whatever came of it."""
        self.executing -= 1

    def answered(self, begun: float, now: float, server: str, hint: int | None) -> None:
        """The answer of a request begun then has come; `hint` is the number of requests in flight the service recommends."""
        self._budget.spend(now, now - begun, server)
        self.recommended = hint or self.recommended
        self.width = min(self.width + 1 / self.width, self.recommended or self.most, self.most)

    def refused(self, begun: float, now: float, seconds: float | None) -> None:
        """The service refused it and said when to come back."""
        self.refusals += 1
        self.stopped_until = max(self.stopped_until, now + (DEFAULT_STOP if seconds is None else seconds))
        self._narrow(begun, now)

    def timed_out(self, begun: float, now: float) -> None:
        """No answer came in time; the server is still busy with it, for all we know."""
        self._budget.spend(now, now - begun, "")
        self._narrow(begun, now)

    def _narrow(self, begun: float, now: float) -> None:
        """Half the width; requests that were in flight together count as one sign."""
        if begun >= self._narrowed_at:
            self.width = max(1.0, self.width / 2)
            self._narrowed_at = now
