"""Faults over HTTP: each one looks to a client as the real thing does, exactly where the rule says."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.connectors.sandbox.kit import bulk_rows, ingest, outcome, pages, query_job, refused, rows_of, to_csv

SHEETS = ("successfulResults", "failedResults", "unprocessedrecords")


@pytest.fixture
def client(sandbox: Any) -> Iterator[httpx.Client]:
    """A session before the faults begin; they end with the test."""
    with sandbox.client() as session:
        yield session
    sandbox.faults()


@pytest.mark.parametrize(
    ("action", "status", "kind", "text"),
    [
        ("unavailable", 503, "text/html", "Server too busy"),
        ("busy", 420, "text/plain", ""),
        ("not_acceptable", 406, "text/plain", ""),
        ("expired", 401, "application/json", "INVALID_SESSION_ID"),
        ("concurrent_limit", 403, "application/json", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        ("total_limit", 403, "application/json", "TotalRequests Limit exceeded."),
    ],
)
def test_an_answer_is_replaced_once_and_then_the_org_is_well(
    sandbox: Any, client: httpx.Client, action: str, status: int, kind: str, text: str
) -> None:
    sandbox.faults({"action": action, "method": "GET", "path": "*/limits"})
    answer = client.get("limits")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (status, kind)
    assert text in answer.text
    assert bool(text) == bool(answer.content)
    assert client.get("limits").status_code == 200


def test_a_reset_connection_is_a_transport_error(sandbox: Any, client: httpx.Client) -> None:
    sandbox.faults({"action": "reset", "path": "*/limits"})
    with pytest.raises(httpx.TransportError):
        client.get("limits")
    assert client.get("limits").status_code == 200


def test_a_slow_page_takes_the_seconds_asked_for(sandbox: Any, client: httpx.Client) -> None:
    sandbox.faults({"action": "slow", "path": "*/limits", "value": 0.3})
    assert client.get("limits").elapsed.total_seconds() > 0.29


def test_a_cut_page_ends_at_a_row_edge_with_200_and_the_full_count_in_its_header(sandbox: Any, client: httpx.Client) -> None:
    job = query_job(client, "SELECT Id, Subject FROM Task")
    sandbox.faults({"action": "cut_page", "path": "*/results", "skip": 1, "value": 0.1})
    read = [
        (page.status_code, int(page.headers["Sforce-NumberOfRecords"]), len(rows_of(page.text))) for page in pages(client, job["id"], 100)
    ]
    assert read[:3] == [(200, 100, 100), (200, 100, 90), (200, 100, 100)]


def test_the_job_of_the_named_object_fails_after_the_servers_own_retries(sandbox: Any, client: httpx.Client) -> None:
    sandbox.faults({"action": "fail_job", "object": "Event"})
    assert query_job(client, "SELECT Id FROM Task")["state"] == "JobComplete"
    failed = query_job(client, "SELECT Id FROM Event")
    assert (failed["state"], failed["retries"]) == ("Failed", 15)
    assert "applying a filter" in failed["errorMessage"]
    assert query_job(client, "SELECT Id FROM Event")["state"] == "JobComplete"


def test_every_session_ends_mid_poll_and_a_new_login_goes_on(sandbox: Any, client: httpx.Client) -> None:
    job_id = client.post("jobs/query", json={"operation": "query", "query": "SELECT Id FROM Task"}).json()["id"]
    sandbox.faults({"action": "expire_tokens", "method": "GET", "path": f"*/jobs/query/{job_id}"})
    assert refused(client.get(f"jobs/query/{job_id}")) == (401, "INVALID_SESSION_ID")
    assert refused(client.get(f"jobs/query/{job_id}")) == (401, "INVALID_SESSION_ID")
    with sandbox.client() as again:
        assert again.get(f"jobs/query/{job_id}").status_code == 200


def test_a_field_hidden_mid_run_is_no_such_column(sandbox: Any, client: httpx.Client) -> None:
    sandbox.faults({"action": "hide_field", "target": "Contact.Title", "method": "POST", "path": "*/jobs/query", "skip": 1})
    assert bulk_rows(client, "SELECT Id, Title FROM Contact")
    answer = client.post("jobs/query", json={"operation": "query", "query": "SELECT Id, Title FROM Contact"})
    described = client.get("sobjects/Contact/describe").json()["fields"]
    sandbox.post_control("salesforce/access", {"hidden_fields": []})
    assert refused(answer) == (400, "INVALID_FIELD")
    assert "No such column 'Title'" in answer.text
    assert "Title" not in {field["name"] for field in described}


def test_an_object_dropped_mid_run_is_gone_from_describe(sandbox: Any, client: httpx.Client) -> None:
    sandbox.faults({"action": "drop_object", "target": "TaskRelation", "path": "*/limits"})
    before = client.get("sobjects/TaskRelation/describe").status_code
    client.get("limits")
    after = client.get("sobjects/TaskRelation/describe").status_code
    sandbox.post_control("salesforce/access", {"hidden_objects": []})
    assert (before, after) == (200, 404)


def contact_rows(client: httpx.Client, number: int) -> list[dict[str, str]]:
    found = client.get("query", params={"q": f"SELECT Id FROM Contact LIMIT {number}"}).json()["records"]
    return [{"Id": row["Id"], "Title": f"T{index}"} for index, row in enumerate(found)]


def test_three_per_cent_of_the_rows_are_locked_once(sandbox: Any, client: httpx.Client) -> None:
    rows = contact_rows(client, 40)
    sandbox.faults({"action": "lock_rows", "method": "PATCH", "value": 0.03})
    job = ingest(client, "Contact", to_csv(rows))
    locked = outcome(client, job["id"], "failedResults")
    assert sorted(row["Title"] for row in locked) == ["T0", "T34"]
    assert {row["sf__Error"] for row in locked} == {"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"}
    assert [row["sf__Id"] for row in locked] == [row["Id"] for row in locked]
    assert ingest(client, "Contact", to_csv(rows))["numberRecordsFailed"] == 0


def test_unprocessed_rows_are_listed_and_lost_ones_are_nowhere(sandbox: Any, client: httpx.Client) -> None:
    rows = contact_rows(client, 20)
    sandbox.faults({"action": "skip_rows", "value": 0.1}, {"action": "lose_rows", "value": 0.05})
    job = ingest(client, "Contact", to_csv(rows))
    good, bad, rest = ([row["Title"] for row in outcome(client, job["id"], name)] for name in SHEETS)
    assert (sorted(rest), bad) == (["T18", "T19"], [])
    assert set(good) == {f"T{number}" for number in range(1, 18)}
    assert job["numberRecordsProcessed"] == 17


def test_the_faults_of_a_profile_are_in_force_and_counted(sandbox: Any, client: httpx.Client) -> None:
    rules = sandbox.post_control("faults", {"profile": "flaky"})["rules"]
    assert {rule["action"] for rule in rules} >= {"unavailable", "expired", "reset", "lock_rows"}
    for _ in range(25):
        client.get("limits")
    struck = {rule["action"]: rule["struck"] for rule in sandbox.control("GET", "faults").json()["rules"]}
    assert struck["busy"] == 1
    assert sandbox.control("DELETE", "faults").json() == {"rules": []}


def test_an_impossible_rule_is_refused_by_the_control(sandbox: Any) -> None:
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json={"rules": [{"action": "explode"}]})
    assert answer.status_code == 400
    assert "unavailable" in answer.json()["error"]


def test_requests_are_counted_by_kind_and_controls_are_not(sandbox: Any, client: httpx.Client) -> None:
    sandbox.control("DELETE", "requests")
    bulk_rows(client, "SELECT Id FROM Account")
    client.get("limits")
    counted = sandbox.requests()
    assert counted.pop("bulk.query.poll") >= 1
    assert counted == {"bulk.query.create": 1, "bulk.query.results": 1, "rest.limits": 1}
