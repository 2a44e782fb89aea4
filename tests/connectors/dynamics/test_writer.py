"""The writer against the sandbox, over HTTP: every row gets a verdict, is written once, and one bad row is its own matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from connectors.dynamics import batch
from connectors.dynamics.provision import DynamicsProvisioner
from connectors.dynamics.writer import DynamicsWriter
from connectors.errors import PermanentError
from connectors.fields import OUTPUT

MULTIPLE = "/api/data/v9.2/contacts/Microsoft.Dynamics.CRM.*"
TYPE = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}


@pytest.fixture(scope="module")
def environment(dynamics: Any, settings_of: Callable[..., Any]) -> Any:
    """The module's environment, with our columns on contacts and users."""
    with DynamicsProvisioner(settings_of(dynamics)) as provisioner:
        provisioner.apply([*OUTPUT["contact"], *OUTPUT["user"]])
    return dynamics


@pytest.fixture
def writer(environment: Any, settings_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamicsWriter]:
    monkeypatch.setattr(batch, "FIRST_PAUSE", 0.001)
    with DynamicsWriter(settings_of(environment)) as opened:
        yield opened
    environment.sandbox.faults()
    environment.switch("access", read_only_tables=[], secured_columns=[])


@pytest.fixture(scope="module")
def contacts(environment: Any) -> list[str]:
    """500 rows, more than one request of many takes at first."""
    rows = [{**TYPE, "lastname": f"Row {number}"} for number in range(500)]
    with environment.client() as http:
        made = http.post("contacts/Microsoft.Dynamics.CRM.CreateMultiple", json={"Targets": rows}).raise_for_status().json()["Ids"]
    return sorted(made)


@pytest.fixture(scope="module")
def users(environment: Any) -> list[str]:
    with environment.client() as http:
        return [row["systemuserid"] for row in http.get("systemusers?$select=systemuserid&$filter=applicationid eq null").json()["value"]]


def table(ids: Sequence[str], **columns: Any) -> pa.Table:
    """Rows of these records; a single value stands for all of them."""
    full = {name: values if isinstance(values, list | pa.Array) else [values] * len(ids) for name, values in columns.items()}
    return pa.table({"record_id": pa.array(ids, pa.string()), **full})


def held(writer: DynamicsWriter, ids: Sequence[str], *names: str) -> dict[str, tuple[Any, ...]]:
    rows = writer.read_back("contact", ids, names).to_pylist()
    return {row["record_id"]: tuple(row[name] for name in names) for row in rows}


def refused(results: Any) -> dict[str, str]:
    return {result.record_id: result.code for result in results if not result.accepted}


def newest(environment: Any) -> int:
    with environment.client() as http:
        return int(http.get("contacts?$select=versionnumber&$orderby=versionnumber desc&$top=1").json()["value"][0]["versionnumber"])


class Counted:
    """Requests of a kind made while it is entered."""

    def __init__(self, environment: Any, kind: str) -> None:
        self.count = lambda: environment.sandbox.requests().get(f"dynamics.{kind}", 0)
        self.before = 0

    def __enter__(self) -> Counted:
        self.before = self.count()
        return self

    def __exit__(self, *exception: object) -> None:
        self.made = self.count() - self.before


@pytest.mark.parametrize(("rows", "many", "single"), [(20, 0, 1), (120, 1, 0), (500, 3, 0)])
def test_every_kind_of_value_arrives_as_sent(
    writer: DynamicsWriter, environment: Any, contacts: list[str], users: list[str], rows: int, many: int, single: int
) -> None:
    values = {
        "closeness": 51.2,
        "closeness_grade": "Good",
        "touches_90d": 4,
        "frequency": 1.33,
        "last_touch": date(2026, 5, 20),
        "strongest_user": users[0],
        "trend_30d": -0.4,
        "why": f'{rows}: said "yes",\nthen left \\ 关系\t',
    }
    with Counted(environment, "multiple") as multiples, Counted(environment, "batch") as batches:
        results = writer.update("contact", table(contacts[:rows], **values))
    assert refused(results) == {}
    assert sorted(result.record_id for result in results) == contacts[:rows]
    assert (multiples.made, batches.made) == (many, single)
    assert set(held(writer, contacts[:rows], *values).values()) == {tuple(values.values())}


@pytest.mark.parametrize("rows", [2, 60])
def test_a_null_blanks_and_what_is_not_named_stays(writer: DynamicsWriter, contacts: list[str], users: list[str], rows: int) -> None:
    ids = contacts[:rows]
    writer.update("contact", table(ids, closeness=50.0, strongest_user=users[0], why="kept", last_touch=date(2026, 5, 1)))
    nothing = {"closeness": pa.nulls(rows, pa.float64()), "strongest_user": pa.nulls(rows, pa.string())}
    changed = [["closeness", "strongest_user"] if place % 2 else ["why"] for place in range(rows)]
    writer.update("contact", table(ids, **nothing, why="changed", changed=changed))
    found = held(writer, ids, "closeness", "strongest_user", "why", "last_touch")
    assert found[ids[0]] == (50.0, users[0], "changed", date(2026, 5, 1))
    assert found[ids[1]] == (None, None, "kept", date(2026, 5, 1))
    assert len(set(found.values())) == 2


