"""Whole extractions from the tiny org over real HTTP: everything once, then what changed, then what went away.

One warehouse for the module, extracted into as nights go by; each test leaves the org readable for the next.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.contract import ExtractReport
from connectors.landing.load import Loader
from connectors.salesforce.specs import OBJECTS

NAMES = [spec.name for spec in OBJECTS]
TRACELESS = ("TaskRelation", "EventRelation", "OpportunityContactRole", "AccountTeamMember")


@pytest.fixture(scope="module")
def org(sandbox: Any, settings_of: Any, tmp_path_factory: Any, org_type: Any) -> Iterator[Any]:
    opened = org_type(sandbox, settings_of(sandbox), tmp_path_factory.mktemp("org"))
    yield opened
    opened.warehouse.close()


@pytest.fixture(scope="module")
def first(org: Any) -> ExtractReport:
    """The first night."""
    return org.extract()


@dataclass
class News:
    """What happened in the org during the day, and the report of the night after."""

    ids: dict[str, str] = field(default_factory=dict)
    committed_late: list[str] = field(default_factory=list)
    deleted_later: list[str] = field(default_factory=list)
    report: ExtractReport | None = None


@pytest.fixture(scope="module")
def news(org: Any, first: Any) -> News:
    day = News()
    day.ids["changed"] = org.first("Contact")
    day.ids["created"] = org.send("POST", "Task", WhoId=day.ids["changed"], Subject="Call: something private", Status="Completed")
    org.send("PATCH", f"Contact/{day.ids['changed']}", Title="NA")
    for name in ("Lead", *TRACELESS):
        day.ids[name] = org.first(name)
        org.send("DELETE", f"{name}/{day.ids[name]}")
    happened = org.sandbox.post_control("salesforce/later")
    day.committed_late, day.deleted_later = happened["committed"], happened["deleted"]
    day.report = org.extract()
    return day


def test_everything_the_org_holds_is_read(org: Any, first: Any) -> None:
    for name in NAMES:
        assert org.one(f'select count(*) from "{name}"') == first.objects[name].rows == org.ask(f"SELECT COUNT() FROM {name}")["totalSize"]
    assert {item.mode for item in first.objects.values()} == {"full"}
    assert first.calls_used > len(NAMES)
    assert first.calls_left


def test_archived_deleted_and_merged_rows_are_there_and_marked(org: Any, first: Any) -> None:
    assert org.one('select count(*) from "Task" where "IsArchived"') > 0
    assert org.one('select count(*) from "Event" where "IsArchived"') > 0
    assert org.one('select count(*) from "Task" where "IsDeleted"') > 0
    assert org.one('select count(*) from "Contact" where "IsDeleted" and "MasterRecordId" is not null') > 0


def test_subjects_are_classified_and_stored_nowhere(org: Any, first: Any) -> None:
    assert {"call", "email", "meeting"} <= {kind for (kind,) in org.raw('select distinct "SubjectKind" from "Task"')}
    assert not {"Subject", "TextBody", "HtmlBody"} & {name for (name,) in org.raw("select column_name from information_schema.columns")}


def test_the_columns_of_today_are_listed(org: Any, first: Any) -> None:
    listed = org.raw("select object_name, column_name from extracted_columns")
    for name in NAMES:
        assert [column for owner, column in listed if owner == name] == list(org.warehouse.columns("raw_sales", name))


def test_entered_fields_that_are_not_provisioned_are_reported_as_hidden(org: Any, first: Any) -> None:
    assert "GX_Attitude__c" in first.objects["Contact"].hidden_columns
    assert "GX_Industry_Expert__c" in first.objects["User"].hidden_columns


def test_a_second_night_reads_only_what_could_have_changed_and_changes_nothing(org: Any, first: Any) -> None:
    before = {name: org.raw(f'select * from "{name}" order by "Id"') for name in NAMES}
    shutil.rmtree(org.folder / "work", ignore_errors=True)
    second = org.extract()
    assert {item.mode for name, item in second.objects.items() if name != "AccountTeamMember"} == {"incremental"}
    assert second.objects["AccountTeamMember"].mode == "snapshot"
    assert sum(item.rows for item in second.objects.values()) < 0.02 * sum(item.rows for item in first.objects.values())
    assert {name: org.raw(f'select * from "{name}" order by "Id"') for name in NAMES} == before


def test_nothing_stays_in_the_work_folder(org: Any, first: Any) -> None:
    assert not [path for path in (org.folder / "work").rglob("*") if path.is_file()]


def test_new_and_changed_rows_arrive(org: Any, news: Any) -> None:
    assert org.raw(f"""select "WhoId", "SubjectKind" from "Task" where "Id" = '{news.ids["created"]}'""") == [(news.ids["changed"], "call")]
    assert org.one(f"""select "Title" from "Contact" where "Id" = '{news.ids["changed"]}'""") == "NA"
    assert news.report.objects["Task"].rows < 20


def test_a_row_in_the_bin_keeps_its_place_and_is_marked(org: Any, news: Any) -> None:
    assert org.one(f"""select "IsDeleted" from "Lead" where "Id" = '{news.ids["Lead"]}'""")
    assert news.report.objects["Lead"].deleted >= 1


@pytest.mark.parametrize("name", TRACELESS)
def test_a_row_that_leaves_query_all_without_a_trace_is_marked(org: Any, news: Any, name: Any) -> None:
    assert org.ask(f"SELECT COUNT() FROM {name} WHERE Id = '{news.ids[name]}'")["totalSize"] == 0
    assert org.raw(f"""select "IsDeleted" from "{name}" where "Id" = '{news.ids[name]}'""") == [(True,)]
    assert news.report.objects[name].deleted >= 1


def test_rows_deleted_by_others_are_marked(org: Any, news: Any) -> None:
    assert news.deleted_later
    marks = [org.raw(f"""select "IsDeleted" from "{name}" where "Id" = '{gone}'""") for gone in news.deleted_later for name in TRACELESS]
    assert [mark for mark in marks if mark] == [[(True,)]] * len(news.deleted_later)


def test_rows_committed_late_under_an_older_stamp_are_not_lost(org: Any, news: Any) -> None:
    assert news.committed_late
    assert all(org.raw(f"""select 1 from "Task" where "Id" = '{record_id}'""") for record_id in news.committed_late)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("User", "CurrencyType")])
def test_the_living_rows_are_those_of_the_org(org: Any, news: Any, name: Any) -> None:
    living = org.ask(f"SELECT COUNT() FROM {name} WHERE IsDeleted = false")["totalSize"]
    assert org.one(f'select count(*) from "{name}" where not "IsDeleted"') == living == news.report.objects[name].total


def test_a_full_refresh_reads_everything_again(org: Any, news: Any) -> None:
    again = org.extract(full_refresh=True)
    assert {item.mode for item in again.objects.values()} == {"full"}
    assert again.objects["Task"].rows == org.ask("SELECT COUNT() FROM Task")["totalSize"] == org.one('select count(*) from "Task"')


def test_the_state_names_the_org_because_a_refreshed_sandbox_keeps_its_address(org: Any, first: Any) -> None:
    with closing(Loader(org.warehouse, "sales", org.folder / "states")) as loader:
        found = {state["host"] for state in loader.states().values()}
    organization = org.ask("SELECT Id FROM Organization")["records"][0]["Id"]
    assert found == {f"127.0.0.1 {organization}"}


def test_after_two_weeks_of_silence_all_ids_are_compared(org: Any, news: Any) -> None:
    gone = org.first("TaskRelation")
    org.send("DELETE", f"TaskRelation/{gone}")
    org.sandbox.post_control("salesforce/clock", {"advance_seconds": 20 * 86_400})
    report = org.extract()
    assert {report.objects[name].mode for name in NAMES if name not in ("User", "CurrencyType")} == {"snapshot"}
    assert org.one(f"""select "IsDeleted" from "TaskRelation" where "Id" = '{gone}'""")
    for name in ("Task", "Event", "EmailMessage"):
        assert org.ask(f"SELECT COUNT() FROM {name} WHERE IsDeleted = false")["totalSize"] == report.objects[name].total
    assert org.one('select count(*) from "Task" where "IsArchived" and not "IsDeleted"') > 0
