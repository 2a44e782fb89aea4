"""Logging in: what is asked of the authority, when a token is renewed, and what a refused login tells the user to do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from connectors.dynamics import auth
from connectors.dynamics.auth import TokenSource
from connectors.errors import CredentialError, MissingPermission, ServerBusy, Unreachable


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as opened:
        yield opened


def granted(seconds: Any) -> Response:
    return JSONResponse({"access_token": f"lives-{seconds}", "expires_in": seconds})


def denied(description: str, status: int = 400) -> Response:
    return JSONResponse({"error": "invalid_request", "error_description": description}, status)


def test_the_app_logs_in_for_this_environment_only(stub: Any, settings_of: Any, http: Any) -> None:
    assert TokenSource(settings_of(stub), http).current() == "token-1"
    credentials = {"client_id": "stub", "client_secret": "stub-secret"}
    assert stub.logins == [{"grant_type": "client_credentials", **credentials, "scope": f"{stub.url}/.default"}]


def test_one_login_serves_all_threads(stub: Any, settings_of: Any, http: Any) -> None:
    tokens = TokenSource(settings_of(stub), http)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tokens.current(), range(40))) == {"token-1"}
        assert set(pool.map(lambda _: tokens.renew("token-1"), range(40))) == {"token-2"}
    assert len(stub.logins) == 2


@pytest.mark.parametrize(("seconds", "logins"), [(3_599, 1), (301, 1), (0, 2), ("soon", 1), (None, 1)])
def test_a_token_is_renewed_before_its_end(stub: Any, settings_of: Any, http: Any, seconds: Any, logins: int) -> None:
    stub.grants = [granted(seconds), granted(3_599)]
    tokens = TokenSource(settings_of(stub), http)
    tokens.current()
    tokens.current()
    assert len(stub.logins) == logins


def test_a_short_lived_token_is_used_for_half_its_life(stub: Any, settings_of: Any, http: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: clock.seconds, seconds=1_000.0)
    monkeypatch.setattr(auth, "time", clock)
    stub.grants = [granted(60), granted(3_599)]
    tokens = TokenSource(settings_of(stub), http)
    tokens.current()
    clock.seconds += 29.9
    assert tokens.current() == "lives-60"
    clock.seconds += 0.1
    assert tokens.current() == "lives-3599"


REFUSALS = {
    "wrong secret": ({"client_secret": "wrong"}, "AADSTS7000215.*client_secret is wrong"),
    "unknown app": ({"client_id": "nobody"}, "AADSTS700016.*client_id is not an app of this tenant"),
    "unknown tenant": ({"tenant_id": "nowhere.example"}, "AADSTS90002.*there is no such tenant"),
}


@pytest.mark.parametrize(("changes", "says"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_login_says_what_to_check(dynamics: Any, settings_of: Any, http: Any, changes: Any, says: str) -> None:
    with pytest.raises(CredentialError, match=says) as caught:
        TokenSource(settings_of(dynamics, **changes), http).current()
    assert "\n" not in str(caught.value)
    assert "wrong;" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (denied("AADSTS500011: The resource principal was not found."), "does not know this environment: check environment_url"),
        (denied("AADSTS7000222: The provided client secret keys are expired.", 401), "client_secret has expired"),
        (denied("AADSTS50999: Something new.\nTrace ID: 1"), "AADSTS50999.*check tenant_id, client_id, client_secret and environment_url"),
        (Response("<html>Sign in</html>", media_type="text/html"), "authority must be the sign-in service"),
        (JSONResponse({"token_type": "Bearer"}), "refused the login"),
        (JSONResponse(["access_token"]), "authority must be the sign-in service"),
    ],
)
def test_other_refusals_end_in_one_line_too(stub: Any, settings_of: Any, http: Any, answer: Any, says: str) -> None:
    stub.grants = [answer]
    with pytest.raises(CredentialError, match=says) as caught:
        TokenSource(settings_of(stub), http).current()
    assert "\n" not in str(caught.value)
    assert "stub-secret" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_authority_that_is_busy_is_asked_again(stub: Any, client_of: Any, status: int) -> None:
    stub.grants, stub.answers = [Response(b"", status), Response(b"", status)], [JSONResponse({"fine": True})]
    assert client_of(stub).get_json("WhoAmI") == {"fine": True}
    assert len(stub.logins) == 3


def test_an_authority_that_stays_busy_is_named(stub: Any, settings_of: Any, http: Any) -> None:
    stub.grants = [Response(b"", 503)]
    with pytest.raises(ServerBusy, match=f"{stub.url} cannot log us in now"):
        TokenSource(settings_of(stub), http).current()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 does not answer .*; check authority"):
        TokenSource(settings_of(stub, authority="http://127.0.0.1:9"), http).current()


def test_an_app_without_a_user_in_the_environment_is_told_so(dynamics: Any, client_of: Any) -> None:
    dynamics.switch("access", member=False)
    with pytest.raises(MissingPermission, match="the app has no user in this environment; add it as an application user"):
        client_of(dynamics).get_json("WhoAmI")
    dynamics.switch("access", member=True)


def test_a_token_the_environment_no_longer_takes_is_renewed(dynamics: Any, client_of: Any) -> None:
    client = client_of(dynamics)
    client.get_json("WhoAmI")
    dynamics.switch("clock", advance_seconds=4_000)
    assert client.get_json("WhoAmI")["UserId"]
    assert client.calls == 3
