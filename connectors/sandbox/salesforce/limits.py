"""The org's allowances: how many calls, jobs and megabytes of a rolling day are used; control calls shrink them to test exhaustion."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from connectors.sandbox.clock import Clock
from connectors.sandbox.salesforce.errors import SalesforceError

API_REQUESTS: Final = "DailyApiRequests"
QUERY_JOBS: Final = "DailyBulkV2QueryJobs"
QUERY_STORAGE_MB: Final = "DailyBulkV2QueryFileStorageMB"
BATCHES: Final = "DailyBulkApiBatches"
ALLOWANCES: Final[Mapping[str, int]] = {
    API_REQUESTS: 100_000,
    BATCHES: 15_000,
    QUERY_JOBS: 10_000,
    QUERY_STORAGE_MB: 976_562,
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 1_000,
    "DataStorageMB": 1_024,
    "FileStorageMB": 1_024,
    "HourlyTimeBasedWorkflow": 50,
    "PermissionSets": 1_500,
    "SingleEmail": 5_000,
}


class Limits:
    """Counters per allowance, thread-safe; they restart a day after the first use."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self.maximum = dict(ALLOWANCES)
        self.used = dict.fromkeys(ALLOWANCES, 0)

    def use(self, name: str, amount: int = 1) -> None:
        """Count; raises REQUEST_LIMIT_EXCEEDED (403) when calls run out, EXCEEDED_QUOTA (400) for the others."""
        with self._lock:
            self._restart_if_over()
            if self.used[name] + amount > self.maximum[name]:
                raise _exhausted(name)
            self.used[name] += amount

    def _restart_if_over(self) -> None:
        now = self._clock.now()
        if self._since is None or now - self._since > timedelta(days=1):
            self._since = now
            self.used = dict.fromkeys(self.used, 0)

    def header(self) -> str:
        """The value of `Sforce-Limit-Info`."""
        return f"api-usage={self.used[API_REQUESTS]}/{self.maximum[API_REQUESTS]}"

    def as_json(self) -> dict[str, dict[str, int]]:
        """The answer of `/limits`."""
        return {name: {"Max": top, "Remaining": max(0, top - self.used[name])} for name, top in self.maximum.items()}


def _exhausted(name: str) -> SalesforceError:
    if name == API_REQUESTS:
        return SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
    return SalesforceError("EXCEEDED_QUOTA", f"{name} limit exceeded.")
