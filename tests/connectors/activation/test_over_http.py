"""The whole way back against the sandbox: provision, plan, push, verify, crash, settle, roll back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.activation import rollback, verify
from connectors.activation.errors import PlanUnusable, Unsettled
from connectors.errors import QuotaExhausted
from connectors.fields import all_specs
from connectors.salesforce import writer as writing
from connectors.salesforce.provision import SalesforceProvisioner
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.writer import SalesforceWriter
from tests.connectors.activation import killed
from tests.forks import Forked
from warehouse import DuckDBWarehouse
from warehouse.ledger import sync_row, sync_state

ROOT = Path(__file__).parents[3]
TOMORROW = date(2026, 6, 2)


def given(org: Any) -> dict[str, str]:
    return {"instance_url": org.url, "client_id": org.client_id, "client_secret": org.client_secret}


def settings_of(org: Any) -> SalesforceSettings:
    return SalesforceSettings(**given(org))


@pytest.fixture(scope="module")
def org(sandbox: Any) -> Any:
    with SalesforceProvisioner(settings_of(sandbox)) as provisioner:
        provisioner.apply(all_specs())
    return sandbox


@pytest.fixture
def live(bench: Any, org: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bench with the sandbox for its CRM."""
    monkeypatch.setattr(writing, "FIRST_PAUSE", 0.001)
    with SalesforceWriter(settings_of(org)) as writer:
        bench.crm = writer
        yield bench
    org.faults()


def soql(org: Any, text: str) -> list[dict[str, Any]]:
    with org.client() as http:
        records: list[dict[str, Any]] = http.get("query", params={"q": text}).json()["records"]
    return records


def ids_of(org: Any, name: str, where: str = "Id != null") -> list[str]:
    return [record["Id"] for record in soql(org, f"SELECT Id FROM {name} WHERE {where}")]


def put_all(live: Any, org: Any, contact: Callable[..., dict[str, Any]]) -> None:
    [user] = ids_of(org, "User", "IsActive = true LIMIT 1")
    live.put([contact(key, strongest_user=user) for key in ids_of(org, "Contact")], "contact", wide=True)
    live.put([contact(key) for key in ids_of(org, "Lead", "IsConverted = false")], "lead", wide=True)
    live.put([{"record_id": key, "relationship_level": "Mid", "key_account": None} for key in ids_of(org, "Account")], "account", wide=True)
    live.put([{"record_id": key, "rep_grade": "Junior", "accounts_mid": 2} for key in ids_of(org, "User")], "user", wide=True)
    deals = ids_of(org, "Opportunity", "IsClosed = false")
    live.put([{"record_id": key, "horizon": "0-3 months", "veto_against": True} for key in deals], "opportunity", wide=True)


def put_contacts_and_users(live: Any, org: Any, contact: Callable[..., dict[str, Any]], closeness: float) -> None:
    put_contacts(live, org, contact, closeness)
    live.put([{"record_id": key, "people_known": int(closeness)} for key in ids_of(org, "User")], "user")


def put_contacts(live: Any, org: Any, contact: Callable[..., dict[str, Any]], closeness: float) -> None:
    live.put([contact(key, closeness=closeness) for key in ids_of(org, "Contact")])


def test_everything_arrives_holds_and_is_not_written_again(live: Any, org: Any, contact: Any) -> None:
    put_all(live, org, contact)
    report = live.push()
    assert (report.ok, report.total("rejected"), report.total("updated")) == (True, 0, report.total("planned"))
    assert report.calls_used > 0
    assert (report.calls_left or 0) > 0
    held = verify.run(live.warehouse, live.crm, report.plan_id)
    assert (held.ok, held.checked) == (True, report.total("updated"))
    made = live.plan(TOMORROW)
    assert (made.updates, live.push(made).calls_used) == (0, 0)


