"""Answers to the writer that get lost, or are none: what was done stays done, and every row gets its verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from starlette.responses import JSONResponse, Response

from connectors.errors import ServerBusy
from connectors.fields import all_specs
from connectors.salesforce import bulk_ingest
from connectors.salesforce import writer as writing
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.writer import SalesforceWriter

PAGE = Response("<html>We are setting things up</html>", 200, media_type="text/html")


@pytest.fixture(scope="module")
def contacts(sandbox: Any, settings_of: Callable[..., Any]) -> list[str]:
    """Records of an org with our fields in it."""
    with SalesforceProvisioner(settings_of(sandbox)) as provisioner:
        provisioner.apply([spec for spec in all_specs() if spec.entity == "contact"])
    with sandbox.client() as http:
        found = http.get("query", params={"q": "SELECT Id FROM Contact LIMIT 20"}).json()["records"]
    return [record["Id"] for record in found]


@pytest.fixture
def bulk(sandbox: Any, settings_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceWriter]:
    """A writer to whom nothing counts as few."""
    monkeypatch.setattr(writing, "COLLECTIONS_ROWS", 0)
    with SalesforceWriter(settings_of(sandbox)) as opened:
        yield opened
    sandbox.faults()


@pytest.mark.parametrize("request_line", ["POST */jobs/ingest", "PUT */batches", "PATCH */jobs/ingest/*", "GET */jobs/ingest/*"])
def test_an_answer_that_gets_lost_on_the_way_does_not_end_the_push(
    bulk: SalesforceWriter, sandbox: Any, contacts: list[str], request_line: str
) -> None:
    method, path = request_line.split()
    sandbox.faults({"action": "lose_answer", "method": method, "path": path})
    results = bulk.update("contact", pa.table({"record_id": contacts, "why": [request_line] * len(contacts)}))
    assert sandbox.control("GET", "faults").json()["rules"][0]["struck"] == 1
    assert {(result.accepted, result.code) for result in results} == {(True, "")}
    assert set(bulk.read_back("contact", contacts, ["why"])["why"].to_pylist()) == {request_line}


@pytest.mark.parametrize("way", ["bulk", "collections"])
def test_an_empty_text_blanks_a_field_by_either_way(
    bulk: SalesforceWriter, contacts: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "COLLECTIONS_ROWS", 0 if way == "bulk" else 2_000)
    for text in ("before", ""):
        bulk.update("contact", pa.table({"record_id": contacts[:2], "why": [text] * 2}))
    assert bulk.read_back("contact", contacts[:2], ["why"])["why"].to_pylist() == [None, None]


def test_rows_of_a_job_that_failed_as_a_whole_are_told_why(
    sandbox: Any, settings_of: Callable[..., Any], contacts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "COLLECTIONS_ROWS", 0)
    monkeypatch.setattr(writing, "FIRST_PAUSE", 0.001)
    with SalesforceWriter(settings_of(sandbox), prefix="Gone") as writer:
        results = writer.update("contact", pa.table({"record_id": contacts[:3], "why": ["x"] * 3}))
    assert {(result.accepted, result.code) for result in results} == {(False, "NO_VERDICT")}
    assert all("Gone_Why__c" in result.message for result in results)


@pytest.mark.parametrize("answer", [PAGE, Response(b"a,b\n1,2\n", media_type="text/csv"), Response(b'"Id","sf__E', media_type="text/csv")])
def test_a_result_file_that_is_none_is_one_line(stub: Any, settings_of: Callable[..., Any], answer: Response) -> None:
    stub.answers = [answer]
    with SalesforceClient(settings_of(stub)) as client, pytest.raises(ServerBusy, match="successfulResults") as caught:
        bulk_ingest._accepted(client, "jobs/ingest/750")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ask", ["post_json", "patch_json"])
def test_a_page_instead_of_data_is_asked_again_whatever_is_sent(stub: Any, settings_of: Callable[..., Any], ask: str) -> None:
    stub.answers = [PAGE, PAGE, JSONResponse({"fine": True})]
    with SalesforceClient(settings_of(stub)) as client:
        assert getattr(client, ask)("composite/sobjects", {}) == {"fine": True}
