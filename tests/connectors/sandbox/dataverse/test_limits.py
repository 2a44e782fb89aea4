"""The service protection limits on a clock the tests move themselves."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.dataverse.limits import TOO_LONG, TOO_MANY, TOO_MANY_AT_ONCE, Protection, Settings, Throttled
from connectors.sandbox.dataverse.windows import SlidingWindow


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def spend(protection: Protection, hand: Hand, seconds: float = 0.0, user: str = "a", server: int | None = None) -> None:
    """One request that takes so long."""
    with protection.admit(user, server):
        hand.at += seconds


def refusal(protection: Protection, user: str = "a", server: int | None = None) -> Throttled:
    with pytest.raises(Throttled) as caught, protection.admit(user, server):
        pass
    return caught.value


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_request_6001_within_five_minutes_is_refused_until_the_first_leaves_the_window(hand: Hand) -> None:
    protection = Protection(Settings(), hand)
    spend(protection, hand)
    hand.at += 100
    for _ in range(5_999):
        spend(protection, hand)
    refused = refusal(protection)
    assert (refused.code, refused.retry_after) == (TOO_MANY, 200)
    assert refused.message == "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
    hand.at += 200
    spend(protection, hand)


def test_sixteen_requests_that_always_execute_spend_the_twenty_minutes_in_seventy_five_seconds(hand: Hand) -> None:
    protection = Protection(Settings(), hand)
    with ExitStack() as executing:
        for _ in range(16):
            executing.enter_context(protection.admit("a"))
        hand.at += 75
    refused = refusal(protection)
    assert (refused.code, refused.retry_after) == (TOO_LONG, 300)
    assert "exceeded limit of 1,200,000 milliseconds over time window of 300 seconds" in refused.message


def test_the_53rd_request_at_once_is_refused_and_the_next_after_one_ends_is_not(hand: Hand) -> None:
    protection = Protection(Settings(), hand)
    with ExitStack() as executing:
        for _ in range(51):
            executing.enter_context(protection.admit("a"))
        with protection.admit("a"):
            refused = refusal(protection)
            assert (refused.code, refused.retry_after) == (TOO_MANY_AT_ONCE, 1)
            assert refused.message == "Number of concurrent requests exceeded the limit of 52."
        spend(protection, hand)


def test_knocking_while_blocked_lengthens_the_wait_and_the_longer_wait_holds(hand: Hand) -> None:
    protection = Protection(Settings(requests=1, window_seconds=300), hand)
    spend(protection, hand)
    waits = [refusal(protection).retry_after for _ in range(3)]
    assert waits == [300, 300, 300]  # never more than a window
    hand.at += 290
    assert [refusal(protection).retry_after for _ in range(3)] == [11, 12, 13]
    hand.at += 11
    assert refusal(protection).code == TOO_MANY
    hand.at += 5
    spend(protection, hand)


def test_a_caller_that_waits_as_told_is_let_in(hand: Hand) -> None:
    protection = Protection(Settings(execution_seconds=12, window_seconds=60), hand)
    for _ in range(3):
        spend(protection, hand, 5)
    hand.at += refusal(protection).retry_after
    spend(protection, hand)


def test_limits_are_per_user_and_per_server(hand: Hand) -> None:
    protection = Protection(Settings(requests=1, servers=2), hand)
    spend(protection, hand, server=0)
    assert refusal(protection, server=0).code == TOO_MANY
    spend(protection, hand, server=1)
    spend(protection, hand, user="b", server=0)


def test_without_affinity_the_load_balancer_spreads_a_user_over_the_servers(hand: Hand) -> None:
    protection = Protection(Settings(servers=3), hand)
    seen = []
    for _ in range(6):
        with protection.admit("a") as admission:
            seen.append(admission.server)
    assert sorted(seen) == [0, 0, 1, 1, 2, 2]


def test_headers_tell_the_hint_and_what_is_left(hand: Hand) -> None:
    protection = Protection(Settings(dop_hint=5), hand)
    spend(protection, hand, 1.5)
    with protection.admit("a") as admission:
        assert admission.headers() == {
            "x-ms-dop-hint": "5",
            "x-ms-ratelimit-burst-remaining-xrm-requests": "5998",
            "x-ms-ratelimit-time-remaining-xrm-requests": "1,198.50",
        }


def test_server_time_grows_with_rows_and_with_more_parallel_requests_than_recommended(hand: Hand) -> None:
    settings = Settings(dop_hint=2, request_seconds=0.5, read_row_seconds=0.001, written_row_seconds=0.01)
    protection = Protection(settings, hand)
    with protection.admit("a") as first:
        assert first.remaining_seconds(rows_read=100) == pytest.approx(0.6)
        hand.at += 0.2
        assert first.remaining_seconds(rows_written=10) == pytest.approx(0.4)
        with protection.admit("a"), protection.admit("a"), protection.admit("a"):
            assert first.remaining_seconds() == pytest.approx(0.8)
        hand.at += 5
        assert first.remaining_seconds() == 0


def test_new_settings_start_with_empty_windows(hand: Hand) -> None:
    protection = Protection(Settings(requests=1), hand)
    spend(protection, hand)
    protection.use(protection.settings.with_changes({"requests": "2"}))
    spend(protection, hand)
    spend(protection, hand)
    assert refusal(protection).code == TOO_MANY


@pytest.mark.parametrize("raw", [{"request": 1}, {"requests": 0}, {"servers": "many"}])
def test_an_unknown_or_impossible_setting_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Settings().with_changes(raw)


EVENTS = st.lists(st.tuples(st.floats(0, 20), st.floats(0.1, 5)), max_size=40)


@given(events=EVENTS, limit=st.floats(0.5, 30))
def test_a_window_holds_exactly_what_is_younger_than_it_and_its_wait_is_the_shortest_that_helps(
    events: list[tuple[float, float]], limit: float
) -> None:
    window, now, kept = SlidingWindow(30.0), 0.0, []
    for gap, amount in events:
        now += gap
        window.add(now, amount)
        kept.append((now, amount))
    assert window.total(now) == pytest.approx(sum(amount for at, amount in kept if at > now - 30))
    wait = window.wait(now, limit)
    if wait > 0.001:
        assert sum(amount for at, amount in kept if at > now + wait - 30 - 1e-6) >= limit - 1e-6
    assert window.total(now + wait + 1e-6) < limit + 1e-6
