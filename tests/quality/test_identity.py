"""Expectations of the identity tables and company figures: each fails on a row that breaks it, and none stops a run."""

from typing import Any

import pytest
import sqlalchemy as sa

from quality.check import run_suite
from quality.identity import identity_suites
from transforms import tables as model
from transforms.company import tables as company
from transforms.identity import tables as identity
from warehouse import DuckDBWarehouse

TABLES = {table.fullname: table for room in (model, identity, company) for table in room.metadata.tables.values()}
SUITES = {suite.name: suite for suite in identity_suites()}
ALONE: dict[str, Any] = {"crm": "c", "identity_key": 1, "identity_id": "c:r", "records": 1, "crms": "c", "evidence": "single"}
GOOD: dict[str, list[dict[str, Any]]] = {
    "model.people": [{"crm": "c", "person_id": "r"}],
    "model.users": [{"crm": "c", "user_id": "r"}],
    "model.accounts": [{"crm": "c", "account_id": "r"}],
    "identity.people": [{**ALONE, "person_id": "r", "person_key": 1}],
    "identity.users": [{**ALONE, "user_id": "r", "user_key": 1}],
    "identity.accounts": [{**ALONE, "account_id": "r", "account_key": 1}],
    "company.pairs": [{"user_key": 1, "person_key": 1, "closeness": 50.0, "touches": 2, "touches_365d": 2, "touches_90d": 1, "doubled": 0}],
    "company.people": [{"identity_key": 1, "identity_id": "c:r", "closeness": 50.0}],
    "company.accounts": [{"identity_key": 1, "identity_id": "c:r"}],
}
BREAKS: list[tuple[str, str, dict[str, Any]]] = [
    ("identity.people", "identity_present", {"identity_id": None}),
    ("identity.people", "record_known", {"person_id": "lost"}),
    ("identity.users", "named_after_a_record", {"identity_key": 9}),
    ("identity.users", "evidence_known", {"evidence": "same name"}),
    ("identity.accounts", "evidence_counted", {"shared_people": 3, "people_elsewhere": 2}),
    ("company.pairs", "user_known", {"user_key": 9}),
    ("company.pairs", "person_known", {"person_key": 9}),
    ("company.pairs", "closeness_in_range", {"closeness": 101.0}),
    ("company.pairs", "doubled_within_touches", {"doubled": 3}),
    ("company.pairs", "touches_90d_within_touches_365d", {"touches_90d": 3}),
    ("company.people", "identity_known", {"identity_key": 9}),
    ("company.accounts", "last_two_way_s_within_last_s", {"last_two_way_s": 2, "last_s": 1}),
]


def failing(warehouse: DuckDBWarehouse, given: dict[str, list[dict[str, Any]]], name: str) -> list[str]:
    with warehouse.connection() as connection:
        for table, rows in given.items():
            connection.execute(sa.schema.CreateTable(TABLES[table]))
            for row in rows:
                connection.execute(sa.insert(TABLES[table]).values(row))
    return [outcome.expectation.id for outcome in run_suite(SUITES[name], warehouse, frame_rows=0) if not outcome.passed]


@pytest.mark.parametrize(("name", "expectation", "change"), BREAKS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_broken_row_fails_its_expectation_alone(warehouse: DuckDBWarehouse, name: str, expectation: str, change: dict[str, Any]) -> None:
    assert failing(warehouse, {**GOOD, name: [{**GOOD[name][0], **change}]}, name) == [expectation]


@pytest.mark.parametrize("name", ["identity.people", "identity.users", "identity.accounts"])
def test_an_identity_with_two_records_of_one_crm_fails(warehouse: DuckDBWarehouse, name: str) -> None:
    entity = {"identity.people": "person", "identity.users": "user", "identity.accounts": "account"}[name]
    second = {f"{entity}_id": "s", f"{entity}_key": 2}
    record = {"crm": "c", f"{entity}_id": "s"}
    place = name.replace("identity", "model")
    rows = {**GOOD, place: [*GOOD[place], record], name: [*GOOD[name], {**GOOD[name][0], **second}]}
    assert failing(warehouse, rows, name) == ["one_of_each_crm"]


def test_a_repeated_pair_or_person_fails(warehouse: DuckDBWarehouse) -> None:
    twice = {name: rows * 2 if name in ("company.pairs", "company.people") else rows for name, rows in GOOD.items()}
    assert failing(warehouse, twice, "company.pairs") == ["pair_unique"]
    assert [item.expectation.id for item in run_suite(SUITES["company.people"], warehouse, frame_rows=0) if not item.passed] == [
        "identity_unique"
    ]


def test_nothing_here_blocks_a_run() -> None:
    assert not [item.id for suite in SUITES.values() for item in suite.expectations if item.blocking]
