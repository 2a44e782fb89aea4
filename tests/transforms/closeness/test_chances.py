"""Who answers, and what is told of the days ahead."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.transforms.closeness.kit import pairs, run, scored, seconds
from transforms.base import DAY, Context
from transforms.closeness.forecast import Forecast, _past, _rising
from transforms.closeness.log import numbers
from transforms.method import load
from warehouse import DuckDBWarehouse

PRIORS = {"score.answer_prior_person": 1e-9 + 0.01, "score.answer_prior_pair": 0.01}
BARE = load(PRIORS)


SILENT = "\n".join(f"2026-04-{day:02}T10:00Z cat dan" for day in range(1, 9))
"""dan never answers cat."""
OPENINGS = [
    ("2026-05-01T10:00Z ann bob\n2026-05-03T10:00Z bob ann", 1),
    ("2026-05-01T10:00Z ann bob\n2026-05-03T10:00:01Z bob ann", 0),
    ("2026-05-01T10:00Z ann bob\n2026-05-01T10:00:01Z bob ann n_rcpt=7", 1),
    ("2026-05-01T10:00Z ann bob\n2026-05-10T10:00Z ann bob\n2026-05-11T10:00Z bob ann", 0.5),
    ("2026-05-01T10:00Z ann bob\n2026-05-01T11:00Z ann bob\n2026-05-02T10:00Z bob ann", 1),
    ("2026-05-01T10:00Z ann bob missed_call\n2026-05-01T11:00Z bob ann call", 1),
]


@pytest.fixture(scope="module")
def answered(warehouse: DuckDBWarehouse, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """How readily the bob of each case answers his ann, all of them in one log."""
    cases = [log.replace("ann", f"ann{number}").replace("bob", f"bob{number}") for number, (log, _) in enumerate(OPENINGS)]
    found = scored(warehouse, tmp_path_factory.mktemp("answered"), "\n".join([*cases, SILENT]), method=BARE)
    return [round(found[f"ann{number}", f"bob{number}"]["responsiveness_b"], 1) for number in range(len(OPENINGS))]


@pytest.mark.parametrize(("number", "log", "share"), [(number, *case) for number, case in enumerate(OPENINGS)])
def test_share_of_opening_messages_answered_within_48_hours(answered: list[float], number: int, log: str, share: float) -> None:
    assert answered[number] == share


def test_an_answer_a_mail_to_many_and_a_message_not_yet_due_open_nothing(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    opened = "2026-05-01T10:00Z ann bob\n2026-05-02T10:00Z bob ann\n"
    nothing = "2026-05-02T11:00Z ann bob\n2026-05-20T10:00Z ann bob n_rcpt=2\n2026-05-31T10:00Z ann bob"
    found = scored(warehouse, tmp_path, f"{opened}{nothing}\n{SILENT}", method=BARE)
    assert round(found["ann", "bob"]["responsiveness_b"], 1) == 1


def test_few_openings_are_shrunk_to_the_person_and_to_the_log(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    log = "2026-05-01T10:00Z ann bob\n2026-05-02T10:00Z bob ann\n2026-05-01T10:00Z cat bob\n2026-05-01T10:00Z cat dan"
    found = scored(warehouse, tmp_path, log)
    everybody = 1 / 3
    bob = (1 + 10 * everybody) / (2 + 10)
    assert found["ann", "bob"]["responsiveness_b"] == pytest.approx((1 + 2 * bob) / (1 + 2))
    assert found["bob", "cat"]["responsiveness_a"] == pytest.approx(2 * bob / (1 + 2))
    assert found["ann", "bob"]["responsiveness_a"] == pytest.approx(everybody)


def test_blank_where_nobody_opened_anything(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    row = scored(warehouse, tmp_path, "2026-05-01T10:00Z ann bob meeting")["ann", "bob"]
    assert (row["responsiveness_a"], row["responsiveness_b"], row["p_two_way_90d"]) == (None, None, None)


def company(last_day: int) -> list[dict[str, str]]:
    """250 pairs that write both ways each week with a chance of their own, until day `last_day` of 700."""
    dice, rows = random.Random(7), []
    for number in range(250):
        chance = dice.random() ** 4 / 2
        for day in range(0, last_day, 7):
            if dice.random() < chance:
                for src, dst in ((f"a{number}", f"b{number}"), (f"b{number}", f"a{number}")):
                    rows.append({"src": src, "dst": dst, "ts": str(1_700_000_000 + 86_400 * (day + (src[0] == "b")))})
    return rows


def test_a_chance_is_told_where_the_past_bears_it_out(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    done = run(warehouse, tmp_path, company(700), "2025-10-14T00:00+00:00")
    assert done.forecast.error is not None
    assert done.forecast.error <= 0.05
    rows = sorted(pairs(tmp_path).values(), key=lambda row: row["intensity"])
    chances = [row["p_two_way_90d"] for row in rows]
    assert chances == sorted(chances)
    assert 0 < chances[0] < chances[-1] < 1


def test_no_chance_is_told_where_the_last_window_was_unlike_the_others(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    done = run(warehouse, tmp_path, company(600), "2025-10-14T00:00+00:00")
    assert done.forecast.error is not None
    assert done.forecast == Forecast(error=done.forecast.error)
    assert all(row["p_two_way_90d"] is None for row in pairs(tmp_path).values())


def test_chances_never_fall_with_intensity_and_keep_their_mean() -> None:
    shares, weights = np.array([0.2, 0.1, 0.3, 0.2, 0.9]), np.array([1.0, 3.0, 1.0, 1.0, 2.0])
    risen = _rising(shares, weights)
    assert (np.diff(risen) >= 0).all()
    assert risen.tolist() == pytest.approx([0.125, 0.125, 0.25, 0.25, 0.9])


def test_the_past_is_scored_in_one_go_as_each_cut_by_itself(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    run(warehouse, tmp_path, company(700), "2025-10-14T00:00+00:00")
    today = Context(int(seconds("2025-10-14T12:00+00:00")), numbers(load(), 400), ())
    cuts = [today.as_of - number * 90 * DAY for number in (1, 2, 3)]
    together = _past(warehouse, today, cuts, 90 * DAY)
    for cut, (intensity, met) in zip(cuts, together, strict=True):
        alone = _past(warehouse, replace(today, as_of=cut), [cut], 90 * DAY)[0]
        assert len(intensity) > 100
        assert np.sort(intensity) == pytest.approx(np.sort(alone[0]), rel=1e-12)
        assert met.sum() == alone[1].sum()
