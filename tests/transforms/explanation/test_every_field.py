"""Every written field has its line among the terms, with the very value that is written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from connectors.fields import METHOD_VERSION, OUTPUT, SCORED_ON, WHY, Entity, column
from tests.transforms.explanation.test_explain import cells, figures
from tests.transforms.kit import open_warehouse
from tests.transforms.scores.small_company import CRM, Company, context, score, store
from transforms.enrichment import user
from transforms.explanation.evidence import explain
from transforms.explanation.text import render
from transforms.history.tables import current_averages
from transforms.scores import users
from warehouse import DuckDBWarehouse

PERSON = {
    "closeness": "= {}",
    "closeness_grade": "Closeness Grade {}:",
    "interaction_level": "Interaction Level {}:",
    "touches_90d": "Touches {} in 90 days",
    "touches_365d": "; {} in 365 days:",
    "contact_days_90d": "on {} days",
    "frequency": "/ 3 = {:.2f}",
    "first_touch": "First Touch {}:",
    "last_touch": "Last Touch {}:",
    "last_two_way": "Last Two-Way Contact {}:",
    "meetings_365d": "meetings {}",
    "calls_365d": "calls {}",
    "emails_out_365d": "mails out {}",
    "emails_in_365d": "mails in {}",
    "known_by": "Known By {}:",
    "strongest_user": "of the active ones {} has",
    "reciprocity": "= {}, the smaller side",
    "rhythm": "Rhythm {}:",
    "trend_30d": "= {:+.1f}",
    "trend_365d": "= {:+.1f}",
    "stated_gap": "Stated Gap {}:",
    "confidence": "= {}; newest event",
}
SAID: Mapping[str, Mapping[str, str]] = {
    "contact": PERSON,
    "lead": PERSON,
    "account": {
        "closeness": "= {}; 2 of",
        "closeness_grade": "Closeness Grade {}:",
        "solution_acceptance_avg": "= {:.2f}; 1 of",
        "price_acceptance_avg": "= {:.2f}; 2 of",
        "relationship_level": "Relationship Level {}:",
        "map_completeness": "= {}",
        "insight_rate": "= {}, key persons with all",
        "missing_seats": "missing: {}",
        "touches_90d": "Touches {} in 90 days",
        "contact_days_90d": "on {} days",
        "last_touch": "Last Touch {}:",
        "people_engaged": "People Engaged {},",
        "departments_engaged": "Departments Engaged {}:",
        "our_people": "Our People {}:",
        "bus_factor": "= {}, the intensity",
        "lifecycle_stage": "Lifecycle Stage {}:",
        "importance": "Importance: the sum of the points, {}",
        "key_account": "Key Account yes: place 1",
        "trend_30d": "= {:+.1f}",
        "trend_365d": "= {:+.1f}",
        "confidence": "= {} over the key persons",
    },
    "user": {
        "rep_grade": "Rep Grade {}:",
        "accounts_initial": "{} at Initial",
        "accounts_mid": "{} at Mid",
        "accounts_strong": "{} at Strong",
        "next_grade_needs": "",
        "account_ops_score": "Account Operation Score",
        "people_known": "People Known {}:",
    },
    "opportunity": {
        "chain_closeness": "Chain Closeness: (75.0) / 1 = {};",
        "chain_solution": "Chain Solution: (1) / 1 = {:.2f};",
        "chain_price": "Chain Price: (-1) / 1 = {:.2f};",
        "chain_missing": "missing: {}",
        "deciders_reached": "Deciders Reached: {} of",
        "veto_against": "Veto Against: no",
        "threads": "Threads: {} of our users",
        "win_signal": "= {}",
        "horizon": "Need Horizon {}:",
    },
}
"""Field -> how its line says the value."""


COMPANY = Company(
    users={"u1": {}, "u2": {}},
    accounts={"acme": {"key_departments": "Legal", "industry": "Steel"}},
    people={
        "p1": {"account_id": "acme", "attitude": 1, "vote": "Approve", "solution_acceptance": 1, "price_acceptance": -1},
        "p2": {"account_id": "acme", "key_person": True, "price_acceptance": 0, "department": "Legal"},
        "lead": {"person_kind": "lead", "attitude": 2},
    },
    members=["acme u1"],
    deals={"deal": {"account_id": "acme", "close": "2026-08-01", "compelling_event": True, "inside_source": True}},
    roles=["deal p1 Decision Maker"],
    events=[
        *(f"2026-0{month}-12 meeting u1 -> p1,p2 minutes=60" for month in (1, 2, 3, 4, 5)),
        *(f"2026-0{month}-14 email u1 {way} {who}" for month in (1, 3, 5) for way in ("->", "<-") for who in ("p1", "p2", "lead")),
        "2025-03-12 meeting u1 -> p1,p2,lead minutes=60",
        "2026-05-20 call u2 -> p1",
        "2026-05-20 call u1 -> lead",
    ],
)
GIVEN = context("2026-06-01")
RECORDS = {"contact": "p1", "lead": "lead", "account": "acme", "user": "u1", "opportunity": "deal"}


AVERAGE = {"view": "rep", "record_id": "u1", "known": 3, "accounts": 4, "compared_quarter": 3, "compared_year": 0}
MOVED = {
    "map_completeness": {"value": 60.0, "change_quarter": 10.0},
    "solution_acceptance_avg": {"value": 0.5, "change_quarter": 0.2},
    "insight_rate": {"value": 20.0},
}


@pytest.fixture(scope="module")
def scored() -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, GIVEN)
        store(warehouse, current_averages, [AVERAGE | {"figure": name, **row} for name, row in MOVED.items()])
        for model in (users.MODEL, user.MODEL):
            model.build(warehouse, GIVEN)
        yield warehouse


@pytest.mark.parametrize("entity", SAID)
def test_every_written_value_is_said_where_it_comes_from(scored: DuckDBWarehouse, entity: str) -> None:
    told = explain(scored, GIVEN, CRM, RECORDS[entity])
    text = " ".join(render(replace(told, fields={"closeness": told.fields.get("closeness")})).split())
    assert [name for name, value in told.fields.items() if value is None] == []
    assert [name for name, line in SAID[entity].items() if line.format(told.fields[name]) not in text] == []


@pytest.mark.parametrize("entity", SAID)
def test_no_written_field_is_left_out(entity: Entity) -> None:
    stamps = {WHY, SCORED_ON, METHOD_VERSION}
    assert set(SAID[entity]) == {column(spec) for spec in OUTPUT[entity]} - stamps


def test_the_account_operation_score_is_the_mean_of_points_that_follow_from_the_changes(scored: DuckDBWarehouse) -> None:
    told = explain(scored, GIVEN, CRM, "u1")
    assert cells(told, "map completeness") == "map completeness 60.00 (3 of 4) +10.00 (3) unknown 75.0"
    assert cells(told, "solution acceptance") == "solution acceptance 0.50 (3 of 4) +0.20 (3) unknown 62.5"
    assert "Points: 50 + 2.5 * change" in figures(told)
    assert told.fields["account_ops_score"] == 68.8
    assert told.needs[-1] == "Account Operation Score: the fewest points are those of solution acceptance: 62.5"


def test_it_works_before_anything_was_staged(scored: DuckDBWarehouse) -> None:
    assert explain(scored, GIVEN, CRM, "p1").dropped == {}
