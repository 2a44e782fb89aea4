"""The area under the curve and its interval, against counting by hand and against resampling people."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.backtest.measure import area, figure, one_side, pooled, two_sides, weight

Cases = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=30).filter(
    lambda rows: len({one for one, _ in rows}) == 2
)


def of(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one for one, _ in rows]), np.array([float(two) for _, two in rows])


@settings(max_examples=60)
@given(Cases)
def test_area_is_the_share_of_comparisons_put_right_ties_half(rows: list[tuple[bool, int]]) -> None:
    truth, score = of(rows)
    right = [float(a > b) + 0.5 * (a == b) for a in score[truth] for b in score[~truth]]
    found = area(truth, score)
    assert found.value == pytest.approx(np.mean(right))
    assert found.shares.sum() == pytest.approx(0)


def noisy(people: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Five pairs per person, whose contact and score share a part that is the person's."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 5)
    habit = rng.normal(size=people)[person]
    truth = habit + rng.normal(size=len(person)) > 0
    return truth, habit + rng.normal(size=len(person)), person


def test_interval_is_that_of_resampling_people() -> None:
    truth, score, person = noisy(150, 1)
    one = area(truth, score)
    found = figure(one.value, one.shares, one_side(person))
    rng, drawn = np.random.default_rng(2), []
    for _ in range(400):
        rows = (rng.integers(0, 150, 150)[:, None] * 5 + np.arange(5)).ravel()
        drawn.append(area(truth[rows], score[rows]).value)
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(np.std(drawn), rel=0.15)


def test_pairs_counted_twice_make_the_interval_no_narrower() -> None:
    truth, score, person = noisy(40, 3)
    once, twice = area(truth, score), area(np.tile(truth, 2), np.tile(score, 2))
    user = np.arange(len(person)) % 7
    narrow = figure(once.value, once.shares, two_sides(user, person))
    wide = figure(twice.value, twice.shares, two_sides(np.tile(user, 2), np.tile(person, 2)))
    assert (wide.low, wide.high) == pytest.approx((narrow.low, narrow.high))


def test_dates_are_averaged_and_no_score_is_compared_across_dates() -> None:
    truth = np.array([True, False])
    good, bad = area(truth, np.array([1.0, 0.0])), area(truth, np.array([100.0, 101.0]))
    assert pooled([good, bad], [3, 1]).value == pytest.approx(0.75)
    assert weight(np.array([True] * 3 + [False])) == pytest.approx(0.75)


def test_a_score_against_itself_is_no_difference_at_all() -> None:
    truth, score, person = noisy(30, 4)
    one, other = area(truth, score), area(truth, score * 2)
    found = figure(one.value - other.value, one.shares - other.shares, two_sides(person, person))
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 0))