def test_only_the_changed_record_and_its_changed_fields_are_written(live: Any, org: Any, contact: Any) -> None:
    put_contacts(live, org, contact, 60.0)
    live.push()
    before = {row["Id"]: row["SystemModstamp"] for row in soql(org, "SELECT Id, SystemModstamp FROM Contact")}
    org.post_control("salesforce/clock", {"advance_seconds": 60})
    changed, *rest = before
    live.put([contact(changed, closeness=60.0, touches_90d=9), *(contact(key, closeness=60.4) for key in rest)])
    made = live.plan(TOMORROW)
    assert {name: count for name, count in made.entities["contact"].fields.items() if count} == {"touches_90d": 1, "scored_on": 1}
    live.push(made)
    after = {row["Id"]: row["SystemModstamp"] for row in soql(org, "SELECT Id, SystemModstamp FROM Contact")}
    assert [key for key in before if before[key] != after[key]] == [changed]


def test_a_changed_value_in_the_crm_is_found(live: Any, org: Any, contact: Any) -> None:
    put_contacts(live, org, contact, 50.0)
    report = live.push()
    victim = ids_of(org, "Contact")[0]
    with org.client() as http:
        http.patch(f"sobjects/Contact/{victim}", json={"GX_Closeness__c": 1})
    [found] = verify.run(live.warehouse, live.crm, report.plan_id).differences
    assert (found.record_id, found.field, found.expected, found.actual) == (victim, "closeness", "50", "1")


def test_killed_between_sending_and_acknowledging_nothing_is_lost_or_written_twice(
    live: Any, org: Any, contact: Any, tmp_path: Path
) -> None:
    put_contacts(live, org, contact, 61.0)
    made = live.plan()
    path, crm, tables = live.warehouse.path, live.crm, live.tables
    live.warehouse.close()
    child = Forked(killed.main, [str(path), made.plan_id, "salesforce", json.dumps(given(org))], ROOT, tmp_path / "child.log")
    assert child.wait(60) == -9, (tmp_path / "child.log").read_text()
    stamps = soql(org, "SELECT Id, SystemModstamp FROM Contact")
    org.post_control("salesforce/clock", {"advance_seconds": 60})
    with DuckDBWarehouse(path) as warehouse:
        live.warehouse, live.crm, live.tables = warehouse, crm, tables
        with pytest.raises(Unsettled):
            live.plan()
        assert live.settle() == (made.updates, 0)
        assert len(live.rows(sync_state)) == made.updates
        assert live.plan().updates == 0
        live.push()
    assert soql(org, "SELECT Id, SystemModstamp FROM Contact") == stamps


def test_spoilt_bulk_jobs_still_end_with_every_row_acknowledged(live: Any, org: Any, contact: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "COLLECTIONS_ROWS", 0)
    put_contacts(live, org, contact, 62.0)
    jobs = {"method": "PATCH", "path": "*/jobs/ingest/*", "value": 0.03}
    org.faults({"action": "lock_rows", **jobs}, {"action": "lose_rows", **jobs}, {"action": "skip_rows", "skip": 1, **jobs})
    report = live.push()
    assert (report.total("updated"), report.total("rejected")) == (report.total("planned"), 0)
    assert verify.run(live.warehouse, live.crm, report.plan_id).ok


def test_a_vanished_record_is_rejected_and_the_rest_is_written(live: Any, org: Any, contact: Any) -> None:
    with org.client() as http:
        gone = http.post("sobjects/Contact", json={"LastName": "Gone"}).json()["id"]
        assert http.delete(f"sobjects/Contact/{gone}").is_success
    live.put([contact(record_id, closeness=63.0) for record_id in [*ids_of(org, "Contact"), gone]])
    report = live.push()
    assert report.entities["contact"].codes == {"ENTITY_IS_DELETED": 1}
    assert report.total("updated") == report.total("planned") - 1
    assert {row["record_id"] for row in live.rows(sync_row, sync_row.c.status == "rejected")} == {gone}


def test_users_that_may_not_be_edited_are_left_out_and_the_rest_is_written(live: Any, org: Any, contact: Any) -> None:
    put_contacts_and_users(live, org, contact, 64.0)
    org.post_control("salesforce/access", {"read_only_objects": ["User"]})
    report = live.push()
    org.post_control("salesforce/access", {"read_only_objects": []})
    users = report.entities["user"]
    assert (users.updated, users.rejected, users.planned > 0, report.ok) == (0, 0, True, True)
    assert users.reason.startswith("User: no right to edit it")
    assert report.entities["contact"].updated == report.entities["contact"].planned


