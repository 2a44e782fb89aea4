"""Closeness the day before a deal closed, and won deals against lost ones of their kind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.transforms.kit import build
from tests.transforms.scores.small_company import Company, context, instant, rows, score_pairs, store
from transforms.backtest import deal_eves, deals, tables
from transforms.base import DAY
from transforms.registry_scores import score_models
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

NOW = context("2026-06-15T11:00")
MODELS = score_models()
SCORED = MODELS[: [model.table for model in MODELS].index(scores.accounts) + 1]
EVENTS = (
    "2025-01-10T09:00 meeting anna -> kim minutes=60",
    "2026-02-01T10:00 call anna,bo -> kim",
    "2026-02-20T08:00 email anna -> lee",
    "2026-02-27T23:59 email bo <- lee",
    "2026-02-28T00:01 meeting anna -> lee",
    "2026-04-01T10:00 call bo -> lee",
)


def company(deals: Mapping[str, Mapping[str, Any]], **people: Any) -> Company:
    return Company(
        users={"anna": {}, "bo": {}},
        accounts={"acme": {}, "void": {}},
        people={name: {"account_id": "acme", **people} for name in ("kim", "lee")},
        events=EVENTS,
        deals=deals,
    )


def closed(close: str, *, won: bool, days: int = 90, account: str = "acme", amount: float | None = 1000.0) -> dict[str, Any]:
    created = instant(close) - days * DAY
    return {"account_id": account, "close": close, "is_closed": True, "is_won": won, "amount": amount, "created_s": created}


DEALS = {
    "mine": closed("2026-03-01", won=True),
    "later": closed("2026-05-01", won=False, days=300, amount=None),
    "nobody": closed("2026-03-01", won=False, account="void"),
    "ahead": closed("2026-07-01", won=True),
    "ancient": closed("2023-03-01", won=True),
    "open": closed("2026-03-01", won=False) | {"is_closed": False},
}


@pytest.fixture(scope="module")
def eves(warehouse: DuckDBWarehouse) -> dict[str, dict[str, Any]]:
    score_pairs(warehouse, company(DEALS), NOW)
    deal_eves.build(warehouse, NOW)
    return {row["opportunity_id"]: row for row in rows(warehouse, tables.deal_eves)}


def test_deals_closed_in_the_last_two_years(eves: dict[str, dict[str, Any]]) -> None:
    assert set(eves) == {"mine", "later", "nobody"}
    assert {name: (row["age_band"], row["amount_band"]) for name, row in eves.items()} == {
        "mine": (1, 1),
        "nobody": (1, 2),
        "later": (3, 0),
    }


def test_an_account_without_contact_has_no_closeness_rather_than_none(eves: dict[str, dict[str, Any]]) -> None:
    assert (eves["nobody"]["people"], eves["nobody"]["closeness"]) == (0, None)


@pytest.mark.parametrize(("deal", "eve", "people"), [("mine", "2026-02-28", 2), ("later", "2026-04-30", 2)])
def test_closeness_is_what_the_pipeline_says_as_of_the_day_before(
    warehouse: DuckDBWarehouse, eves: dict[str, dict[str, Any]], deal: str, eve: str, people: int
) -> None:
    company({}).fill(warehouse)
    build(warehouse, SCORED, replace(NOW, as_of=instant(eve)))
    account = next(row for row in rows(warehouse, scores.accounts) if row["account_id"] == "acme")
    assert eves[deal]["people"] == people
    assert eves[deal]["closeness"] == pytest.approx(account["closeness_now"], abs=0.06)


def test_what_is_entered_today_does_not_colour_the_past(warehouse: DuckDBWarehouse, eves: dict[str, dict[str, Any]]) -> None:
    company(DEALS, attitude=2, key_person=True).fill(warehouse)
    deal_eves.build(warehouse, NOW)
    assert {row["opportunity_id"]: row for row in rows(warehouse, tables.deal_eves)} == eves


def told(warehouse: DuckDBWarehouse, *deals_: Sequence[Any], least: int = 2) -> list[dict[str, Any]]:
    """`won age amount closeness account` of each deal -> `backtest.deals`."""
    names = ("won", "age_band", "amount_band", "closeness", "account_key")
    given = [dict(zip(names, deal, strict=True), opportunity_id=f"o{place:03}") for place, deal in enumerate(deals_)]
    store(warehouse, tables.deal_eves, given)
    return deals.rows(warehouse, context(method={"backtest.min_deals": least}))


def test_only_deals_of_like_age_and_amount_are_compared(warehouse: DuckDBWarehouse) -> None:
    young = [(True, 0, 1, 60.0, 1), (True, 0, 1, 70.0, 2), (False, 0, 1, 50.0, 3), (False, 0, 1, 60.0, 4)]
    old = [(True, 3, 1, 30.0, 5), (True, 3, 1, 20.0, 6), (False, 3, 1, 20.0, 7), (False, 3, 1, 10.0, 8)]
    alone = [(True, 1, 1, 99.0, 9)] * 9
    whole = told(warehouse, *young, *old, *alone)[-1]
    assert (whole["won"], whole["lost"]) == (4, 4)
    assert whole["difference"] == pytest.approx(10)
    assert whole["low"] < 10 < whole["high"]


def test_deals_of_one_account_are_one_case(warehouse: DuckDBWarehouse) -> None:
    each = [(place % 2 == 0, 0, 1, 50.0 + place % 5 + 10 * (place % 2 == 0), place) for place in range(40)]
    shared = [(*deal[:4], deal[4] // 10) for deal in each]
    narrow, wide = told(warehouse, *each)[-1], told(warehouse, *each, *each)[-1]
    assert wide["high"] - wide["low"] == pytest.approx(narrow["high"] - narrow["low"])
    assert told(warehouse, *shared)[-1]["difference"] == pytest.approx(narrow["difference"])


def test_blank_below_the_minimum_of_deals(warehouse: DuckDBWarehouse) -> None:
    deals_ = [(True, 0, 1, 60.0, 1), (True, 0, 1, 70.0, 2), (False, 0, 1, 50.0, 3), (False, 0, 1, 60.0, 4)]
    whole = told(warehouse, *deals_, least=3)[-1]
    assert whole["difference"] is None
    assert "low" not in whole
