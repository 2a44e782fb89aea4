"""Orgs of other shapes: hidden fields, missing objects, mapped fields, older API versions, objects bulk refuses, few calls left."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.contract import ExtractReport, silent
from connectors.errors import MissingPermission, QuotaExhausted
from connectors.landing.spool import Spool
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.read import Read, Reading
from connectors.salesforce.specs import Column


def at_rest(sandbox: Any) -> None:
    """As the administrator left it."""
    sandbox.faults()
    sandbox.post_control("salesforce/access", {"hidden_fields": [], "hidden_objects": []})
    sandbox.post_control("salesforce/limits", {"DailyApiRequests": 100_000, "DailyBulkV2QueryJobs": 10_000})


@pytest.fixture
def org(sandbox: Any, org_of: Any) -> Iterator[Any]:
    """The module's org at rest, with nothing extracted yet."""
    yield org_of(sandbox)
    at_rest(sandbox)


@pytest.fixture(scope="module")
def odd(sandbox: Any, settings_of: Any, tmp_path_factory: Any, org_type: Any) -> Iterator[Any]:
    """An org where much is other than usual, read with settings that are."""
    settings = settings_of(sandbox, api_version="57.0", map={"contact": {"attitude": "Department", "vote": "Nothing__c"}})
    opened = org_type(sandbox, settings, tmp_path_factory.mktemp("odd"))
    sandbox.post_control("salesforce/access", {"hidden_objects": ["TaskRelation", "AccountTeamMember"]})
    sandbox.faults({"action": "hide_field", "method": "POST", "path": "*/jobs/query", "target": "Lead.Status"})
    yield opened
    opened.warehouse.close()


@pytest.fixture(scope="module")
def first(odd: Any, sandbox: Any) -> ExtractReport:
    """Its first night, after which it is at rest."""
    report = odd.extract()
    at_rest(sandbox)
    return report


def hide(org: Any, *fields: str) -> None:
    org.sandbox.post_control("salesforce/access", {"hidden_fields": fields})


def test_a_field_hidden_between_describe_and_query_is_left_out(odd: Any, first: ExtractReport) -> None:
    assert "Status" in first.objects["Lead"].hidden_columns
    assert any("a field was hidden meanwhile" in line for line in odd.lines)


def test_objects_the_org_lacks_are_reported_and_skipped(odd: Any, first: ExtractReport) -> None:
    assert first.objects["TaskRelation"].mode == "skipped"
    assert "Shared Activities" in first.objects["TaskRelation"].skipped
    assert not odd.raw("select 1 from extracted_columns where object_name = 'AccountTeamMember'")


def test_an_older_api_and_mapped_fields(odd: Any, first: ExtractReport) -> None:
    assert first.objects["Task"].rows == odd.ask("SELECT COUNT() FROM Task")["totalSize"]
    assert "bulk.query.results" in odd.sandbox.requests()
    assert "Nothing__c" in first.objects["Contact"].hidden_columns
    assert not {"GX_Attitude__c", "Department"} & set(first.objects["Contact"].hidden_columns)


def test_a_field_that_is_hidden_is_unknown_and_read_in_full_when_it_shows_again(odd: Any, first: ExtractReport) -> None:
    titled = odd.first("Contact", "IsDeleted = false AND Title != null")
    hide(odd, "Contact.Title")
    odd.send("PATCH", f"Contact/{titled}", LastName="Changed")
    hidden = odd.extract().objects["Contact"]
    assert (hidden.mode, "Title" in hidden.hidden_columns) == ("incremental", True)
    assert ("Contact", "Title") not in odd.raw("select object_name, column_name from extracted_columns")
    hide(odd)
    shown = odd.extract()
    assert (shown.objects["Contact"].mode, shown.objects["Lead"].mode) == ("full", "incremental")
    assert odd.one(f"""select "Title" from "Contact" where "Id" = '{titled}'""") is not None


def test_hidden_required_fields_and_objects_stop_the_run_in_one_line(org: Any) -> None:
    hide(org, "Contact.Email", "Event.IsPrivate")
    org.sandbox.post_control("salesforce/access", {"hidden_objects": ["Account"]})
    with pytest.raises(MissingPermission) as caught:
        org.extract()
    assert all(name in str(caught.value) for name in ("field Contact.Email", "field Event.IsPrivate", "object Account"))
    assert "\n" not in str(caught.value)


def test_an_object_bulk_refuses_is_read_by_rest(org: Any, tmp_path: Any) -> None:
    columns = [VisibleColumn(Column(name, kind), kind) for name, kind in (("Id", "text"), ("SystemModstamp", "datetime"))]
    refused = "Organization"
    read = Read(refused, lambda upper: f"SELECT Id, SystemModstamp FROM {refused}", columns, "SystemModstamp", Spool(tmp_path / "spool"))
    with SalesforceClient(org.settings) as client:
        pages = Reading(client, silent).run([read])[refused]
    assert pages.rows == org.ask(f"SELECT COUNT() FROM {refused}")["totalSize"]


@pytest.mark.parametrize(("limit", "line"), [("DailyApiRequests", "max_calls_share"), ("DailyBulkV2QueryJobs", "run again tomorrow")])
def test_a_run_that_would_eat_the_peoples_share_does_not_start(org: Any, limit: Any, line: Any) -> None:
    org.sandbox.control("DELETE", "requests")
    used = org.ask("SELECT COUNT() FROM User") and org.sandbox.client().get("limits").json()[limit]
    org.sandbox.post_control("salesforce/limits", {limit: used["Max"] - used["Remaining"] + (150 if limit == "DailyApiRequests" else 5)})
    with pytest.raises(QuotaExhausted, match=line):
        org.extract()
    assert "bulk.query.create" not in org.sandbox.requests()
