"""How many API calls the org has left today, and how many of them are ours.

The org tells after each call (`Sforce-Limit-Info: api-usage=18/5000`) and in `/limits`. We stop before our calls exceed
our share of what was left for everybody, so that people and other integrations can go on working.
"""

import re
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from connectors.errors import QuotaExhausted

if TYPE_CHECKING:
    from connectors.salesforce.client import SalesforceClient

CALLS_PER_OBJECT = 8
QUERY_JOBS = "DailyBulkV2QueryJobs"
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


@dataclass
class Quota:
    """Calls of one org. `share` is the part of the remaining calls we may use; counts are of API requests."""

    share: float
    ours: int = 0
    used: int | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        self._lock = Lock()

    @property
    def left(self) -> int | None:
        """Calls left for everybody in the rolling day, None when the org has not said."""
        return None if self.used is None or self.limit is None else max(0, self.limit - self.used)

    def observe(self, header: str | None) -> None:
        """Count one answered request and learn from its `Sforce-Limit-Info` header."""
        match = _USAGE.search(header or "")
        with self._lock:
            self.ours += 1
            if match:
                self.used, self.limit = int(match[1]), int(match[2])

    def ensure(self, calls: int = 1) -> None:
        """Raise `QuotaExhausted` when `calls` more requests would take more than our share."""
        left = self.left
        if left is None or self.ours + calls <= self.share * (left + self.ours):
            return
        raise QuotaExhausted(
            f"{left:,} of {self.limit:,} API calls are left today and guanxi may use {self.share:.0%} of them, not the {calls:,} it needs;"
            " run again tomorrow, raise max_calls_share or ask for more calls"
        )


def ensure_affordable(client: "SalesforceClient", objects: int) -> None:
    """Raise `QuotaExhausted` before the first job when reading that many objects would take more than our share."""
    limits = client.get_json("limits")
    client.quota.ensure(CALLS_PER_OBJECT * objects)
    left = int(limits.get(QUERY_JOBS, {}).get("Remaining", objects))
    if left < objects:
        raise QuotaExhausted(f"{left:,} bulk query jobs are left today where {objects:,} are needed; run again tomorrow")
