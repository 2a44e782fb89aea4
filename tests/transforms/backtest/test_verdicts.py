"""The answers: yes only where the whole interval says so, and the other answers said as plainly."""

from typing import Any

import numpy as np
import pytest

from tests.transforms.scores.small_company import context
from transforms.backtest import forecast, ranking, tables, verdicts
from transforms.backtest.frames import Cut

GIVEN = context()
PAIRS = 1500


def cuts(ours: float, rival: float, number: int = 3) -> list[Cut]:
    """Dates at which contact follows a hidden habit, seen by our score and by the rivals through noise of these sizes."""
    rng, people = np.random.default_rng(7), np.arange(PAIRS) // 3
    found = []
    for date in range(number):
        habit = rng.normal(size=PAIRS)
        truth = habit + 0.5 * rng.normal(size=PAIRS) > 0
        scores = {name: habit + rival * rng.normal(size=PAIRS) for name in tables.SCORES}
        closeness = 100 / (1 + np.exp(-(habit + ours * rng.normal(size=PAIRS))))
        found.append(Cut("east", f"date {date}", truth, np.arange(PAIRS) % 11, people, {**scores, "closeness": closeness}))
    return found


def answers(found: list[Cut]) -> dict[str, dict[str, Any]]:
    compared = forecast.calibration(GIVEN, found)
    rows = verdicts.rows(GIVEN, ["east"], ranking.rows(GIVEN, found), compared, [])
    return {row["question"]: row for row in rows}


@pytest.mark.parametrize(
    ("ours", "rival", "answer", "begins"),
    [
        (0.3, 2.0, "yes", "Yes: closeness orders pairs better than counting"),
        (2.0, 0.3, "no", "No: counting events of the last year orders pairs better than closeness does"),
        (0.8, 0.8, "not distinguishable", "Not distinguishable from counting events"),
    ],
)
def test_better_than_counting_is_said_as_it_is(ours: float, rival: float, answer: str, begins: str) -> None:
    told = answers(cuts(ours, rival))["Better than counting?"]
    assert told["answer"] == answer
    assert told["sentence"].startswith(begins)
    assert (told["low"] > 0, told["high"] < 0) == (answer == "yes", answer == "no")


def test_a_young_log_is_not_measured_rather_than_judged() -> None:
    rows = verdicts.rows(GIVEN, ["east"], [], [], [])
    assert {row["answer"] for row in rows} == {"not measured"}
    assert rows[0]["sentence"] == (
        "Not measured: it takes about 270 days of log, with 20 pairs that stayed in contact and 20 that did not."
    )


def test_dates_with_too_few_pairs_of_a_kind_have_no_figure() -> None:
    few = [Cut(one.crm, one.date, np.arange(PAIRS) < 19, one.users, one.people, one.scores) for one in cuts(1, 1, 1)]
    rows = ranking.rows(GIVEN, few)
    assert [row.get("auc") for row in rows] == [None] * 5
    assert all(row["cut"] is not None for row in rows)


def test_every_date_and_all_together_have_the_five_scores() -> None:
    rows = ranking.rows(GIVEN, cuts(0.5, 1.0))
    assert [row["score"] for row in rows] == [*tables.SCORES] * 4
    assert [row["cut"] for row in rows[-5:]] == [None] * 5
    assert rows[-5]["pairs"] == 3 * PAIRS
    assert "ahead" not in rows[-5]
    assert rows[-4]["ahead"] == pytest.approx(rows[-5]["auc"] - rows[-4]["auc"])


def test_a_chance_is_told_where_it_held_on_later_dates() -> None:
    found = cuts(0.5, 1.0)
    compared = forecast.calibration(GIVEN, found)
    assert forecast.error(compared) <= 0.05
    assert sum(row["pairs"] for row in compared) == 2 * PAIRS
    chances = [row["chance"] for row in forecast.chances(GIVEN, found, compared)]
    assert chances == sorted(chances)
    assert answers(found)[verdicts.CHANCE_ASKED]["answer"] == "yes"


def test_a_chance_is_withheld_where_it_did_not() -> None:
    found = cuts(0.5, 1.0)
    turned = [*found[:-1], Cut("east", "turned", ~found[-1].truth, found[-1].users, found[-1].people, found[-1].scores)]
    compared = forecast.calibration(GIVEN, turned)
    assert forecast.error(compared) > 0.05
    assert {row["chance"] for row in forecast.chances(GIVEN, turned, compared)} == {None}
    told = answers(turned)[verdicts.CHANCE_ASKED]
    assert told["answer"] == "no"
    assert "above 5 points no chance is shown" in told["sentence"]


def test_one_date_alone_tells_no_chance() -> None:
    found = cuts(0.5, 1.0, 1)
    assert forecast.calibration(GIVEN, found) == []
    assert {row["chance"] for row in forecast.chances(GIVEN, found, [])} == {None}


@pytest.mark.parametrize(
    ("difference", "low", "high", "answer"), [(6.0, 1.0, 11.0, "yes"), (-6.0, -11.0, -1.0, "no"), (2.0, -3.0, 7.0, "not distinguishable")]
)
def test_deals_are_told_without_a_word_on_causes(difference: float, low: float, high: float, answer: str) -> None:
    whole = {"crm": "east", "won": 60, "lost": 50, "difference": difference, "low": low, "high": high}
    told = verdicts.rows(GIVEN, ["east"], [], [], [whole])[-1]
    assert told["answer"] == answer
    assert f"difference {difference:+.1f} of 100 points, 95 % interval {low:+.1f} to {high:+.1f}" in told["sentence"]
    assert not any(word in told["sentence"].lower() for word in ("because", "cause", "leads to", "due to", "effect", "drives", "thanks"))
    assert told["sentence"].endswith("The two go together or not; this does not tell why.")
