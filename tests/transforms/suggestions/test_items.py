"""Suggestions: each kind, what it rests on, and what it must not say."""

import re
from datetime import date
from itertools import chain

import pytest

from tests.transforms.maps.kit import Company, built, told
from tests.transforms.scores.small_company import context, store
from transforms.history.tables import edits
from transforms.suggestions import items, tables
from transforms.suggestions.keywords import pattern
from warehouse import DuckDBWarehouse

COLUMNS = ("kind", "entity", "record_id", "about", "subject_id", "confidence", "evidence")
OFTEN = [f"2026-05-{day:02} email anna {way} {who}" for day in range(1, 4) for way in ("->", "<-") for who in ("busy", "named")]
COMPANY = Company(
    users={"anna": {"name": "Anna Secret"}, "gone": {"is_active": False}},
    accounts={
        "acme": {"owner_id": "anna", "name": "Acme Secret", "key_departments": "Procurement; Legal"},
        "listless": {"owner_id": "gone"},
        "silent": {},
    },
    people={
        "both": {"account_id": "acme", "title": "Chief Purchasing Officer", "department": "Supply and Sourcing"},
        "titled": {"account_id": "acme", "title": "采购经理"},
        "placed": {"account_id": "acme", "department": "Purchasing of the North"},
        "fourth": {"account_id": "acme", "department": "Purchasing of the South"},
        "left": {"account_id": "acme", "title": "Buyer", "is_live": False},
        "recruiter": {"account_id": "acme", "title": "Recruiter, buyers and sourcings"},
        "user": {"account_id": "acme", "title": "Operator", "buying_roles": "User"},
        "busy": {"account_id": "acme"},
        "named": {"account_id": "acme"},
        "warm": {"account_id": "acme", "attitude": -2, "name": "Wanda Secret"},
        "boss": {"account_id": "acme", "vote": "Approve"},
        "late": {"account_id": "listless", "key_person": True},
        "there": {"account_id": "listless", "department": "Legal"},
    },
    events=[
        *OFTEN,
        *(f"2026-05-{day} meeting anna -> warm minutes=60" for day in range(10, 30)),
        "2025-12-03 meeting anna -> late",
        "2026-05-30 meeting anna -> there",
        "2026-05-30 meeting anna -> both",
    ],
    deals={
        "deal": {"account_id": "acme", "close": "2026-09-01"},
        "other": {"account_id": "acme", "close": "2026-09-01"},
        "done": {"account_id": "acme", "close": "2026-02-01", "is_closed": True},
    },
    roles=["deal named Buyer", "deal warm", "other warm", "other named"],
)


