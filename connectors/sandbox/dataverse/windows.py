"""Sliding windows: how much happened in the last so many seconds, and how long until that is less than a given amount.

Every event keeps its own instant, so capacity comes back event by event, not at the end of fixed intervals.
"""

from collections import deque


class SlidingWindow:
    """Amounts by instant; instants are seconds of any steady clock and must not go back."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._events: deque[tuple[float, float]] = deque()
        self._total = 0.0

    def add(self, now: float, amount: float = 1.0) -> None:
        """Something of this size happened now."""
        self._forget(now)
        self._events.append((now, amount))
        self._total += amount

    def total(self, now: float) -> float:
        """The sum of what happened within the window."""
        self._forget(now)
        return self._total

    def wait(self, now: float, limit: float) -> float:
        """Seconds until the total is below `limit` if nothing more happens; 0 when it already is."""
        left = self.total(now)
        for at, amount in self._events:
            if left < limit:
                return 0.0
            left -= amount
            if left < limit:
                return at + self.seconds - now
        return 0.0

    def _forget(self, now: float) -> None:
        while self._events and self._events[0][0] <= now - self.seconds:
            self._total -= self._events.popleft()[1]
        if not self._events:
            self._total = 0.0
