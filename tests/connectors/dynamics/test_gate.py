"""Fast and polite: how many requests are in flight, when all of them stop, and that a long load never meets the five-minute limits."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse

from connectors.dynamics.gate import Gate
from connectors.dynamics.pace import Limits, Pace
from connectors.sandbox.dataverse.limits import Protection, Settings, Throttled


class Simulation:
    """Requests of `seconds` each, in simulated time, through a `Pace` to a service that protects itself; `at` are the instants sent."""

    def __init__(self, pace: Pace, service: Protection | None = None, seconds: float = 1.0, hint: int | None = None) -> None:
        self.pace, self.service, self.seconds, self.hint = pace, service, seconds, hint
        self.now, self.sent, self.refusals, self.done = 0.0, [], 0, 0
        self.most = 0
        self._flying: list[tuple[float, float, Any]] = []

    def run(self, requests: int) -> float:
        """Send so many, as early as the pace allows; the simulated seconds it took."""
        waiting = requests
        while waiting or self._flying:
            wait = self.pace.wait(self.now) if waiting else float("inf")
            if wait <= 0:
                waiting -= 1
                waiting += self._send()
                continue
            ends = min((end for end, _, _ in self._flying), default=float("inf"))
            self.now = min(self.now + wait, ends)
            self._land()
        return self.now

    def _send(self) -> int:
        """1 when the service refused it."""
        self.sent.append(self.now)
        self.pace.begin(self.now)
        admission = self.service.admit("us") if self.service else None
        try:
            if admission:
                admission.__enter__()
        except Throttled as error:
            self.refusals += 1
            self.pace.refused(self.now, self.now, error.retry_after)
            self.pace.end()
            return 1
        self._flying.append((self.now + self.seconds, self.now, admission))
        self.most = max(self.most, len(self._flying))
        return 0

    def _land(self) -> None:
        for flight in [item for item in self._flying if item[0] <= self.now]:
            self._flying.remove(flight)
            if flight[2]:
                flight[2].__exit__(None, None, None)
            self.pace.answered(flight[1], self.now, "0", self.hint)
            self.pace.end()
            self.done += 1


def simulated(pace: Pace, settings: Settings, **options: Any) -> Simulation:
    """A simulation against the sandbox's own service protection, on the same simulated clock."""
    simulation = Simulation(pace, **options)
    simulation.service = Protection(settings, now=lambda: simulation.now)
    return simulation


def answer(pace: Pace, times: int, hint: int | None = None, begun: float = 0.0) -> None:
    for _ in range(times):
        pace.answered(begun, begun, "0", hint)


@pytest.mark.parametrize(("most", "width"), [(16, 8), (52, 8), (4, 4), (1, 1)])
def test_eight_requests_at_first_or_as_many_as_configured(most: int, width: int) -> None:
    pace = Pace(most)
    for _ in range(width):
        assert pace.wait(0.0) == 0
        pace.begin(0.0)
    assert pace.wait(0.0) == float("inf")
    pace.end()
    assert pace.wait(0.0) == 0


def test_one_more_request_per_round_of_answers() -> None:
    pace = Pace(16)
    answer(pace, 9)
    assert int(pace.width) == 9
    answer(pace, 10)
    assert int(pace.width) == 10
    answer(pace, 1_000)
    assert pace.width == 16


def test_never_more_than_the_service_recommends() -> None:
    pace = Pace(16)
    answer(pace, 1, hint=5)
    assert pace.width == 5
    answer(pace, 100, hint=5)
    assert pace.width == 5
    answer(pace, 1_000, hint=30)
    assert pace.width == 16


def test_a_refusal_stops_everybody_for_as_long_as_the_service_says_and_halves_the_width() -> None:
    pace = Pace(16)
    pace.begin(10.0)
    pace.refused(10.0, 11.0, 30.0)
    pace.end()
    assert (pace.wait(11.0), pace.wait(40.0), pace.wait(41.0)) == (30.0, 1.0, 0.0)
    assert pace.width == 4


def test_a_refusal_without_a_time_stops_for_a_moment() -> None:
    pace = Pace(16)
    pace.refused(0.0, 0.0, None)
    assert pace.wait(0.0) == 5.0


def test_a_second_refusal_never_shortens_a_stop() -> None:
    pace = Pace(16)
    pace.refused(0.0, 1.0, 60.0)
    pace.refused(0.0, 2.0, 1.0)
    assert pace.wait(2.0) == 59.0


