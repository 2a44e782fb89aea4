"""Login, sessions, versions, allowances: what happens before a call reaches its handler."""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.sandbox.salesforce.login import JWT_GRANT, KEY_FILE
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store
from tests.connectors.sandbox.orgkit import BASE, NOW, Org, error_of, new_org

CLIENT = {"client_id": "sandbox-integration", "client_secret": "sandbox-secret"}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    with new_org(tmp_path / "state") as made:
        yield made


def login(org: Org, **form: str) -> httpx.Response:
    return org.client.post("/services/oauth2/token", data=form)


def assertion(org: Org, key: Any = None, **claims: Any) -> dict[str, str]:
    signing = key or (org.store.state_dir / KEY_FILE).read_text()
    known = {
        "iss": CLIENT["client_id"],
        "sub": "integration@sandbox.example",
        "aud": "https://login.salesforce.com",
        "exp": time.time() + 60,
    }
    return {"grant_type": JWT_GRANT, "assertion": jwt.encode({**known, **claims}, signing, algorithm="RS256")}


def test_client_credentials_give_a_token_and_where_to_use_it(org: Org) -> None:
    answer = login(org, grant_type="client_credentials", **CLIENT).json()
    assert answer["token_type"] == "Bearer"
    assert answer["instance_url"] == "http://testserver"
    assert answer["id"].endswith(INTEGRATION_USER_ID)
    assert org.call("GET", "/limits", headers={"Authorization": f"Bearer {answer['access_token']}"}).status_code == 200


def test_credentials_are_taken_from_basic_authorization_too(org: Org) -> None:
    answer = org.client.post("/services/oauth2/token", data={"grant_type": "client_credentials"}, auth=tuple(CLIENT.values()))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", **CLIENT, "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "client_credentials", **CLIENT, "client_id": "wrong"}, "invalid_client_id"),
        ({"grant_type": "password", **CLIENT, "username": "u", "password": "p"}, "unsupported_grant_type"),
        ({"grant_type": JWT_GRANT, "assertion": "rubbish"}, "invalid_grant"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_refused_logins_name_oauths_code(org: Org, form: dict[str, str], error: str) -> None:
    answer = login(org, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_signed_assertion_logs_in(org: Org) -> None:
    assert login(org, **assertion(org)).status_code == 200
    assert login(org, **assertion(org, aud="http://testserver")).status_code == 200


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"exp": time.time() - 5}, "expired authorization code"),
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"sub": "somebody@sandbox.example"}, "user hasn't approved this consumer"),
        ({"iss": "somebody"}, "client identifier invalid"),
    ],
)
def test_assertions_are_checked(org: Org, claims: dict[str, Any], description: str) -> None:
    assert login(org, **assertion(org, **claims)).json()["error_description"] == description


def test_an_assertion_of_another_key_is_refused(org: Org) -> None:
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    assert login(org, **assertion(org, key=stranger)).json()["error"] == "invalid_grant"


def test_no_token_an_old_one_and_an_ended_one_are_an_invalid_session(org: Org) -> None:
    invalid = (401, "INVALID_SESSION_ID")
    assert error_of(org.call("GET", "/limits", headers={"Authorization": "Bearer nothing"})) == invalid
    org.store.clock.advance(7_201)
    assert error_of(org.call("GET", "/limits")) == invalid
    org.client.headers["Authorization"] = f"OAuth {org.api.tokens.issue()}"
    assert org.call("GET", "/limits").status_code == 200
    assert org.api.tokens.expire_all() == 2
    assert error_of(org.call("GET", "/limits")) == invalid


@pytest.mark.parametrize(
    ("version", "status"), [("v31.0", 200), ("v67.0", 200), ("v30.0", 410), ("v68.0", 404), ("v59", 404), ("latest", 404)]
)
def test_versions(org: Org, version: str, status: int) -> None:
    assert org.client.get(f"/services/data/{version}/limits").status_code == status


def test_versions_are_listed_without_a_session(org: Org) -> None:
    listed = org.client.get("/services/data/", headers={"Authorization": ""}).json()
    assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert len(listed) == 37


def test_resources_name_the_identity_and_it_answers(org: Org) -> None:
    resources = org.call("GET", "/").json()
    assert resources["query"] == f"{BASE}/query"
    identity = org.client.get(resources["identity"]).json()
    assert identity["user_id"] == INTEGRATION_USER_ID
    assert org.client.get("/services/oauth2/userinfo").json()["preferred_username"] == identity["username"]


def test_unknown_paths_and_methods(org: Org) -> None:
    assert error_of(org.call("GET", "/nowhere/at/all")) == (404, "NOT_FOUND")
    assert error_of(org.call("DELETE", "/limits")) == (405, "METHOD_NOT_ALLOWED")
    assert error_of(org.call("GET", "/sobjects/Nothing__c/describe")) == (404, "NOT_FOUND")


def test_every_answer_tells_the_calls_used_and_the_last_one_is_refused(org: Org) -> None:
    assert org.call("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    org.api.limits.maximum["DailyApiRequests"] = 2
    assert org.call("GET", "/limits").json()["DailyApiRequests"] == {"Max": 2, "Remaining": 0}
    assert error_of(org.call("GET", "/limits")) == (403, "REQUEST_LIMIT_EXCEEDED")
    org.store.clock.advance(90_000)
    org.client.headers["Authorization"] = f"Bearer {org.api.tokens.issue()}"
    assert org.call("GET", "/limits").status_code == 200


def test_answers_are_compressed_only_when_asked(org: Org) -> None:
    with org.client.stream("GET", f"{BASE}/sobjects", headers={"Accept-Encoding": "gzip"}) as answer:
        assert json.loads(gzip.decompress(b"".join(answer.iter_raw())))["maxBatchSize"] == 200
    assert "content-encoding" not in org.call("GET", "/sobjects", headers={"Accept-Encoding": "identity"}).headers


def test_a_body_that_is_no_json_is_named(org: Org) -> None:
    assert error_of(org.call("POST", "/sobjects/Account", content=b"{")) == (400, "JSON_PARSER_ERROR")
    assert error_of(org.call("POST", "/sobjects/Account", content=b"[]")) == (400, "JSON_PARSER_ERROR")


def test_the_state_survives_a_restart_and_time_never_runs_back(tmp_path: Path) -> None:
    with new_org(tmp_path / "state") as org:
        org.create("Account", {"Name": "Kept"})
        org.custom_field("Account.GX_Note__c", type="Text", length=20)
        org.store.clock.advance(3_600)
    store = Store.open(tmp_path / "state")
    assert store.read('select "Name" from "Account"') == [("Kept",)]
    assert "GX_Note__c" in store.catalog["Account"].fields
    assert (store.clock.now() - NOW).total_seconds() > 3_600
    store.close()
    with pytest.raises(FileExistsError):
        Store.create(tmp_path / "state", NOW)
    with pytest.raises(FileNotFoundError):
        Store.open(tmp_path / "elsewhere")
