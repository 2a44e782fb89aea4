"""A process died after it handed a bulk update over: whoever reads back next waits until the org is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from connectors.fields import all_specs
from connectors.salesforce import bulk_ingest
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.writer import SalesforceWriter

JOB = {"object": "Contact", "operation": "update", "contentType": "CSV", "lineEnding": "LF"}


@pytest.fixture
def contact(sandbox: Any, settings_of: Callable[..., Any]) -> str:
    """A record of an org that takes its time over bulk jobs."""
    with SalesforceProvisioner(settings_of(sandbox)) as provisioner:
        provisioner.apply(all_specs())
    sandbox.post_control("salesforce/bulk", {"processing_seconds": 1})
    with sandbox.client() as http:
        return str(http.get("query", params={"q": "SELECT Id FROM Contact LIMIT 1"}).json()["records"][0]["Id"])


def handed_over(writer: SalesforceWriter, contact: str, why: str, *, closed: bool) -> None:
    """What a process leaves behind that died before it saw a job's end."""
    job = writer.client.post_json("jobs/ingest", JOB)
    writer.client.put(f"jobs/ingest/{job['id']}/batches", bulk_ingest.to_csv(pa.table({"Id": [contact], "GX_Why__c": [why]})), "text/csv")
    if closed:
        writer.client.patch_json(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})


def test_what_is_read_back_is_final(contact: str, sandbox: Any, settings_of: Callable[..., Any]) -> None:
    with SalesforceWriter(settings_of(sandbox)) as died:
        handed_over(died, contact, "handed over", closed=True)
        handed_over(died, contact, "never closed", closed=False)
    with SalesforceWriter(settings_of(sandbox)) as next_one:
        assert next_one.read_back("contact", [contact], ["why"])["why"].to_pylist() == ["handed over"]


def test_jobs_are_looked_for_once_and_not_after_our_own_update(contact: str, sandbox: Any, settings_of: Callable[..., Any]) -> None:
    def listed() -> int:
        return int(sandbox.requests().get("bulk.ingest.other", 0))

    before = listed()
    with SalesforceWriter(settings_of(sandbox)) as writer:
        writer.read_back("contact", [contact], ["why"])
        writer.read_back("contact", [contact], ["why"])
        assert listed() <= before + 1
    before = listed()
    with SalesforceWriter(settings_of(sandbox)) as writer:
        writer.update("contact", pa.table({"record_id": [contact], "why": ["sent"]}))
        assert writer.read_back("contact", [contact], ["why"])["why"].to_pylist() == ["sent"]
    assert listed() == before
