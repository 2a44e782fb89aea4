"""Bulk API 2.0 as raw requests: what the tests of this folder share."""

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import httpx

SECONDS = 20


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def finished(client: httpx.Client, kind: str, job_id: str) -> dict[str, Any]:
    """Poll until the job ends."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        job: dict[str, Any] = client.get(f"jobs/{kind}/{job_id}").raise_for_status().json()
        if job["state"] in ("JobComplete", "Failed", "Aborted"):
            return job
        time.sleep(0.01)
    raise AssertionError(f"job {job_id} did not end in {SECONDS} s")


def query_job(client: httpx.Client, soql: str, operation: str = "query", **options: Any) -> dict[str, Any]:
    """Create a query job and wait for its end."""
    answer = client.post("jobs/query", json={"operation": operation, "query": soql, **options})
    assert answer.status_code == 200, answer.text
    return finished(client, "query", answer.json()["id"])


def pages(client: httpx.Client, job_id: str, size: int | None = None) -> Iterator[httpx.Response]:
    """All result pages, by locator."""
    locator = ""
    while locator != "null":
        options = {"maxRecords": size, "locator": locator or None}
        params = {name: value for name, value in options.items() if value is not None}
        page = client.get(f"jobs/query/{job_id}/results", params=params, headers={"Accept": "text/csv"})
        assert page.status_code == 200, page.text
        locator = page.headers["Sforce-Locator"]
        yield page


def bulk_rows(client: httpx.Client, soql: str, operation: str = "query", size: int | None = None) -> list[dict[str, str]]:
    """The rows of a query job."""
    job = query_job(client, soql, operation)
    assert job["state"] == "JobComplete", job
    return [row for page in pages(client, job["id"], size) for row in rows_of(page.text)]


def to_csv(rows: list[dict[str, str]], **format_options: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator=format_options.pop("lineterminator", "\n"), **format_options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def open_job(client: httpx.Client, object_name: str, operation: str = "update", **options: Any) -> str:
    """An open ingest job."""
    answer = client.post("jobs/ingest", json={"object": object_name, "operation": operation, "contentType": "CSV", **options})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "Open"
    return str(answer.json()["id"])


def ingest(client: httpx.Client, object_name: str, data: bytes, operation: str = "update", **options: Any) -> dict[str, Any]:
    """Run an ingest job to its end."""
    job_id = open_job(client, object_name, operation, **options)
    assert client.put(f"jobs/ingest/{job_id}/batches", content=data, headers={"Content-Type": "text/csv"}).status_code == 201
    assert client.patch(f"jobs/ingest/{job_id}", json={"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    return finished(client, "ingest", job_id)


def outcome(client: httpx.Client, job_id: str, name: str) -> list[dict[str, str]]:
    """One of the three result sheets."""
    answer = client.get(f"jobs/ingest/{job_id}/{name}")
    assert answer.status_code == 200, answer.text
    return rows_of(answer.text)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()[0]["errorCode"]
