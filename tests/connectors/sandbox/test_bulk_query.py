"""Query jobs over HTTP: states, refusals, pages, parallel pages, versions, compression, formats."""

import gzip
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.connectors.sandbox.kit import bulk_rows, finished, pages, query_job, refused, rows_of

TASKS = "SELECT Id, IsDeleted, Subject, ActivityDate, CompletedDateTime, CallDurationInSeconds FROM Task"


@pytest.fixture(scope="module")
def client(sandbox: Any) -> Iterator[httpx.Client]:
    with sandbox.client() as session:
        yield session


def count(client: httpx.Client, object_name: str, endpoint: str = "query") -> int:
    return int(client.get(endpoint, params={"q": f"SELECT COUNT() FROM {object_name}"}).json()["totalSize"])


def test_a_job_runs_to_its_end_and_counts_its_records(client: httpx.Client) -> None:
    created = client.post("jobs/query", json={"operation": "query", "query": TASKS}).json()
    assert (created["state"], created["object"], created["apiVersion"], created["concurrencyMode"]) == (
        "UploadComplete",
        "Task",
        62.0,
        "Parallel",
    )
    assert "isPkChunkingSupported" not in created
    job = finished(client, "query", created["id"])
    assert job["state"] == "JobComplete"
    assert job["numberRecordsProcessed"] == count(client, "Task")
    assert (job["retries"], job["isPkChunkingSupported"]) == (0, True)
    assert job["id"] in [item["id"] for item in client.get("jobs/query").json()["records"]]


def test_states_are_passed_through_in_order_when_the_org_takes_its_time(sandbox: Any, client: httpx.Client) -> None:
    sandbox.post_control("salesforce/bulk", {"processing_seconds": 1})
    job_id = client.post("jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"}).json()["id"]
    seen: list[str] = []
    while not seen or seen[-1] not in ("JobComplete", "Failed"):
        state = client.get(f"jobs/query/{job_id}").json()["state"]
        seen += [state] if state not in seen else []
        time.sleep(0.02)
    sandbox.post_control("salesforce/bulk", {"processing_seconds": 0})
    assert seen == ["UploadComplete", "InProgress", "JobComplete"]


def test_query_all_brings_deleted_and_archived_rows_and_query_does_not(client: httpx.Client) -> None:
    live, everything = bulk_rows(client, TASKS), bulk_rows(client, TASKS, "queryAll")
    assert {row["IsDeleted"] for row in live} == {"false"}
    assert {row["IsDeleted"] for row in everything} == {"false", "true"}
    archived = {row["Id"] for row in everything if row["IsDeleted"] == "false"} - {row["Id"] for row in live}
    assert archived
    assert len(everything) == count(client, "Task", "queryAll")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT() FROM Task", "API_ERROR"),
        ("SELECT MAX(SystemModstamp) FROM Task", "API_ERROR"),
        ("SELECT OwnerId FROM Task GROUP BY OwnerId", "API_ERROR"),
        ("SELECT Id FROM Task OFFSET 5", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT TYPEOF Who WHEN Contact THEN Name END FROM Task", "MALFORMED_QUERY"),
        ("SELECT MailingAddress FROM Contact", "INVALID_FIELD"),
        ("SELECT Nothing__c FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
        ("SELECT Id FROM PermissionSet WHERE", "MALFORMED_QUERY"),
    ],
)
def test_what_salesforce_refuses_is_refused_at_creation(client: httpx.Client, soql: str, code: str) -> None:
    assert refused(client.post("jobs/query", json={"operation": "query", "query": soql})) == (400, code)


def test_compound_fields_are_refused_in_salesforces_words(client: httpx.Client) -> None:
    answer = client.post("jobs/query", json={"operation": "query", "query": "SELECT Id, BillingAddress FROM Account"})
    assert answer.json()[0]["message"].endswith("Selecting compound data not supported in Bulk Query")


@pytest.mark.parametrize("body", [{"operation": "insert"}, {}, {"operation": "query", "columnDelimiter": "DOT"}, {"operation": "query"}])
def test_an_incomplete_job_is_refused(client: httpx.Client, body: dict[str, str]) -> None:
    needed = {"query": "SELECT Id FROM Account"} if "columnDelimiter" in body else {}
    assert refused(client.post("jobs/query", json={**needed, **body})) == (400, "INVALIDJOB")


def test_parents_are_reached_by_dots(client: httpx.Client) -> None:
    rows = bulk_rows(client, "SELECT Id, Account.Name FROM Contact WHERE AccountId != null")
    assert list(rows[0]) == ["Id", "Account.Name"]
    assert all(row["Account.Name"] for row in rows)


def test_pages_follow_the_locator_until_the_text_null(client: httpx.Client) -> None:
    job = query_job(client, TASKS, "queryAll")
    read = list(pages(client, job["id"], 100))
    sizes = [int(page.headers["Sforce-NumberOfRecords"]) for page in read]
    assert sizes[:-1] == [100] * (len(read) - 1)
    assert sum(sizes) == job["numberRecordsProcessed"]
    assert all(page.text.startswith('"Id","IsDeleted","Subject"') for page in read)
    assert [len(rows_of(page.text)) for page in read] == sizes
    assert read[-1].headers["Sforce-Locator"] == "null"
    assert len({row["Id"] for page in read for row in rows_of(page.text)}) == sum(sizes)