def take_back(live: Any, run_id: str) -> Any:
    made, left = rollback.build(live.warehouse, live.crm, rollback.find(live.warehouse, run_id), live.tables)
    return made, {entity: (records.again, list(records.changed), list(records.gone)) for entity, records in left.items() if len(records)}


def test_a_first_push_is_rolled_back_to_blank_in_every_object(live: Any, org: Any, contact: Any) -> None:
    put_all(live, org, contact)
    first = live.push()
    made, left = take_back(live, first.plan_id)
    assert (made.updates, left) == (first.total("updated"), {})
    undo = live.push(made)
    assert (undo.total("updated"), undo.total("rejected")) == (made.updates, 0)
    assert verify.run(live.warehouse, live.crm, undo.plan_id).ok
    for name, field in (("Contact", "Closeness"), ("Lead", "Why"), ("Account", "Relationship_Level"), ("User", "Rep_Grade")):
        assert ids_of(org, name, f"GX_{field}__c != null") == []
    assert live.plan(TOMORROW).updates == made.updates


def test_only_what_a_run_wrote_is_rolled_back_and_what_people_changed_since_stays(live: Any, org: Any, contact: Any) -> None:
    put_contacts(live, org, contact, 66.0)
    live.push()
    put_contacts(live, org, contact, 71.0)
    second = live.push(live.plan(TOMORROW))
    kept, gone, *rest = ids_of(org, "Contact")
    with org.client() as http:
        assert http.patch(f"sobjects/Contact/{kept}", json={"GX_Closeness__c": 3}).is_success
        assert http.delete(f"sobjects/Contact/{gone}").is_success
    made, left = take_back(live, second.plan_id)
    assert left == {"contact": (0, [kept], [gone])}
    live.push(made)
    shown = {row["Id"]: (row["GX_Closeness__c"], row["GX_Scored_On__c"]) for row in soql(org, HELD)}
    assert shown == {kept: (3, "2026-06-02"), **dict.fromkeys(rest, (66, "2026-06-01"))}


HELD = "SELECT Id, GX_Closeness__c, GX_Scored_On__c FROM Contact"


def test_a_rollback_killed_before_it_knew_the_answer_is_settled_and_writes_nothing_twice(
    live: Any, org: Any, contact: Any, tmp_path: Path
) -> None:
    put_contacts(live, org, contact, 67.0)
    first = live.push()
    made, _ = take_back(live, first.plan_id)
    path, crm, tables = live.warehouse.path, live.crm, live.tables
    live.warehouse.close()
    child = Forked(killed.main, [str(path), made.plan_id, "salesforce", json.dumps(given(org))], ROOT, tmp_path / "child.log")
    assert child.wait(60) == -9, (tmp_path / "child.log").read_text()
    assert ids_of(org, "Contact", "GX_Closeness__c != null") == []
    with DuckDBWarehouse(path) as warehouse:
        live.warehouse, live.crm, live.tables = warehouse, crm, tables
        assert live.settle() == (made.updates, 0)
        with pytest.raises(PlanUnusable, match="nothing to roll back"):
            take_back(live, first.plan_id)
        redo, _ = take_back(live, made.plan_id)
        live.push(redo)
    assert {row["GX_Closeness__c"] for row in soql(org, HELD)} == {67}


def test_a_used_up_day_stops_the_push_and_the_next_one_goes_on(live: Any, org: Any, contact: Any) -> None:
    put_contacts_and_users(live, org, contact, 65.0)
    made = live.plan()
    org.faults({"action": "total_limit", "method": "PATCH", "path": "*/composite/sobjects", "skip": 1, "times": 0})
    with pytest.raises(QuotaExhausted):
        live.push(made)
    org.faults()
    live.settle()
    again = live.plan()
    assert 0 < again.updates < made.updates
    assert live.push(again).total("updated") == again.updates
    assert live.plan().updates == 0
