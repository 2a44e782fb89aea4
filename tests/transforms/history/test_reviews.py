"""The rhythm of reviews: who is due when, what counts as a review, and that nobody is blamed for what we could not see."""

from typing import Any

import pytest

from tests.transforms.history.kit import computed, listed, record
from tests.transforms.scores.small_company import context, instant, store
from transforms import tables as model
from transforms.history import reviews, tables
from transforms.history.entered import EDITS
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

ROW = ("topic", "record_id", "every_days", "last_review", "evidence", "due", "days_overdue")
ACCOUNTS: dict[str, Any] = {"acme": {"key_account": True}, "bolt": {"key_account": False}}
DEALS: dict[str, Any] = {"near": {"horizon": "0-3 months"}, "far": {"horizon": "1-3 years"}}


def day(warehouse: DuckDBWarehouse, text: str, accounts: dict[str, Any], deals: dict[str, Any], met: dict[str, str]) -> None:
    """A run: entered fields of accounts and deals, and the last two-way contact of accounts."""
    store(warehouse, model.accounts, [{"account_id": name, "owner_id": "anna", **accounts.get(name, {})} for name in ACCOUNTS])
    store(warehouse, model.opportunities, [{"opportunity_id": name, "owner_id": "bo", **deals.get(name, {})} for name in DEALS])
    last = [
        {"account_id": name, "account_key": place, "last_two_way_s": met.get(name) and instant(met[name])}
        for place, name in enumerate(ACCOUNTS)
    ]
    store(warehouse, scores.accounts, last)
    computed(warehouse, "account", **ACCOUNTS)
    computed(warehouse, "opportunity", **DEALS)
    EDITS.build(warehouse, context(text))
    record(warehouse, text)
    reviews.MODEL.build(warehouse, context(text))


@pytest.fixture
def looked(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    """A first look on the first of January, with values whose age nobody knows."""
    day(warehouse, "2026-01-01", {"acme": {"potential": 5.0}}, {}, {"acme": "2025-10-01"})
    return warehouse


def test_at_the_first_look_only_what_the_log_shows_is_overdue(looked: DuckDBWarehouse) -> None:
    assert listed(looked, tables.reviews, *ROW) == [
        ("closeness", "acme", 30, "2025-10-01", "two_way", "2025-10-31", 62),
        ("closeness", "bolt", 30, None, None, "2026-01-31", 0),
        ("importance", "acme", 91, None, None, "2026-04-02", 0),
        ("importance", "bolt", 182, None, None, "2026-07-02", 0),
        ("needs", "far", 91, None, None, "2026-04-02", 0),
        ("needs", "near", 30, None, None, "2026-01-31", 0),
    ]


def test_an_edit_is_a_review_and_a_missed_one_is_overdue_by_the_days_since_it_was_due(looked: DuckDBWarehouse) -> None:
    day(looked, "2026-02-01", {"acme": {"potential": 5.0, "can_win": 3.0}}, {"far": {"compelling_event": True}}, {"bolt": "2026-01-30"})
    found = {row[:2]: row[2:] for row in listed(looked, tables.reviews, *ROW)}
    assert found["importance", "acme"] == (91, "2026-02-01", "edited", "2026-05-03", 0)
    assert found["needs", "far"] == (91, "2026-02-01", "edited", "2026-05-03", 0)
    assert found["needs", "near"] == (30, None, None, "2026-01-31", 1)
    assert found["closeness", "bolt"] == (30, "2026-01-30", "two_way", "2026-03-01", 0)


def test_an_edited_feature_of_a_contact_is_a_review_of_the_accounts_closeness(looked: DuckDBWarehouse) -> None:
    person = {"person_id": "ann", "account_key": 0, "is_live": True}
    for text, attitude in (("2026-01-10", 1), ("2026-01-20", 2)):
        store(looked, model.people, [{**person, "attitude": attitude}])
        day(looked, text, {"acme": {"potential": 5.0}}, {}, {"acme": "2026-01-15"})
    found = {row[:2]: row[2:] for row in listed(looked, tables.reviews, *ROW)}
    assert found["closeness", "acme"] == (30, "2026-01-20", "edited", "2026-02-19", 0)


def test_overdue_lists_name_the_owner(looked: DuckDBWarehouse) -> None:
    owners = {row[0]: row[1] for row in listed(looked, tables.reviews, "topic", "owner_id")}
    assert owners == {"closeness": "anna", "importance": "anna", "needs": "bo"}


def test_the_rhythm_can_be_changed(looked: DuckDBWarehouse) -> None:
    reviews.MODEL.build(looked, context("2026-01-01", {"reviews": {"closeness_days": 120}}))
    assert ("acme", 0) in [row[1:] for row in listed(looked, tables.reviews, "topic", "record_id", "days_overdue") if row[0] == "closeness"]