def test_numbers_are_sent_at_the_decimals_of_their_column(writer: DynamicsWriter, contacts: list[str]) -> None:
    writer.update("contact", table(contacts[:1], closeness=0.1 + 0.2, frequency=1.005000001))
    assert held(writer, contacts[:1], "closeness", "frequency")[contacts[0]] == (0.3, 1.01)


def test_each_row_is_written_once_and_no_other(writer: DynamicsWriter, environment: Any, contacts: list[str]) -> None:
    before = newest(environment)
    writer.update("contact", table(contacts, closeness=12.0))
    assert newest(environment) - before == len(contacts)


def test_a_poisoned_row_among_500_is_found_in_few_requests(writer: DynamicsWriter, environment: Any, contacts: list[str]) -> None:
    bad = contacts[333]
    environment.sandbox.faults({"action": "poison_row", "object": bad, "times": 0})
    with Counted(environment, "multiple") as multiples, Counted(environment, "batch") as batches:
        results = writer.update("contact", table(contacts, closeness=61.0))
    assert refused(results) == {bad: "0x80040265"}
    assert "custom code" in next(result.message for result in results if not result.accepted)
    assert multiples.made + batches.made <= 2 + 2 * math.log2(len(contacts))
    written = held(writer, contacts, "closeness")
    assert written.pop(bad) != (61.0,)
    assert set(written.values()) == {(61.0,)}


def test_rows_all_refused_cost_no_request_each(writer: DynamicsWriter, environment: Any, contacts: list[str]) -> None:
    environment.sandbox.faults({"action": "poison_row", "object": "*", "times": 0})
    used = writer.calls_used()
    results = writer.update("contact", table(contacts, closeness=62.0))
    assert len(refused(results)) == len(contacts)
    assert writer.calls_used() - used < len(contacts) / 10


@pytest.mark.parametrize("rows", [3, 150])
def test_a_row_deleted_meanwhile_is_rejected_and_not_made_again(
    writer: DynamicsWriter, environment: Any, contacts: list[str], rows: int
) -> None:
    with environment.client() as http:
        gone = http.post("contacts", json={"lastname": "Gone"}).headers["OData-EntityId"].partition("(")[2].rstrip(")")
        http.delete(f"contacts({gone})").raise_for_status()
        results = writer.update("contact", table([*contacts[:rows], gone], closeness=40.0))
        assert refused(results) == {gone: "0x80040217"}
        assert http.get(f"contacts({gone})").status_code == 404
    assert list(held(writer, [contacts[0], gone], "closeness")) == contacts[:1]


@pytest.mark.parametrize("rows", [3, 150])
def test_a_refused_value_is_that_rows_own_matter(writer: DynamicsWriter, contacts: list[str], rows: int) -> None:
    grades = ["Splendid" if place == 1 else "Fair" for place in range(rows)]
    results = writer.update("contact", table(contacts[:rows], closeness_grade=grades))
    assert list(refused(results)) == [contacts[1]]
    assert "gx_closeness_grade" in next(result.message for result in results if not result.accepted)


def test_a_storm_of_429_ends_complete_and_every_row_is_written_once(writer: DynamicsWriter, environment: Any, contacts: list[str]) -> None:
    storm = {"action": "throttle", "method": "POST", "path": MULTIPLE, "times": 3, "every": 2, "value": 1, "target": "execution_seconds"}
    before = newest(environment)
    environment.sandbox.faults(storm)
    assert refused(writer.update("contact", table(contacts, closeness=71.0))) == {}
    assert newest(environment) - before == len(contacts)
    assert set(held(writer, contacts, "closeness").values()) == {(71.0,)}


@pytest.mark.parametrize("action", ["deadlock", "lose_answer", "unavailable", "reset"])
def test_what_went_wrong_for_a_moment_is_sent_again(writer: DynamicsWriter, environment: Any, contacts: list[str], action: str) -> None:
    environment.sandbox.faults({"action": action, "method": "POST", "path": MULTIPLE, "times": 2})
    assert refused(writer.update("contact", table(contacts[:300], why=action))) == {}
    assert set(held(writer, contacts[:300], "why").values()) == {(action,)}


def test_everything_that_can_go_wrong_at_once_still_ends_complete(writer: DynamicsWriter, environment: Any, contacts: list[str]) -> None:
    environment.sandbox.post_control("faults", {"profile": "storm"})
    results = writer.update("contact", table(contacts, closeness=73.0))
    environment.sandbox.faults()
    assert refused(results) == {}
    assert sorted(result.record_id for result in results) == contacts
    assert set(held(writer, contacts, "closeness").values()) == {(73.0,)}


