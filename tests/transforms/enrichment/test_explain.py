"""`guanxi explain`: the terms add up to the written figure, and nobody's name or address is in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transforms.scores.small_company import CRM, Company, context, fresh, score, store
from transforms.explain import UnknownRecord, explain, render
from transforms.staging.shapes import staging_table
from transforms.tables import interactions_dropped, participants_dropped
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"u1": {"name": "Anna Smith", "email": "anna@example.com"}},
    accounts={"acme": {"key_departments": "Legal"}, "mid": {"key_departments": "Legal, IT"}},
    people={
        "p1": {"account_id": "acme", "name": "Kim Lee", "email": "kim@example.org"},
        "p2": {"account_id": "acme"},
        "p3": {"account_id": "acme"},
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
    assert user.needs == ["Intermediate: 3 more accounts at Mid or better", "Intermediate: 7 more accounts at Initial or better"]


def test_every_condition_of_a_strong_relationship_that_is_not_met_is_named(scored: DuckDBWarehouse) -> None:
    assert explain(scored, GIVEN, CRM, "mid").needs == [
        "Strong: closeness 75 (now 50.0)",
        "Strong: an engaged person in 2 more key departments",
        "Strong: 1 deciders with a negative attitude won over",
        "Strong: deep influence on 1 more voters or deciders",
    ]


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
