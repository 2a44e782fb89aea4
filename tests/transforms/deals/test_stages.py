"""Time in stage, what is slow, classes by amount, and whether somebody answers for the stage."""

import datetime as dt
from typing import Any

import pytest

from tests.transforms.deals.kit import Company, built, by_deal
from tests.transforms.scores.small_company import context, instant, store
from transforms.deals import tables
from transforms.history import tables as history
from transforms.history.store import ensure
from warehouse import DuckDBWarehouse

AS_OF = "2026-06-01"
OPEN = {"account_id": "acme", "close": "2026-09-01", "owner_id": "anna", "stage": "Propose"}
WON = {"account_id": "acme", "close": "2026-05-01", "is_closed": True, "is_won": True, "stage": "Won"}


def company(**deals: dict[str, Any]) -> Company:
    users = {"anna": {}, "left": {"is_active": False}, "bot": {"is_person": False}}
    return Company(users=users, accounts={"acme": {}}, deals=deals)


def won(days: int, close: str = "2026-05-01") -> dict[str, Any]:
    """A deal won so many days after its creation."""
    return {**WON, "close": close, "created_s": instant(close) - days * 86_400 + 3_600}


def stages(warehouse: DuckDBWarehouse, *columns: str, method: Any = None, **deals: dict[str, Any]) -> dict[Any, tuple[Any, ...]]:
    built(warehouse, company(**deals), context(AS_OF, method), tables.stages)
    return by_deal(warehouse, tables.stages, columns)


def watch(warehouse: DuckDBWarehouse, *rows: tuple[str, str, str, bool]) -> None:
    """What earlier runs have on record: deal, stage, day, whether it was seen to change."""
    ensure(warehouse)
    base = {"entity": "opportunity", "field": "stage", "run_id": "r"}
    store(
        warehouse,
        history.entered,
        [
            base | {"record_id": deal, "value": stage, "day": dt.date.fromisoformat(day), "edited": edited}
            for deal, stage, day, edited in rows
        ],
    )


@pytest.fixture(autouse=True)
def nothing_on_record(warehouse: DuckDBWarehouse) -> None:
    watch(warehouse)


def test_only_open_deals_that_are_there_at_the_as_of_have_a_stage(warehouse: DuckDBWarehouse) -> None:
    later = {**OPEN, "created_s": instant("2026-06-02")}
    assert set(stages(warehouse, "stage", now=OPEN, later=later, done=WON)) == {"now"}


def test_the_crm_tells_the_days_in_utc_whatever_the_hour(warehouse: DuckDBWarehouse) -> None:
    late = {**OPEN, "stage_since_s": instant("2026-05-22T23:59:59")}
    early = {**OPEN, "stage_since_s": instant("2026-05-22T00:00:00")}
    assert stages(warehouse, "days_in_stage", "since", late=late, early=early) == {"late": (10, "crm"), "early": (10, "crm")}


def test_a_stage_no_run_has_watched_yet_lasts_at_least_no_day(warehouse: DuckDBWarehouse) -> None:
    assert stages(warehouse, "days_in_stage", "since", new=OPEN) == {"new": (0, "at least")}


def test_a_deal_without_stage_has_no_time_in_it(warehouse: DuckDBWarehouse) -> None:
    found = stages(warehouse, "stage", "days_in_stage", "since", "is_slow", bare={**OPEN, "stage": None})
    assert found == {"bare": (None, None, None, None)}


def test_where_the_crm_is_silent_the_day_a_run_saw_the_change_counts_and_before_that_the_first_look(warehouse: DuckDBWarehouse) -> None:
    watch(
        warehouse,
        ("moved", "Qualify", "2026-03-01", False),
        ("moved", "Propose", "2026-05-12", True),
        ("still", "Propose", "2026-03-01", False),
        ("newer", "Qualify", "2026-05-12", True),
        ("ahead", "Propose", "2026-03-01", False),
        ("ahead", "Qualify", "2026-06-02", True),
    )
    found = stages(warehouse, "days_in_stage", "since", moved=OPEN, still=OPEN, newer=OPEN, ahead=OPEN)
    assert found["moved"] == (20, "seen")
    assert found["still"] == found["ahead"] == (92, "at least")
    assert found["newer"] == (0, "at least"), "another stage is on record: nothing is known of this one"


