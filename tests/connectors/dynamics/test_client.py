"""Which answers of an environment are asked again, which are final, what goes over the wire, and what the user reads then."""

import gzip
import json
import logging
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from connectors.dynamics.client import RENEWALS, DynamicsClient
from connectors.dynamics.faults import TooHeavy
from connectors.dynamics.links import same_environment
from connectors.dynamics.patience import ATTEMPTS, FAULT_SECONDS, WAIT_SECONDS, Call
from connectors.errors import (
    CredentialError,
    IncompleteRead,
    MissingPermission,
    PermanentError,
    RateLimited,
    RequestRejected,
    ServerBusy,
    Unreachable,
)

GOOD = JSONResponse({"fine": True})
PAGE = ["odata.maxpagesize=10"]


def refused(status: int, code: str, message: str = "text", **headers: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


@pytest.fixture
def client(stub: Any, client_of: Any) -> DynamicsClient:
    opened: DynamicsClient = client_of(stub)
    return opened


TRANSIENT = {
    "500 without a body": Response(b"", 500),
    "502 of a gateway": Response("<html>Bad gateway</html>", 502, media_type="text/html"),
    "503 with an html page": Response("<html>Server too busy</html>", 503, media_type="text/html"),
    "504 of a gateway": Response(b"", 504),
    "an html page under status 200": Response("<html>We are setting things up</html>", 200, media_type="text/html"),
    "an unexpected error": refused(500, "0x80040216"),
    "a deadlock": refused(500, "0x80044150", "Transaction was deadlocked (SQL error 1205)"),
    "a deadlock under another status": refused(400, "0x80044150", "SQL error 1205"),
    "a slow query": refused(500, "0x80044151", "SQL timeout expired."),
}


@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT)
def test_a_passing_failure_is_asked_again(client: Any, stub: Any, answer: Any) -> None:
    stub.answers = [answer, answer, GOOD]
    assert client.get_json("WhoAmI") == {"fine": True}
    assert len(stub.seen) == client.calls == 3


@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT)
def test_a_lasting_failure_ends_after_a_few_attempts(client: Any, stub: Any, answer: Any) -> None:
    stub.answers = [answer]
    with pytest.raises(ServerBusy, match=r"/api/data/v9\.2/WhoAmI"):
        client.get_json("WhoAmI")
    assert len(stub.seen) == ATTEMPTS


FINAL = {
    "a bad query": (refused(400, "0x80060888"), RequestRejected),
    "an expired delta token": (refused(410, "0x80044352"), RequestRejected),
    "change tracking off": (refused(400, "0x80072491"), RequestRejected),
    "change tracking impossible": (refused(400, "0x80072492"), RequestRejected),
    "a record changed meanwhile": (refused(412, "0x80060882"), RequestRejected),
    "no versions": (refused(400, "0x8006088D"), RequestRejected),
    "a record that is gone": (refused(404, "0x80040217"), RequestRejected),
    "an unknown key": (refused(404, "0x80060891"), RequestRejected),
    "an ambiguous key": (refused(412, "0x80060892"), RequestRejected),
    "a duplicate": (refused(412, "0x80040237"), RequestRejected),
    "a duplicate by rule": (refused(412, "0x80040333"), RequestRejected),
    "a text too long": (refused(400, "0x80044331"), RequestRejected),
    "a bad payload": (refused(400, "0x80048d19"), RequestRejected),
    "a column that is there": (refused(500, "0x80047013"), RequestRejected),
    "a missing privilege": (refused(403, "0x80040220"), MissingPermission),
    "a column not to be created": (refused(403, "0x8004F502"), MissingPermission),
    "a column not to be updated": (refused(403, "0x8004f507"), MissingPermission),
    "no user in the environment": (refused(403, "0x80072560", "The user is not a member of the organization."), MissingPermission),
    "a retired version": (refused(410, ""), PermanentError),
    "a moved environment": (RedirectResponse("https://elsewhere.example/"), PermanentError),
    "a token refused for good": (Response(b"", 401), CredentialError),
    "half of the JSON": (Response(b'{"value": [', media_type="application/json"), IncompleteRead),
}