@pytest.fixture(scope="module")
def proposed(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    built(warehouse, COMPANY, context(), tables.items)
    return warehouse


def of(proposed: DuckDBWarehouse, kind: str) -> list[tuple[object, ...]]:
    return [row[1:] for row in told(proposed, tables.items, *COLUMNS) if row[0] == kind]


def test_a_missing_seat_gets_the_three_best_candidates_by_title_and_department(proposed: DuckDBWarehouse) -> None:
    found = [row for row in of(proposed, "missing_seat") if row[2] == "Buyer"]
    assert found == [
        ("account", "acme", "Buyer", "both", 85.0, "title and department speak for it; touches in 365 days 1"),
        ("account", "acme", "Buyer", "fourth", 40.0, "department speaks for it; touches in 365 days 0"),
        ("account", "acme", "Buyer", "titled", 60.0, "title speaks for it; touches in 365 days 0"),
    ], "placed is as likely as fourth, and later by id"


def test_a_missing_key_department_is_looked_for_in_titles(proposed: DuckDBWarehouse) -> None:
    found = {row[3]: row[4] for row in of(proposed, "missing_seat") if row[2] == "Procurement"}
    assert found == {"both": 70.0, "titled": 60.0}


def test_seats_somebody_holds_get_no_candidate(proposed: DuckDBWarehouse) -> None:
    assert "User" not in {row[2] for row in of(proposed, "missing_seat")}


def test_an_attitude_that_the_log_contradicts_is_as_sure_as_the_observed_closeness(proposed: DuckDBWarehouse) -> None:
    ((entity, record, about, subject, confidence, evidence),) = of(proposed, "attitude_contradicted")
    assert (entity, record, about, subject) == ("contact", "warm", None, "anna")
    assert 0 < float(str(confidence)) <= 100
    assert re.fullmatch(r"stated attitude -2; observed closeness \d+\.\d; two-way contact days in 365 days 20", str(evidence))


def test_active_contacts_without_a_role_are_proposed_and_open_deals_share_the_confidence(proposed: DuckDBWarehouse) -> None:
    told_of = "touches in 90 days 6; contact days 3; open deals of the account 2"
    assert of(proposed, "absent_from_roles") == [
        ("opportunity", "deal", None, "busy", 28.0, told_of),
        ("opportunity", "other", None, "busy", 28.0, told_of),
    ]


def test_key_persons_nobody_met_for_long_are_named_to_the_active_owner(proposed: DuckDBWarehouse) -> None:
    assert of(proposed, "unmet_key_person") == [
        ("contact", "boss", None, "anna", 80.0, "no two-way contact on record"),
        ("contact", "late", None, None, 40.0, "days since two-way contact 180"),
        ("contact", "user", None, "anna", 80.0, "no two-way contact on record"),
    ]


def test_an_account_in_contact_without_a_list_of_departments_is_told_where_its_engaged_contacts_are(proposed: DuckDBWarehouse) -> None:
    evidence = "no list entered; engaged contacts 2; their departments 1"
    assert of(proposed, "no_key_departments") == [("account", "listless", "Legal", None, 50.0, evidence)]


def test_evidence_is_told_in_counts_and_never_names_anybody(proposed: DuckDBWarehouse) -> None:
    words = " ".join(str(value) for value in chain.from_iterable(told(proposed, tables.items, "about", "evidence")))
    assert "Secret" not in words
    assert not set(COMPANY.people) & set(re.findall(r"[a-z]+", words)) - {"both"}


@pytest.mark.parametrize(
    ("text", "speaks"),
    [("head of it", True), ("it-manager", True), ("recruiter", False), ("r&d lead", True), ("it", True), ("", False), ("总信息部长", True)],
)
def test_latin_words_count_as_whole_words_and_chinese_ones_anywhere(text: str, speaks: bool) -> None:
    assert bool(re.search(pattern(["IT", "R&D", "信息部"]), text)) is speaks


def test_a_day_sooner_the_key_person_is_not_overdue(warehouse: DuckDBWarehouse) -> None:
    people = {"late": {"account_id": "acme", "key_person": True}}
    built(warehouse, Company({"anna": {}}, {"acme": {}}, people, events=["2025-12-04 meeting anna -> late"]), context(), tables.items)
    assert of(warehouse, "unmet_key_person") == []


def test_an_attitude_is_stale_when_its_last_edit_is_a_year_old_and_of_one_never_edited_nobody_knows_the_age(
    warehouse: DuckDBWarehouse,
) -> None:
    people = {name: {"account_id": "acme", "attitude": 1} for name in ("old", "fresh", "unseen")} | {"cleared": {"account_id": "acme"}}
    built(warehouse, Company({"anna": {}}, {"acme": {}}, people), context(), tables.items)
    days = {"old": date(2025, 6, 1), "fresh": date(2025, 6, 2), "cleared": date(2020, 1, 1)}
    store(warehouse, edits, [{"entity": "contact", "record_id": name, "field": "attitude", "day": day} for name, day in days.items()])
    items.MODEL.build(warehouse, context())
    assert of(warehouse, "attitude_stale") == [("contact", "old", None, None, 50.0, "days since the attitude was edited 365")]


def test_evidence_can_be_told_in_chinese(warehouse: DuckDBWarehouse) -> None:
    built(warehouse, COMPANY, context(language="zh"), tables.items)
    assert ("account", "acme", "采购者", "titled", 60.0, "职务相符；365天接触次数0") in of(warehouse, "missing_seat")
