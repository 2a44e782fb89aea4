"""simple-salesforce, unmodified, over plain http: its hard-wired https addresses are sent to loopback by a transport adapter."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest, SalesforceResourceNotFound

VERSION = "62.0"


class ToLoopback(HTTPAdapter):
    """Sends whatever host is asked for to the sandbox."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        assert request.url is not None
        request.url = urlunsplit(urlsplit(request.url)._replace(scheme="http", netloc=self._host))
        return super().send(request, **options)


@pytest.fixture(scope="module")
def org(sandbox: Any) -> Iterator[Salesforce]:
    """A session logged in by client credentials against the My Domain address."""
    with requests.Session() as session:
        session.mount("https://", ToLoopback(sandbox.url))
        yield Salesforce(
            domain="sandbox.my",
            consumer_key=sandbox.client_id,
            consumer_secret=sandbox.client_secret,
            version=VERSION,
            session=session,
        )


def test_a_wrong_secret_is_refused(sandbox: Any) -> None:
    session = requests.Session()
    session.mount("https://", ToLoopback(sandbox.url))
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid_client"):
        Salesforce(domain="sandbox.my", consumer_key=sandbox.client_id, consumer_secret="wrong", session=session)


def test_describe_and_limits(org: Salesforce) -> None:
    described = org.Contact.describe()
    assert {field["name"]: field["type"] for field in described["fields"]}["MailingAddress"] == "address"
    assert {"Task", "Event", "EmailMessage"} <= {item["name"] for item in org.describe()["sobjects"]}
    assert org.limits()["DailyBulkV2QueryJobs"]["Max"] == 10_000
    assert org.api_usage["api-usage"].total == 100_000


def test_query_all_follows_pages_and_brings_deleted_rows_on_request(org: Salesforce) -> None:
    visible = org.query_all("SELECT Id FROM Contact")
    everything = org.query_all("SELECT Id, IsDeleted FROM Contact", include_deleted=True)
    assert len(visible["records"]) == visible["totalSize"] == org.query("SELECT COUNT() FROM Contact")["totalSize"]
    assert sum(not record["IsDeleted"] for record in everything["records"]) == visible["totalSize"] < everything["totalSize"]
    assert sum(1 for _ in org.query_all_iter("SELECT Id FROM Task")) == org.query("SELECT COUNT() FROM Task")["totalSize"]


def test_a_record_lives_and_its_deletion_is_reported(org: Salesforce) -> None:
    created = org.Account.create({"Name": "Conformance Ltd"})
    assert created["success"]
    assert org.Account.update(created["id"], {"Industry": "Banking"}) == 204
    assert org.Account.get(created["id"])["Industry"] == "Banking"
    assert org.Account.delete(created["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        org.Account.get(created["id"])
    now = datetime.fromisoformat(
        org.query_all("SELECT SystemModstamp FROM Account WHERE Name = 'Conformance Ltd'", include_deleted=True)["records"][0][
            "SystemModstamp"
        ].replace("+0000", "+00:00")
    )
    window = (now.astimezone(UTC) - timedelta(minutes=10), now.astimezone(UTC) + timedelta(minutes=10))
    assert created["id"] in [item["id"] for item in org.Account.deleted(*window)["deletedRecords"]]


def test_updated_reports_the_ids_changed_in_a_window(org: Salesforce) -> None:
    contact = org.query("SELECT Id FROM Contact LIMIT 1")["records"][0]["Id"]
    org.Contact.update(contact, {"Title": "Updated"})
    stamp = org.Contact.get(contact)["SystemModstamp"].replace("+0000", "+00:00")
    when = datetime.fromisoformat(stamp)
    assert contact in org.Contact.updated(when - timedelta(minutes=5), when + timedelta(minutes=5))["ids"]


def test_a_refused_query_carries_salesforces_code(org: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refusal:
        org.query("SELECT Nothing__c FROM Contact")
    assert refusal.value.content[0]["errorCode"] == "INVALID_FIELD"


def test_bulk2_query_pages_hold_all_rows_with_a_header_each(org: Salesforce) -> None:
    pages = list(org.bulk2.Task.query_all("SELECT Id, Subject FROM Task", max_records=500, wait=0))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    total = org.query_all("SELECT Id FROM Task", include_deleted=True)["totalSize"]
    assert len(pages) > 1
    assert len(rows) == total == len({row["Id"] for row in rows})


def test_bulk2_download_writes_files(org: Salesforce, tmp_path: Path) -> None:
    files = org.bulk2.Account.download("SELECT Id, Name FROM Account", path=str(tmp_path), max_records=10_000, wait=0)
    rows = list(csv.DictReader(io.StringIO(Path(files[0]["file"]).read_text(encoding="utf-8"))))
    assert len(rows) == org.query("SELECT COUNT() FROM Account")["totalSize"]


def test_bulk2_update_reports_successes_and_failures_by_id(org: Salesforce) -> None:
    known = [record["Id"] for record in org.query("SELECT Id FROM Contact LIMIT 5")["records"]]
    rows = [{"Id": identifier, "Title": f"Title, {number}"} for number, identifier in enumerate([*known, "003000000000000AAA"])]
    summary = org.bulk2.Contact.update(records=rows, wait=0)[0]
    assert (summary["numberRecordsTotal"], summary["numberRecordsFailed"]) == (6, 1)
    results = org.bulk2.Contact.get_all_ingest_records(summary["job_id"])
    assert {row["sf__Id"] for row in results["successfulRecords"]} == set(known)
    assert [row["sf__Error"].partition(":")[0] for row in results["failedRecords"]] == ["INVALID_CROSS_REFERENCE_KEY"]
    assert results["unprocessedRecords"] == []
    quoted = ",".join(f"'{identifier}'" for identifier in known)
    written = {record["Id"]: record["Title"] for record in org.query(f"SELECT Id, Title FROM Contact WHERE Id IN ({quoted})")["records"]}
    assert written == {row["Id"]: row["Title"] for row in rows[:5]}
