"""What a person sees while a run goes on: a moving line on a terminal, plain lines now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

QUIET_SECONDS = 5.0


class Display(Protocol):
    """Where progress goes."""

    def busy(self, line: str) -> None:
        """What is being done right now; may be left out."""

    def tell(self, line: str) -> None:
        """What was done; always shown."""


class Silent:
    """Nobody looks."""

    def busy(self, line: str) -> None:
        """Left out."""

    def tell(self, line: str) -> None:
        """Left out."""


class Plain:
    """Lines for files and pipes; what goes on is told when nothing was for a while."""

    def __init__(self, console: "Console") -> None:
        self._console, self._last = console, time.monotonic()

    def busy(self, line: str) -> None:
        """Told after some seconds of silence."""
        if time.monotonic() - self._last >= QUIET_SECONDS:
            self.tell(line)

    def tell(self, line: str) -> None:
        """One line."""
        self._console.print(line, highlight=False, markup=False)
        self._last = time.monotonic()


class Live:
    """A spinner with what goes on, lines above it for what was done."""

    def __init__(self, status: "Status") -> None:
        self._status = status

    def busy(self, line: str) -> None:
        """Beside the spinner."""
        self._status.update(line)

    def tell(self, line: str) -> None:
        """Above the spinner."""
        self._status.console.print(line, highlight=False, markup=False)


@contextmanager
def display(console: "Console") -> Iterator[Display]:
    """The display that fits the console."""
    if not console.is_terminal:
        yield Plain(console)
        return
    with console.status("starting") as status:
        yield Live(status)


def tell_retries(shown: Display) -> None:
    """Requests that are tried again are progress, not log lines."""
    from stamina.instrumentation import RetryDetails, set_on_retry_hooks

    def waiting(details: RetryDetails) -> None:
        shown.busy(f"{details.caused_by}; trying again in {details.wait_for:.0f} s")

    set_on_retry_hooks([waiting])
