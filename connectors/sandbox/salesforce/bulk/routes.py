"""The Bulk API 2.0 of one org: its routes, its background work, its requests' kinds."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route

from connectors.sandbox.faults import Faults
from connectors.sandbox.salesforce.api import Api
from connectors.sandbox.salesforce.bulk.ingest import IngestJobs
from connectors.sandbox.salesforce.bulk.job import Jobs
from connectors.sandbox.salesforce.bulk.query import QueryJobs
from connectors.sandbox.salesforce.bulk.runner import Runner
from connectors.sandbox.traffic import kinds

_DATA = r"/services/data/v[\d.]+"
KINDS = kinds(
    ("bulk.query.create", f"POST {_DATA}/jobs/query/?"),
    ("bulk.query.poll", f"GET {_DATA}/jobs/query/[^/]+"),
    ("bulk.query.results", f"GET {_DATA}/jobs/query/[^/]+/results"),
    ("bulk.query.resultPages", f"GET {_DATA}/jobs/query/[^/]+/resultPages"),
    ("bulk.query.other", rf"\w+ {_DATA}/jobs/query.*"),
    ("bulk.ingest.create", f"POST {_DATA}/jobs/ingest/?"),
    ("bulk.ingest.upload", f"PUT {_DATA}/jobs/ingest/.*"),
    ("bulk.ingest.close", f"PATCH {_DATA}/jobs/ingest/[^/]+"),
    ("bulk.ingest.poll", f"GET {_DATA}/jobs/ingest/[^/]+"),
    ("bulk.ingest.results", f"GET {_DATA}/jobs/ingest/[^/]+/.*"),
    ("bulk.ingest.other", rf"\w+ {_DATA}/jobs/ingest.*"),
)


class Bulk:
    """Query and ingest jobs; set `runner.processing_seconds` and `query.page_rows` to make the org slow or its pages small."""

    def __init__(self, api: Api, folder: Path, faults: Faults) -> None:
        jobs = Jobs(folder)
        self.runner = Runner(api.store.clock.now)
        self.query = QueryJobs(api, jobs, self.runner, faults)
        self.ingest = IngestJobs(api, jobs, self.runner, faults)
        self._api = api

    def routes(self) -> list[Route]:
        """Everything under `/services/data/vXX.X/jobs`."""
        route, query, ingest = self._api.route, self.query, self.ingest
        return [
            *(route(path, {"GET": query.list, "POST": query.create}) for path in ("/jobs/query", "/jobs/query/")),
            route("/jobs/query/{job}", {"GET": query.show, "PATCH": query.change, "DELETE": query.delete}),
            route("/jobs/query/{job}/results", {"GET": query.results}),
            route("/jobs/query/{job}/resultPages", {"GET": query.result_pages}),
            *(route(path, {"GET": ingest.list, "POST": ingest.create}) for path in ("/jobs/ingest", "/jobs/ingest/")),
            route("/jobs/ingest/{job}", {"GET": ingest.show, "PATCH": ingest.change, "DELETE": ingest.delete}),
            route("/jobs/ingest/{job}/batches", {"PUT": ingest.upload}),
            route("/jobs/ingest/{job}/{results}", {"GET": ingest.results}),
        ]

    def close(self) -> None:
        """End the background work."""
        self.runner.close()
