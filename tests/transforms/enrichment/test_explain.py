"""`guanxi explain`: the terms add up to the written figure, and nobody's name or address is in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.fields import OUTPUT, column
from tests.transforms.scores.small_company import CRM, Company, context, fresh, score, store
from transforms.explain import UnknownRecord, explain
from transforms.explain_text import REASONS, render
from transforms.staging.shapes import staging_table
from transforms.tables import interactions_dropped, participants_dropped
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"u1": {"name": "Anna Smith", "email": "anna@example.com"}, "u2": {}},
    accounts={"acme": {"key_departments": "Legal"}, "mid": {"key_departments": "Legal, IT"}},
    people={
        "p1": {"account_id": "acme", "name": "Kim Lee", "email": "kim@example.org"},
        "p2": {"account_id": "acme"},
        "p3": {"account_id": "acme"},
        "fan": {"attitude": 1},
        "friend": {"account_id": "mid", "attitude": 1, "vote": "Approve"},
        "voter": {"account_id": "mid", "vote": "Veto"},
        "enemy": {"account_id": "mid", "attitude": -1, "buying_roles": "Decider"},
    },
    members=["acme u1"],
    deals={"deal": {"account_id": "acme", "close": "2026-08-01", "compelling_event": True}},
    roles=["deal p2 Decision Maker"],
    events=[
        "2026-05-22 meeting u1 -> p1,p2 minutes=60 id=m1",
        "2026-05-22T10:00 meeting u1 -> p1 minutes=15 id=m2",
        "2026-05-20 email u1 <- p1 id=e1",
        "2026-05-20T12:00 email u1 <- p1 id=e2",
        "2026-05-01 call u1 -> p2 id=c1",
        "2026-05-25 email u1 -> p3 id=e3",
        "2026-05-26 email u1 -> p3 id=e4",
        "2026-05-27 email u1 -> p3 id=e5",
        "2026-05-12 call u1 -> fan id=c2",
        *(f"2026-05-{day} call u2 -> fan id=d{day}" for day in (11, 12, 13, 14, 15)),
    ],
)
GIVEN = context("2026-06-01")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    with fresh(tmp_path_factory.mktemp("explain")) as warehouse:
        score(warehouse, COMPANY, GIVEN)
        store(warehouse, staging_table(CRM, "participants"), [{"event_id": event, "party_id": "p1"} for event in ("m1", "d1", "d2", "d3")])
        gone = [{"event_id": event, "reason": reason} for event, reason in (("d1", "mass_mail"), ("d2", "mass_mail"), ("d3", "open"))]
        store(warehouse, interactions_dropped, [*gone, {"event_id": "d9", "reason": "draft"}])
        store(warehouse, participants_dropped, [{"event_id": "m9", "person_id": "p1", "reason": "declined"}])
        yield warehouse


def test_terms_of_a_contact_give_its_closeness(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "p1")
    (pair,) = told.pairs
    assert pair.intensity == pytest.approx((pair.x_out**0.5 + pair.x_in**0.5) ** 2 / 2)
    assert pair.closeness == pytest.approx(100 * (1 - 2 ** (-pair.intensity / pair.kappa)))
    assert told.fields["closeness"] == round(pair.closeness, 1)
    assert told.entity == "contact"
    assert told.method_version == GIVEN.method.version


def test_only_the_largest_event_of_a_day_is_among_those_that_counted(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "p1")
    assert [(one.event_id, one.channel) for one in told.activities] == [("m1", "meeting"), ("e2", "email")]


def test_left_out_records_and_participations_are_counted_by_reason(scored: DuckDBWarehouse) -> None:
    assert explain(scored, GIVEN, CRM, "p1").dropped == {"mass_mail": 2, "declined": 1, "open": 1}
    assert explain(scored, GIVEN, CRM, "acme").dropped == {"mass_mail": 2, "declined": 1, "open": 1}
    assert explain(scored, GIVEN, CRM, "p2").dropped == {}


def test_an_account_and_a_user_are_told_what_raises_them(scored: DuckDBWarehouse) -> None:
    account, user = explain(scored, GIVEN, CRM, "acme"), explain(scored, GIVEN, CRM, "u1")
    assert account.fields["relationship_level"] == "Initial"
    assert account.needs == [f"Mid: closeness 50 (now {account.fields['closeness']})"]
    assert user.needs == ["Intermediate: accounts at Mid or better: 3 more", "Intermediate: accounts at Initial or better: 7 more"]


def test_every_condition_of_a_strong_relationship_that_is_not_met_is_named(scored: DuckDBWarehouse) -> None:
    assert explain(scored, GIVEN, CRM, "mid").needs == [
        "Strong: closeness 75 (now 50.0)",
        "Strong: key departments without an engaged person: 0 (now 2)",
        "Strong: deciders with a negative attitude: 0 (now 1)",
        "Strong: voters, else deciders, without deep influence: 0 (now 1)",
    ]


def test_a_person_is_told_how_far_the_next_grade_and_level_are(scored: DuckDBWarehouse) -> None:
    now = explain(scored, GIVEN, CRM, "p1").fields["closeness"]
    (pair,) = explain(scored, GIVEN, CRM, "p1").pairs
    assert explain(scored, GIVEN, CRM, "p1").needs == [
        f"Good: closeness 50 (now {now}), that is {pair.kappa - pair.intensity:.1f} more intensity; "
        "a meeting of 30 minutes with this person alone adds about 6 on its day",
        "Multiple: days of two-way contact in 365 days: 5 (now 2)",
    ]
    assert explain(scored, GIVEN, CRM, "enemy").needs == ["Occasional: a meeting, a connected call or an inbound mail"]


def test_a_person_with_an_attitude_entered_is_told_that_the_grade_goes_by_it(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "fan")
    assert told.attitude_points == 75
    assert told.needs == ["Deep: meetings in 365 days: 2 (now 0)"]
    assert "The grade goes by the attitude people entered, which stands for 75." in render(told)


def test_the_strongest_users_of_a_person_multiply_to_the_written_figure(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "fan")
    missing = (1 - told.pairs[0].closeness / 100) * (1 - told.pairs[1].closeness / 100)
    assert told.fields["closeness"] == round(100 * (1 - missing), 1)
    factors = " * ".join(f"(1 - {pair.closeness / 100:.3f})" for pair in told.pairs)
    assert f"together: 100 * (1 - {factors}) = {told.fields['closeness']}" in render(told)


def test_pairs_beyond_the_strongest_are_said_to_be_left_out(scored: DuckDBWarehouse) -> None:
    told = explain(scored, context("2026-06-01", {"closeness.top_users": 1}), CRM, "fan")
    assert ([pair.user_id for pair in told.pairs], told.pairs_in_all) == (["u2"], 2)
    assert "1 weaker pairs are not in the figure" in render(told)


def test_an_account_lists_its_key_persons_and_a_user_the_accounts_covered(scored: DuckDBWarehouse) -> None:
    account, user = explain(scored, GIVEN, CRM, "mid"), explain(scored, GIVEN, CRM, "u1")
    assert [(part.record_id, part.closeness, part.note) for part in account.parts] == [
        ("friend", 75.0, "3 of 7 features known, attitude entered"),
        ("enemy", 25.0, "1 of 7 features known, attitude entered"),
        ("voter", None, "2 of 7 features known"),
    ]
    assert [(part.record_id, part.note) for part in user.parts] == [("acme", "Initial")]


def test_a_user_without_a_grade_is_told_why(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "u2")
    assert told.fields["rep_grade"] is None
    assert told.needs == ["A grade: accounts covered as owner or on the account team: 1 (now 0)"]


def test_fields_are_shown_with_their_labels_and_meanings_and_the_windows_with_their_dates(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "acme")
    meanings = {column(spec): (spec.label_en, spec.description) for spec in OUTPUT["account"]}
    lines = render(told, meanings).splitlines()
    assert "90 days are all after 2026-03-03 00:00, 365 days all after 2025-06-01 00:00" in lines[1]
    assert next(line for line in lines if line.startswith("  Bus Factor ")).endswith(meanings["bus_factor"][1])
    assert any(line.split() == ["Key", "Account", "yes", *meanings["key_account"][1].split()] for line in lines)


def test_every_reason_of_the_contract_has_words() -> None:
    kept = interactions_dropped.c.reason.comment, participants_dropped.c.reason.comment
    listed = str(kept[1]).split(" (")[0].split(", ")
    assert set(listed) <= set(REASONS)
    assert {"deleted", "private", "series_master", "email_twin", "plain_task", "mass_mail", "auto_reply", "no_person"} <= set(REASONS)


def test_an_opportunity_shows_the_pairs_of_its_decision_chain(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "deal")
    assert [pair.person_id for pair in told.pairs] == ["p2"]
    assert [one.event_id for one in told.activities] == ["m1", "c1"]
    assert told.fields["chain_closeness"] == round(told.pairs[0].closeness, 1)


def test_a_capped_pair_says_so(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "p3")
    assert [pair.rule for pair in told.pairs] == ["capped"]
    assert "no two-way evidence" in render(told)


@pytest.mark.parametrize("record", ["p1", "acme", "u1", "deal"])
def test_rendered_text_has_figures_and_ids_but_no_personal_data(scored: DuckDBWarehouse, record: str) -> None:
    told = explain(scored, GIVEN, CRM, record)
    text = render(told)
    assert f"{CRM}:{record}" in text
    assert "kappa 8.000 (default" in text
    assert not [private for private in ("Anna", "Kim", "@") if private in text]
    assert [line for line in text.splitlines() if len(line) > 200] == []


def test_a_record_without_values_is_named(scored: DuckDBWarehouse) -> None:
    with pytest.raises(UnknownRecord, match="sales_cloud:nobody"):
        explain(scored, GIVEN, CRM, "nobody")


def test_it_works_before_anything_was_staged(tmp_path: Path) -> None:
    with fresh(tmp_path) as warehouse:
        score(warehouse, COMPANY, GIVEN)
        assert explain(warehouse, GIVEN, CRM, "p1").dropped == {}
