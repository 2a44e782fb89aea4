"""How long a request is worth repeating: a few attempts against faults, half an hour of waits the service itself announced.

Waiting for a turn costs no patience; only attempts that failed and waits that were asked of us do.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import stamina

from connectors import retries
from connectors.dynamics.faults import TooHeavy
from connectors.dynamics.pace import DEFAULT_STOP
from connectors.errors import RateLimited, RetryableError

ATTEMPTS: Final = 6
FAULT_SECONDS: Final = 300.0
WAIT_SECONDS: Final = 1_800.0

retries.log_retries()


@dataclass
class Call:
    """A request (`options` are httpx's) and the patience it has used up: seconds of failed attempts, seconds of announced waits."""

    method: str
    url: str
    options: Mapping[str, Any]
    failed: float = 0.0
    waited: float = 0.0

    def may_go_on(self, error: Exception) -> bool:
        """Whether another attempt may help; a write that was too heavy is its caller's to split."""
        if isinstance(error, RateLimited) or (isinstance(error, TooHeavy) and self.method != "GET"):
            return False
        return isinstance(error, RetryableError) and self.failed < FAULT_SECONDS

    def may_wait(self, error: RateLimited) -> bool:
        """Whether the announced wait is still bearable."""
        self.waited += DEFAULT_STOP if error.retry_after is None else error.retry_after
        return self.waited <= WAIT_SECONDS


def attempts_at(call: Call) -> Iterable[stamina.Attempt]:
    """Attempts with back-off and jitter between them; the last one raises."""
    return stamina.retry_context(on=call.may_go_on, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=30)
