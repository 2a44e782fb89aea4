"""Single rows: create, update, upsert, delete, properties, conditions, and what is checked in a value."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID, INTEGRATION_USER_ID
from tests.connectors.sandbox.dataverse.writekit import NOBODY, NOW, Environment, environment, refusal


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with environment(tmp_path_factory.mktemp("dataverse")) as made:
        yield made


@pytest.fixture(scope="module")
def account(env: Environment) -> str:
    return env.create("accounts", name="Nordwind")


def test_a_new_row_has_stamps_owner_and_unit_of_the_caller(env: Environment) -> None:
    made = env.create("accounts", name="Acme", revenue=10.5)
    stored = env.rows(
        "select createdon, _createdby_value, _ownerid_value, _ownerid_type, statecode, statuscode from account where accountid = ?", made
    )
    assert stored == [(NOW, INTEGRATION_USER_ID, INTEGRATION_USER_ID, "systemuser", 0, 1)]
    assert env.value("account", "_owningbusinessunit_value", made) == BUSINESS_UNIT_ID
    assert env.value("account", "revenue_base", made) == 10.5


def test_an_id_may_be_given_once(env: Environment) -> None:
    wanted = "11111111-1111-1111-1111-111111111111"
    assert env.create("accounts", name="A", accountid=wanted.upper()) == wanted
    assert refusal(env.client.post("accounts", json={"name": "A", "accountid": wanted})) == (412, "0x80040237")


def test_a_back_dated_row_keeps_the_true_date_of_its_creation(env: Environment) -> None:
    made = env.create("accounts", name="Old", overriddencreatedon="2020-01-02T03:04:05Z")
    assert env.value("account", "createdon", made) == datetime(2020, 1, 2, 3, 4, 5)
    assert env.value("account", "overriddencreatedon", made) == NOW


def test_an_update_writes_only_what_it_names_and_gives_a_new_version(env: Environment) -> None:
    made = env.create("contacts", firstname="Ada", lastname="Lovelace", jobtitle="Analyst")
    version = env.value("contact", "versionnumber", made)
    assert env.patch(f"contacts({made})", lastname="Byron").status_code == 204
    assert env.value("contact", "fullname", made) == "Ada Byron"
    assert env.value("contact", "jobtitle", made) == "Analyst"
    assert env.value("contact", "versionnumber", made) > version


def test_a_patch_without_if_match_creates_the_row_again_and_with_it_does_not(env: Environment) -> None:
    made = env.create("accounts", name="Gone")
    assert env.client.delete(f"accounts({made})").status_code == 204
    assert env.refused(f"accounts({made})", name="Back") == (404, "0x80040217")
    assert env.client.patch(f"accounts({made})", json={"name": "Back"}).status_code == 204
    assert env.value("account", "name", made) == "Back"


def test_if_none_match_star_only_creates(env: Environment, account: str) -> None:
    answer = env.client.patch(f"accounts({account})", json={"name": "x"}, headers={"If-None-Match": "*"})
    assert refusal(answer) == (412, "0x80040237")


def test_an_etag_that_is_not_the_rows_is_refused(env: Environment, account: str) -> None:
    etag = f'W/"{env.value("account", "versionnumber", account)}"'
    assert env.patch(f"accounts({account})", {"If-Match": etag}, telephone1="1").status_code == 204
    assert refusal(env.patch(f"accounts({account})", {"If-Match": etag}, telephone1="2")) == (412, "0x80060882")
    assert refusal(env.client.delete(f"accounts({account})", headers={"If-Match": etag})) == (412, "0x80060882")


def test_an_etag_is_refused_where_the_table_has_no_optimistic_concurrency(env: Environment) -> None:
    answer = env.patch(f"systemusers({INTEGRATION_USER_ID})", {"If-Match": 'W/"1"'}, title="x")
    assert refusal(answer) == (400, "0x8006088d")


def test_a_representation_is_the_row_as_a_get_shows_it(env: Environment) -> None:
    headers = {"Prefer": "return=representation"}
    made = env.client.post("accounts?$select=name", json={"name": "Seen"}, headers=headers)
    assert (made.status_code, made.json()["name"]) == (201, "Seen")
    changed = env.client.patch(f"accounts({made.json()['accountid']})?$select=telephone1", json={"telephone1": "7"}, headers=headers)
    assert (changed.status_code, changed.json()["telephone1"]) == (200, "7")
    assert "name" not in changed.json()


def test_columns_the_platform_keeps_are_passed_over_in_silence(env: Environment, account: str) -> None:
    assert env.patch(f"accounts({account})", createdon="2001-01-01T00:00:00Z", merged=True, versionnumber=1).status_code == 204
    assert env.value("account", "createdon", account) == NOW
    assert env.value("account", "merged", account) is False


def test_an_empty_text_is_no_text(env: Environment, account: str) -> None:
    env.patch(f"accounts({account})", telephone1="", websiteurl=None)
    assert env.value("account", "telephone1", account) is None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "x" * 161}, "0x80044331"),
        ({"numberofemployees": -1}, "0x80044330"),
        ({"numberofemployees": 1.0}, "0x80048d19"),
        ({"numberofemployees": "5"}, "0x80048d19"),
        ({"numberofemployees": True}, "0x80048d19"),
        ({"revenue": "1"}, "0x80048d19"),
        ({"industrycode": 99}, "0x8004431a"),
        ({"creditonhold": "true"}, "0x80048d19"),
        ({"name": 5}, "0x80048d19"),
        ({"overriddencreatedon": "soon", "nothing": 1}, "0x80048d19"),
        ({"Name": "case matters"}, "0x80048d19"),
        ({"_primarycontactid_value": NOBODY}, "0x80048d19"),
        ({"primaryContactId__": f"/contacts({NOBODY})"}, "0x80048d19"),
        ({"primarycontactid__": f"/accounts({NOBODY})"}, "0x80048d19"),
        ({"primarycontactid__": NOBODY}, "0x80048d19"),
        ({"statuscode": 2}, "0x80048408"),
        ({"statecode": 0, "statuscode": 2}, "0x80048408"),
        ({"statecode": 7}, "0x8004431a"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_refused(env: Environment, account: str, values: dict[str, Any], code: str) -> None:
    assert env.refused(f"accounts({account})", **values) == (400, code)


@pytest.mark.parametrize("text", ["2026-03-01T00:00:00Z", "01.03.2026", "2026-02-30", 5])
def test_a_date_without_time_takes_nothing_else(env: Environment, text: Any) -> None:
    made = env.create("contacts", lastname="Born")
    assert env.refused(f"contacts({made})", birthdate=text) == (400, "0x80048d19")
    env.patch(f"contacts({made})", birthdate="1990-03-01")
    assert env.value("contact", "birthdate", made) == date(1990, 3, 1)


def test_an_instant_is_kept_in_utc_to_the_second(env: Environment) -> None:
    made = env.create("tasks", subject="t", scheduledend="2026-03-01T10:00:00.123+02:00")
    assert env.value("task", "scheduledend", made) == datetime(2026, 3, 1, 8)


def test_a_lookup_is_bound_by_address_and_its_navigation_decides_the_target(env: Environment, account: str) -> None:
    contact = env.create("contacts", lastname="C", parentcustomerid_account__=f"/accounts({account})")
    assert env.rows("select _parentcustomerid_value, _parentcustomerid_type from contact where contactid = ?", contact) == [
        (account, "account")
    ]
    assert env.patch(f"accounts({account})", primarycontactid__=f"{env.client.base_url}contacts({contact})").status_code == 204
    assert env.value("account", "_primarycontactid_value", account) == contact
    assert env.patch(f"accounts({account})", primarycontactid=None).status_code == 204
    assert env.value("account", "_primarycontactid_value", account) is None


def test_a_lookup_of_a_row_that_is_not_there_is_refused(env: Environment, account: str) -> None:
    assert env.refused(f"accounts({account})", primarycontactid__=f"/contacts({NOBODY})") == (404, "0x80040217")
    assert env.refused(f"accounts({account})", primarycontactid__="/nothings(1)")[0] == 400


def test_an_owner_may_be_a_team_but_not_nobody(env: Environment, account: str) -> None:
    team = env.create("teams", name="East")
    env.patch(f"accounts({account})", ownerid__=f"/teams({team})")
    assert env.rows("select _owningteam_value, _owninguser_value from account where accountid = ?", account) == [(team, None)]
    assert env.refused(f"accounts({account})", ownerid=None) == (400, "0x80040200")


def test_a_state_alone_brings_its_first_reason(env: Environment) -> None:
    made = env.create("opportunities", name="Deal")
    env.patch(f"opportunities({made})", statecode=2)
    assert env.rows("select statecode, statuscode from opportunity where opportunityid = ?", made) == [(2, 4)]
    env.patch(f"opportunities({made})", statuscode=5)
    assert env.value("opportunity", "statuscode", made) == 5


def test_single_properties_and_references_are_set_and_blanked(env: Environment) -> None:
    made, other = env.create("accounts", name="P"), env.create("accounts", name="Q")
    assert env.client.put(f"accounts({made})/telephone1", json={"value": "5"}).status_code == 204
    assert env.value("account", "telephone1", made) == "5"
    assert env.client.delete(f"accounts({made})/telephone1").status_code == 204
    assert env.value("account", "telephone1", made) is None
    assert env.client.put(f"accounts({made})/parentaccountid/$ref", json={"@odata.id": f"accounts({other})"}).status_code == 204
    assert env.value("account", "_parentaccountid_value", made) == other
    assert env.client.delete(f"accounts({made})/parentaccountid/$ref").status_code == 204
    assert env.value("account", "_parentaccountid_value", made) is None
    assert env.client.put(f"accounts({made})/nothing", json={"value": "5"}).status_code == 400
    assert env.client.put(f"accounts({made})/name/$ref", json={"@odata.id": f"accounts({other})"}).status_code == 400


def test_rows_join_and_leave_a_collection(env: Environment, account: str) -> None:
    contact = env.create("contacts", lastname="Member")
    here = f"accounts({account})/contact_customer_accounts"
    assert env.client.post(f"{here}/$ref", json={"@odata.id": f"{env.client.base_url}contacts({contact})"}).status_code == 204
    assert env.value("contact", "_parentcustomerid_value", contact) == account
    assert env.client.delete(f"{here}({contact})/$ref").status_code == 204
    assert env.rows("select _parentcustomerid_value, _parentcustomerid_type from contact where contactid = ?", contact) == [(None, None)]
    assert refusal(env.client.delete(f"{here}({contact})/$ref")) == (404, "0x80040217")
    assert env.client.post(f"accounts({account})/nothing/$ref", json={}).status_code == 400


def test_rights_are_asked_before_anything_is_written(env: Environment, account: str) -> None:
    env.access.restrict(read_only_tables=["account"])
    assert env.refused(f"accounts({account})", name="x") == (403, "0x80040220")
    assert refusal(env.client.post("accounts", json={"name": "x"})) == (403, "0x80040220")
    assert refusal(env.client.delete(f"accounts({account})")) == (403, "0x80040220")
    env.access.restrict(read_only_tables=[], secured_columns=["account.telephone1"])
    assert env.refused(f"accounts({account})", telephone1="x") == (403, "0x8004f507")
    assert refusal(env.client.post("accounts", json={"name": "x", "telephone1": "x"})) == (403, "0x8004f502")
    env.access.restrict(secured_columns=[])


def test_tables_that_are_read_only_say_so(env: Environment) -> None:
    assert env.refused(f"activitypointers({NOBODY})", subject="x") == (404, "0x80040217")
    assert refusal(env.client.post("activityparties", json={"addressused": "a@b.example"})) == (400, "0x80040800")


def test_malformed_requests_are_refused(env: Environment, account: str) -> None:
    assert refusal(env.client.patch(f"accounts({account})", content=b"{")) == (400, "0x80048d19")
    assert env.client.patch("accounts(accountnumber='5')", json={}).status_code == 404
    assert env.client.patch(f"accounts(accountid={account})", json={"telephone1": "1"}).status_code == 204
    assert env.client.post("nothings", json={}).status_code == 404
