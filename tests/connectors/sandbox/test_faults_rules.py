"""Fault rules: which requests are struck is known beforehand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.faults import PROFILES, BadRule, Faults, Rule
from connectors.sandbox.salesforce.bulk.spoil import BATCH_ROWS, Spoils, fates


def struck(rule: Rule, requests: int) -> list[int]:
    faults = Faults()
    faults.replace([rule])
    return [number for number in range(requests) if faults.answer("GET", "/a/results")]


def test_a_rule_skips_then_strikes_every_nth_so_many_times() -> None:
    assert struck(Rule("unavailable", skip=2, times=3, every=4), 20) == [2, 6, 10]
    assert struck(Rule("unavailable", times=0, every=5), 12) == [0, 5, 10]
    assert struck(Rule("unavailable"), 4) == [0]


def test_only_matching_requests_are_counted() -> None:
    faults = Faults()
    faults.replace([Rule("busy", "GET", "/a/*", skip=1)])
    assert [bool(faults.answer(*request)) for request in (("GET", "/a/x"), ("POST", "/a/x"), ("GET", "/b"), ("GET", "/a/y"))] == [
        False,
        False,
        False,
        True,
    ]
    assert faults.report()[0]["matched"] == 2


def test_a_request_answered_by_one_fault_is_not_seen_by_the_next() -> None:
    faults = Faults()
    faults.replace([Rule("slow", times=0), Rule("busy"), Rule("expired")])
    assert [rule.action for rule in faults.answer("GET", "/a")] == ["slow", "busy"]
    assert [rule.action for rule in faults.answer("GET", "/a")] == ["slow", "expired"]


def test_work_is_spoilt_by_object() -> None:
    faults = Faults()
    faults.replace([Rule("fail_job", "POST", "*/jobs/query", object="Event")])
    assert faults.work("fail_job", "POST", "/services/data/v62.0/jobs/query", "Task") is None
    assert faults.work("fail_job", "POST", "/services/data/v62.0/jobs/query", "Event") is not None
    assert faults.answer("POST", "/services/data/v62.0/jobs/query") == []


@pytest.mark.parametrize("raw", [{}, {"action": "explode"}, {"action": "slow", "second": 1}, {"action": "slow", "every": 0}])
def test_an_impossible_rule_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(BadRule):
        Rule.parse(raw)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadRule, match=", ".join(PROFILES)):
        Faults("hurricane")


@given(rows=st.integers(0, 2_000), lock=st.floats(0, 1), skip=st.floats(0, 1), lose=st.floats(0, 1))
def test_every_row_has_one_fate(rows: int, lock: float, skip: float, lose: float) -> None:
    found = fates(rows, Spoils(lock, skip, lose), allowed_batches=1)
    masks = np.array([found.processed, found.locked, found.skipped, found.lost])
    assert (masks.sum(axis=0) == 1).all()


def test_three_per_cent_of_the_rows_are_locked() -> None:
    found = fates(1_000, Spoils(lock_rows=0.03), allowed_batches=1)
    assert found.locked.sum() == 30
    assert not found.skipped.any()
    assert not found.lost.any()


def test_a_share_above_nothing_strikes_at_least_one_row() -> None:
    assert fates(5, Spoils(lock_rows=0.03), 1).locked.tolist() == [True, False, False, False, False]


def test_rows_beyond_the_days_batches_are_lost() -> None:
    found = fates(BATCH_ROWS + 5, Spoils(), allowed_batches=1)
    assert found.lost.sum() == 5
    assert not found.lost[:BATCH_ROWS].any()
