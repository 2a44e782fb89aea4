"""Whole extractions from the tiny environment over real HTTP: everything once, then what changed, then what went away.

One warehouse for the module, extracted into as nights go by. After each night the raw tables hold, row by row and value by
value, what a client reads that asks for everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.contract import ExtractReport
from tests.connectors.dynamics.readerkit import SETS, UNTRACKED, Extracted, extracted


@pytest.fixture(scope="module")
def company(dynamics: Any, settings_of: Any, tmp_path_factory: Any) -> Iterator[Extracted]:
    with extracted(dynamics, settings_of(dynamics), tmp_path_factory.mktemp("company")) as made:
        yield made


@pytest.fixture(scope="module")
def first(company: Extracted) -> ExtractReport:
    """The first night."""
    return company.extract()


@dataclass
class Day:
    """What happened in the environment during a day, and the report of the night after."""

    ids: dict[str, str] = field(default_factory=dict)
    report: ExtractReport | None = None


def party(role: int, **who: str) -> dict[str, Any]:
    return {"participationtypemask": role, **{f"partyid_{table}@odata.bind": f"/{SETS[table]}({row})" for table, row in who.items()}}


@pytest.fixture(scope="module")
def day(company: Extracted, first: ExtractReport) -> Day:
    """A day on which a bit of everything happens."""
    ids = {name: company.first(name) for name in SETS if name != "activityparty"}
    other = company.first("contact", "statecode eq 0", 3)
    company.send("PATCH", f"contacts({ids['contact']})", {"jobtitle": "NA"})
    parties = [
        party(1, systemuser=ids["systemuser"]),
        party(2, contact=ids["contact"]),
        {"participationtypemask": 2, "addressused": "x@y.example"},
    ]
    ids["sent"] = company.send("POST", "emails", {"subject": "private", "directioncode": True, "email_activity_parties": parties})
    ids["moved"] = company.first("appointment", "statecode eq 3")
    company.send("PATCH", f"appointments({ids['moved']})", {"appointment_activity_parties": [party(5, contact=other)]})
    ids["gone"] = company.first("phonecall", position=1)
    company.send("DELETE", f"phonecalls({ids['gone']})")
    ids["left"] = company.first("contact", "statecode eq 0", 5)
    company.send("DELETE", f"contacts({ids['left']})")
    ids["disconnected"] = company.first("connection")
    company.send("DELETE", f"connections({ids['disconnected']})")
    ids["reconnected"] = company.first("connection", "ismaster eq true")
    company.send("PATCH", f"connections({ids['reconnected']})", {"description": "new"})
    ids["master"], ids["subordinate"] = (company.first("contact", "statecode eq 0", position) for position in (7, 8))
    company.merge("contact", ids["master"], ids["subordinate"])
    company.dynamics.switch("access", secured_columns=["contact.department"])
    return Day(ids, company.extract())


def test_everything_the_environment_holds_is_read(company: Extracted, first: ExtractReport) -> None:
    assert company.differences() == []
    whole = [name for name in SETS if name != "activityparty"]
    assert {name: first.objects[name].rows for name in whole} == {name: company.count(name) for name in whole}
    assert {item.mode for item in first.objects.values()} == {"full"}
    assert first.calls_used > len(SETS)
    assert not any(item.deleted for item in first.objects.values())


def test_the_columns_of_today_and_the_labels_of_choices_are_listed(company: Extracted, first: ExtractReport) -> None:
    for name in SETS:
        listed = [column for (column,) in company.ask(f"select column_name from extracted_columns where object_name = '{name}'")]
        assert sorted(listed) == sorted(company.warehouse.columns("raw_dyn", name))
    query = "select label from choices where object_name = 'email' and column_name = 'statuscode' and value = 3"
    assert company.ask(query) == [("Sent",)]


def test_subjects_and_bodies_are_stored_nowhere(company: Extracted, first: ExtractReport) -> None:
    names = {name for (name,) in company.ask("select column_name from information_schema.columns where table_schema = 'raw_dyn'")}
    assert not {"subject", "description", "safedescription", "notifications"} & names


def test_entered_columns_that_are_not_provisioned_are_reported_as_hidden(first: ExtractReport) -> None:
    assert "gx_attitude" in first.objects["contact"].hidden_columns


def test_a_second_night_reads_nothing_and_changes_nothing(company: Extracted, first: ExtractReport) -> None:
    before = {name: company.held(name) for name in SETS}
    second = company.extract()
    assert sum(item.rows for item in second.objects.values()) == 0
    assert {name for name, item in second.objects.items() if item.mode == "snapshot"} == set(UNTRACKED)
    assert {item.mode for name, item in second.objects.items() if name not in UNTRACKED} == {"incremental"}
    assert {name: company.held(name) for name in SETS} == before
    assert second.calls_used < first.calls_used


def test_nothing_stays_in_the_work_folder(company: Extracted, first: ExtractReport) -> None:
    assert not [path for path in (company.folder / "work").rglob("*") if path.is_file()]


def test_after_a_day_of_changes_only_what_changed_is_read_and_all_is_right(company: Extracted, day: Day) -> None:
    assert company.differences() == []
    assert day.report is not None
    assert {item.mode for item in day.report.objects.values()} == {"incremental", "snapshot"}
    assert day.report.objects["email"].rows < 20
    assert 0 < day.report.objects["connection"].rows < 10


def test_deleted_rows_stay_and_are_marked(company: Extracted, day: Day) -> None:
    assert day.report is not None
    for name, key, row in (
        ("phonecall", "activityid", "gone"),
        ("contact", "contactid", "left"),
        ("connection", "connectionid", "disconnected"),
    ):
        assert company.ask(f"select is_deleted from {name} where {key} = '{day.ids[row]}'") == [(True,)]
        assert day.report.objects[name].deleted >= 1


def test_parties_are_replaced_as_a_set_and_leave_with_their_activity(company: Extracted, day: Day) -> None:
    marks = company.ask(
        f"select is_deleted, count(*) from activityparty where _activityid_value = '{day.ids['moved']}' group by all order by 1"
    )
    assert [mark for mark, _ in marks] == [False, True]
    assert company.ask(f"select distinct is_deleted from activityparty where _activityid_value = '{day.ids['gone']}'") == [(True,)]


def test_parties_of_a_person_who_was_deleted_say_so_although_no_activity_changed(company: Extracted, day: Day) -> None:
    query = f"select distinct ispartydeleted from activityparty where _partyid_value = '{day.ids['left']}' and not is_deleted"
    assert company.ask(query) == [(True,)]


def test_an_address_nobody_owns_is_a_party_without_a_person(company: Extracted, day: Day) -> None:
    query = f"select _partyid_value, _partyid_type, addressused from activityparty where _activityid_value = '{day.ids['sent']}'"
    assert (None, None, "x@y.example") in company.ask(query)


def test_merged_rows_stay_and_name_their_master(company: Extracted, day: Day) -> None:
    query = f"select merged, _masterid_value, is_deleted from contact where contactid = '{day.ids['subordinate']}'"
    assert company.ask(query) == [(True, day.ids["master"], False)]


def test_a_column_that_is_secured_is_unknown_and_the_table_is_read_again_when_it_is_given_back(company: Extracted, day: Day) -> None:
    assert day.report is not None
    assert "department" in day.report.objects["contact"].hidden_columns
    assert company.ask("select 1 from extracted_columns where object_name = 'contact' and column_name = 'department'") == []
    company.dynamics.switch("access", secured_columns=[])
    shown = company.extract()
    assert shown.objects["contact"].mode == "full"
    assert {item.mode for name, item in shown.objects.items() if name not in ("contact", *UNTRACKED)} == {"incremental"}
    assert company.differences() == []


def test_an_expired_delta_link_ends_in_a_full_read_with_its_deletes(company: Extracted, day: Day) -> None:
    marked = {name: company.value(f"select count(*) from {name} where is_deleted") for name in SETS}
    gone = company.first("task")
    company.send("DELETE", f"tasks({gone})")
    company.later(days=8)
    report = company.extract()
    assert {item.mode for name, item in report.objects.items() if name not in (*UNTRACKED, "activityparty")} == {"full"}
    assert any(line.startswith("task: everything is read again") for line in company.lines)
    assert company.ask(f"select is_deleted from task where activityid = '{gone}'") == [(True,)]
    assert {name: company.value(f"select count(*) from {name} where is_deleted") for name in SETS} == marked | {"task": marked["task"] + 1}
    assert company.differences() == []
