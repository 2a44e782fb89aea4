"""Writes that go wrong over real HTTP: refused for a while, poisoned, or carried out without an answer."""

from collections.abc import Iterator

import httpx
import pytest

from connectors.sandbox.dataverse.login import CLIENT_ID, CLIENT_SECRET
from connectors.sandbox.dataverse.standing import TENANT_ID
from tests.conftest import RunningSandbox
from tests.connectors.sandbox.dataverse.writekit import TYPE, refusal

UPDATE = f"/api/data/*/accounts/{TYPE}UpdateMultiple"


@pytest.fixture(scope="module")
def client(sandbox: RunningSandbox) -> Iterator[httpx.Client]:
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": f"{sandbox.url}/.default"}
    token = httpx.post(f"{sandbox.url}/{TENANT_ID}/oauth2/v2.0/token", data=form).raise_for_status().json()["access_token"]
    with httpx.Client(base_url=f"{sandbox.url}/api/data/v9.2/", headers={"Authorization": f"Bearer {token}"}, timeout=30) as made:
        yield made
    sandbox.faults()


@pytest.fixture
def ids(client: httpx.Client) -> list[str]:
    found = client.get("accounts?$select=accountid,telephone1&$top=3&$filter=statecode eq 0").raise_for_status().json()["value"]
    return [row["accountid"] for row in found]


def update(client: httpx.Client, ids: list[str], phone: str) -> httpx.Response:
    targets = [{"@odata.type": f"{TYPE}account", "accountid": record_id, "telephone1": phone} for record_id in ids]
    return client.post(f"accounts/{TYPE}UpdateMultiple", json={"Targets": targets})


def phones(client: httpx.Client, ids: list[str]) -> set[str]:
    return {client.get(f"accounts({record_id})?$select=telephone1").json()["telephone1"] for record_id in ids}


def test_a_lost_answer_hides_a_write_that_was_done_and_sending_it_again_is_harmless(
    sandbox: RunningSandbox, client: httpx.Client, ids: list[str]
) -> None:
    sandbox.faults({"action": "lose_answer", "method": "POST", "path": UPDATE})
    with pytest.raises(httpx.TransportError):
        update(client, ids, "lost")
    assert phones(client, ids) == {"lost"}
    assert update(client, ids, "lost").status_code == 204


def test_a_throttled_write_is_not_done_and_says_when_to_come_back(sandbox: RunningSandbox, client: httpx.Client, ids: list[str]) -> None:
    sandbox.faults({"action": "throttle", "path": UPDATE, "target": "execution_seconds", "value": 3, "times": 2})
    answers = [update(client, ids, "throttled") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 204]
    assert refusal(answers[0]) == (429, "0x80072321")
    assert answers[0].headers["Retry-After"] == "3"


def test_halving_finds_a_poisoned_row(sandbox: RunningSandbox, client: httpx.Client, ids: list[str]) -> None:
    sandbox.faults({"action": "poison_row", "object": ids[1], "times": 0})
    assert refusal(update(client, ids, "halved")) == (400, "0x80040265")
    assert [update(client, [record_id], "halved").status_code for record_id in ids] == [204, 400, 204]


def test_limits_are_set_by_a_control_call(sandbox: RunningSandbox, client: httpx.Client) -> None:
    sandbox.post_control("dynamics/limits", {"requests": 1, "window_seconds": 60})
    assert [client.get("WhoAmI").status_code for _ in range(2)] == [200, 429]
    sandbox.post_control("dynamics/limits", {"requests": 6000, "window_seconds": 300})
    assert client.get("WhoAmI").status_code == 200


def test_a_merged_row_shows_up_in_the_changes_with_what_it_moved(client: httpx.Client, ids: list[str]) -> None:
    track = {"Prefer": "odata.track-changes"}
    link = client.get("contacts?$select=_parentcustomerid_value", headers=track).raise_for_status().json()["@odata.deltaLink"]
    master, gone = ({"@odata.type": f"{TYPE}account", "accountid": record_id} for record_id in ids[:2])
    assert client.post("Merge", json={"Target": master, "Subordinate": gone, "PerformParentingChecks": False}).status_code == 204
    moved = client.get(link).raise_for_status().json()["value"]
    assert {row["_parentcustomerid_value"] for row in moved} <= {ids[0]}
    merged = client.get(f"accounts({ids[1]})?$select=merged,statecode,_masterid_value").json()
    assert (merged["merged"], merged["statecode"], merged["_masterid_value"]) == (True, 1, ids[0])
