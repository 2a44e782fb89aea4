"""The whole way back against the Dynamics sandbox: plan, push, verify, crash, settle, and a right that is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.activation import rollback, verify
from connectors.activation.reports import PushReport
from connectors.dynamics import batch
from connectors.dynamics.provision import DynamicsProvisioner
from connectors.dynamics.settings import DynamicsSettings
from connectors.dynamics.writer import DynamicsWriter
from connectors.fields import OUTPUT
from tests.connectors.activation import killed
from tests.forks import Forked
from warehouse import DuckDBWarehouse

ROOT = Path(__file__).parents[3]
TOMORROW = date(2026, 6, 2)


def given(environment: Any) -> dict[str, str]:
    names = {
        "environment_url": "URL",
        "authority": "AUTHORITY",
        "tenant_id": "TENANT",
        "client_id": "CLIENT_ID",
        "client_secret": "CLIENT_SECRET",
    }
    return {name: environment.variables()[f"DYN_{variable}"] for name, variable in names.items()}


@pytest.fixture(scope="module")
def environment(dynamics: Any) -> Any:
    with DynamicsProvisioner(DynamicsSettings(**given(dynamics))) as provisioner:
        provisioner.apply([spec for specs in OUTPUT.values() for spec in specs])
    return dynamics


@pytest.fixture
def live(bench: Any, environment: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bench with the environment for its CRM."""
    monkeypatch.setattr(batch, "FIRST_PAUSE", 0.001)
    with DynamicsWriter(DynamicsSettings(**given(environment))) as writer:
        bench.crm = writer
        yield bench
    environment.sandbox.faults()
    environment.switch("access", read_only_tables=[])


def ids_of(environment: Any, entity_set: str, where: str = "") -> list[str]:
    key = {"systemusers": "systemuserid", "opportunities": "opportunityid"}.get(entity_set, f"{entity_set[:-1]}id")
    with environment.client() as http:
        found = http.get(f"{entity_set}?$select={key}{where and f'&$filter={where}'}").raise_for_status().json()["value"]
    return [row[key] for row in found]


def versions(environment: Any) -> dict[str, int]:
    with environment.client() as http:
        found = http.get("contacts?$select=contactid,versionnumber").json()["value"]
    return {row["contactid"]: row["versionnumber"] for row in found}


def put_all(live: Any, environment: Any, contact: Callable[..., dict[str, Any]]) -> None:
    users = ids_of(environment, "systemusers", "applicationid eq null")
    live.put([contact(key, strongest_user=users[0]) for key in ids_of(environment, "contacts")], "contact", wide=True)
    live.put([contact(key) for key in ids_of(environment, "leads", "statecode eq 0")], "lead", wide=True)
    live.put(
        [{"record_id": key, "relationship_level": "Mid", "key_account": None} for key in ids_of(environment, "accounts")],
        "account",
        wide=True,
    )
    live.put([{"record_id": key, "rep_grade": "Junior", "accounts_mid": 2} for key in users], "user", wide=True)
    deals = ids_of(environment, "opportunities", "statecode eq 0")
    live.put([{"record_id": key, "horizon": "0-3 months", "veto_against": True} for key in deals], "opportunity", wide=True)


def put_contacts(live: Any, environment: Any, contact: Callable[..., dict[str, Any]], closeness: float) -> list[str]:
    keys = ids_of(environment, "contacts")
    live.put([contact(key, closeness=closeness) for key in keys])
    return keys


def test_everything_arrives_holds_and_is_not_written_again(live: Any, environment: Any, contact: Any) -> None:
    put_all(live, environment, contact)
    report: PushReport = live.push()
    assert (report.ok, report.total("rejected"), report.total("updated")) == (True, 0, report.total("planned"))
    assert (report.calls_used > 0, report.calls_left) == (True, None)
    held = verify.run(live.warehouse, live.crm, report.plan_id)
    assert (held.ok, held.checked) == (True, report.total("updated"))
    made = live.plan(TOMORROW)
    assert (made.updates, live.push(made).calls_used) == (0, 0)


def test_only_the_changed_record_is_written(live: Any, environment: Any, contact: Any) -> None:
    changed, *rest = put_contacts(live, environment, contact, 60.0)
    live.push()
    before = versions(environment)
    live.put([contact(changed, closeness=60.0, touches_90d=9), *(contact(key, closeness=60.4) for key in rest)])
    live.push(live.plan(TOMORROW))
    after = versions(environment)
    assert [key for key in before if before[key] != after[key]] == [changed]