def test_a_page_can_be_fetched_again(client: httpx.Client) -> None:
    job_id = query_job(client, TASKS)["id"]
    locator = client.get(f"jobs/query/{job_id}/results", params={"maxRecords": 50}).headers["Sforce-Locator"]
    address = f"jobs/query/{job_id}/results?locator={locator}&maxRecords=50"
    assert client.get(address).text == client.get(address).text != ""


def test_result_pages_cover_the_job_five_at_a_time(sandbox: Any, client: httpx.Client) -> None:
    sandbox.post_control("salesforce/bulk", {"page_rows": 97})
    job = query_job(client, TASKS, "queryAll")
    urls, address = [], f"/services/data/v62.0/jobs/query/{job['id']}/resultPages"
    while address:
        listed = client.get(f"{sandbox.url}{address}").json()
        assert len(listed["resultPages"]) <= 5
        assert listed["done"] == (listed["nextRecordsUrl"] is None)
        urls += [page["resultUrl"] for page in listed["resultPages"]]
        address = listed["nextRecordsUrl"]
    rows = [row for url in reversed(urls) for row in rows_of(client.get(f"{sandbox.url}{url}").text)]
    sandbox.post_control("salesforce/bulk", {"page_rows": 50_000})
    assert len(urls) > 5
    assert len({row["Id"] for row in rows}) == len(rows) == job["numberRecordsProcessed"]


def test_result_pages_do_not_exist_before_version_58(sandbox: Any) -> None:
    with sandbox.client("57.0") as old:
        job_id = query_job(old, "SELECT Id FROM Account")["id"]
        assert old.get(f"jobs/query/{job_id}/results").status_code == 200
        assert refused(old.get(f"jobs/query/{job_id}/resultPages")) == (404, "NOT_FOUND")


def test_results_under_another_version_are_a_conflict(sandbox: Any, client: httpx.Client) -> None:
    job_id = query_job(client, "SELECT Id FROM Account")["id"]
    with sandbox.client("61.0") as other:
        assert other.get(f"jobs/query/{job_id}/results").status_code == 409
        assert other.get(f"jobs/query/{job_id}/resultPages").status_code == 409


def test_results_are_compressed_only_when_asked_and_equal(client: httpx.Client) -> None:
    address = f"jobs/query/{query_job(client, TASKS)['id']}/results"
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 3


def test_results_are_csv_or_not_acceptable(client: httpx.Client) -> None:
    address = f"jobs/query/{query_job(client, 'SELECT Id FROM Account')['id']}/results"
    assert client.get(address, headers={"Accept": "application/json"}).status_code == 406
    assert client.get(address, headers={"Accept": "text/csv"}).headers["Content-Type"].startswith("text/csv")


def test_delimiter_and_line_ending_are_the_jobs(client: httpx.Client) -> None:
    job = query_job(client, "SELECT Id, Name FROM Account", columnDelimiter="PIPE", lineEnding="CRLF")
    assert (job["columnDelimiter"], job["lineEnding"]) == ("PIPE", "CRLF")
    lines = client.get(f"jobs/query/{job['id']}/results").text.split("\r\n")
    assert lines[0] == '"Id"|"Name"'
    assert lines[-1] == ""
    assert len(lines) == job["numberRecordsProcessed"] + 2


def test_values_have_salesforces_form(client: httpx.Client) -> None:
    row = next(row for row in bulk_rows(client, f"{TASKS} WHERE ActivityDate != null") if row["CompletedDateTime"])
    assert datetime.strptime(row["CompletedDateTime"], "%Y-%m-%dT%H:%M:%S.000Z")
    assert datetime.strptime(row["ActivityDate"], "%Y-%m-%d")


def test_ordered_results_keep_their_order(client: httpx.Client) -> None:
    stamps = [row["SystemModstamp"] for row in bulk_rows(client, "SELECT SystemModstamp FROM Task ORDER BY SystemModstamp DESC LIMIT 300")]
    assert stamps == sorted(stamps, reverse=True)
    assert len(stamps) == 300


def test_a_job_is_aborted_and_deleted(sandbox: Any, client: httpx.Client) -> None:
    sandbox.post_control("salesforce/bulk", {"processing_seconds": 30})
    job_id = client.post("jobs/query", json={"operation": "query", "query": TASKS}).json()["id"]
    assert refused(client.get(f"jobs/query/{job_id}/results")) == (400, "INVALIDJOBSTATE")
    assert refused(client.delete(f"jobs/query/{job_id}")) == (400, "INVALIDJOBSTATE")
    assert client.patch(f"jobs/query/{job_id}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    sandbox.post_control("salesforce/bulk", {"processing_seconds": 0})
    assert client.get(f"jobs/query/{job_id}").json()["state"] == "Aborted"
    assert client.delete(f"jobs/query/{job_id}").status_code == 204
    assert client.get(f"jobs/query/{job_id}").status_code == 404


def test_a_finished_job_cannot_be_aborted(client: httpx.Client) -> None:
    job_id = query_job(client, "SELECT Id FROM Account")["id"]
    answer = client.patch(f"jobs/query/{job_id}", json={"state": "Aborted"})
    assert refused(answer) == (400, "INVALIDJOBSTATE")
    assert answer.json()[0]["message"] == "Aborting already Completed Job not allowed"


def test_every_job_counts_against_the_days_allowance(client: httpx.Client) -> None:
    before = client.get("limits").json()["DailyBulkV2QueryJobs"]["Remaining"]
    query_job(client, "SELECT Id FROM Account")
    assert client.get("limits").json()["DailyBulkV2QueryJobs"]["Remaining"] == before - 1
