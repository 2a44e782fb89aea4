"""What each account lacks: one company in which every gap occurs once, worked out by hand."""

import dataclasses
from typing import Any

import pytest

from tests.transforms.operation.kit import Company, context, nothing, of_accounts, told
from tests.transforms.scores.small_company import key, store
from transforms.base import Context, Source
from transforms.history import tables as history
from transforms.operation import accounts
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

COMPANY = Company(
    users={"anna": {}, "bo": {}, "gone": {"is_active": False}, "robot": {"is_person": False}},
    accounts={
        "whole": {"owner_id": "anna", "plan": "win them"},
        "left": {"owner_id": "gone", "plan": " "},
        "machine": {"owner_id": "robot"},
        "queue": {},
        "stale": {"owner_id": "bo", "plan": "keep"},
    },
    members=["whole anna", "whole bo", "left gone", "stale bo"],
    deals={
        "open": {"account_id": "stale", "close": "2026-09-01"},
        "shut": {"account_id": "whole", "close": "2026-02-01", "is_closed": True},
    },
)
REVIEWS = [
    {"topic": "closeness", "record_id": "stale", "days_overdue": 3},
    {"topic": "importance", "record_id": "stale", "days_overdue": 40},
    {"topic": "closeness", "record_id": "whole", "days_overdue": 0},
    {"topic": "needs", "record_id": "whole", "days_overdue": 99},
]
EDITS = [
    ("account", "whole", "competitor_main", "2026-05-20"),
    ("account", "whole", "key_departments", "2026-05-01"),
    ("account", "whole", "potential", "2026-05-31"),
    ("opportunity", "shut", "value_proposition", "2026-05-31"),
    ("opportunity", "open", "value_proposition", "2026-06-01"),
    ("opportunity", "open", "inside_source", "2026-05-31"),
]
KEYS = [("whole", True), ("whole", True), ("stale", True), ("left", False)]


def given(*mapped: tuple[str, str]) -> Context:
    sources = [Source("sales_cloud", "salesforce", {}, dict.fromkeys(mapped, "Account_Plan__c"))]
    return dataclasses.replace(context(), sources=sources)


@pytest.fixture(scope="module")
def filled(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    COMPANY.fill(warehouse)
    nothing(warehouse, accounts.MODEL)
    ranks: dict[str, Any] = {name: {"importance": 50.0, "key_account": name == "whole"} for name in COMPANY.accounts}
    of_accounts(warehouse, scores.account_importance, ranks)
    store(warehouse, history.reviews, REVIEWS)
    edits = [{"entity": entity, "record_id": record, "field": field, "day": day} for entity, record, field, day in EDITS]
    store(warehouse, history.edits, edits)
    store(warehouse, scores.key_persons, [{"account_key": key(name), "entered": entered} for name, entered in KEYS])
    return warehouse


def test_an_owner_is_a_person_of_ours_and_may_have_left(filled: DuckDBWarehouse) -> None:
    found = told(filled, accounts.MODEL, given(), "account_id", "owner_id", "has_owner", "owner_is_active", "team_users")
    assert found == [
        ("left", "gone", True, False, 0),
        ("machine", "robot", False, None, 0),
        ("queue", None, False, None, 0),
        ("stale", "bo", True, True, 1),
        ("whole", "anna", True, True, 2),
    ]


def test_what_is_missing_is_counted_and_a_plan_only_where_a_field_is_mapped_for_it(filled: DuckDBWarehouse) -> None:
    columns = ("account_id", "has_plan", "key_people_entered", "evaluation_overdue_days", "missing")
    assert told(filled, accounts.MODEL, given(("account", "plan")), *columns) == [
        ("left", False, 0, 0, 3),
        ("machine", False, 0, 0, 3),
        ("queue", False, 0, 0, 3),
        ("stale", True, 1, 40, 1),
        ("whole", True, 2, 0, 0),
    ]
    assert told(filled, accounts.MODEL, given(), "account_id", "has_plan", "missing") == [
        ("left", None, 2),
        ("machine", None, 2),
        ("queue", None, 2),
        ("stale", None, 1),
        ("whole", None, 0),
    ]


def test_strategy_is_as_old_as_the_last_edit_of_one_of_its_fields_open_deals_included(filled: DuckDBWarehouse) -> None:
    found = dict(told(filled, accounts.MODEL, given(), "account_id", "strategy_days"))
    assert found == {"left": None, "machine": None, "queue": None, "stale": 0, "whole": 12}
