"""The writer against the sandbox, over HTTP: both ways of sending give the same verdicts, and every row gets one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from connectors.errors import PermanentError
from connectors.fields import all_specs
from connectors.salesforce import writer as writing
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.writer import SalesforceWriter

WAYS = ["collections", "bulk"]


@pytest.fixture(scope="module")
def provisioned(sandbox: Any, settings_of: Callable[..., Any]) -> Any:
    """The module's org, with our fields in it."""
    with SalesforceProvisioner(settings_of(sandbox)) as provisioner:
        provisioner.apply(all_specs())
    return sandbox


@pytest.fixture
def writer(provisioned: Any, settings_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceWriter]:
    monkeypatch.setattr(writing, "FIRST_PAUSE", 0.001)
    with SalesforceWriter(settings_of(provisioned)) as opened:
        yield opened
    provisioned.faults()


@pytest.fixture
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Tiny orgs have few records: bulk is forced by letting nothing count as few."""
    if request.param == "bulk":
        monkeypatch.setattr(writing, "COLLECTIONS_ROWS", 0)
    return str(request.param)


@pytest.fixture(scope="module")
def contacts(provisioned: Any) -> list[str]:
    with provisioned.client() as http:
        found = http.get("query", params={"q": "SELECT Id FROM Contact WHERE IsDeleted = false"}).json()["records"]
    return [record["Id"] for record in found]


def table(ids: Sequence[str], **columns: Any) -> pa.Table:
    """Rows of these records; a single value stands for all of them."""
    full = {name: values if isinstance(values, list | pa.Array) else [values] * len(ids) for name, values in columns.items()}
    return pa.table({"record_id": pa.array(ids, pa.string()), **full})


def held(writer: SalesforceWriter, ids: Sequence[str], *names: str) -> dict[str, tuple[Any, ...]]:
    rows = writer.read_back("contact", ids, names).to_pylist()
    return {row["record_id"]: tuple(row[name] for name in names) for row in rows}


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_every_kind_of_value_arrives_as_sent(writer: SalesforceWriter, contacts: list[str], way: str) -> None:
    user = writer.client.get_json("query", {"q": "SELECT Id FROM User WHERE IsActive = true LIMIT 1"})["records"][0]["Id"]
    values = {
        "closeness": 51.2,
        "closeness_grade": "Good",
        "touches_90d": 4,
        "frequency": 1.33,
        "last_touch": date(2026, 5, 20),
        "strongest_user": user,
        "trend_30d": -0.4,
        "why": f'{way}: said "yes",\nthen left 关系',
    }
    results = writer.update("contact", table(contacts[:20], **values))
    assert [result for result in results if not result.accepted] == []
    assert sorted(result.record_id for result in results) == sorted(contacts[:20])
    assert set(held(writer, contacts[:20], *values).values()) == {tuple(values.values())}


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_a_null_blanks_and_what_is_not_named_stays(writer: SalesforceWriter, contacts: list[str], way: str) -> None:
    first, second = contacts[:2]
    writer.update("contact", table([first, second], closeness=50.0, why="kept", last_touch=date(2026, 5, 1)))
    rows = table(
        [first, second], closeness=pa.array([None, None], pa.float64()), why=["changed", "changed"], changed=[["closeness"], ["why"]]
    )
    writer.update("contact", rows)
    assert held(writer, [first, second], "closeness", "why", "last_touch") == {
        first: (None, "kept", date(2026, 5, 1)),
        second: (50.0, "changed", date(2026, 5, 1)),
    }


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_a_refused_value_is_that_rows_own_matter(writer: SalesforceWriter, contacts: list[str], way: str) -> None:
    grades = ["Good", "Splendid", "Fair"]
    results = {result.record_id: result for result in writer.update("contact", table(contacts[:3], closeness_grade=grades))}
    assert [results[record_id].accepted for record_id in contacts[:3]] == [True, False, True]
    assert results[contacts[1]].code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "Splendid" in results[contacts[1]].message
    assert not results[contacts[1]].message.endswith("--")


@pytest.mark.parametrize("way", WAYS, indirect=True)
def test_a_vanished_record_is_rejected_and_never_created(writer: SalesforceWriter, provisioned: Any, contacts: list[str], way: str) -> None:
    with provisioned.client() as http:
        gone = http.post("sobjects/Contact", json={"LastName": "Gone"}).json()["id"]
        assert http.delete(f"sobjects/Contact/{gone}").status_code == 204
        count = http.get("query", params={"q": "SELECT COUNT() FROM Contact"}).json()["totalSize"]
        results = {result.record_id: result for result in writer.update("contact", table([contacts[0], gone], closeness=40.0))}
        assert (results[contacts[0]].accepted, results[gone].accepted) == (True, False)
        assert results[gone].code == "ENTITY_IS_DELETED"
        assert http.get("query", params={"q": "SELECT COUNT() FROM Contact"}).json()["totalSize"] == count
    assert list(held(writer, [contacts[0], gone], "closeness")) == [contacts[0]]


@pytest.mark.parametrize("action", ["lock_rows", "lose_rows", "skip_rows"])
@pytest.mark.parametrize("way", ["bulk"], indirect=True)
def test_rows_that_met_a_lock_or_are_in_no_result_file_are_sent_again(
    writer: SalesforceWriter, provisioned: Any, contacts: list[str], way: str, action: str
) -> None:
    provisioned.faults({"action": action, "method": "PATCH", "path": "*/jobs/ingest/*", "value": 0.3, "times": 2})
    results = writer.update("contact", table(contacts, closeness=33.0))
    assert {(result.accepted, result.code) for result in results} == {(True, "")}
    assert sorted(result.record_id for result in results) == sorted(contacts)
    assert set(held(writer, contacts, "closeness").values()) == {(33.0,)}


@pytest.mark.parametrize("way", ["bulk"], indirect=True)
def test_a_row_locked_for_good_is_rejected_at_last(writer: SalesforceWriter, provisioned: Any, contacts: list[str], way: str) -> None:
    provisioned.faults({"action": "lock_rows", "method": "PATCH", "path": "*/jobs/ingest/*", "value": 1.0, "times": 0})
    results = writer.update("contact", table(contacts[:3], closeness=34.0))
    assert {(result.accepted, result.code) for result in results} == {(False, "UNABLE_TO_LOCK_ROW")}


@pytest.mark.parametrize("way", ["bulk"], indirect=True)
def test_rows_nobody_gives_a_verdict_on_are_rejected_as_such(
    writer: SalesforceWriter, provisioned: Any, contacts: list[str], way: str
) -> None:
    provisioned.faults({"action": "lose_rows", "method": "PATCH", "path": "*/jobs/ingest/*", "value": 1.0, "times": 0})
    results = writer.update("contact", table(contacts[:3], closeness=35.0))
    assert {(result.accepted, result.code) for result in results} == {(False, "NO_VERDICT")}


@pytest.mark.parametrize("way", ["bulk"], indirect=True)
def test_a_slow_job_is_waited_for_and_a_flaky_org_is_survived(
    writer: SalesforceWriter, provisioned: Any, contacts: list[str], way: str
) -> None:
    provisioned.post_control("salesforce/bulk", {"processing_seconds": 0.5})
    provisioned.faults(
        {"action": "unavailable", "times": 2, "path": "*/jobs/ingest/*"}, {"action": "expired", "skip": 3, "path": "*/jobs/ingest/*"}
    )
    results = writer.update("contact", table(contacts, closeness=36.0))
    provisioned.post_control("salesforce/bulk", {"processing_seconds": 0})
    assert all(result.accepted for result in results)


@pytest.mark.parametrize("name", ["attitude", "lastname"])
def test_a_field_of_people_fails_before_the_first_call(writer: SalesforceWriter, contacts: list[str], name: str) -> None:
    with pytest.raises(PermanentError, match="is no output field; nothing was sent"):
        writer.update("contact", table(contacts[:1], **{name: "x"}))
    assert writer.calls_used() == 0


def test_nothing_to_send_makes_no_call(writer: SalesforceWriter) -> None:
    assert len(writer.update("contact", table([], closeness=pa.array([], pa.float64())))) == 0
    assert writer.calls_used() == 0


def test_few_rows_take_one_call_per_200(writer: SalesforceWriter, contacts: list[str]) -> None:
    writer.update("contact", table(contacts, closeness=37.0))
    assert (writer.calls_used(), (writer.calls_left() or 0) > 0) == (-(-len(contacts) // 200), True)


@pytest.mark.parametrize(
    ("entity", "object_name"), [("account", "Account"), ("lead", "Lead"), ("user", "User"), ("opportunity", "Opportunity")]
)
def test_every_entity_can_be_written(writer: SalesforceWriter, entity: Any, object_name: str) -> None:
    records = writer.client.get_json("query", {"q": f"SELECT Id FROM {object_name} LIMIT 3"})["records"]
    results = writer.update(entity, table([record["Id"] for record in records], method_version="m1", scored_on=date(2026, 6, 1)))
    assert [result.accepted for result in results] == [True] * len(records)


def test_no_refusal_when_all_may_be_written(writer: SalesforceWriter) -> None:
    assert [writer.refusal(entity, ["method_version"]) for entity in ("account", "contact", "lead", "user", "opportunity")] == [""] * 5


def test_a_missing_right_is_told_by_object(writer: SalesforceWriter, provisioned: Any) -> None:
    provisioned.post_control("salesforce/access", {"read_only_objects": ["User"]})
    assert writer.refusal("user", ["rep_grade"]).startswith("User: no right to edit it")
    assert writer.refusal("contact", ["closeness"]) == ""
    provisioned.post_control("salesforce/access", {"read_only_objects": []})


def test_a_missing_field_is_told_by_name(provisioned: Any, settings_of: Callable[..., Any]) -> None:
    with SalesforceWriter(settings_of(provisioned), "ZZ") as stranger:
        text = stranger.refusal("contact", ["closeness", "why"])
    assert text == "Contact: ZZ_Closeness__c, ZZ_Why__c not there or not visible to us; run `guanxi provision` first"
