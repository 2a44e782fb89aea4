"""Query jobs: the answers to every verb on `/jobs/query`.

    create (checked, one job of the day's allowance) -> UploadComplete -> InProgress -> sheet on disk -> JobComplete -> results, resultPages

Results may only be read under the API version that created the job (409 otherwise), and only as text/csv.
"""

from __future__ import annotations

from typing import Any

from connectors.sandbox.faults import Faults
from connectors.sandbox.salesforce.api import Api, Call
from connectors.sandbox.salesforce.bulk.checks import accepts_csv, chosen, dialect_of, required_text
from connectors.sandbox.salesforce.bulk.job import Job, Jobs, State, abort, found
from connectors.sandbox.salesforce.bulk.pages import PAGE_ROWS, Locator, page_at, page_list
from connectors.sandbox.salesforce.bulk.runner import Runner
from connectors.sandbox.salesforce.bulk.sheet import Page, Sheet, write_sheet
from connectors.sandbox.salesforce.bulk.stream import page_response
from connectors.sandbox.salesforce.errors import SalesforceError, not_found
from connectors.sandbox.salesforce.limits import QUERY_JOBS, QUERY_STORAGE_MB
from connectors.sandbox.salesforce.soql import compile_query
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID

KIND = "query"
OPERATIONS = ("query", "queryAll")
SERVER_RETRIES = 15
NOT_CHUNKED = frozenset({"TaskRelation", "EmailMessageRelation"})
PARALLEL_FROM = 58.0
_MEGABYTE = 1 << 20


class QueryJobs:
    """The handlers of `/jobs/query`; `page_rows` is the page size where the client leaves it to the server."""

    def __init__(self, api: Api, jobs: Jobs, runner: Runner, faults: Faults) -> None:
        self.api, self.jobs, self.runner, self.faults = api, jobs, runner, faults
        self.page_rows = PAGE_ROWS

    def create(self, call: Call) -> Any:
        """POST: a new job; a query Salesforce would refuse is refused here."""
        body = call.json_object()
        job = self._new(call, body, chosen(body, "operation", OPERATIONS))
        spoilt = self.faults.work("fail_job", call.request.method, call.request.url.path, job.object)
        self.jobs.add(job)
        answer = job.created_json()
        self.runner.start(job, _give_up if spoilt else self._run)
        return answer

    def _new(self, call: Call, body: dict[str, Any], operation: str) -> Job:
        text, dialect = required_text(body, "query"), dialect_of(body)
        compiled = compile_query(text, call.access, all_rows=operation == "queryAll", dialect="bulk")
        name = compiled.sobject.name
        self.api.limits.use(QUERY_JOBS)
        job_id, folder = self.jobs.new_id()
        made = Job(job_id, KIND, operation, name, dialect, call.version, call.store.clock.now(), INTEGRATION_USER_ID, folder)
        made.state, made.compiled, made.chunkable = State.UPLOAD_COMPLETE, compiled, name not in NOT_CHUNKED
        return made

    def _run(self, job: Job) -> None:
        assert job.compiled is not None
        with self.api.store.cursor() as cursor:
            sheet = write_sheet(cursor, job.compiled.sql, job.compiled.params, job.dialect, job.folder / "results.csv")
        self.api.limits.use(QUERY_STORAGE_MB, sheet.size // _MEGABYTE)
        job.processed = sheet.rows
        job.sheets["results"] = sheet

    def list(self, call: Call) -> Any:
        """GET: all jobs."""
        return {"done": True, "records": [job.json() for job in self.jobs.of(KIND)], "nextRecordsUrl": None}

    def show(self, call: Call) -> Any:
        """GET of one job."""
        return found(self.jobs, KIND, call).json()

    def change(self, call: Call) -> Any:
        """PATCH: the only change is to abort."""
        chosen(call.json_object(), "state", (State.ABORTED,))
        return abort(found(self.jobs, KIND, call), call.store.clock.now()).created_json()

    def delete(self, call: Call) -> None:
        """DELETE a finished job: 204."""
        job = found(self.jobs, KIND, call)
        if not job.finished:
            raise SalesforceError("INVALIDJOBSTATE", "Deleting not Closed Job not allowed")
        self.jobs.drop(job)

    def results(self, call: Call) -> Any:
        """GET one page as CSV with its own header row."""
        accepts_csv(call.request)
        sheet = self._sheet(call)
        place = Locator.parse(call.param("locator"), call.param("maxRecords"), self.page_rows)
        page, following = page_at(sheet, place)
        headers = {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(page.rows)}
        return page_response(call.request, page, headers, self._cut(call, sheet, place, page))

    def _cut(self, call: Call, sheet: Sheet, place: Locator, page: Page) -> Page | None:
        """The page cut at a row edge, when a fault says so."""
        rule = self.faults.work("cut_page", call.request.method, call.request.url.path) if page.rows else None
        return sheet.page(place.first, min(page.rows - 1, round(page.rows * (1 - rule.value)))) if rule else None

    def result_pages(self, call: Call) -> Any:
        """GET up to five result addresses (v58 on)."""
        if float(call.version) < PARALLEL_FROM:
            raise not_found()
        sheet = self._sheet(call)
        place = Locator.parse(call.param("locator"), call.param("maxRecords"), self.page_rows)
        return page_list(sheet, place, f"{call.base}/jobs/query/{call.path('job')}/results")

    def _sheet(self, call: Call) -> Sheet:
        job = found(self.jobs, KIND, call)
        if call.version != job.version:
            raise SalesforceError("API_ERROR", f"Job {job.id} was created with API version {job.version}", status=409)
        if job.state != State.JOB_COMPLETE:
            raise SalesforceError("INVALIDJOBSTATE", f"Results are not available: the job is {job.state.value}")
        return job.sheets["results"]


def _give_up(job: Job) -> None:
    job.retries = SERVER_RETRIES
    raise SalesforceError("QUERY_TIMEOUT", f"Retried more than {SERVER_RETRIES} times. Consider applying a filter to the query.")
