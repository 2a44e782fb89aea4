"""What stood on a record on a past day: told as it was put down, beside today, and never made up."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.transforms.history.kit import computed, empty, record
from tests.transforms.history.test_late import LATE, PERSONS, date, known, persons
from tests.transforms.scores.small_company import CRM, context, store
from transforms import tables as model
from transforms.explanation.evidence import UnknownRecord
from transforms.explanation.past import Past, recall, recompute
from transforms.explanation.past_text import render_past
from transforms.explanation.words import width
from warehouse import DuckDBWarehouse

GIVEN = context("2026-06-20")


@pytest.fixture(scope="module")
def opened() -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(":memory:", threads=1) as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def told(opened: DuckDBWarehouse) -> DuckDBWarehouse:
    """Ann on two days, bo on the first only; anna is one of ours. Ann's attitude and a competitor's name are entered."""
    empty(opened)
    ann: dict[str, Any] = {"closeness": 40.0, "closeness_grade": "Fair", "method_version": "m1", "why": "Anna Smith met her"}
    computed(opened, "account", acme={"closeness": 1.0})
    computed(opened, "user", anna={"rep_grade": "Junior"})
    for day, attitude, rows in (
        ("2026-06-01", 1, {"ann": ann, "bo": {"closeness": 1.0}}),
        ("2026-06-10", 2, {"ann": ann | {"closeness": 50.0}}),
    ):
        store(opened, model.people, [{"person_id": "ann", "attitude": attitude}])
        store(opened, model.accounts, [{"account_id": "acme", "competitor_main": "Other Ltd"}])
        computed(opened, **rows)
        record(opened, day)
    return opened


def stood(warehouse: DuckDBWarehouse, record_id: str, day: str, **options: Any) -> Past:
    return recall(warehouse, replace(GIVEN, **options), CRM, record_id, dt.date.fromisoformat(day))


def text(told: Past, **options: Any) -> str:
    return " ".join(render_past(told, **options).split())


def test_a_past_day_shows_what_was_computed_on_it_beside_today(told: DuckDBWarehouse) -> None:
    then = stood(told, "ann", "2026-06-05")
    assert (then.entity, then.day, then.since, then.method_version) == ("contact", dt.date(2026, 6, 1), dt.date(2026, 6, 1), "m1")
    assert (then.fields["closeness"], then.today and then.today["closeness"]) == (40.0, 50.0)
    assert "sales_cloud:ann (contact) as recorded on 2026-06-01" in text(then)
    assert "Closeness 40.0 today 50.0 grade Fair" in text(then, labels={"closeness": "Closeness", "closeness_grade": "grade"})


def test_the_day_of_a_change_shows_the_new_value(told: DuckDBWarehouse) -> None:
    assert stood(told, "ann", "2026-06-10").fields["closeness"] == stood(told, "ann", "2030-01-01").fields["closeness"] == 50.0


def test_what_was_entered_by_then_is_told_and_a_text_is_not(told: DuckDBWarehouse) -> None:
    assert [tuple(one) for one in stood(told, "ann", "2026-06-05").entered] == [("attitude", "1", dt.date(2026, 6, 1), False)]
    assert [tuple(one) for one in stood(told, "ann", "2026-06-12").entered] == [("attitude", "2", dt.date(2026, 6, 10), True)]
    assert "competitor_main (text) seen first on 2026-06-01" in text(stood(told, "acme", "2026-06-05"))


def test_a_day_before_the_first_run_is_said_to_be_on_no_record(told: DuckDBWarehouse) -> None:
    with pytest.raises(UnknownRecord, match="on record from 2026-06-01 on; what would have been computed on 2026-05-31, no run put down"):
        stood(told, "ann", "2026-05-31")


def test_a_record_without_values_then_is_said_to_have_none(told: DuckDBWarehouse) -> None:
    assert stood(told, "bo", "2026-06-09").today is None
    assert "Today the record gets no values" in text(stood(told, "bo", "2026-06-09"))
    with pytest.raises(UnknownRecord, match="sales_cloud:bo had no values on 2026-06-10"):
        stood(told, "bo", "2026-06-10")


def test_nobody_of_ours_is_recalled_while_individuals_are_not_graded(told: DuckDBWarehouse) -> None:
    assert stood(told, "anna", "2026-06-05").fields["rep_grade"] == "Junior"
    with pytest.raises(UnknownRecord, match="had no values"):
        stood(told, "anna", "2026-06-05", grade_individuals=False)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_past_day_fits_the_screen_and_names_nobody(told: DuckDBWarehouse, language: str) -> None:
    for record_id in ("ann", "acme", "anna"):
        told_text = render_past(stood(told, record_id, "2026-06-05", language=language))
        assert [line for line in told_text.splitlines() if width(line) > 100] == []
        assert "Smith" not in told_text


def test_what_a_later_log_makes_of_the_day_is_told_once_asked(opened: DuckDBWarehouse) -> None:
    empty(opened)
    for day in (15, 21):
        persons(opened, known([LATE], day), date(day))
        record(opened, date(day))
    day, today = dt.date.fromisoformat(date(18)), context(date(21))
    assert "--recompute computes that day anew" in text(recall(opened, today, CRM, "ann", day))
    recompute(opened, today, PERSONS, CRM, day)
    ann = recall(opened, today, CRM, "ann", day)
    assert ("touches_90d", "0", "1") in ann.revised
    assert "touches_90d 0 as recorded, 1 by the later log" in text(ann)
    assert "no difference" in text(recall(opened, today, CRM, "ben", day), compared=True)