def test_a_timeout_halves_the_rows_per_request_for_good(
    environment: Any, settings_of: Callable[..., Any], writer: DynamicsWriter, contacts: list[str]
) -> None:
    environment.sandbox.faults({"action": "sql_timeout", "method": "POST", "path": MULTIPLE, "value": 100, "times": 0})
    with DynamicsWriter(settings_of(environment, max_concurrency=1)) as one_lane:
        with Counted(environment, "multiple") as first:
            assert refused(one_lane.update("contact", table(contacts, closeness=81.0))) == {}
        with Counted(environment, "multiple") as second:
            assert refused(one_lane.update("contact", table(contacts, closeness=82.0))) == {}
    refused_at_167, its_halves, the_rest = 1, 2, math.ceil((len(contacts) - 167) / 83)
    assert (first.made, second.made) == (refused_at_167 + its_halves + the_rest, math.ceil(len(contacts) / 83))
    assert set(held(writer, contacts, "closeness").values()) == {(82.0,)}


def test_lanes_that_time_out_together_end_complete(writer: DynamicsWriter, environment: Any, contacts: list[str]) -> None:
    environment.sandbox.faults({"action": "sql_timeout", "method": "POST", "path": MULTIPLE, "value": 100, "times": 0})
    with Counted(environment, "multiple") as requests:
        assert refused(writer.update("contact", table(contacts, closeness=83.0))) == {}
    assert requests.made <= 3 + 2 * 3
    assert set(held(writer, contacts, "closeness").values()) == {(83.0,)}


def test_users_are_written_by_batch_each_with_a_verdict(writer: DynamicsWriter, environment: Any, users: list[str]) -> None:
    environment.sandbox.faults({"action": "poison_row", "object": users[1], "times": 0})
    with Counted(environment, "multiple") as multiples, Counted(environment, "batch") as batches:
        results = writer.update("user", table(users, method_version="m1", rep_grade="Senior", people_known=3))
    assert refused(results) == {users[1]: "0x80040265"}
    assert len(results) == len(users)
    assert (multiples.made, batches.made) == (0, math.ceil(len(users) / batch.MOST_ROWS))
    found = writer.read_back("user", users, ["rep_grade", "people_known"])
    assert found["rep_grade"].to_pylist().count("Senior") == len(users) - 1


def test_more_users_than_fit_in_a_batch_take_several(
    writer: DynamicsWriter, environment: Any, users: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_ROWS", 4)
    with Counted(environment, "batch") as batches:
        assert refused(writer.update("user", table(users[:10], method_version="m2"))) == {}
    assert batches.made == 3


@pytest.mark.parametrize("name", ["attitude", "lastname"])
def test_a_field_of_people_fails_before_the_first_call(writer: DynamicsWriter, contacts: list[str], name: str) -> None:
    with pytest.raises(PermanentError, match="is no output field; nothing was sent"):
        writer.update("contact", table(contacts[:1], **{name: "x"}))
    assert writer.calls_used() == 0


def test_nothing_to_send_makes_no_call(writer: DynamicsWriter) -> None:
    assert len(writer.update("contact", table([], closeness=pa.array([], pa.float64())))) == 0
    assert writer.calls_used() == 0


def test_nothing_is_sent_to_a_column_that_is_not_there(writer: DynamicsWriter, environment: Any, settings_of: Callable[..., Any]) -> None:
    text = "lead: gx_closeness, gx_why not there; run `guanxi provision` first"
    assert writer.refusal("lead", ["closeness", "why"]) == text
    with pytest.raises(PermanentError, match="nothing was sent"):
        writer.update("lead", table(["00000000-0000-0000-0000-000000000001"], closeness=1.0))


def test_no_refusal_when_all_may_be_written(writer: DynamicsWriter) -> None:
    assert [writer.refusal("contact", ["closeness", "strongest_user"]), writer.refusal("user", ["rep_grade"])] == ["", ""]


def test_a_missing_right_is_told_by_table_before_the_push(writer: DynamicsWriter, environment: Any) -> None:
    environment.switch("access", read_only_tables=["systemuser"])
    assert writer.refusal("user", ["rep_grade"]).startswith(
        "systemuser: no right to edit it; give the application user's role prvWriteUser"
    )
    assert writer.refusal("contact", ["closeness"]) == ""


def test_a_secured_column_is_told_by_name_before_the_push(writer: DynamicsWriter, environment: Any) -> None:
    environment.switch("access", secured_columns=["contact.gx_closeness"])
    assert writer.refusal("contact", ["closeness", "why"]).startswith("contact: gx_closeness under column security")
    assert writer.refusal("contact", ["why"]) == ""


@pytest.mark.parametrize("entity", ["user", "contact"])
def test_a_right_lost_meanwhile_is_each_rows_verdict(
    writer: DynamicsWriter, environment: Any, users: list[str], contacts: list[str], entity: Any
) -> None:
    table_name, ids = ("systemuser", users[:3]) if entity == "user" else ("contact", contacts[:120])
    environment.switch("access", read_only_tables=[table_name])
    results = writer.update(entity, table(ids, method_version="m3"))
    assert set(refused(results).values()) == {"INSUFFICIENT_ACCESS"}
    assert len(refused(results)) == len(ids)
    assert "prvWrite" in results[0].message