def test_refusals_of_requests_in_flight_together_halve_once() -> None:
    pace = Pace(16)
    for _ in range(8):
        pace.refused(0.0, 1.0, 1.0)
    assert pace.width == 4
    pace.refused(2.5, 3.0, 1.0)
    assert pace.width == 2


def test_a_timeout_halves_without_a_stop() -> None:
    pace = Pace(16)
    pace.begin(0.0)
    pace.timed_out(0.0, 150.0)
    pace.end()
    assert (pace.width, pace.wait(150.0)) == (4, 0)


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["answered", "refused", "timed_out"]), max_size=200), st.integers(1, 52))
def test_the_width_always_lies_between_one_and_the_configured_number(events: list[str], most: int) -> None:
    pace = Pace(most)
    for now, event in enumerate(events):
        pace.begin(float(now))
        {
            "answered": lambda at: pace.answered(at, at, "0", None),
            "refused": lambda at: pace.refused(at, at, 1.0),
            "timed_out": lambda at: pace.timed_out(at, at),
        }[event](float(now))
        pace.end()
        assert 1 <= pace.width <= most
    assert pace.executing == 0


SHAPES = {"long pages": (2_000, 2.0), "short pages": (8_000, 0.5), "small requests": (20_000, 0.02)}


@pytest.mark.parametrize(("requests", "seconds"), SHAPES.values(), ids=SHAPES)
def test_a_long_load_never_meets_the_limits_and_uses_what_they_allow(requests: int, seconds: float) -> None:
    simulation = simulated(Pace(16), Settings(dop_hint=16), seconds=seconds, hint=16)
    took = simulation.run(requests)
    ideal = 300 * max(requests * seconds / 1_200 - 1, requests / 6_000 - 1)
    assert simulation.refusals == 0
    assert simulation.done == requests
    assert took < ideal * 1.1 + 300


def test_a_load_below_the_limits_is_not_slowed_at_all() -> None:
    assert simulated(Pace(16), Settings(dop_hint=16), seconds=1.0, hint=16).run(1_000) < 1_000 / 16 + 6


def test_more_web_servers_that_answer_make_the_budget_larger() -> None:
    pace = Pace(4, Limits(requests=100, execution_seconds=10.0, window_seconds=100.0))
    for server in ("0", "1", "2"):
        pace.begin(0.0)
        pace.answered(0.0, 9.0, server, None)
        pace.end()
    assert pace.wait(9.0) > 80
    pace.begin(9.0)
    pace.answered(9.0, 9.0, "3", None)
    pace.end()
    assert pace.wait(9.0) == 0


@settings(max_examples=50)
@given(
    seconds=st.floats(0.05, 5),
    most=st.integers(1, 52),
    requests=st.integers(20, 300),
    limits=st.tuples(st.integers(20, 60), st.floats(20, 60), st.integers(30, 90)),
)
def test_the_service_never_has_to_refuse_when_it_keeps_the_limits_we_know(seconds: float, most: int, requests: int, limits: Any) -> None:
    number, execution, window = limits
    pace = Pace(most, Limits(number, execution, float(window)))
    service = Settings(requests=number, execution_seconds=execution, window_seconds=float(window), dop_hint=52, concurrent=52)
    simulation = simulated(pace, service, seconds=seconds)
    simulation.run(requests)
    assert (simulation.refusals, simulation.done) == (0, requests)


@settings(max_examples=50)
@given(requests=st.integers(50, 400), allowed=st.integers(5, 40), seconds=st.floats(0.1, 3))
def test_a_service_stricter_than_we_know_still_answers_everything_and_is_left_alone_while_it_stops_us(
    requests: int, allowed: int, seconds: float
) -> None:
    simulation = simulated(Pace(16), Settings(requests=allowed, window_seconds=30.0), seconds=seconds)
    simulation.run(requests)
    assert simulation.done == requests
    assert simulation.refusals <= 8 + requests / allowed * 4


# Threads and HTTP


def test_threads_beyond_the_width_wait_until_one_is_done() -> None:
    gate, three, inside, most = Gate(3), threading.Barrier(3), [], []

    def work(number: int) -> None:
        with gate.turn():
            inside.append(number)
            most.append(len(inside))
            three.wait(60)
            inside.remove(number)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(30)))
    assert max(most) == 3
    assert gate.begun == 30


