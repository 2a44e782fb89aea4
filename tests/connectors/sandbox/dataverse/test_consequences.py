"""What follows from a write: parties of activities, mirrored connections, merges, and what goes with a deleted row."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx
import pytest

from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from tests.connectors.sandbox.dataverse.writekit import NOBODY, NOW, TYPE, Environment, environment, refusal

Party = tuple[int, str | None, str | None]


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


def parties(env: Environment, activity: str) -> list[Party]:
    sql = "select participationtypemask, _partyid_value, _partyid_type from activityparty where _activityid_value = ? order by 1, 2"
    return [(mask, party, kind) for mask, party, kind in env.rows(sql, activity)]


def mail(env: Environment, contact: str, account: str) -> str:
    given = [
        {"partyid_systemuser@odata.bind": f"/systemusers({INTEGRATION_USER_ID})", "participationtypemask": 1},
        {"partyid_contact@odata.bind": f"/contacts({contact})", "participationtypemask": 2},
        {"addressused": "stranger@example.org", "participationtypemask": 3},
    ]
    return env.create("emails", subject="s", regardingobjectid_account_email__=f"/accounts({account})", email_activity_parties=given)


def test_an_activity_is_made_with_its_parties_and_gets_owner_and_regarding_as_parties(env: Environment) -> None:
    account, contact = env.create("accounts", name="A"), env.create("contacts", lastname="C")
    made = mail(env, contact, account)
    assert parties(env, made) == [
        (1, INTEGRATION_USER_ID, "systemuser"),
        (2, contact, "contact"),
        (3, None, None),
        (8, account, "account"),
        (9, INTEGRATION_USER_ID, "systemuser"),
    ]
    sql = "select distinct _activityid_type, partyobjecttypecode from activityparty where _activityid_value = ? and _partyid_value = ?"
    assert env.rows(sql, made, contact) == [("email", "contact")]


def test_given_parties_replace_those_there_were_and_the_old_ids_are_deleted(env: Environment) -> None:
    account, contact, other = env.create("accounts", name="A"), env.create("contacts", lastname="C"), env.create("contacts", lastname="D")
    made = mail(env, contact, account)
    old = env.rows("select activitypartyid from activityparty where _activityid_value = ? and participationtypemask < 8", made)
    fresh = [{"partyid_contact@odata.bind": f"/contacts({other})", "participationtypemask": 1}]
    assert env.patch(f"emails({made})", email_activity_parties=fresh).status_code == 204
    assert parties(env, made) == [(1, other, "contact"), (8, account, "account"), (9, INTEGRATION_USER_ID, "systemuser")]
    logged = env.rows("select id from _deleted where \"table\" = 'activityparty'")
    assert set(old) <= set(logged)


def test_a_new_owner_or_regarding_row_is_the_new_party(env: Environment) -> None:
    first, second = env.create("accounts", name="A"), env.create("accounts", name="B")
    made = env.create("phonecalls", subject="p", regardingobjectid_account_phonecall__=f"/accounts({first})")
    team = env.create("teams", name="T")
    env.patch(f"phonecalls({made})", regardingobjectid_account_phonecall__=f"/accounts({second})", ownerid__=f"/teams({team})")
    assert parties(env, made) == [(8, second, "account"), (9, team, "team")]


def test_a_party_that_is_not_there_is_refused_with_its_activity(env: Environment) -> None:
    given = [{"partyid_contact@odata.bind": f"/contacts({NOBODY})", "participationtypemask": 2}]
    assert refusal(env.client.post("emails", json={"subject": "ghost", "email_activity_parties": given})) == (404, "0x80040217")
    assert env.rows("select count(*) from email where subject = 'ghost'") == [(0,)]


def test_a_completed_activity_has_ended_now_unless_it_says_when(env: Environment) -> None:
    call = env.create("phonecalls", subject="p")
    env.patch(f"phonecalls({call})", statecode=1)
    assert env.rows("select statuscode, actualend from phonecall where activityid = ?", call) == [(2, NOW)]
    said = env.create("phonecalls", subject="q")
    env.patch(f"phonecalls({said})", statecode=1, statuscode=4, actualend="2026-05-01T00:00:00Z")
    assert env.value("phonecall", "actualend", said) == datetime(2026, 5, 1)


def connected(env: Environment) -> tuple[str, str, str]:
    account, contact = env.create("accounts", name="Side A"), env.create("contacts", firstname="Side", lastname="B")
    role = env.create("connectionroles", name="Stakeholder")
    made = env.create(
        "connections",
        record1id_account__=f"/accounts({account})",
        record2id_contact__=f"/contacts({contact})",
        record2roleid__=f"/connectionroles({role})",
    )
    return made, account, contact


def test_a_connection_is_stored_twice_and_the_halves_name_each_other(env: Environment) -> None:
    made, account, contact = connected(env)
    other = env.value("connection", "_relatedconnectionid_value", made)
    columns = "_record1id_value, record1objecttypecode, _record2id_value, record2objecttypecode, ismaster, name"
    sql = f"select {columns}, _record1roleid_value is null, _relatedconnectionid_value from connection where connectionid = ?"
    assert env.rows(sql, made) == [(account, 1, contact, 2, True, "Side B", True, other)]
    assert env.rows(sql, other) == [(contact, 2, account, 1, False, "Side A", False, made)]


def test_both_halves_change_and_go_together(env: Environment) -> None:
    made, _, _ = connected(env)
    other = env.value("connection", "_relatedconnectionid_value", made)
    env.patch(f"connections({other})", description="known since school")
    assert env.value("connection", "description", made) == "known since school"
    assert env.client.delete(f"connections({other})").status_code == 204
    assert env.rows("select count(*) from connection where connectionid in (?, ?)", made, other) == [(0,)]


def test_a_connection_needs_two_sides(env: Environment) -> None:
    account = env.create("accounts", name="Alone")
    answer = env.client.post("connections", json={"record1id_account@odata.bind": f"/accounts({account})"})
    assert refusal(answer) == (400, "0x80040203")


def merged(env: Environment, entity: str, key: str, target: str, gone: str, **content: str) -> httpx.Response:
    rows = {name: {"@odata.type": TYPE + entity, key: value} for name, value in (("Target", target), ("Subordinate", gone))}
    update = {"UpdateContent": {"@odata.type": TYPE + entity, key: target, **content}} if content else {}
    return env.client.post("Merge", json={**rows, **update, "PerformParentingChecks": False})


def versions(env: Environment, table: str, ids: Sequence[str]) -> list[int]:
    return [env.value(table, "versionnumber", record_id) for record_id in ids]


def test_a_merge_deactivates_the_subordinate_and_moves_what_pointed_at_it(env: Environment) -> None:
    master, gone = env.create("accounts", name="Master"), env.create("accounts", name="Gone")
    contact = env.create("contacts", lastname="Child", parentcustomerid_account__=f"/accounts({gone})")
    call = env.create("phonecalls", subject="about", regardingobjectid_account_phonecall__=f"/accounts({gone})")
    before = versions(env, "contact", [contact])
    assert merged(env, "account", "accountid", master, gone, telephone1="55").status_code == 204
    sql = "select statecode, statuscode, merged, _masterid_value from account where accountid = ?"
    assert env.rows(sql, gone) == [(1, 2, True, master)]
    assert env.rows(sql, master) == [(0, 1, False, None)]
    assert env.value("account", "telephone1", master) == "55"
    assert env.value("contact", "_parentcustomerid_value", contact) == master
    assert versions(env, "contact", [contact]) > before
    assert env.value("phonecall", "_regardingobjectid_value", call) == master
    assert (8, master, "account") in parties(env, call)


def test_a_chain_of_merges_stays_a_chain(env: Environment) -> None:
    first, second, third = (env.create("leads", lastname=name) for name in "abc")
    merged(env, "lead", "leadid", second, first)
    merged(env, "lead", "leadid", third, second)
    assert env.value("lead", "_masterid_value", first) == second
    assert env.rows("select _masterid_value, statecode from lead where leadid = ?", second) == [(third, 2)]


def test_what_cannot_be_merged_is_refused_and_nothing_has_moved(env: Environment) -> None:
    account, deal = env.create("accounts", name="M"), env.create("opportunities", name="O")
    assert refusal(merged(env, "account", "accountid", account, account)) == (400, "0x80040203")
    assert refusal(merged(env, "opportunity", "opportunityid", deal, NOBODY)) == (400, "0x80040203")
    assert refusal(merged(env, "account", "accountid", account, NOBODY)) == (404, "0x80040217")
    child = env.create("contacts", lastname="Stays", parentcustomerid_account__=f"/accounts({account})")
    other = env.create("accounts", name="N")
    assert refusal(merged(env, "account", "accountid", other, account, telephone1="x" * 51)) == (400, "0x80044331")
    assert env.value("contact", "_parentcustomerid_value", child) == account


def test_a_delete_takes_children_along_and_logs_every_row(env: Environment) -> None:
    account = env.create("accounts", name="Root")
    contact = env.create("contacts", lastname="Leaf", parentcustomerid_account__=f"/accounts({account})")
    deal = env.create("opportunities", name="Deal", customerid_account__=f"/accounts({account})")
    child = env.create("accounts", name="Child", parentaccountid__=f"/accounts({account})")
    task = env.create("tasks", subject="t", regardingobjectid_contact_task__=f"/contacts({contact})")
    assert env.client.delete(f"accounts({account})").status_code == 204
    logged = env.rows('select "table", id from _deleted where id in (?, ?, ?, ?)', account, contact, deal, task)
    assert sorted(logged) == sorted([("account", account), ("contact", contact), ("opportunity", deal), ("task", task)])
    assert parties(env, task) == []
    assert env.value("account", "_parentaccountid_value", child) is None
    assert refusal(env.client.delete(f"accounts({account})")) == (404, "0x80040217")


def test_a_deleted_person_stays_a_party_marked_as_deleted(env: Environment) -> None:
    account, contact = env.create("accounts", name="A"), env.create("contacts", lastname="Leaver")
    made = mail(env, contact, account)
    env.client.delete(f"contacts({contact})")
    assert env.rows("select ispartydeleted from activityparty where _activityid_value = ? and _partyid_value = ?", made, contact) == [
        (True,)
    ]
