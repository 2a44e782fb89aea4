"""Deletes, merges and the logs that tell of them: which delete can be seen where."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.sandbox.orgkit import Org, error_of, new_org

WINDOW = {"start": "2026-05-31T00:00:00Z", "end": "2026-06-02T00:00:00+00:00"}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    with new_org(tmp_path / "state") as made:
        yield made


def deleted(org: Org, object_name: str) -> list[str]:
    answer = org.call("GET", f"/sobjects/{object_name}/deleted", params=WINDOW)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["deletedRecords"]]


def delete(org: Org, object_name: str, record_id: str) -> None:
    assert org.call("DELETE", f"/sobjects/{object_name}/{record_id}").status_code == 204


def everywhere(org: Org, object_name: str) -> list[Any]:
    return org.values(f"SELECT Id FROM {object_name}", all_rows=True)


def control(org: Org, path: str, body: dict[str, Any]) -> Any:
    return org.client.post(f"/_sandbox/salesforce/{path}", json=body)


def test_an_ordinary_delete_is_in_query_all_and_in_the_log(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    delete(org, "Account", account)
    assert (everywhere(org, "Account"), deleted(org, "Account")) == ([account], [account])


def test_relation_rows_deleted_themselves_are_only_in_the_log(org: Org) -> None:
    (contact,) = org.create("Contact", {"LastName": "A"})
    (task,) = org.create("Task", {"Subject": "x", "WhoId": contact})
    (relation,) = org.values("SELECT Id FROM TaskRelation")
    delete(org, "TaskRelation", relation)
    assert (everywhere(org, "TaskRelation"), deleted(org, "TaskRelation")) == ([], [relation])
    assert everywhere(org, "Task") == [task]


def test_team_members_vanish_without_a_trace(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    (member,) = org.create("AccountTeamMember", {"AccountId": account, "UserId": org.access.user_id})
    delete(org, "AccountTeamMember", member)
    assert (everywhere(org, "AccountTeamMember"), deleted(org, "AccountTeamMember")) == ([], [])


def test_relations_go_into_the_bin_with_their_activity(org: Org) -> None:
    (contact,) = org.create("Contact", {"LastName": "A"})
    (task,) = org.create("Task", {"Subject": "x", "WhoId": contact})
    delete(org, "Task", task)
    assert org.values("SELECT Id FROM TaskRelation") == []
    assert len(org.values("SELECT Id FROM TaskRelation WHERE IsDeleted = true", all_rows=True)) == 1


def test_an_account_takes_its_people_and_deals_along(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    (contact,) = org.create("Contact", {"LastName": "A", "AccountId": account})
    deal = {"Name": "D", "AccountId": account, "StageName": "Prospecting", "CloseDate": "2026-07-01"}
    (opportunity,) = org.create("Opportunity", deal)
    delete(org, "Account", account)
    assert (deleted(org, "Contact"), deleted(org, "Opportunity")) == ([contact], [opportunity])


def test_a_hard_delete_leaves_query_all_too(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    assert control(org, "hard_delete", {"object": "Account", "ids": [account]}).json() == {"deleted": [account]}
    assert (everywhere(org, "Account"), deleted(org, "Account")) == ([], [account])


def test_a_merge_names_the_survivor_and_moves_the_children(org: Org) -> None:
    master, loser = org.create("Contact", {"LastName": "A"}, {"LastName": "A2"})
    (task,) = org.create("Task", {"Subject": "x", "WhoId": loser})
    org.put("Task", SystemModstamp=WINDOW["start"])
    assert control(org, "merge", {"object": "Contact", "master": master, "losers": [loser]}).json() == {"merged": 1}
    assert org.row("Contact", loser)["MasterRecordId"] == master
    assert org.row("Contact", loser)["IsDeleted"] is True
    moved = org.row("Task", task)
    assert (moved["WhoId"], moved["SystemModstamp"].day) == (master, 1)
    assert org.values("SELECT RelationId FROM TaskRelation") == [master]
    assert deleted(org, "Contact") == [loser]


def test_impossible_merges_are_refused(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    assert control(org, "merge", {"object": "Task", "master": account, "losers": []}).status_code == 400
    assert "INVALID_CROSS_REFERENCE_KEY" in control(org, "merge", {"object": "Account", "master": account, "losers": ["x"]}).json()["error"]
    assert control(org, "merge", {"object": "Account"}).status_code == 400


def test_updated_tells_the_ids_changed_in_the_window(org: Org) -> None:
    first, second = org.create("Account", {"Name": "A"}, {"Name": "B"})
    with org.store.write() as cursor:
        cursor.execute('update "Account" set "SystemModstamp" = timestamp \'2026-01-01 00:00:00\' where "Id" = ?', [second])
    answer = org.call("GET", "/sobjects/Account/updated", params=WINDOW).json()
    assert answer["ids"] == [first]


def test_the_answer_is_complete_up_to_now_and_no_further(org: Org) -> None:
    answer = org.call("GET", "/sobjects/Account/deleted", params=WINDOW).json()
    assert answer["latestDateCovered"].startswith("2026-06-01T08:00:0")
    assert answer["earliestDateAvailable"].startswith("2026-05-17T08:00:0")


@pytest.mark.parametrize(
    ("path", "start", "end", "code"),
    [
        ("Account/deleted", "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z", "INVALID_REPLICATION_DATE"),
        ("Account/updated", "2026-04-01T00:00:00Z", "2026-06-01T00:00:00Z", "INVALID_REPLICATION_DATE"),
        ("Account/deleted", "2026-06-01T00:00:00Z", "2026-06-01T00:01:00Z", "INVALID_REPLICATION_DATE"),
        ("Account/deleted", "yesterday", "2026-06-01T00:01:00Z", "INVALID_REPLICATION_DATE"),
        ("Group/deleted", "2026-05-31T00:00:00Z", "2026-06-01T00:00:00Z", "INVALID_TYPE"),
    ],
)
def test_windows_are_checked(org: Org, path: str, start: str, end: str, code: str) -> None:
    assert error_of(org.call("GET", f"/sobjects/{path}", params={"start": start, "end": end})) == (400, code)


def test_a_window_needs_both_ends(org: Org) -> None:
    assert error_of(org.call("GET", "/sobjects/Account/deleted")) == (400, "MISSING_ARGUMENT")