@contextmanager
def pushed_by_one_who_is_killed(live: Any, environment: Any, plan_id: str, log: Path) -> Iterator[dict[str, int]]:
    """A process that sends a plan and dies before it knows the answer; gives what the CRM holds then, with the warehouse open again."""
    path, crm, tables = live.warehouse.path, live.crm, live.tables
    live.warehouse.close()
    child = Forked(killed.main, [str(path), plan_id, "dynamics", json.dumps(given(environment))], ROOT, log)
    assert child.wait(60) == -9, log.read_text()
    with DuckDBWarehouse(path) as warehouse:
        live.warehouse, live.crm, live.tables = warehouse, crm, tables
        yield versions(environment)


def test_killed_between_sending_and_acknowledging_nothing_is_lost_or_written_twice(
    live: Any, environment: Any, contact: Any, tmp_path: Path
) -> None:
    put_contacts(live, environment, contact, 70.0)
    made = live.plan()
    with pushed_by_one_who_is_killed(live, environment, made.plan_id, tmp_path / "child.log") as before:
        assert live.settle() == (made.updates, 0)
        assert live.plan(TOMORROW).updates == 0
    assert versions(environment) == before


def take_back(live: Any, run_id: str) -> Any:
    made, left = rollback.build(live.warehouse, live.crm, rollback.find(live.warehouse, run_id), live.tables)
    return made, {entity: (records.again, list(records.changed), list(records.gone)) for entity, records in left.items() if len(records)}


def test_a_first_push_is_rolled_back_to_blank_whatever_kind_of_value_it_wrote(live: Any, environment: Any, contact: Any) -> None:
    users = ids_of(environment, "systemusers", "applicationid eq null")
    live.put([contact(key, strongest_user=users[0]) for key in ids_of(environment, "contacts")], "contact", wide=True)
    live.put([{"record_id": key, "relationship_level": "Mid", "key_account": True} for key in ids_of(environment, "accounts")], "account")
    first: PushReport = live.push()
    made, left = take_back(live, first.plan_id)
    assert (made.updates, left) == (first.total("updated"), {})
    undo: PushReport = live.push(made)
    assert (undo.total("updated"), undo.total("rejected")) == (made.updates, 0)
    assert verify.run(live.warehouse, live.crm, undo.plan_id).ok
    for name in ("_gx_strongest_user_value", "gx_closeness_grade", "gx_scored_on", "gx_why"):
        assert ids_of(environment, "contacts", f"{name} ne null") == []
    assert ids_of(environment, "accounts", "gx_key_account eq true") == []


def test_what_people_changed_since_is_left_alone_by_a_rollback(live: Any, environment: Any, contact: Any) -> None:
    put_contacts(live, environment, contact, 66.0)
    live.push()
    kept, *rest = put_contacts(live, environment, contact, 71.0)
    second: PushReport = live.push(live.plan(TOMORROW))
    with environment.client() as http:
        assert http.patch(f"contacts({kept})", json={"gx_closeness": 3}, headers={"If-Match": "*"}).is_success
    made, left = take_back(live, second.plan_id)
    assert left == {"contact": (0, [kept], [])}
    live.push(made)
    with environment.client() as http:
        shown = {row["contactid"]: row["gx_closeness"] for row in http.get("contacts?$select=contactid,gx_closeness").json()["value"]}
    assert shown == {kept: 3, **dict.fromkeys(rest, 66)}


def test_a_rollback_killed_before_it_knew_the_answer_is_settled_and_writes_nothing_twice(
    live: Any, environment: Any, contact: Any, tmp_path: Path
) -> None:
    put_contacts(live, environment, contact, 72.0)
    made, _ = take_back(live, live.push().plan_id)
    with pushed_by_one_who_is_killed(live, environment, made.plan_id, tmp_path / "child.log") as before:
        assert live.settle() == (made.updates, 0)
    assert versions(environment) == before
    assert ids_of(environment, "contacts", "gx_closeness ne null") == []


def test_without_the_right_to_edit_users_the_rest_is_written(live: Any, environment: Any, contact: Any) -> None:
    put_contacts(live, environment, contact, 64.0)
    live.put([{"record_id": key, "rep_grade": "Junior"} for key in ids_of(environment, "systemusers", "applicationid eq null")], "user")
    environment.switch("access", read_only_tables=["systemuser"])
    report: PushReport = live.push()
    assert (report.ok, report.total("rejected")) == (True, 0)
    assert report.entities["user"].reason.startswith("systemuser: no right to edit it")
    assert report.entities["contact"].updated == report.entities["contact"].planned > 0
