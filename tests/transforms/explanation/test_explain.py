"""`guanxi explain`: a reader can recompute every figure from the terms, and nobody's name or address is in it."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.fields import OUTPUT, column
from tests.transforms.kit import open_warehouse
from tests.transforms.scores.small_company import CRM, Company, context, score, store
from transforms.enrichment import account, person
from transforms.explanation.evidence import Explanation, UnknownRecord, explain
from transforms.explanation.text import render
from transforms.explanation.words import width
from transforms.staging.shapes import staging_table
from transforms.tables import entered_dropped, interactions_dropped, participants_dropped
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"u1": {"name": "Anna Smith", "email": "anna@example.com"}, "u2": {}},
    accounts={"acme": {"key_departments": "Legal", "industry": "Steel"}, "mid": {"key_departments": "Legal, IT", "industry": "Steel"}},
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
def scored() -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, GIVEN)
        store(warehouse, staging_table(CRM, "participants"), [{"event_id": event, "party_id": "p1"} for event in ("m1", "d1", "d2", "d3")])
        gone = [{"event_id": event, "reason": reason} for event, reason in (("d1", "mass_mail"), ("d2", "mass_mail"), ("d3", "open"))]
        store(warehouse, interactions_dropped, [*gone, {"event_id": "d9", "reason": "draft"}])
        store(warehouse, participants_dropped, [{"event_id": "m9", "person_id": "p1", "reason": "declined"}])
        store(warehouse, entered_dropped, [{"record_id": "p2", "entity": "contact", "field": "vote", "reason": "unknown_value"}])
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


def figures(told: Explanation) -> str:
    """The terms as text, without line breaks."""
    return " ".join(line.strip() for section in told.terms for line in section.lines)


def cells(told: Explanation, record: str) -> str:
    """The line of a record in a table of the terms, a space between its cells."""
    return next(" ".join(line.split()) for section in told.terms for line in section.lines if line.startswith(record))


def test_an_account_and_a_user_are_told_what_raises_them(scored: DuckDBWarehouse) -> None:
    acme, rep = explain(scored, GIVEN, CRM, "acme"), explain(scored, GIVEN, CRM, "u1")
    assert acme.fields["relationship_level"] == "Initial"
    assert acme.needs[0] == f"Mid: closeness 50 (now {acme.fields['closeness']})"
    assert rep.needs == ["Intermediate: accounts at Mid or better: 3 more", "Intermediate: accounts at Initial or better: 7 more"]


def test_every_condition_of_a_strong_relationship_that_is_not_met_is_named(scored: DuckDBWarehouse) -> None:
    assert explain(scored, GIVEN, CRM, "mid").needs == [
        "Strong: closeness 75 (now 50.0)",
        "Strong: key departments without an engaged person: 0 (now 2)",
        "Strong: deciders with a negative attitude: 0 (now 1)",
        "Strong: voters, else deciders, without deep influence: 0 (now 1)",
        "Closeness and its grade, a mean: the lowest key person is enemy with 25.0",
        "Map Completeness: seats nobody holds: 6, each worth 3.6",
        "Map Completeness: unknown features of key persons: 15, each worth 3.6",
        "Insight Rate: key persons of whom a feature is unknown: 3",
        "User: a meeting, a connected call or an inbound mail",
        "Key Account: a place of its own (2 of 2 in the industry share place 1)",
        "Importance: most is to gain in sales (won in 24 months): 12.5 of 25.0 points",
    ]


def test_a_person_is_told_how_far_the_next_grade_and_level_are(scored: DuckDBWarehouse) -> None:
    now = explain(scored, GIVEN, CRM, "p1").fields["closeness"]
    (pair,) = explain(scored, GIVEN, CRM, "p1").pairs
    assert explain(scored, GIVEN, CRM, "p1").needs == [
        f"Good: closeness 50 (now {now}), that is {pair.kappa - pair.intensity:.1f} more intensity; "
        "a meeting of 30 minutes with this person alone adds about 6 on its day",
        "Multiple: days of two-way contact in 365 days: 5 (now 2)",
        "Confidence: contact days in 365 days: 10 (now 2)",
    ]
    assert explain(scored, GIVEN, CRM, "enemy").needs == ["Occasional: a meeting, a connected call or an inbound mail"]


def test_a_person_with_an_attitude_entered_is_told_that_the_grade_goes_by_it(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "fan")
    assert told.needs == [
        "Deep: meetings in 365 days: 2 (now 0)",
        "Contact Rhythm In rhythm: any counted contact (now Lapsed)",
        "Confidence: contact days in 365 days: 10 (now 5)",
    ]
    assert "Closeness Grade Excellent: the attitude people entered, +1, stands for 75.0" in figures(told)
    assert f"Stated Gap Agree: entered 75.0 is Excellent, observed {told.fields['closeness']} is Excellent; more than 1" in figures(told)


def test_the_terms_of_a_person_give_frequency_reciprocity_and_confidence(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "p1")
    (pair,), text = told.pairs, figures(told)
    assert "2 contact days in 90 days / 3 = 0.67" in text
    assert told.fields["reciprocity"] == round(100 * pair.x_out / pair.x_in, 1)
    assert f"100 * {pair.x_out:.3f} / {pair.x_in:.3f} = {told.fields['reciprocity']}" in text
    assert told.fields["confidence"] == 100 * (0.4 * 1 / 1 + 0.4 * 2 / 10 + 0.2)
    assert "0.4 * 1/1 users with inbound mail captured + 0.4 * 2/10 contact days" in text


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


def test_an_account_shows_every_key_person_with_what_is_known_of_each_feature(scored: DuckDBWarehouse) -> None:
    company = explain(scored, GIVEN, CRM, "mid")
    assert cells(company, "friend") == "friend 75.0* unknown unknown known unknown unknown 3/7 deep"
    assert cells(company, "enemy") == "enemy 25.0* unknown unknown unknown unknown unknown 1/7 against"
    assert cells(company, "voter") == "voter unknown unknown unknown known unknown unknown 2/7 not deep"


def test_closeness_completeness_and_insight_of_an_account_can_be_recomputed_by_hand(scored: DuckDBWarehouse) -> None:
    company = explain(scored, GIVEN, CRM, "mid")
    text = figures(company)
    assert "Closeness: (75.0 + 25.0) / 2 = 50.0; 2 of 3 key persons known" in text
    assert "Buying roles 1 of 5: Decider; missing: Gatekeeper, Buyer, User, Influencer" in text
    assert "Key departments 0 of 2: none; missing: IT, Legal" in text
    assert "Features 6 of 21: 7 for each of 3 key persons" in text
    assert "100 * (1 + 0 + 6) / (5 + 2 + 21) = 25.0" in text
    assert "Insight Rate: 100 * 0 / 3 = 0.0" in text
    assert company.fields["map_completeness"] == 100 * (1 + 0 + 6) / (5 + 2 + 21)


def test_the_numbers_of_an_industry_are_those_told_of_its_accounts(scored: DuckDBWarehouse) -> None:
    given = context(
        "2026-06-01", {"industry": {"steel": {"level.mid": 49.5, "importance": {"weight_sales": 0.5, "weight_potential": 0.0}}}}
    )
    assert "Initial from 25, Mid from 49.5, Strong from 75" in figures(explain(scored, given, CRM, "mid"))
    assert "5.000            5  25.000" in figures(explain(scored, given, CRM, "mid"))
    given = context("2026-06-01", {"industry": {"steel": {"level.mid": 60}}})
    assert cells(explain(scored, given, CRM, "u1"), "acme").endswith("Initial Mid from 60")


def test_importance_is_told_by_dimension_with_its_place_and_points(scored: DuckDBWarehouse) -> None:
    text = figures(explain(scored, GIVEN, CRM, "mid"))
    assert "10 * (0 below + 2 equal / 2) / 2  5.000          2.5  12.500" in text
    assert "Importance: the sum of the points, 50.0 Key Account no: place 1 of 2 in Steel (accounts there: 2)" in text


def test_a_user_is_shown_every_account_with_its_band_and_the_ladder(scored: DuckDBWarehouse) -> None:
    rep = explain(scored, GIVEN, CRM, "u1")
    assert cells(rep, "acme") == "acme 2/2 49.5 Initial Mid from 50"
    assert cells(rep, "this user has") == "this user has 0 0 1"
    assert cells(rep, "Junior") == "Junior 0 0 1 met"
    assert cells(rep, "Intermediate") == "Intermediate 0 3 8 not met"


def test_a_user_without_a_grade_is_told_why(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "u2")
    assert told.fields["rep_grade"] is None
    assert told.needs == ["A grade: accounts covered as owner or on the account team: 1 (now 0)"]


def test_an_opportunity_shows_its_chain_and_the_steps_of_the_win_signal(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "deal")
    assert [pair.person_id for pair in told.pairs] == ["p2"]
    assert [one.event_id for one in told.activities] == ["m1", "c1"]
    assert told.fields["chain_closeness"] == round(told.pairs[0].closeness, 1)
    assert cells(told, "p2") == "p2 Decider 56.1 unknown unknown unknown yes"
    assert "Chain Closeness: (56.1) / 1 = 56.1; 1 of 1 known" in figures(told)
    assert "56.100 * 0.7 = 39.3" in figures(told)
    assert "days left 61" in figures(told)
    assert told.needs[0] == "Win Signal: an inside source, entered as yes; without one * 0.7"


def test_no_more_than_three_activities_are_shown(scored: DuckDBWarehouse) -> None:
    assert [one.event_id for one in explain(scored, GIVEN, CRM, "u1").activities] == ["m1", "c2", "c1"]


def test_an_entered_value_that_could_not_be_used_is_named(scored: DuckDBWarehouse) -> None:
    line = "p2: entered vote is not used, not on the list of values"
    assert line in render(explain(scored, GIVEN, CRM, "p2"))
    assert line in render(explain(scored, GIVEN, CRM, "acme"))


def test_fields_are_shown_with_their_labels_and_meanings_and_the_windows_with_their_dates(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "acme")
    meanings = {column(spec): (spec.label_en, spec.description) for spec in OUTPUT["account"]}
    text = render(told, meanings)
    lines = text.splitlines()
    assert "90 days are all after 2026-03-03 00:00, 365 days all after 2025-06-01 00:00" in " ".join(text.split())
    assert next(line for line in lines if line.startswith("  Our People ")).endswith(meanings["our_people"][1])
    assert any(line.split() == ["Key", "Account", "no", *meanings["key_account"][1].split()] for line in lines)


def test_a_capped_pair_says_so(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "p3")
    assert [pair.rule for pair in told.pairs] == ["capped"]
    assert "no two-way evidence" in render(told)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("record", ["p1", "fan", "acme", "mid", "u1", "u2", "deal"])
def test_rendered_text_fits_the_screen_and_has_ids_but_no_personal_data(scored: DuckDBWarehouse, record: str, language: str) -> None:
    told = explain(scored, replace(GIVEN, language=language), CRM, record)
    text = render(told)
    assert f"{CRM}:{record}" in text
    assert "kappa 8.000" in text or not told.pairs
    assert not [private for private in ("Anna", "Kim", "@") if private in text]
    assert [line for line in text.splitlines() if width(line) > 100] == []


def test_in_chinese_every_figure_is_the_same(scored: DuckDBWarehouse) -> None:
    chinese = explain(scored, replace(GIVEN, language="zh"), CRM, "mid")
    text = render(chinese)
    assert "关系图谱完整性：100 * (1 + 0 + 6) / (5 + 2 + 21) = 25.0" in text
    assert "采购角色 1/5：决策者；缺：看门者、采购者、使用者、影响者" in text
    assert chinese.needs[0] == "强：亲密度75（现50.0）"


@pytest.mark.parametrize(("language", "known"), [("en", "2 of 3 key persons known"), ("zh", "3位关键人中已知2位")])
def test_the_sentence_on_the_record_says_what_the_explanation_says(scored: DuckDBWarehouse, language: str, known: str) -> None:
    given = replace(GIVEN, language=language)
    written = {row["record_id"]: row for row in scored.arrow(person.contacts(given)).to_pylist()}
    (mid,) = [row for row in scored.arrow(account.select(given)).to_pylist() if row["record_id"] == "mid"]
    told = explain(scored, given, CRM, "p1")
    numbers = [int(number) for number in re.findall(r"(?<![\d-])\d+(?![\d-])", written["p1"]["why"])]
    counts = [told.fields[f"{name}_365d"] for name in ("meetings", "calls", "emails_out", "emails_in")]
    assert numbers[:6] == [365, 2, *counts]
    assert str(told.fields["last_two_way"]) in written["p1"]["why"]
    assert known in figures(explain(scored, given, CRM, "mid"))
    assert mid["why"].startswith({"en": "2 of 3 key persons known", "zh": "2/3位关键人已知"}[language])
    assert max(len(row["why"]) for row in (*written.values(), mid)) <= 255


def test_a_record_without_values_is_named(scored: DuckDBWarehouse) -> None:
    with pytest.raises(UnknownRecord, match="sales_cloud:nobody"):
        explain(scored, GIVEN, CRM, "nobody")
