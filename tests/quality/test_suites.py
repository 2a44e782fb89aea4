"""The declared suites: which tables, what is blocking, and that each expectation fails on data that breaks it."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.fields import OUTPUT
from quality.check import run_suite
from quality.enrichment import LIVE, enrichment_suite
from quality.expectations import Suite, columns_of
from quality.suites import model_suites, raw_suite
from transforms import tables as model
from transforms.company import tables as company
from transforms.enrichment import tables as enrichment
from transforms.identity import tables as identity
from warehouse import DuckDBWarehouse

METADATA = (model.metadata, identity.metadata, company.metadata)
DECLARED: Mapping[str, sa.Table] = {table.fullname: table for metadata in METADATA for table in metadata.tables.values()}
ENRICHED = {entity: enrichment.metadata.tables[f"enrichment.{entity}"] for entity in ("contact", "lead", "account", "user")}
SUITES = [*model_suites(), *(enrichment_suite(entity, table, OUTPUT[entity]) for entity, table in ENRICHED.items())]

GOOD: dict[str, list[dict[str, Any]]] = {
    "model.users": [{"crm": "c", "user_id": "u1", "is_active": True}],
    "model.accounts": [{"crm": "c", "account_id": "a1", "is_live": True}],
    "model.people": [
        {"crm": "c", "person_id": "p1", "person_kind": "contact", "account_id": "a1", "is_live": True},
        {"crm": "c", "person_id": "l1", "person_kind": "lead", "is_live": True},
    ],
    "model.opportunities": [{"crm": "c", "opportunity_id": "o1"}],
    "model.interactions": [
        {"crm": "c", "event_id": "e1", "user_id": "u1", "person_id": "p1", "person_kind": "contact", "channel": "call", "direction": "out"}
    ],
    "model.interactions_dropped": [{"crm": "c", "event_id": "e2", "kind": "Task", "reason": "open"}],
    "enrichment.contact": [{"crm": "c", "record_id": "p1", "closeness": 50.0, "touches_90d": 1, "touches_365d": 2}],
    "enrichment.lead": [{"crm": "c", "record_id": "l1"}],
    "enrichment.account": [{"crm": "c", "record_id": "a1"}],
    "enrichment.user": [{"crm": "c", "record_id": "u1"}],
}
BREAKS: list[tuple[str, str, dict[str, Any]]] = [
    ("model.users", "key_present", {"user_id": None}),
    ("model.accounts", "parent_known", {"parent_id": "a9"}),
    ("model.people", "kind_known", {"person_kind": "robot"}),
    ("model.people", "account_known", {"account_id": "a9"}),
    ("model.people", "attitude_in_range", {"attitude": 3}),
    ("model.opportunities", "rank_in_range", {"competitor_rank": 0}),
    ("model.interactions", "at_present", {"at": None}),
    ("model.interactions", "channel_known", {"channel": "fax"}),
    ("model.interactions", "direction_known", {"direction": "up"}),
    ("model.interactions", "person_known", {"person_id": "p9"}),
    ("model.interactions", "user_known", {"user_id": "u9"}),
    ("model.interactions", "minutes_positive", {"minutes": -1.0}),
    ("model.interactions_dropped", "reason_known", {"reason": "because"}),
    ("enrichment.contact", "key_present", {"record_id": None}),
    ("enrichment.contact", "record_live", {"record_id": "p9"}),
    ("enrichment.contact", "closeness_in_range", {"closeness": 100.1}),
    ("enrichment.contact", "closeness_grade_known", {"closeness_grade": "Superb"}),
    ("enrichment.contact", "touches_90d_within_touches_365d", {"touches_90d": 3}),
    ("enrichment.account", "map_completeness_in_range", {"map_completeness": -1.0}),
    ("enrichment.user", "rep_grade_known", {"rep_grade": "Guru"}),
]
REPEATED = [name for name in GOOD if name.startswith("enrichment")] + ["model.users", "model.people", "model.accounts"]


def fill(warehouse: DuckDBWarehouse, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    tables = {**DECLARED, **{table.fullname: table for table in ENRICHED.values()}}
    with warehouse.connection() as connection:
        for name, table in tables.items():
            connection.execute(sa.schema.CreateTable(table))
            for row in rows.get(name, []):
                connection.execute(sa.insert(table).values({"at": sa.func.now(), **row} if "at" in table.c else row))


def suite_of(name: str) -> Suite:
    return next(suite for suite in SUITES if suite.name == name)


def failing(warehouse: DuckDBWarehouse, name: str) -> list[str]:
    return [outcome.expectation.id for outcome in run_suite(suite_of(name), warehouse, frame_rows=0) if not outcome.passed]


def test_every_rule_names_columns_that_its_table_declares() -> None:
    tables = {**DECLARED, **{table.fullname: table for table in ENRICHED.values()}}
    for suite in SUITES:
        used = {column for item in suite.expectations for column in columns_of(item.rule)} | set(suite.keys)
        assert used <= set(tables[suite.name].c.keys()), suite.name


def test_ids_are_unique_within_a_table_and_each_expectation_says_what_it_means() -> None:
    for suite in SUITES:
        ids = [item.id for item in suite.expectations]
        assert len(ids) == len(set(ids)), suite.name
        assert all(item.meaning for item in suite.expectations), suite.name


def test_blocking_expectations_are_few_and_these() -> None:
    found = {(suite.name, item.id) for suite in [raw_suite("c", "User", "Id"), *SUITES] for item in suite.expectations if item.blocking}
    keys = {(f"enrichment.{entity}", key) for entity in ENRICHED for key in ("key_present", "key_unique", "record_live")}
    closeness = {(f"enrichment.{entity}", "closeness_in_range") for entity in ("contact", "lead", "account")}
    others = {("raw_c.User", "not_empty"), ("model.interactions", "unique"), ("model.interactions_dropped", "unique")}
    assert found == keys | closeness | others


def test_good_rows_pass_everything(warehouse: DuckDBWarehouse) -> None:
    fill(warehouse, GOOD)
    assert {name: failing(warehouse, name) for name in GOOD} == {name: [] for name in GOOD}


@pytest.mark.parametrize(("name", "expectation", "change"), BREAKS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_broken_row_fails_its_expectation(warehouse: DuckDBWarehouse, name: str, expectation: str, change: dict[str, Any]) -> None:
    rows = {**GOOD, name: [{**GOOD[name][0], **change}, *GOOD[name][1:]]}
    fill(warehouse, rows)
    assert expectation in failing(warehouse, name)


@pytest.mark.parametrize("name", REPEATED)
def test_a_repeated_key_fails(warehouse: DuckDBWarehouse, name: str) -> None:
    fill(warehouse, {**GOOD, name: GOOD[name] * 2})
    assert "key_unique" in failing(warehouse, name)


def test_a_repeated_interaction_fails(warehouse: DuckDBWarehouse) -> None:
    fill(warehouse, {**GOOD, "model.interactions": GOOD["model.interactions"] * 2})
    assert failing(warehouse, "model.interactions") == ["unique"]


@pytest.mark.parametrize("entity", [entity for entity in LIVE if entity in ENRICHED])
def test_a_record_that_lives_no_more_must_not_be_written(warehouse: DuckDBWarehouse, entity: str) -> None:
    table, _, flag = LIVE[entity]
    assert flag
    fill(warehouse, {**GOOD, table: [{**row, flag: False} for row in GOOD[table]]})
    assert "record_live" in failing(warehouse, f"enrichment.{entity}")


def test_a_landed_user_table_without_rows_stops_the_run(warehouse: DuckDBWarehouse) -> None:
    with warehouse.native() as cursor:
        cursor.execute('create schema raw_c; create table raw_c."User" ("Id" varchar)')
    outcomes = {outcome.expectation.id: outcome for outcome in run_suite(raw_suite("c", "User", "Id"), warehouse)}
    assert outcomes["not_empty"].passed is False
    assert outcomes["not_empty"].expectation.blocking
