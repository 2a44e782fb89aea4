"""The declared suites: which tables, what is blocking, and that each expectation fails on data that breaks it."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
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
from transforms.deals import tables as deals
from transforms.enrichment import tables as enrichment
from transforms.history import tables as history
from transforms.identity import tables as identity
from transforms.operation import tables as operation
from warehouse import DuckDBWarehouse

MODULES = (model, identity, company, history, history.reviews, deals, operation)
METADATA = [module.metadata for module in MODULES]
DECLARED: Mapping[str, sa.Table] = {table.fullname: table for metadata in METADATA for table in metadata.tables.values()}
Change = Callable[[str, list[dict[str, Any]]], DuckDBWarehouse]
ENRICHED = {entity: enrichment.metadata.tables[f"enrichment.{entity}"] for entity in ("contact", "lead", "account", "user")}
TABLES = {**DECLARED, **{table.fullname: table for table in ENRICHED.values()}}
SUITES = [*model_suites(), *(enrichment_suite(entity, table, OUTPUT[entity]) for entity, table in ENRICHED.items())]

DAY, LATER = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
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
    "history.contact": [{"crm": "c", "record_id": "p1", "valid_from": DAY}],
    "history.account": [{"crm": "c", "record_id": "a1", "valid_from": DAY}],
    "history.entered": [{"crm": "c", "entity": "contact", "record_id": "p1", "field": "vote", "day": DAY}],
    "history.averages": [{"crm": "c", "day": DAY, "view": "rep", "record_id": "u1", "figure": "closeness", "known": 1, "accounts": 2}],
    "history.reviews": [{"crm": "c", "topic": "needs", "record_id": "o1", "last_review": DAY, "due": LATER, "days_overdue": 0}],
    "deals.stages": [{"crm": "c", "opportunity_id": "o1", "deal_class": "A", "days_in_stage": 3}],
    "deals.lamps": [{"crm": "c", "opportunity_id": "o1", "lamp": "aim"}],
    "deals.credits": [{"crm": "c", "opportunity_id": "o1", "user_id": "u1", "share": 1.0}],
    "deals.rep_types": [{"crm": "c", "user_id": "u1", "rep_type": "account", "account_share": 100.0}],
    "operation.accounts": [{"crm": "c", "account_id": "a1", "missing": 2}],
    "operation.funnel": [{"crm": "c", "view": "company", "record_id": "", "period_start": DAY, "step": "won", "ratio": 0.5}],
    "operation.leads": [
        {"crm": "c", "view": "company", "record_id": "", "period_start": DAY, "leads": 4, "converted": 1, "conversion": 0.5}
    ],
    "operation.moat": [{"crm": "c", "month_end": DAY, "people_known": 3, "people_new": 1, "users": 1, "pairs_two_way": 3}],
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
    ("history.contact", "record_present", {"record_id": None}),
    ("history.entered", "entity_known", {"entity": "lead"}),
    ("history.averages", "figure_known", {"figure": "charm"}),
    ("history.averages", "view_known", {"view": "person"}),
    ("history.averages", "known_within_accounts", {"known": 3}),
    ("history.reviews", "topic_known", {"topic": "mood"}),
    ("history.reviews", "overdue_positive", {"days_overdue": -1}),
    ("history.reviews", "due_after_review", {"last_review": LATER, "due": DAY}),
    ("deals.stages", "deal_known", {"opportunity_id": "o9"}),
    ("deals.stages", "class_known", {"deal_class": "F"}),
    ("deals.stages", "days_positive", {"days_in_stage": -1}),
    ("deals.lamps", "lamp_known", {"lamp": "hope"}),
    ("deals.credits", "share_in_range", {"share": 2.0}),
    ("deals.credits", "user_known", {"user_id": "u9"}),
    ("deals.rep_types", "type_known", {"rep_type": "hunter"}),
    ("deals.rep_types", "project_share_in_range", {"project_share": 101.0}),
    ("operation.accounts", "account_live", {"account_id": "a9"}),
    ("operation.accounts", "missing_in_range", {"missing": 5}),
    ("operation.funnel", "step_known", {"step": "hope"}),
    ("operation.funnel", "ratio_positive", {"ratio": -0.1}),
    ("operation.leads", "conversion_in_range", {"conversion": 1.1}),
    ("operation.leads", "converted_within_leads", {"converted": 5}),
    ("operation.moat", "new_within_known", {"people_new": 4}),
    ("operation.moat", "users_within_pairs", {"users": 4}),
    ("enrichment.contact", "key_present", {"record_id": None}),
    ("enrichment.contact", "record_live", {"record_id": "p9"}),
    ("enrichment.contact", "closeness_in_range", {"closeness": 100.1}),
    ("enrichment.contact", "closeness_grade_known", {"closeness_grade": "Superb"}),
    ("enrichment.contact", "touches_90d_within_touches_365d", {"touches_90d": 3}),
    ("enrichment.account", "map_completeness_in_range", {"map_completeness": -1.0}),
    ("enrichment.user", "rep_grade_known", {"rep_grade": "Guru"}),
]
DEVELOPED = [name for name in GOOD if name.split(".")[0] in ("history", "deals", "operation")]
REPEATED = [name for name in GOOD if name.startswith("enrichment")] + ["model.users", "model.people", "model.accounts", *DEVELOPED]


def put(warehouse: DuckDBWarehouse, name: str, rows: list[dict[str, Any]]) -> None:
    """A table anew, with these rows."""
    table = TABLES[name]
    with warehouse.connection() as connection:
        connection.execute(sa.schema.DropTable(table, if_exists=True))
        connection.execute(sa.schema.CreateTable(table))
        for row in rows:
            connection.execute(sa.insert(table).values({"at": sa.func.now(), **row} if "at" in table.c else row))


@pytest.fixture(scope="module")
def filled() -> Iterator[DuckDBWarehouse]:
    """Every table of a suite with good rows."""
    with DuckDBWarehouse(":memory:", threads=1) as warehouse:
        for name in sorted(TABLES.keys() & {suite.name for suite in SUITES} | GOOD.keys()):
            put(warehouse, name, GOOD.get(name, []))
        yield warehouse


@pytest.fixture
def change(filled: DuckDBWarehouse) -> Iterator[Change]:
    """Gives a table other rows, for one test."""
    changed = []

    def changing(name: str, rows: list[dict[str, Any]]) -> DuckDBWarehouse:
        changed.append(name)
        put(filled, name, rows)
        return filled

    yield changing
    for name in changed:
        put(filled, name, GOOD[name])


def suite_of(name: str) -> Suite:
    return next(suite for suite in SUITES if suite.name == name)


def failing(warehouse: DuckDBWarehouse, name: str) -> list[str]:
    return [outcome.expectation.id for outcome in run_suite(suite_of(name), warehouse, frame_rows=0) if not outcome.passed]


def test_every_rule_names_columns_that_its_table_declares() -> None:
    for suite in SUITES:
        used = {column for item in suite.expectations for column in columns_of(item.rule)} | set(suite.keys)
        assert used <= set(TABLES[suite.name].c.keys()), suite.name


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


def test_good_rows_pass_everything(filled: DuckDBWarehouse) -> None:
    assert {name: failing(filled, name) for name in GOOD} == {name: [] for name in GOOD}


@pytest.mark.parametrize(("name", "expectation", "other"), BREAKS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_broken_row_fails_its_expectation(change: Change, name: str, expectation: str, other: dict[str, Any]) -> None:
    warehouse = change(name, [{**GOOD[name][0], **other}, *GOOD[name][1:]])
    assert expectation in failing(warehouse, name)


@pytest.mark.parametrize("name", REPEATED)
def test_a_repeated_key_fails(change: Change, name: str) -> None:
    assert "key_unique" in failing(change(name, GOOD[name] * 2), name)


def test_a_repeated_interaction_fails(change: Change) -> None:
    assert failing(change("model.interactions", GOOD["model.interactions"] * 2), "model.interactions") == ["unique"]


@pytest.mark.parametrize("entity", [entity for entity in LIVE if entity in ENRICHED])
def test_a_record_that_lives_no_more_must_not_be_written(change: Change, entity: str) -> None:
    table, _, flag = LIVE[entity]
    assert flag
    warehouse = change(table, [{**row, flag: False} for row in GOOD[table]])
    assert "record_live" in failing(warehouse, f"enrichment.{entity}")


def test_a_landed_user_table_without_rows_stops_the_run(warehouse: DuckDBWarehouse) -> None:
    with warehouse.native() as cursor:
        cursor.execute('create schema raw_c; create table raw_c."User" ("Id" varchar)')
    outcomes = {outcome.expectation.id: outcome for outcome in run_suite(raw_suite("c", "User", "Id"), warehouse)}
    assert outcomes["not_empty"].passed is False
    assert outcomes["not_empty"].expectation.blocking
