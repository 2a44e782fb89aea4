"""The envelope over real HTTP: login, tokens, headers, compression, service protection, rights, faults and controls."""

import csv
import io
import time
from typing import Any

import httpx
import pytest

from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID, TENANT_ID


@pytest.fixture(scope="module")
def client(dynamics: Any) -> Any:
    with dynamics.client() as made:
        yield made


def test_the_authority_describes_itself_and_gives_a_token(dynamics: Any) -> None:
    described = httpx.get(f"{dynamics.url}/{TENANT_ID}/v2.0/.well-known/openid-configuration").json()
    assert described["token_endpoint"] == f"{dynamics.url}/{TENANT_ID}/oauth2/v2.0/token"
    granted = dynamics.login().json()
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 3599)


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"tenant": "nosuch"}, 400, "invalid_request", 90002),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"client_id": "nobody"}, 400, "unauthorized_client", 700016),
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"scope": "user.read"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://elsewhere.example/.default"}, 400, "invalid_resource", 500011),
    ],
)
def test_logins_are_refused_with_the_authoritys_numbers(
    dynamics: Any, changes: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = dynamics.login(**changes)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (status, error, [number])


def test_a_scope_with_a_slash_too_many_is_refused(dynamics: Any) -> None:
    assert dynamics.login(scope=f"{dynamics.url}//.default").json()["error"] == "invalid_resource"


def test_who_am_i_and_the_headers_of_every_answer(client: Any) -> None:
    answer = client.get("WhoAmI")
    assert answer.json()["UserId"] == INTEGRATION_USER_ID
    assert answer.headers["OData-Version"] == "4.0"
    assert int(answer.headers["x-ms-dop-hint"]) > 0
    assert "x-ms-ratelimit-burst-remaining-xrm-requests" in answer.headers
    assert "ARRAffinity" in answer.headers["Set-Cookie"]
    assert client.get("WhoAmI()").json() == answer.json()


def test_without_a_token_the_answer_names_the_authority(dynamics: Any) -> None:
    answer = httpx.get(f"{dynamics.url}/api/data/v9.2/WhoAmI")
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"].startswith(f"Bearer authorization_uri={dynamics.url}/{TENANT_ID}")


def test_tokens_end_with_time_and_by_control(dynamics: Any) -> None:
    with dynamics.client() as other:
        assert other.get("WhoAmI").status_code == 200
        assert dynamics.switch("tokens", expire=True)["ended"] >= 1
        assert other.get("WhoAmI").status_code == 401
    with dynamics.client() as other:
        dynamics.switch("clock", advance_seconds=3600)
        assert other.get("WhoAmI").status_code == 401


def test_pages_are_compressed_when_asked_for(dynamics: Any) -> None:
    with dynamics.client() as client:
        plain = client.get("contacts", headers={"Accept-Encoding": "identity"})
        packed = client.get("contacts", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 3


def test_methods_and_versions_that_do_not_exist(dynamics: Any) -> None:
    with dynamics.client() as client:
        assert client.put("accounts").status_code == 405
        assert client.get(f"{dynamics.url}/api/data/v9.1/WhoAmI").status_code == 200
        assert client.get(f"{dynamics.url}/api/data/v7.0/WhoAmI").status_code == 404


def test_an_address_longer_than_32_kilobytes_is_refused(dynamics: Any) -> None:
    with dynamics.client() as client:
        filters = [" or ".join(["name eq 'x'"] * number) for number in (400, 2_000)]
        assert [client.get(f"accounts?$select=name&$filter={text}").status_code for text in filters] == [200, 414]


def test_an_application_that_is_no_user_is_told_so(dynamics: Any) -> None:
    with dynamics.client() as client:
        dynamics.switch("access", member=False)
        answer = client.get("WhoAmI")
        dynamics.switch("access", member=True)
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "The user is not a member of the organization.")


def test_rows_cost_server_time_and_too_many_requests_are_put_off(fresh_dynamics: Any) -> None:
    with fresh_dynamics.client() as client:
        fresh_dynamics.switch("limits", read_row_seconds=0.005)
        started = time.monotonic()
        assert len(client.get("contacts?$select=lastname&$top=60").json()["value"]) == 60
        assert time.monotonic() - started > 0.3
        fresh_dynamics.switch("limits", read_row_seconds=0, requests=3)
        answers = [client.get("WhoAmI") for _ in range(4)]
        assert [item.status_code for item in answers] == [200, 200, 200, 429]
        refused = answers[-1]
        assert (refused.json()["error"]["code"], int(refused.headers["Retry-After"]) >= 1) == ("0x80072322", True)


def test_faults_strike_the_crm_they_name(dynamics: Any) -> None:
    with dynamics.client() as client:
        dynamics.sandbox.faults({"action": "expired", "path": "/api/data/*/accounts"})
        answer = client.get("accounts")
        assert (answer.status_code, answer.content) == (401, b"")
        assert client.get("accounts").status_code == 200
        dynamics.sandbox.faults({"action": "expire_tokens", "path": "/api/data/*"})
        with dynamics.sandbox.client() as salesforce:
            assert client.get("WhoAmI").status_code == 401
            assert salesforce.get("limits").status_code == 200
        dynamics.sandbox.faults()


def test_requests_are_counted_by_kind(dynamics: Any) -> None:
    dynamics.sandbox.control("DELETE", "requests")
    with dynamics.client() as client:
        for path in ("WhoAmI", "accounts", "accounts/$count", "EntityDefinitions", "$metadata"):
            assert client.get(path).status_code == 200
    counted = dynamics.sandbox.requests()
    wanted = {"dynamics.token": 1, "dynamics.function": 1, "dynamics.query": 1, "dynamics.count": 1, "dynamics.metadata": 2}
    assert {name: counted.get(name) for name in wanted} == wanted


def test_the_truth_is_given_and_unknown_switches_are_refused(dynamics: Any) -> None:
    for name in ("pairs", "twins", "traps"):
        assert list(csv.DictReader(io.StringIO(dynamics.sandbox.control("GET", f"dynamics/truth/{name}").text)))
    for path, body in (("nosuch", {}), ("clock", {"x": 1}), ("limits", {"requests": 0}), ("access", {"nosuch": True})):
        assert httpx.post(f"{dynamics.url}/_sandbox/dynamics/{path}", json=body).status_code in (400, 404)


def test_retention_can_be_shortened(dynamics: Any) -> None:
    with dynamics.client(Prefer="odata.track-changes") as client:
        link = client.get("accounts?$select=name").json()["@odata.deltaLink"]
        assert dynamics.switch("tracking", retention_days=0)["retention_days"] == 0
        dynamics.switch("clock", advance_seconds=2)
        answer = client.get(link)
        dynamics.switch("tracking", retention_days=7)
    assert answer.json()["error"]["code"] == "0x80044352"
