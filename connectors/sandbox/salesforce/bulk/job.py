"""A Bulk API 2.0 job, and the register of all of them.

States: query jobs begin at UploadComplete, ingest jobs at Open; both end in JobComplete, Failed or Aborted. A job's files live in its own
folder until it is deleted, so a page can be fetched again for as long as the job exists. Jobs do not outlive the server.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

from connectors.sandbox.salesforce.api import Call
from connectors.sandbox.salesforce.bulk.dialect import Dialect
from connectors.sandbox.salesforce.bulk.sheet import Sheet
from connectors.sandbox.salesforce.errors import SalesforceError, not_found
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.soql import Compiled

PREFIX = "750"


class State(StrEnum):
    """Salesforce's job states."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


_ENDED = {State.JOB_COMPLETE: "Completed", State.FAILED: "Failed", State.ABORTED: "Aborted"}
FINISHED = frozenset({State.JOB_COMPLETE, State.FAILED, State.ABORTED})


@dataclass
class Job:
    """One job; `sheets` holds its results by name once it is done."""

    id: str
    kind: str
    operation: str
    object: str
    dialect: Dialect
    version: str
    created: datetime
    created_by: str
    folder: Path
    state: State = State.OPEN
    compiled: Compiled | None = None
    chunkable: bool = False
    external_id: str | None = None
    uploaded: bool = False
    processed: int = 0
    failed: int = 0
    retries: int = 0
    milliseconds: int = 0
    error: str | None = None
    modified: datetime | None = None
    sheets: dict[str, Sheet] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def move(self, state: State, now: datetime) -> bool:
        """Go to a state, unless the job has finished; tells whether it went."""
        with self._lock:
            if self.finished:
                return False
            self.state, self.modified = state, now
            return True

    def created_json(self) -> dict[str, Any]:
        """The answer to create and to a change of state."""
        shown: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": _stamp(self.created),
            "systemModstamp": _stamp(self.modified or self.created),
            "state": self.state.value,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.dialect.line_ending,
            "columnDelimiter": self.dialect.column_delimiter,
        }
        if self.kind == "ingest":
            shown["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"
        if self.external_id:
            shown["externalIdFieldName"] = self.external_id
        return shown

    def json(self) -> dict[str, Any]:
        """The answer to GET: with counts, and for a query whether the object chunks."""
        shown = self.created_json() | {
            "jobType": "V2Query" if self.kind == "query" else "V2Ingest",
            "numberRecordsProcessed": self.processed,
            "retries": self.retries,
            "totalProcessingTime": self.milliseconds,
        }
        if self.error:
            shown["errorMessage"] = self.error
        if self.kind == "query":
            return shown | {"isPkChunkingSupported": self.chunkable}
        times = {"apiActiveProcessingTime": self.milliseconds, "apexProcessingTime": 0}
        return shown | {"numberRecordsFailed": self.failed} | times


class Jobs:
    """The org's jobs, by id and kind (`query`, `ingest`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._jobs: dict[str, Job] = {}
        self._numbers = count(1)

    def new_id(self) -> tuple[str, Path]:
        """An unused job id and its (made) folder."""
        job_id = make_id(PREFIX, next(self._numbers))
        folder = self.folder / job_id
        folder.mkdir()
        return job_id, folder

    def add(self, job: Job) -> None:
        self._jobs[job.id] = job

    def find(self, kind: str, job_id: str) -> Job | None:
        """The job, given its 15- or 18-character id."""
        job = self._jobs.get(job_id) or next((j for j in list(self._jobs.values()) if j.id[:15] == job_id), None)
        return job if job and job.kind == kind else None

    def of(self, kind: str) -> list[Job]:
        """All jobs of a kind, oldest first."""
        return [job for job in list(self._jobs.values()) if job.kind == kind]

    def drop(self, job: Job) -> None:
        """Forget a job and remove its files."""
        self._jobs.pop(job.id, None)
        shutil.rmtree(job.folder, ignore_errors=True)


def found(jobs: Jobs, kind: str, call: Call) -> Job:
    """The job a path names; raises NOT_FOUND (404)."""
    job = jobs.find(kind, call.path("job"))
    if job is None:
        raise not_found()
    return job


def abort(job: Job, now: datetime) -> Job:
    """Stop a job; raises INVALIDJOBSTATE when it has ended."""
    if not job.move(State.ABORTED, now):
        raise SalesforceError("INVALIDJOBSTATE", f"Aborting already {_ENDED[job.state]} Job not allowed")
    job.stop.set()
    return job


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