def test_the_crm_is_believed_before_our_own_watch_but_not_about_the_future(warehouse: DuckDBWarehouse) -> None:
    watch(warehouse, ("both", "Propose", "2026-05-12", True), ("later", "Propose", "2026-05-12", True))
    both, later = ({**OPEN, "stage_since_s": instant(day)} for day in ("2026-05-02", "2026-06-05"))
    assert stages(warehouse, "days_in_stage", "since", both=both, later=later) == {"both": (30, "crm"), "later": (20, "seen")}


def test_slow_is_longer_than_half_of_what_the_middle_won_deal_took(warehouse: DuckDBWarehouse) -> None:
    deals = {f"won{days}": won(days) for days in (20, 40, 60, 80, 100)}
    on = {**OPEN, "stage_since_s": instant("2026-05-02")}
    over = {**OPEN, "stage_since_s": instant("2026-05-01")}
    found = stages(warehouse, "days_in_stage", "slow_after", "is_slow", on=on, over=over, **deals)
    assert found == {"on": (30, 30.0, False), "over": (31, 30.0, True)}


def test_too_few_won_deals_too_old_ones_and_such_that_end_before_they_begin_leave_the_configured_days(warehouse: DuckDBWarehouse) -> None:
    deals = {f"won{days}": won(days) for days in (20, 40, 60, 80)} | {"old": won(10, "2023-05-01"), "odd": won(-10)}
    since = {**OPEN, "stage_since_s": instant("2026-02-28")}
    assert stages(warehouse, "slow_after", "is_slow", deal=since, **deals) == {"deal": (90.0, True)}


def test_a_lower_bound_settles_only_what_is_beyond_the_cut_and_what_is_too_young(warehouse: DuckDBWarehouse) -> None:
    watch(warehouse, ("long", "Propose", "2026-03-01", False), ("open", "Propose", "2026-05-01", False))
    made = {"created_s": instant("2026-01-01")}
    young, unknown = {**OPEN, "created_s": instant("2026-03-03")}, {**OPEN, **made}
    found = stages(warehouse, "is_slow", long={**OPEN, **made}, open=unknown, young=young)
    assert found == {"long": (True,), "open": (None,), "young": (False,)}


def test_one_active_person_answers_for_a_stage_or_nobody(warehouse: DuckDBWarehouse) -> None:
    owners = {name: {**OPEN, "owner_id": name} for name in ("anna", "left", "bot", "team")}
    found = stages(warehouse, "has_one_owner", nobody={**OPEN, "owner_id": None}, **owners)
    assert {name for (name, (answered,)) in found.items() if answered} == {"anna"}


def sized(*amounts: float | None) -> dict[str, dict[str, Any]]:
    return {f"d{amount}": {**OPEN, "amount": amount} for amount in amounts}


def test_classes_begin_at_the_percentiles_of_open_and_lately_closed_deals(warehouse: DuckDBWarehouse) -> None:
    """Of 1 to 11 the cuts lie at 2, 5, 8 and 10: a deal on a cut is of the higher class."""
    closed = {"d11": {**WON, "amount": 11.0}, "old": {**WON, "close": "2023-01-01", "amount": 9e9}}
    found = stages(warehouse, "deal_class", **sized(*(float(one) for one in range(1, 11))), **closed)
    assert "".join(found[f"d{float(one)}"][0] for one in range(1, 11)) == "EDDDCCCBBA"


def test_deals_without_amount_have_no_class_and_worthless_ones_move_no_cut(warehouse: DuckDBWarehouse) -> None:
    found = stages(warehouse, "deal_class", **sized(None, 0.0, 5.0))
    assert found == {"dNone": (None,), "d0.0": ("E",), "d5.0": ("A",)}


def test_a_configured_amount_stands_instead_of_its_percentile_only(warehouse: DuckDBWarehouse) -> None:
    method = {"deals": {"class_amounts": [1000, 0, 0, 0]}}
    found = stages(warehouse, "deal_class", method=method, **sized(998.0, 999.0, 1000.0))
    assert [found[f"d{amount}"] for amount in (1000.0, 999.0, 998.0)] == [("A",), ("C",), ("E",)], "999 is not above 70 % of the deals"
