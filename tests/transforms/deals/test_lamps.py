"""The six lamps 六有, each on, off and unknown, and the eight purchase factors; one company serves all cases."""

from typing import Any

import pytest

from tests.transforms.deals.kit import Company, built, by_deal
from tests.transforms.scores.small_company import context
from transforms.deals import tables
from transforms.tables import FACTORS
from warehouse import DuckDBWarehouse

LAMPS = ["advantage", "aim", "enemy", "method", "relations", "signs"]
OPEN = {"account_id": "bare", "close": "2026-09-01"}
SIGNS = [(True, False), (None, True), (True, None), (False, False), (False, None), (None, None)]
DECIDER = {"buying_roles": "Decider"}
PEOPLE = {
    "good": {"account_id": "good", "attitude": 0, **DECIDER},
    "cool": {"account_id": "cool", "attitude": -1, **DECIDER},
    "unmet": {"account_id": "unmet", "attitude": 2, **DECIDER},
    "friend": {"account_id": "against", "attitude": 2, **DECIDER},
    "foe": {"account_id": "against", "attitude": -1, "vote": "Veto"},
}
DEALS: dict[str, dict[str, Any]] = {
    "bare": OPEN,
    "alone": {**OPEN, "account_id": "of no account we see"},
    "done": {**OPEN, "is_closed": True, "factor_1": 3.0},
    "rank1": {**OPEN, "competitor_rank": 1},
    "rank2": {**OPEN, "competitor_rank": 2},
    "told": {**OPEN, "value_proposition": "Kim Lee wants it"},
    "blank": {**OPEN, "value_proposition": "  "},
    **{f"signs {event} {source}": {**OPEN, "compelling_event": event, "inside_source": source} for event, source in SIGNS},
    **{name: {**OPEN, "account_id": name} for name in ("good", "cool", "unmet", "against", "named")},
    "today": {**OPEN, "amount": 1500.4, "close": "2026-06-01"},
    "past": {**OPEN, "amount": 1500.0, "close": "2026-05-31"},
    "past without amount": {**OPEN, "close": "2026-05-31"},
    "worthless": {**OPEN, "amount": 0.0},
    "factors": {**OPEN, "factor_1": 7.5, "factor_8": 0.0},
}
COMPANY = Company(
    users={"anna": {}},
    accounts={
        "bare": {"competitor_main": " "},
        "named": {"competitor_main": "Rival Inc"},
        "good": {},
        "cool": {},
        "unmet": {},
        "against": {},
    },
    people=PEOPLE,
    events=["2026-05-01 meeting anna -> good,cool,friend minutes=30"],
    deals=DEALS,
)


@pytest.fixture(scope="module")
def lit(warehouse: DuckDBWarehouse) -> dict[Any, tuple[Any, ...]]:
    """By deal and lamp: on, off or unknown, and why."""
    built(warehouse, COMPANY, context(), tables.lamps, tables.factors)
    return by_deal(warehouse, tables.lamps, ("is_on", "evidence"), "lamp")


def test_every_open_deal_has_the_six_lamps_and_of_a_bare_one_nothing_is_known(lit: dict[Any, Any]) -> None:
    assert sorted(lit) == sorted((deal, lamp) for deal in DEALS if deal != "done" for lamp in LAMPS)
    assert {lit[deal, lamp][0] for deal in ("bare", "alone") for lamp in LAMPS} == {None}


def test_advantage_is_the_first_place_among_the_competitors(lit: dict[Any, Any]) -> None:
    assert lit["rank1", "advantage"] == (True, "Competitor_Rank 1")
    assert lit["rank2", "advantage"] == (False, "Competitor_Rank 2")
    assert lit["bare", "advantage"] == (None, "Competitor_Rank unknown")


def test_method_is_a_value_proposition_whose_text_is_not_repeated_and_a_blank_one_is_unknown(lit: dict[Any, Any]) -> None:
    assert lit["told", "method"] == (True, "Value_Proposition entered")
    assert lit["blank", "method"] == lit["bare", "method"] == (None, "Value_Proposition unknown")


def test_signs_are_an_event_or_a_source_inside_and_off_only_when_both_are_known_to_lack(lit: dict[Any, Any]) -> None:
    found = [lit[f"signs {event} {source}", "signs"][0] for event, source in SIGNS]
    assert found == [True, True, True, False, None, None]
    assert lit["signs False None", "signs"][1] == "Compelling_Event no, Inside_Source unknown"


def test_relations_ask_a_good_chain_a_decider_reached_and_no_veto_against(lit: dict[Any, Any]) -> None:
    """Attitudes 0, -1, 2 and (2, -1) stand for 50, on the cut, 25, 100 and 62.5."""
    expected = {
        "good": (True, "Chain_Closeness 50.0, Deciders_Reached 1, Veto_Against no"),
        "cool": (False, "Chain_Closeness 25.0, Deciders_Reached 1, Veto_Against no"),
        "unmet": (False, "Chain_Closeness 100.0, Deciders_Reached 0, Veto_Against no"),
        "against": (False, "Chain_Closeness 62.5, Deciders_Reached 1, Veto_Against yes"),
        "bare": (None, "Chain_Closeness unknown, Deciders_Reached 0, Veto_Against no"),
    }
    assert {deal: lit[deal, "relations"] for deal in expected} == expected


def test_enemy_is_a_competitor_that_is_named_or_ranked_and_nobody_named_is_unknown(lit: dict[Any, Any]) -> None:
    assert lit["named", "enemy"] == (True, "Competitor_Main entered, Competitor_Rank unknown")
    assert lit["rank2", "enemy"] == (True, "Competitor_Main unknown, Competitor_Rank 2")
    assert lit["bare", "enemy"] == (None, "Competitor_Main unknown, Competitor_Rank unknown")


def test_aim_is_an_amount_and_a_close_date_of_today_or_later(lit: dict[Any, Any]) -> None:
    assert lit["today", "aim"] == (True, "Amount 1500, Close date 2026-06-01")
    assert lit["past", "aim"] == (False, "Amount 1500, Close date 2026-05-31")
    assert lit["past without amount", "aim"] == (False, "Amount unknown, Close date 2026-05-31")
    assert lit["worthless", "aim"] == (False, "Amount 0, Close date 2026-09-01")
    assert lit["bare", "aim"] == (None, "Amount unknown, Close date 2026-09-01")


@pytest.mark.usefixtures("lit")
def test_an_open_deal_with_one_factor_has_a_row_for_each_of_the_eight_and_others_have_none(warehouse: DuckDBWarehouse) -> None:
    assert len(FACTORS) == 8
    found = by_deal(warehouse, tables.factors, ("score",), "factor")
    assert found == {("factors", number): ({1: 7.5, 8: 0.0}.get(number),) for number in range(1, 9)}
