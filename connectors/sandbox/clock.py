"""The sandbox's clock: its as-of plus the time elapsed since start; every "now" of a half comes from here."""

import time
from datetime import datetime, timedelta


class Clock:
    """Naive UTC time that runs on from `as_of`; `advance` lets a control call move it (a day later, a token expired)."""

    def __init__(self, as_of: datetime) -> None:
        self._origin = as_of
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The present instant, naive UTC with microseconds."""
        return self._origin + timedelta(seconds=time.monotonic() - self._started)

    def stamp(self) -> datetime:
        """`now` cut to whole seconds."""
        return self.now().replace(microsecond=0)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._origin += timedelta(seconds=seconds)
