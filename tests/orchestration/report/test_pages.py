"""The report on a real warehouse: whole pages, only ids of people, and the figures of the tables."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sqlalchemy as sa

from orchestration.report import PAGES
from orchestration.report.facts import Facts
from orchestration.report.pages.people import OFF
from tests.orchestration.report.conftest import URL, Reported, pages
from warehouse import DuckDBWarehouse

VOID = {"meta", "br", "hr", "img", "link", "input"}
NAMES = ["index", "accounts", "relationships", "deals", "people", "trends", "backtest"]


class Reader(HTMLParser):
    """Reads a page; fails where a tag is not closed, collects what is linked and loaded and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.loaded += [tag] if tag in ("script", "link", "img", "iframe", "object") else []
        self.loaded += [value or "" for name, value in attrs if name == "src"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self.open[-1:] == ["style"] else f" {data.strip()}"


def section(page: str, title: str) -> str:
    """The section under a heading, its text in one line."""
    (found,) = [part for part in page.split("<section>") if f"<h2>{title}</h2>" in part]
    return re.sub(r"\s+", " ", Reader(found.split("</section>")[0]).text)


def test_every_page_is_whole_and_leads_to_every_other(reported: Reported) -> None:
    assert list(reported.pages) == NAMES
    assert len(PAGES) == len(NAMES)
    for html in reported.pages.values():
        assert {f"{name}.html" for name in NAMES} <= set(Reader(html).links)


def test_a_page_loads_nothing_and_leads_nowhere_but_into_the_crm(reported: Reported) -> None:
    for html in reported.pages.values():
        page = Reader(html)
        assert page.loaded == []
        assert "url(" not in html
        assert {link for link in page.links if not link.endswith(".html") and not link.startswith(f"{URL}/")} == set()


def test_no_name_and_no_address_of_anybody_is_in_the_report(reported: Reported) -> None:
    told = reported.sql("""
        select name from model.people union select email from model.people union select address from model.int_addresses
        union select name from model.users union select email from model.users union select name from model.accounts
    """)
    private = {value.lower() for (value,) in told if value and len(value) > 3}
    assert len(private) > 100
    everything = "\n".join(reported.pages.values()).lower()
    assert [value for value in sorted(private) if value in everything] == []


def test_no_free_text_that_people_entered_is_in_the_report(reported: Reported) -> None:
    told = reported.sql("select value_proposition from model.opportunities union select competitor_main from model.accounts")
    assert len(told) > 10
    everything = "\n".join(reported.pages.values())
    assert [value for (value,) in told if value and value in everything] == []


def test_what_was_read_is_what_was_counted_and_dropped(reported: Reported) -> None:
    dropped = reported.sql("select count(*) from model.interactions_dropped")[0][0]
    counted = reported.sql("select count(distinct event_id) from model.interactions")[0][0]
    assert f"{counted + dropped:,} = {counted:,} counted + {dropped:,} dropped with a reason" in section(reported.pages["index"], "Today")
    reasons = reported.sql("select reason, count(*) from model.interactions_dropped group by reason")
    shown = section(reported.pages["index"], "Read = counted + dropped")
    assert [reason for reason, number in reasons if f"{reason}: {number:,}" not in shown] == []


def test_a_run_that_goes_on_is_told_and_changes_no_figure(reported: Reported) -> None:
    assert re.search(r"running .* done", section(reported.pages["index"], "Last runs"))
    assert "sales_cloud done" in section(reported.pages["index"], "Today")


def test_people_without_a_closeness_are_unknown_and_in_no_band(reported: Reported) -> None:
    known, unknown = reported.sql("select count(closeness), count(*) - count(closeness) from enrichment.contact")[0]
    shown = section(reported.pages["relationships"], "Closeness")
    assert unknown > 0
    assert f"Contacts with a closeness {known}" in shown
    assert f"unknown {unknown}" in shown
    bands = [int(number) for number in re.findall(r"\d+-\d+, sales_cloud: (\d+)", shown)]
    expected = [
        reported.sql(f"select count(*) from enrichment.contact where closeness >= {low} and (closeness < {low + 10} or {low} = 90)")[0][0]
        for low in range(0, 100, 10)
    ]
    assert bands == expected


@pytest.mark.parametrize(
    ("page", "title", "table", "column"),
    [
        ("relationships", "Grades", "contact", "closeness_grade"),
        ("relationships", "Grades", "contact", "interaction_level"),
        ("relationships", "Grades", "contact", "rhythm"),
        ("relationships", "Relationship levels", "account", "relationship_level"),
        ("relationships", "Relationship levels", "account", "lifecycle_stage"),
    ],
)
def test_every_value_of_a_picklist_is_counted(reported: Reported, page: str, title: str, table: str, column: str) -> None:
    shown = section(reported.pages[page], title)
    counts = reported.sql(f"select coalesce({column}, 'unknown'), count(*) from enrichment.{table} group by 1")
    assert [value for value, number in counts if f"{value}: {number}" not in shown] == []


def test_all_important_accounts_come_first_and_what_is_left_out_is_said(reported: Reported) -> None:
    (accounts,) = reported.sql("select count(*) from enrichment.account")[0]
    best = reported.sql("select record_id from enrichment.account order by importance desc, crm, record_id limit 20")
    who = reported.pages["accounts"].split("<section>")[1]
    places = [who.index(record_id) for (record_id,) in best]
    assert places == sorted(places)
    assert (f"20 of {accounts} shown." in who) == (accounts > 20)


@pytest.mark.parametrize(("limit", "shown"), [(2, [2, 1]), (3, [2, 1, 0]), (4, [2, 1, 0])])
def test_the_first_rows_come_with_how_many_there_are_in_all(reported: Reported, limit: int, shown: list[int]) -> None:
    numbers = sa.select(sa.values(sa.column("n", sa.Integer), name="numbers").data([(0,), (1,), (2,)])).order_by(sa.column("n").desc())
    facts = Facts(reported.warehouse, reported.config)
    rows, total = facts.first(numbers, limit)
    assert ([row["n"] for row in rows], total) == (shown, 3)
    assert facts.first(numbers.where(sa.column("n") > 2), limit) == ([], 0)


def test_a_deal_shows_its_six_lamps(reported: Reported) -> None:
    lamps = reported.sql("""
        select opportunity_id, list(case when is_on then 'on' when not is_on then 'off' else '–' end order by
            list_position(['advantage', 'method', 'signs', 'relations', 'enemy', 'aim'], lamp))
        from deals.lamps group by opportunity_id
    """)
    assert lamps
    rows = reported.pages["deals"].split("<tr>")
    for record_id, states in lamps:
        row = next(row for row in rows if record_id in row)
        assert re.findall(r'<span class="(?:chip \w+|unknown)">(on|off|–)</span></td>', row)[-6:] == states


def test_the_factors_of_a_deal_are_drawn_and_unknown_ones_left_out(reported: Reported) -> None:
    ((deal,),) = reported.sql("select distinct opportunity_id from deals.factors")
    drawn = next(part for part in reported.pages["deals"].split("<figure") if 'class="area"' in part)
    assert deal in drawn
    shape = next(part for part in drawn.split("<path") if "area" in part)
    assert shape.count("L") == 2


def test_every_graded_user_is_linked_and_what_is_missing_is_said(reported: Reported) -> None:
    graded = reported.sql("select record_id, next_grade_needs from enrichment.user where rep_grade is not null")
    assert graded
    people = reported.pages["people"]
    assert [user for user, needs in graded if f"{URL}/{user}" not in people or needs not in people] == []


def test_where_nobody_is_graded_no_figure_on_one_of_us_is_shown(reported: Reported, ungraded: Mapping[str, str]) -> None:
    assert OFF in ungraded["people"]
    assert all(f"<h2>{title}" not in ungraded["people"] for title in ("Hand-over", "Pay shares"))
    managers = {manager for (manager,) in reported.sql("select manager_id from scores.teams")}
    users = {user for (user,) in reported.sql("select user_id from model.users")} - managers
    assert [user for user in users if user in ungraded["people"] or user in ungraded["index"]] == []
    counts = reported.sql("select coverage, count(*) from scores.user_capture group by coverage")
    shown = section(ungraded["index"], "Capture of mail 邮件采集")
    assert [word for word, number in counts if f"{word} {number}" not in shown] == []


def test_terms_follow_the_configured_labels(ungraded: Mapping[str, str]) -> None:
    assert "<h2>Six lamps 六有</h2>" in ungraded["deals"]
    assert "<th>Win Signal 赢单信号</th>" in ungraded["deals"]


def test_a_map_has_the_people_and_lines_of_the_most_important_account(reported: Reported) -> None:
    account = reported.sql("""
        select record_id from enrichment.account where record_id in (select account_id from maps.people) order by importance desc, record_id
    """)[0][0]
    drawn = next(part for part in reported.pages["relationships"].split("<figure") if f"relationship map of account {account}" in part)
    people = {person for (person,) in reported.sql(f"select person_id from maps.people where account_id = '{account}'")}
    linked = {link.removeprefix(f"{URL}/") for link in Reader(f"<figure{drawn.split('</figure>')[0]}</figure>").links}
    assert people <= linked
    lines = reported.sql(f"select count(*) from maps.links where account_id = '{account}' and kind = 'influence'")[0][0]
    assert drawn.count('class="influence"') == lines


def test_an_empty_warehouse_says_why_there_is_nothing(reported: Reported, tmp_path: Path) -> None:
    with DuckDBWarehouse(":memory:") as empty:
        shown = pages(empty, reported.config, tmp_path)
    assert list(shown) == NAMES
    assert all('class="absent"' in html and Reader(html) for html in shown.values())
    assert "guanxi run" in section(shown["index"], "Last runs")


def test_a_table_of_another_version_is_as_one_that_is_missing(reported: Reported, tmp_path: Path) -> None:
    with DuckDBWarehouse(":memory:") as old:
        with old.native() as cursor:
            cursor.execute("create table enrichment.account (crm varchar, record_id varchar)")
        assert 'class="absent"' in pages(old, reported.config, tmp_path)["accounts"]


def test_the_same_warehouse_gives_the_same_pages(reported: Reported, tmp_path: Path) -> None:
    assert pages(reported.warehouse, reported.config, tmp_path) == reported.pages
