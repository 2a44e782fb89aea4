"""Which answers of an org are asked again, which are final, and what the user reads then. Against a stub over real HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from connectors.errors import (
    CredentialError,
    CrmError,
    MissingPermission,
    PermanentError,
    QuotaExhausted,
    RateLimited,
    RequestRejected,
    ServerBusy,
    Unreachable,
)
from connectors.salesforce import collections
from connectors.salesforce.client import ATTEMPTS, RENEWALS, SalesforceClient
from connectors.salesforce.rest import salesforce

GOOD = JSONResponse({"fine": True})


def refused(status: int, code: str, message: str = "text") -> Response:
    return JSONResponse([{"errorCode": code, "message": message}], status)


@pytest.fixture
def client(stub: Any, settings_of: Any) -> Iterator[SalesforceClient]:
    with SalesforceClient(settings_of(stub)) as opened:
        yield opened


TRANSIENT = {
    "503 with an html page": Response("<html>Server too busy</html>", 503, media_type="text/html"),
    "500 without a body": Response(b"", 500),
    "420 without a body": Response(b"", 420),
    "406 without a body": Response(b"", 406),
    "an html page under status 200": Response("<html>We are setting things up</html>", 200, media_type="text/html"),
    "too many at once": refused(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    "a locked row": refused(400, "UNABLE_TO_LOCK_ROW"),
    "a slow query": refused(400, "QUERY_TIMEOUT"),
    "a transaction policy": refused(403, "TXN_SECURITY_METERING_ERROR"),
}


@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT)
def test_a_passing_failure_is_asked_again(client: Any, stub: Any, answer: Any) -> None:
    stub.answers = [answer, answer, GOOD]
    assert client.get_json("limits") == {"fine": True}
    assert len(stub.seen) == 3


@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT)
def test_a_lasting_failure_ends_after_a_few_attempts(client: Any, stub: Any, answer: Any) -> None:
    stub.answers = [answer]
    with pytest.raises((ServerBusy, RateLimited)):
        client.get_json("limits")
    assert len(stub.seen) == ATTEMPTS


FINAL = {
    "a bad query": (refused(400, "MALFORMED_QUERY"), RequestRejected),
    "a hidden field": (refused(400, "INVALID_FIELD", "No such column 'Title'"), RequestRejected),
    "an unknown object": (refused(400, "INVALID_TYPE"), RequestRejected),
    "another API version": (refused(409, "API_ERROR"), RequestRejected),
    "a missing right": (refused(403, "INSUFFICIENT_ACCESS"), MissingPermission),
    "no bulk API": (refused(400, "FeatureNotEnabled"), MissingPermission),
    "the day's calls": (refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), QuotaExhausted),
    "a retired version": (refused(410, "GONE"), PermanentError),
    "a moved org": (RedirectResponse("https://elsewhere.example/"), PermanentError),
    "a session refused for good": (refused(401, "INVALID_SESSION_ID"), CredentialError),
}


@pytest.mark.parametrize(("answer", "kind"), FINAL.values(), ids=FINAL)
def test_a_final_answer_is_not_asked_again(client: Any, stub: Any, answer: Any, kind: Any) -> None:
    stub.answers = [answer]
    with pytest.raises(kind) as caught:
        client.get_json("limits")
    assert len(stub.seen) == (1 + RENEWALS if kind is CredentialError else 1)
    assert "\n" not in str(caught.value)
    assert "/services/data/v62.0/limits" in str(caught.value)


def test_the_crms_own_code_is_kept(client: Any, stub: Any) -> None:
    stub.answers = [refused(400, "INVALID_FIELD", "No such\ncolumn")]
    with pytest.raises(RequestRejected, match="INVALID_FIELD No such column") as caught:
        client.get_json("limits")
    assert caught.value.code == "INVALID_FIELD"


def test_an_expired_session_is_renewed_once(client: Any, stub: Any) -> None:
    stub.answers = [GOOD, refused(401, "INVALID_SESSION_ID"), GOOD]
    client.get_json("limits")
    client.get_json("limits")
    assert stub.logins == 2
    assert [request[2]["authorization"] for request in stub.seen] == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_no_error_shows_a_secret(client: Any, stub: Any) -> None:
    stub.answers = [refused(401, "INVALID_SESSION_ID")]
    with pytest.raises(CredentialError) as caught:
        client.get_json("limits")
    assert "stub-secret" not in str(caught.value)
    assert "token-" not in str(caught.value)


def test_an_unreachable_host_is_named(stub: Any, settings_of: Any) -> None:
    with (
        SalesforceClient(settings_of(stub, instance_url="http://127.0.0.1:9")) as client,
        pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"),
    ):
        client.get_json("limits")


def test_a_login_that_is_refused_says_what_to_check(sandbox: Any, settings_of: Any) -> None:
    settings = settings_of(sandbox, client_secret="wrong")
    with SalesforceClient(settings) as client, pytest.raises(CredentialError, match="check client_id and client_secret"):
        client.get_json("limits")


def test_jwt_logs_in_with_the_users_key(sandbox: Any, settings_of: Any) -> None:
    keys = {"auth": "jwt", "username": "integration@sandbox.example", "private_key_file": sandbox.state / "jwt.pem", "client_secret": None}
    with SalesforceClient(settings_of(sandbox, **keys)) as client:
        assert client.get_json("limits")["DailyApiRequests"]["Max"] > 0


def test_a_missing_key_file_is_one_line(stub: Any, settings_of: Any) -> None:
    keys = {"auth": "jwt", "username": "a@b.example", "private_key_file": "/nowhere/key.pem"}
    with SalesforceClient(settings_of(stub, **keys)) as client, pytest.raises(CredentialError, match=r"/nowhere/key\.pem cannot be read"):
        client.get_json("limits")


def test_a_reset_connection_is_asked_again(sandbox: Any, settings_of: Any) -> None:
    sandbox.faults({"action": "reset", "path": "*/limits"})
    with SalesforceClient(settings_of(sandbox)) as client:
        assert client.get_json("limits")
    sandbox.faults()


def test_calls_are_counted_and_stop_at_our_share(client: Any, stub: Any) -> None:
    stub.answers = [Response(json.dumps({}), media_type="application/json", headers={"Sforce-Limit-Info": "api-usage=90/100"})]
    with pytest.raises(QuotaExhausted, match="max_calls_share"):
        _ = [client.get_json("limits") for _ in range(20)]
    assert client.quota.ours == len(stub.seen) == 9
    assert client.quota.left == 10


def test_bodies_are_asked_for_compressed(client: Any, stub: Any) -> None:
    stub.answers = [GOOD]
    client.get_json("limits")
    assert stub.seen[0][2]["accept-encoding"] == "gzip"


def test_no_write_runs_assignment_rules_which_would_give_leads_another_owner(client: Any, stub: Any) -> None:
    stub.answers = [JSONResponse([])]
    collections.update(client, "Lead", [{"Id": "00Q000000000001AAA", "GX_Why__c": "x"}])
    assert (stub.seen[0][0], stub.seen[0][2]["sforce-auto-assign"]) == ("PATCH", "FALSE")


def test_simple_salesforce_speaks_through_our_client(stub: Any, client: Any) -> None:
    stub.answers = [Response(b"", 503), JSONResponse({"sobjects": [{"name": "Account"}]})]
    assert salesforce(client).describe() == {"sobjects": [{"name": "Account"}]}
    assert [path for _, path, _, _ in stub.seen] == ["/services/data/v62.0/sobjects"] * 2
    assert stub.seen[0][2]["authorization"] == "Bearer token-1"


def test_simple_salesforce_asks_again_for_a_page_instead_of_data(stub: Any, client: Any) -> None:
    stub.answers = [TRANSIENT["an html page under status 200"], JSONResponse({"sobjects": []})]
    assert salesforce(client).describe() == {"sobjects": []}


def test_simple_salesforce_raises_our_errors(stub: Any, client: Any) -> None:
    stub.answers = [refused(404, "NOT_FOUND")]
    with pytest.raises(CrmError) as caught:
        salesforce(client).Nothing.describe()
    assert isinstance(caught.value, RequestRejected)
