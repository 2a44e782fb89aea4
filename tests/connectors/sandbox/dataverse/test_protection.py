"""Service protection over HTTP: the three refusals, their headers, and server time."""

import time
from collections.abc import Iterator

import pytest

from connectors.sandbox.dataverse.limits import Settings
from connectors.sandbox.faults import Rule
from tests.connectors.sandbox.dataverse.writekit import Environment, environment, refusal


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


@pytest.fixture
def env(started: Environment) -> Iterator[Environment]:
    yield started
    started.protection.use(Settings())


def test_every_answer_tells_the_hint_and_what_is_left(env: Environment) -> None:
    env.protection.use(Settings(dop_hint=6))
    first, second = env.client.get("accounts"), env.client.get("nothings")
    assert first.headers["x-ms-dop-hint"] == second.headers["x-ms-dop-hint"] == "6"
    assert first.headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "5999"
    assert second.headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "5998"
    assert first.headers["x-ms-ratelimit-time-remaining-xrm-requests"].startswith("1,")


def test_too_many_requests_are_refused_with_retry_after_and_let_in_after_it(env: Environment) -> None:
    env.protection.use(Settings(requests=2))
    assert [env.client.get("accounts").status_code for _ in range(2)] == [200, 200]
    refused = env.client.get("accounts")
    assert refusal(refused) == (429, "0x80072322")
    assert 240 < int(refused.headers["Retry-After"]) <= 300
    env.wait(int(refused.headers["Retry-After"]))
    assert env.client.get("accounts").status_code == 200


def test_too_much_execution_time_is_refused(env: Environment) -> None:
    env.protection.use(Settings(execution_seconds=0.05, request_seconds=0.06, window_seconds=60))
    assert env.client.get("accounts").status_code == 200
    refused = env.client.get("accounts")
    assert refusal(refused) == (429, "0x80072321")
    assert 30 < int(refused.headers["Retry-After"]) <= 60


def test_too_many_requests_at_once_are_refused(env: Environment) -> None:
    env.protection.use(Settings(concurrent=2))
    user = env.access.user_id
    with env.protection.admit(user):
        assert env.client.get("accounts").status_code == 200
        with env.protection.admit(user):
            assert refusal(env.client.get("accounts")) == (429, "0x80072326")
    assert env.client.get("accounts").status_code == 200


def test_written_rows_cost_server_time(env: Environment) -> None:
    env.protection.use(Settings(written_row_seconds=0.05))
    started = time.monotonic()
    rows = [{"name": str(number)} for number in range(6)]
    assert env.multiple("CreateMultiple", "accounts", "account", *rows).status_code == 200
    assert time.monotonic() - started >= 0.3


def test_a_rule_refuses_the_next_request(env: Environment) -> None:
    env.faults.apply(Rule("throttle", target="execution_seconds", value=7), "/api/data/v9.2/accounts")
    refused = env.client.get("accounts")
    assert refusal(refused) == (429, "0x80072321")
    assert refused.headers["Retry-After"] == "7"
    assert env.client.get("accounts").status_code == 200


def test_the_affinity_cookie_keeps_a_client_on_its_server(env: Environment) -> None:
    env.protection.use(Settings(servers=2, requests=1))
    env.client.cookies.clear()
    assert env.client.get("accounts").status_code == 200
    assert refusal(env.client.get("accounts")) == (429, "0x80072322")
    env.client.cookies.clear()
    assert env.client.get("accounts").status_code == 200
    env.client.cookies.clear()