@pytest.mark.parametrize(("answer", "kind"), FINAL.values(), ids=FINAL)
def test_a_final_answer_is_not_asked_again(client: Any, stub: Any, answer: Any, kind: Any) -> None:
    stub.answers = [answer]
    with pytest.raises(kind, match=r"/api/data/v9\.2/WhoAmI") as caught:
        client.get_json("WhoAmI")
    assert type(caught.value) is kind
    assert len(stub.seen) == (1 + RENEWALS if kind is CredentialError else 1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", ["0x8006088D", "0x8006088d", "-2147088243"])
def test_a_code_is_kept_in_one_spelling(client: Any, stub: Any, code: str) -> None:
    stub.answers = [refused(400, code)]
    with pytest.raises(RequestRejected) as caught:
        client.get_json("WhoAmI")
    assert caught.value.code == "0x8006088d"


def test_a_missing_privilege_is_named_with_its_table(client: Any, stub: Any) -> None:
    text = "Principal user (Id=1, type=8, roleCount=1) is missing prvReadLead privilege on OTC=4 for entity 'lead'."
    stub.answers = [refused(403, "0x80040220", text)]
    with pytest.raises(MissingPermission, match="privilege prvReadLead is missing on lead; add it to the application user's security role"):
        client.get_json("WhoAmI")


def test_an_app_without_a_user_is_told_where_to_add_one(client: Any, stub: Any) -> None:
    stub.answers = [refused(403, "0x80072560", "The user is not a member of the organization.")]
    with pytest.raises(MissingPermission, match="add it as an application user with a security role"):
        client.get_json("WhoAmI")


def test_an_error_shows_neither_secrets_nor_mail_addresses(client: Any, stub: Any) -> None:
    stub.answers = [refused(400, "0x80060888", "Cannot convert 'ann@acme.example' for gx_User@odata.bind")]
    with pytest.raises(RequestRejected) as caught:
        client.get_json("contacts", {"$filter": "emailaddress1 eq 'ann@acme.example'"})
    assert "acme.example" not in str(caught.value)
    assert "gx_User@odata.bind" in str(caught.value)
    assert "token-" not in str(caught.value)


def test_nothing_that_is_logged_has_a_query_string(client: Any, stub: Any, caplog: Any) -> None:
    stub.answers = [refused(503, ""), GOOD]
    with caplog.at_level(logging.INFO):
        client.get_json("contacts", {"$filter": "lastname eq 'Secret'"})
    assert "/api/data/v9.2/contacts" in caplog.text
    assert "Secret" not in caplog.text
    assert "filter" not in caplog.text


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("answer", [refused(500, "0x80044151"), Response(b"", 413), Response(b"", 504)], ids=["SQL timeout", "413", "504"])
def test_a_write_that_was_too_heavy_is_its_callers_to_split(client: Any, stub: Any, method: str, answer: Any) -> None:
    stub.answers = [answer]
    with pytest.raises(TooHeavy, match="ask for less at once"):
        client.request(method, "accounts", json={})
    assert len(stub.seen) == 1


def test_every_request_names_its_version_and_wants_no_cached_answer(client: Any, stub: Any) -> None:
    stub.answers = [GOOD]
    client.get_json("WhoAmI", prefer=["odata.maxpagesize=5", 'odata.include-annotations="x"'])
    client.post_json("accounts", {})
    for _, _, headers, _ in stub.seen:
        assert (headers["accept"], headers["odata-maxversion"], headers["odata-version"]) == ("application/json", "4.0", "4.0")
        assert headers["if-none-match"] == "null"
    assert stub.seen[0][2]["prefer"] == 'odata.maxpagesize=5,odata.include-annotations="x"'
    assert "prefer" not in stub.seen[1][2]
    assert len({headers["x-ms-client-request-id"] for _, _, headers, _ in stub.seen}) == 2


def test_headers_of_a_write_join_the_usual_ones(client: Any, stub: Any) -> None:
    stub.answers = [Response(status_code=204)]
    assert client.post_json("accounts", {"name": "A"}, headers={"MSCRM.SolutionUniqueName": "guanxi"}) is None
    assert client.request("PATCH", "accounts(1)", json={}, headers={"If-Match": "*"}).status_code == 204
    assert stub.seen[0][2]["mscrm.solutionuniquename"] == "guanxi"
    assert stub.seen[0][3] == b'{"name":"A"}'
    assert stub.seen[1][2]["if-match"] == "*"


@pytest.mark.parametrize(("compress", "encoding"), [(True, "gzip"), (False, "identity")])
def test_bodies_travel_compressed_when_that_is_wanted(stub: Any, client_of: Any, compress: bool, encoding: str) -> None:
    packed = Response(gzip.compress(b'{"fine": true}'), media_type="application/json", headers={"Content-Encoding": "gzip"})
    stub.answers = [packed if compress else GOOD]
    assert client_of(stub, compress=compress).get_json("WhoAmI") == {"fine": True}
    assert stub.seen[0][2]["accept-encoding"] == encoding


def test_the_cookie_that_ties_a_client_to_one_web_server_is_dropped(client: Any, stub: Any) -> None:
    stub.answers = [JSONResponse({}, headers={"Set-Cookie": "ARRAffinity=3; path=/; HttpOnly"})]
    client.get_json("WhoAmI")
    client.get_json("WhoAmI")
    assert "cookie" not in stub.seen[1][2]


LINKS = {
    "a cookie encoded twice": "contacts?$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253Ccookie%2520x%22%20/%3E",
    "characters httpx would encode": "contacts?$skiptoken=<cookie|page=\"2\"{}^`>&a='b'",
    "encoded letters and lower-case hex": "contacts?%24select=f%75llname&$deltatoken=919042%2108%2f22%2f2017%2008%3a10%3a44",
    "dots and doubled slashes": "./contacts//x/../y?$skiptoken=a/../b",
    "a plus and an empty value": "contacts?$skiptoken=a+b&$count=",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_of_the_service_is_followed_byte_for_byte(client: Any, stub: Any, link: str) -> None:
    stub.answers = [GOOD]
    client.page(f"{stub.url}/api/data/v9.2/{link}", prefer=PAGE)
    method, target, headers, _ = stub.seen[0]
    assert (method, target) == ("GET", f"/api/data/v9.2/{link}")
    assert headers["authorization"] == "Bearer token-1"
    assert headers["prefer"] == "odata.maxpagesize=10"


def test_a_question_of_our_own_is_encoded_as_odata_readers_expect(client: Any, stub: Any) -> None:
    stub.answers = [GOOD]
    client.get_json("contacts", {"$select": "fullname,jobtitle", "$filter": "lastname eq 'O''Hara & Sons' and a ne null", "$top": "1"})
    filtered = "lastname%20eq%20'O''Hara%20%26%20Sons'%20and%20a%20ne%20null"
    assert stub.seen[0][1] == f"/api/data/v9.2/contacts?$select=fullname,jobtitle&$filter={filtered}&$top=1"


def test_a_page_may_be_named_by_its_path(client: Any, stub: Any) -> None:
    stub.answers = [Response(b'{"value": []}', media_type="application/json")]
    assert client.page("contacts?$select=fullname&$filter=createdon ge 2026-01-01", prefer=PAGE) == b'{"value": []}'
    assert stub.seen[0][1] == "/api/data/v9.2/contacts?$select=fullname&$filter=createdon%20ge%202026-01-01"


@pytest.mark.parametrize("host", ["https://127.0.0.1", "http://127.0.0.1:1", "http://evil.example", "http://user@127.0.0.1", "http://[::1"])
def test_a_link_into_another_environment_is_not_followed(client: Any, stub: Any, host: str) -> None:
    stub.answers = [GOOD]
    with pytest.raises(RequestRejected, match="not followed"):
        client.page(f"{host}/api/data/v9.2/contacts?$skiptoken=1", prefer=PAGE)
    assert stub.seen == stub.logins == []


ALIASES = [
    ("https://org.crm4.dynamics.com/x", True),
    ("https://org.api.crm4.dynamics.com/x", True),
    ("https://ORG.crm4.dynamics.com:443/x", True),
    ("https://org2.crm4.dynamics.com/x", False),
    ("https://org.crm5.dynamics.com/x", False),
    ("https://org.crm4.dynamics.com.evil.example/x", False),
    ("https://org.crm4.dynamics.com:8443/x", False),
    ("http://org.crm4.dynamics.com/x", False),
]


@pytest.mark.parametrize(("link", "ours"), ALIASES)
def test_both_names_of_an_environment_are_the_same(link: str, ours: bool) -> None:
    assert same_environment(link, "https://org.crm4.dynamics.com") is ours
    assert same_environment(link, "https://org.api.crm4.dynamics.com") is ours


def test_pages_are_walked_to_the_end_of_a_real_table(dynamics: Any, client_of: Any) -> None:
    client, link, seen = client_of(dynamics), "contacts?$select=contactid", []
    while link:
        page = json.loads(client.page(link, prefer=PAGE))
        seen += [row["contactid"] for row in page["value"]]
        link = page.get("@odata.nextLink")
    totals = client.get_json("RetrieveTotalRecordCount(EntityNames=['contact'])")["EntityRecordCountCollection"]["Values"]
    assert len(seen) == len(set(seen)) == totals[0]


def test_a_token_that_ends_in_mid_walk_is_renewed_and_the_walk_goes_on(dynamics: Any, client_of: Any) -> None:
    client = client_of(dynamics)
    first = json.loads(client.page("contacts?$select=contactid", prefer=PAGE))
    dynamics.switch("tokens", expire=True)
    second = json.loads(client.page(first["@odata.nextLink"], prefer=PAGE))
    assert len(second["value"]) == 10
    assert {row["contactid"] for row in first["value"]}.isdisjoint(row["contactid"] for row in second["value"])


@pytest.mark.parametrize("fault", ["reset", "lose_answer", "unavailable", "expired"])
def test_a_fault_on_the_way_does_not_reach_the_caller(dynamics: Any, client_of: Any, fault: str) -> None:
    dynamics.sandbox.faults({"action": fault, "path": "/api/*"})
    client = client_of(dynamics)
    assert client.get_json("WhoAmI")["UserId"]
    assert client.calls == 2
    dynamics.sandbox.faults()


def test_an_unreachable_environment_is_named(stub: Any, client_of: Any) -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 does not answer .*; check environment_url and the network"):
        client_of(stub, environment_url="http://127.0.0.1:9").get_json("WhoAmI")


def test_a_body_cut_on_its_way_is_asked_for_again(client: Any, stub: Any) -> None:
    cut = Response(b'{"value"', media_type="application/json", headers={"Content-Length": "100"})
    stub.answers = [cut, GOOD]
    assert client.page("contacts", prefer=PAGE) == b'{"fine":true}'
    assert len(stub.seen) == 2


def test_a_refusal_for_too_much_is_waited_out_and_uses_up_no_attempt(client: Any, stub: Any) -> None:
    stub.answers = [*[refused(429, "0x80072322", **{"Retry-After": "0"})] * (3 * ATTEMPTS), GOOD]
    assert client.get_json("WhoAmI") == {"fine": True}
    assert client.gate.refusals == 3 * ATTEMPTS


def test_a_wait_nobody_would_bear_is_reported_instead(client: Any, stub: Any) -> None:
    stub.answers = [refused(429, "0x80072321", **{"Retry-After": str(int(WAIT_SECONDS) + 1)})]
    with pytest.raises(RateLimited, match="too much server time in five minutes") as caught:
        client.get_json("WhoAmI")
    assert caught.value.retry_after == WAIT_SECONDS + 1


@pytest.mark.parametrize(("failed", "again"), [(0.0, True), (FAULT_SECONDS, False)])
def test_patience_with_faults_counts_the_attempts_that_failed_and_not_the_waits(failed: float, again: bool) -> None:
    call = Call("GET", "https://org.crm.dynamics.com/api/data/v9.2/WhoAmI", {}, failed=failed, waited=WAIT_SECONDS)
    assert call.may_go_on(ServerBusy("busy")) is again
    assert call.may_go_on(RateLimited("too much", 1)) is False


def test_the_recommended_number_of_requests_in_flight_is_taken_from_any_answer(client: Any, stub: Any) -> None:
    def hinting(request: Request) -> Response:
        return JSONResponse({}, headers={"x-ms-dop-hint": "3"})

    stub.answers = [hinting]
    assert client.gate.width == 8
    client.get_json("contacts")
    assert client.gate.width == 3
