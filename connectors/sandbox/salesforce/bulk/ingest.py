"""Ingest jobs: the answers to every verb on `/jobs/ingest`.

    create -> Open -> PUT batches (once) -> PATCH UploadComplete -> InProgress -> JobComplete -> three result sheets

A job that is never closed processes nothing. JobComplete says nothing about rows: successfulResults, failedResults and
unprocessedrecords do, in an order that is not the input's.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from connectors.sandbox.faults import Faults
from connectors.sandbox.salesforce.api import Api, Call
from connectors.sandbox.salesforce.bulk.checks import accepts_csv, bulk_object, chosen, dialect_of, required_text
from connectors.sandbox.salesforce.bulk.job import Job, Jobs, State, abort, found
from connectors.sandbox.salesforce.bulk.load import load
from connectors.sandbox.salesforce.bulk.runner import Runner
from connectors.sandbox.salesforce.bulk.spoil import Spoils
from connectors.sandbox.salesforce.bulk.stream import page_response
from connectors.sandbox.salesforce.bulk.upload import MOST_BYTES
from connectors.sandbox.salesforce.errors import SalesforceError, not_found
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID

KIND = "ingest"
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
RESULTS = {"successfulresults": "successful", "failedresults": "failed", "unprocessedrecords": "unprocessed"}
UPLOAD = "input.csv"


class IngestJobs:
    """The handlers of `/jobs/ingest`."""

    def __init__(self, api: Api, jobs: Jobs, runner: Runner, faults: Faults) -> None:
        self.api, self.jobs, self.runner, self.faults = api, jobs, runner, faults

    def create(self, call: Call) -> Any:
        """POST: an open job."""
        body = call.json_object()
        operation = chosen(body, "operation", OPERATIONS)
        chosen(body, "contentType", ("CSV",), "CSV")
        name = required_text(body, "object")
        declared, dialect = bulk_object(call.access.sobject(name), name), dialect_of(body)
        key = required_text(body, "externalIdFieldName") if operation == "upsert" else None
        job_id, folder = self.jobs.new_id()
        job = Job(job_id, KIND, operation, declared.name, dialect, call.version, call.store.clock.now(), INTEGRATION_USER_ID, folder)
        job.external_id = key
        self.jobs.add(job)
        return job.created_json()

    def upload(self, call: Call) -> Response:
        """PUT the data, once: 201."""
        job = found(self.jobs, KIND, call)
        if job.state != State.OPEN:
            raise SalesforceError("INVALIDJOBSTATE", f"Uploading data not allowed: the job is {job.state.value}")
        target = job.folder / UPLOAD
        if target.exists():
            raise SalesforceError(
                "CLIENTINPUTERROR", f"Found multiple contents for job: <{job.id}>; PUT once, or abort and create a new job"
            )
        if len(call.body) > MOST_BYTES:
            raise SalesforceError("CLIENTINPUTERROR", f"Uploaded data is over {MOST_BYTES} bytes", status=413)
        target.write_bytes(call.body)
        return Response(status_code=201)

    def change(self, call: Call) -> Any:
        """PATCH: close the upload, or abort."""
        state = chosen(call.json_object(), "state", (State.UPLOAD_COMPLETE, State.ABORTED))
        job = found(self.jobs, KIND, call)
        if state == State.ABORTED:
            return abort(job, call.store.clock.now()).created_json()
        return self._close(job, call)

    def _close(self, job: Job, call: Call) -> Any:
        if job.state != State.OPEN or not (job.folder / UPLOAD).exists():
            raise SalesforceError(
                "INVALIDJOBSTATE", f"Closing not allowed: the job is {job.state.value} and must be Open with data uploaded"
            )
        spoils = Spoils.take(self.faults, call, job.object)
        job.move(State.UPLOAD_COMPLETE, call.store.clock.now())
        answer = job.created_json()
        self.runner.start(job, lambda started: load(self.api, started, job.folder / UPLOAD, spoils))
        return answer

    def list(self, call: Call) -> Any:
        """GET: all jobs."""
        return {"done": True, "records": [job.json() for job in self.jobs.of(KIND)], "nextRecordsUrl": None}

    def show(self, call: Call) -> Any:
        """GET of one job."""
        return found(self.jobs, KIND, call).json()

    def delete(self, call: Call) -> None:
        """DELETE: 204; a job at work must be aborted first."""
        job = found(self.jobs, KIND, call)
        if job.state in (State.UPLOAD_COMPLETE, State.IN_PROGRESS):
            raise SalesforceError("INVALIDJOBSTATE", "Deleting not Closed Job not allowed")
        self.jobs.drop(job)

    def results(self, call: Call) -> Any:
        """GET one of the three result sheets, its name in any letter case."""
        name = RESULTS.get(call.path("results").lower())
        if name is None:
            raise not_found()
        accepts_csv(call.request)
        job = found(self.jobs, KIND, call)
        if not job.finished:
            raise SalesforceError("INVALIDJOBSTATE", f"Results are not available: the job is {job.state.value}")
        sheet = job.sheets.get(name)
        return page_response(call.request, sheet.whole(), {}) if sheet else Response(media_type="text/csv")
