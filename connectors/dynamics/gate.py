"""Where every request to an environment waits for its turn, whichever thread makes it: `Pace` with threads and a clock.

The service limits a user, not a connection, so there is one gate per environment and process. A refusal stops all threads at
once; while a stop lasts nothing is sent. Absent on purpose: a time limit. Who waits here is polite, not stuck.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Final

from connectors.dynamics.pace import Limits, Pace

Clock = Callable[[], float]
LONGEST_SLEEP: Final = 5.0


class Turn:
    """One request on its way; exactly one of the methods tells what came of it, none when the connection failed."""

    def __init__(self, gate: "Gate", begun: float) -> None:
        self._gate = gate
        self._begun = begun

    def answered(self, server: str, hint: int | None) -> None:
        """The answer began to arrive, from this web server, with the recommended number of requests in flight if it said so."""
        with self._gate.changing() as (pace, now):
            pace.answered(self._begun, now, server, hint)

    def refused(self, seconds: float | None) -> None:
        """Too much; come back in so many seconds."""
        with self._gate.changing() as (pace, now):
            pace.refused(self._begun, now, seconds)

    def timed_out(self) -> None:
        """No answer in time."""
        with self._gate.changing() as (pace, now):
            pace.timed_out(self._begun, now)


class Gate:
    """Thread safe. `most`: requests in flight at most; `clock`: seconds that never go back."""

    def __init__(self, most: int, limits: Limits | None = None, clock: Clock = time.monotonic) -> None:
        self._pace = Pace(most, limits or Limits())
        self._clock = clock
        self._condition = Condition()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait until a request may go; it is in flight for the time of the `with` block."""
        with self._condition:
            while (wait := self._pace.wait(self._clock())) > 0:
                self._condition.wait(min(wait, LONGEST_SLEEP))
            begun = self._clock()
            self._pace.begin(begun)
        try:
            yield Turn(self, begun)
        finally:
            with self.changing() as (pace, _):
                pace.end()

    @contextmanager
    def changing(self) -> Iterator[tuple[Pace, float]]:
        """The rules and the instant, for a change after which those who wait look again."""
        with self._condition:
            yield self._pace, self._clock()
            self._condition.notify_all()

    @property
    def width(self) -> int:
        """Requests that may be in flight now: as many threads are worth having."""
        with self._condition:
            return int(self._pace.width)

    @property
    def recommended(self) -> int | None:
        """Requests in flight the service recommends, None before it said so."""
        with self._condition:
            return self._pace.recommended

    @property
    def servers(self) -> int:
        """Web servers that answered lately, at least one."""
        with self._condition:
            return self._pace.servers

    @property
    def begun(self) -> int:
        """Requests let through so far."""
        with self._condition:
            return self._pace.begun

    @property
    def refusals(self) -> int:
        """How often the service refused a request for being too much."""
        with self._condition:
            return self._pace.refusals