def test_a_turn_ends_when_the_request_fails() -> None:
    gate = Gate(1)
    with pytest.raises(RuntimeError), gate.turn():
        raise RuntimeError
    with gate.turn() as turn:
        turn.answered("0", None)
    assert gate.width == 1


def test_the_clock_of_a_gate_may_be_any() -> None:
    now = [0.0]
    gate = Gate(8, clock=lambda: now[0])
    with gate.turn() as turn:
        turn.refused(3_600.0)
    now[0] = 3_600.0
    with gate.turn() as turn:
        turn.answered("0", None)
    assert (gate.width, gate.refusals) == (4, 1)


def test_one_refusal_silences_all_threads(stub: Any, client_of: Any) -> None:
    refusal = JSONResponse({"error": {"code": "0x80072322", "message": "x"}}, 429, {"Retry-After": "2"})
    stub.answers = [*[JSONResponse({})] * 10, refusal, JSONResponse({})]
    client = client_of(stub)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get_json("WhoAmI"), range(60)))
    refused_at = stub.at[10]
    assert not [at for at in stub.at if refused_at + 0.8 < at < refused_at + 2.0]
    assert len(stub.seen) == 61


@pytest.fixture
def limited(dynamics: Any) -> Iterator[Any]:
    """`limited(requests=..., window_seconds=...)` until the end of the test."""
    usual = dynamics.switch("limits")
    yield lambda **changes: dynamics.switch("limits", **changes)
    dynamics.switch("limits", **usual)


def statuses(dynamics: Any) -> dict[str, int]:
    found: dict[str, int] = dynamics.sandbox.control("GET", "requests").json()["statuses"]
    return found


def hammer(client: Any, requests: int, threads: int = 12) -> None:
    """Ask so many times from so many threads; every answer must be one."""
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(lambda _: client.get_json("WhoAmI"), range(requests)))
    assert len({answer["UserId"] for answer in answers}) == 1


def test_a_storm_of_refusals_ends_with_every_request_answered(dynamics: Any, client_of: Any, limited: Any) -> None:
    limited(requests=15, window_seconds=1.0)
    before = statuses(dynamics).get("429", 0)
    client = client_of(dynamics)
    hammer(client, 40)
    refused = statuses(dynamics).get("429", 0) - before
    assert 1 <= refused == client.gate.refusals
    assert refused <= 20


def test_a_client_that_knows_the_limits_is_never_refused(dynamics: Any, client_of: Any, limited: Any) -> None:
    limited(requests=20, execution_seconds=100.0, window_seconds=1.0)
    client = client_of(dynamics, gate=Gate(8, Limits(20, 100.0, 1.1)))
    hammer(client, 36)
    assert client.gate.refusals == 0


def test_executing_seconds_are_paced_too(dynamics: Any, client_of: Any, limited: Any) -> None:
    limited(requests=1_000, execution_seconds=1.0, window_seconds=1.0, request_seconds=0.1)
    client = client_of(dynamics, gate=Gate(8, Limits(1_000, 1.0, 1.1)))
    hammer(client, 16)
    assert client.gate.refusals == 0


def test_every_web_server_behind_the_load_balancer_is_seen_because_no_cookie_ties_us_to_one(
    dynamics: Any, client_of: Any, limited: Any
) -> None:
    limited(servers=3)
    client = client_of(dynamics)
    hammer(client, 6, threads=2)
    assert client.gate.servers == 3


def test_too_many_at_once_are_fewer_after_a_refusal(dynamics: Any, client_of: Any, limited: Any) -> None:
    limited(concurrent=3, request_seconds=0.05)
    client = client_of(dynamics)
    hammer(client, 12, threads=8)
    assert client.gate.refusals >= 1


def test_the_recommendation_of_a_real_answer_is_kept_to(dynamics: Any, client_of: Any, limited: Any) -> None:
    limited(dop_hint=2, request_seconds=0.02)
    client, most = client_of(dynamics), []
    client.get_json("WhoAmI")

    def ask(number: int) -> None:
        client.get_json("WhoAmI")
        with client.gate.changing() as (pace, _):
            most.append(pace.executing)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(ask, range(12)))
    assert client.gate.width == client.gate.recommended == 2
    assert max(most) <= 2
