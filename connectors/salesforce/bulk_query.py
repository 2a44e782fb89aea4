"""Bulk API 2.0 queries: create a job, wait for it, list its result pages.

Always `queryAll`: plain `query` hides activities older than a year and everything deleted or merged away. Pages come
by `resultPages` (their addresses at once, so that they can be fetched in parallel), or one after the other by locator
where the API version has none. Locators stay valid as long as the job exists, up to seven days.
"""

import datetime as dt
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.errors import CrmError, QuotaExhausted, RequestRejected, ServerBusy
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.soql import parsed

NOT_IN_BULK: Final = frozenset({"INVALIDENTITY", "INVALID_ENTITY", "INVALIDENTITYTYPE", "API_NOT_SUPPORTED"})
PAGE_ROWS: Final = 100_000
PATIENCE_SECONDS: Final = 4 * 3600.0
_WAITS: Final = (0.1, 0.2, 0.4, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class NotInBulk(CrmError):
    """This object cannot be read by Bulk API 2.0."""


class Stopped(CrmError):
    """This read was given up because another one failed."""


@dataclass(frozen=True)
class Job:
    """A query job. `rows` is the server's count, known when the job is complete; `created` is on the org's clock."""

    job_id: str
    created: dt.datetime
    state: str
    rows: int = 0
    message: str = ""

    @property
    def done(self) -> bool:
        """Whether its results can be fetched."""
        return self.state == "JobComplete"

    @property
    def lost(self) -> bool:
        """Whether it will never have results."""
        return self.state in ("Failed", "Aborted")


def submit(client: SalesforceClient, query: str) -> Job:
    """Create a queryAll job. Raises `NotInBulk` where bulk refuses the object."""
    body = {"operation": "queryAll", "query": query, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
    try:
        return _job(client.post_json("jobs/query", body))
    except RequestRejected as error:
        if error.code.upper() in NOT_IN_BULK:
            raise NotInBulk(str(error)) from error
        raise


def look_up(client: SalesforceClient, job_id: str) -> Job | None:
    """The job as it is now, None when the org has forgotten it."""
    try:
        return _job(client.get_json(f"jobs/query/{job_id}"))
    except RequestRejected as error:
        if error.code in ("NOT_FOUND", "INVALID_ID_FIELD", "MALFORMED_ID"):
            return None
        raise


def wait(client: SalesforceClient, job: Job, stop: Event) -> Job:
    """Poll until the job is complete, ever more rarely.

    Raises `ServerBusy` when Salesforce gave up on the job or never ends it, `NotInBulk` as `submit`, `Stopped` when `stop`
    was set meanwhile.
    """
    step, deadline = 0, time.monotonic() + PATIENCE_SECONDS
    while not job.done:
        if job.lost:
            raise _failure(job)
        if time.monotonic() > deadline:
            raise ServerBusy(f"query job {job.job_id} has not ended after {PATIENCE_SECONDS / 3600:.0f} hours; run again later")
        if stop.wait(_WAITS[min(step, len(_WAITS) - 1)] * random.uniform(0.8, 1.2)):
            raise Stopped(f"query job {job.job_id} was left alone: another object failed")
        job = look_up(client, job.job_id) or Job(job.job_id, job.created, "Aborted", message="the job is gone")
        step += 1
    return job


def _failure(job: Job) -> CrmError:
    text = " ".join(job.message.split())[:300]
    if any(code in text.upper().replace(" ", "") for code in NOT_IN_BULK):
        return NotInBulk(text)
    if "LIMIT_EXCEEDED" in text.upper() or "LIMITEXCEEDED" in text.upper():
        return QuotaExhausted(f"query job {job.job_id} was refused: {text}; run again tomorrow or ask for more")
    return ServerBusy(f"query job {job.job_id} ended as {job.state}: {text or 'no reason given'}; run again later")


def page_paths(client: SalesforceClient, job: Job) -> Iterator[str] | None:
    """Addresses of all result pages, None when this API version cannot list them."""
    try:
        first = client.get_json(f"jobs/query/{job.job_id}/resultPages")
    except RequestRejected:
        return None
    return _listed(client, first)


def _listed(client: SalesforceClient, answer: Any) -> Iterator[str]:
    while True:
        yield from (_path(page["resultUrl"]) for page in answer.get("resultPages", []))
        following = answer.get("nextRecordsUrl") or answer.get("nextRecordUrl")
        if answer.get("done", True) or not following:
            return
        answer = client.get_json(_path(following))


def sequential_path(job: Job, locator: str = "") -> str:
    """Address of the first page, or of the one behind a locator."""
    suffix = f"&locator={locator}" if locator else ""
    return f"jobs/query/{job.job_id}/results?maxRecords={PAGE_ROWS}{suffix}"


def _path(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return f"{path}?{parts.query}" if parts.query else path


def _job(answer: Any) -> Job:
    return Job(
        job_id=str(answer["id"]),
        created=parsed(answer["createdDate"]),
        state=str(answer["state"]),
        rows=int(answer.get("numberRecordsProcessed") or 0),
        message=str(answer.get("errorMessage") or ""),
    )
