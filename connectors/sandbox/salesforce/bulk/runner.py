"""Processes jobs in the background, two at a time, through Salesforce's states; how long a job rests in them can be set."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import duckdb

from connectors.sandbox.salesforce.bulk.job import Job, State
from connectors.sandbox.salesforce.errors import SalesforceError

THREADS = 2
Work = Callable[[Job], None]


class Runner:
    """`processing_seconds` is the least time from UploadComplete to the end, half of it spent in each state."""

    def __init__(self, now: Callable[[], datetime], processing_seconds: float = 0.0) -> None:
        self._now = now
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="bulk")
        self.processing_seconds = processing_seconds

    def start(self, job: Job, work: Work) -> None:
        """Queue a job; `work` fills its results."""
        self._pool.submit(self._run, job, work)

    def close(self) -> None:
        """Let running jobs end, drop the queued ones."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, job: Job, work: Work) -> None:
        if job.stop.wait(self.processing_seconds / 2) or not job.move(State.IN_PROGRESS, self._now()):
            return
        started = time.monotonic()
        job.stop.wait(self.processing_seconds / 2)
        reached = State.FAILED
        try:
            work(job)
            reached = State.JOB_COMPLETE
        except (SalesforceError, duckdb.Error, OSError) as error:
            job.error = _failure(error)
        finally:
            job.milliseconds = round((time.monotonic() - started) * 1000)
            job.move(reached, self._now())


def _failure(error: Exception) -> str:
    return f"{error.code} : {error.message}" if isinstance(error, SalesforceError) else f"InternalServerError : {error}"
