"""Writes: what is refused, what is kept, and what a write brings about by itself."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.cells import from_csv
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.records import create_many, update_many
from tests.connectors.sandbox.orgkit import Org, new_org

MEETING = {"Subject": "M", "StartDateTime": "2026-05-01T10:00:00.000+0000", "DurationInMinutes": 30}
DEAL = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-07-01"}


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with new_org(tmp_path_factory.mktemp("org")) as made:
        yield made


@pytest.mark.parametrize(
    ("object_name", "row", "code", "field"),
    [
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", "Name"),
        ("Account", {"Name": None}, "REQUIRED_FIELD_MISSING", "Name"),
        ("Account", {"Name": "A", "NumberOfEmployees": 1.5}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "NumberOfEmployees"),
        ("Account", {"Name": "A", "AnnualRevenue": "much"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "AnnualRevenue"),
        ("Account", {"Name": "A", "AnnualRevenue": 1e18}, "NUMBER_OUTSIDE_VALID_RANGE", "AnnualRevenue"),
        ("Account", {"Name": "A", "OwnerId": "nobody"}, "MALFORMED_ID", "OwnerId"),
        ("Account", {"Name": "A", "OwnerId": "001000000000000AAA"}, "FIELD_INTEGRITY_EXCEPTION", "OwnerId"),
        ("Account", {"Name": "A", "OwnerId": "005000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", "OwnerId"),
        ("Account", {"Name": "A", "IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", "IsDeleted"),
        ("Account", {"Name": "A", "Id": "001000000000000AAA"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Id"),
        ("Contact", {"LastName": "A", "Email": "nowhere"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ("Opportunity", {**DEAL, "CloseDate": "soon"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "CloseDate"),
        ("Task", {"TaskSubtype": "Fax"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "TaskSubtype"),
        ("Task", {"IsRecurrence": "perhaps"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "IsRecurrence"),
        ("Event", {"StartDateTime": "noon"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "StartDateTime"),
    ],
)
def test_refused_values(org: Org, object_name: str, row: dict[str, Any], code: str, field: str) -> None:
    assert org.refused(object_name, row) == (code, [field])


def test_free_picklists_take_any_value_and_defaults_fill_the_rest(org: Org) -> None:
    (task,) = org.create("Task", {"Type": "Pigeon"})
    kept = org.row("Task", task)
    assert (kept["Type"], kept["Status"], kept["TaskSubtype"], kept["OwnerId"]) == ("Pigeon", "Not Started", "Task", org.access.user_id)


def test_a_deleted_parent_cannot_be_named(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "Gone"})
    org.call("DELETE", f"/sobjects/Account/{account}")
    assert org.refused("Contact", {"LastName": "A", "AccountId": account}) == ("ENTITY_IS_DELETED", ["AccountId"])
    assert org.update("Account", {"Id": account, "Name": "Back"}) == ["ENTITY_IS_DELETED"]


def test_fields_set_once_are_not_updated(org: Org) -> None:
    (task,) = org.create("Task", {"TaskSubtype": "Call"})
    assert org.update("Task", {"Id": task, "TaskSubtype": "Email"}) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]


def test_an_update_moves_the_stamps_and_names_who_did_it(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "Before"})
    org.put("Account", SystemModstamp=datetime(2026, 1, 1), LastModifiedDate=datetime(2026, 1, 1), LastModifiedById=None)
    assert org.update("Account", {"Id": account[:15], "Name": "After"}) == [None]
    kept = org.row("Account", account)
    assert kept["SystemModstamp"] == kept["LastModifiedDate"] >= datetime(2026, 6, 1, 8)
    assert kept["SystemModstamp"].microsecond == 0
    assert kept["LastModifiedById"] == org.access.user_id


def test_what_is_not_sent_stays_and_null_blanks(org: Org) -> None:
    (contact,) = org.create("Contact", {"LastName": "A", "Title": "CTO", "Department": "IT"})
    assert org.update("Contact", {"Id": contact, "Title": None}) == [None]
    kept = org.row("Contact", contact)
    assert (kept["Title"], kept["Department"]) == (None, "IT")


def test_csv_cells_leave_blank_and_say_na(org: Org) -> None:
    (contact,) = org.create("Contact", {"LastName": "A", "Title": "CTO", "Department": "IT", "FirstName": "F"})
    cells = from_csv(pa.table({"Id": [contact], "Title": ["#N/A"], "Department": [""], "FirstName": ["NA"]}))
    assert update_many(org.store, org.access, "Contact", cells).column("success").to_pylist() == [True]
    kept = org.row("Contact", contact)
    assert (kept["Title"], kept["Department"], kept["FirstName"], kept["Name"]) == (None, "IT", "NA", "NA A")


def test_one_record_twice_in_a_request_is_refused_the_second_time(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    assert org.update("Account", {"Id": account, "Name": "B"}, {"Id": account[:15], "Name": "C"}) == [None, "DUPLICATE_VALUE"]


def test_unknown_columns_and_objects_are_refused_as_a_whole(org: Org) -> None:
    for name, columns in (("Account", {"Nope": ["x"]}), ("Nothing__c", {"Name": ["x"]})):
        with pytest.raises(SalesforceError) as refusal:
            create_many(org.store, org.access, name, pa.table(columns))
        assert refusal.value.code in ("INVALID_FIELD", "NOT_FOUND")


def test_many_rows_are_written_in_one_go(org: Org) -> None:
    made = create_many(org.store, org.access, "Lead", pa.table({"LastName": ["x"] * 5_000, "Company": ["c"] * 4_999 + [None]}))
    assert made.column("success").to_pylist() == [True] * 4_999 + [False]
    good = made.slice(0, 4_999)
    table = pa.table({"Id": good["id"], "Title": [f"t{number}" for number in range(4_999)]})
    assert set(update_many(org.store, org.access, "Lead", table).column("success").to_pylist()) == {True}
    assert org.row("Lead", good["id"][4_000].as_py())["Title"] == "t4000"


def test_a_task_closes_with_its_status_and_takes_the_account_of_its_matter(org: Org) -> None:
    account, other = org.create("Account", {"Name": "A"}, {"Name": "B"})
    (contact,) = org.create("Contact", {"LastName": "A", "AccountId": account})
    (deal,) = org.create("Opportunity", {**DEAL, "AccountId": other})
    (task,) = org.create("Task", {"WhoId": contact})
    assert (org.row("Task", task)["IsClosed"], org.row("Task", task)["AccountId"]) == (False, account)
    assert org.update("Task", {"Id": task, "Status": "Completed", "WhatId": deal}) == [None]
    kept = org.row("Task", task)
    assert (kept["IsClosed"], kept["AccountId"], kept["CompletedDateTime"]) == (True, other, kept["SystemModstamp"])
    assert org.update("Task", {"Id": task, "Status": "In Progress"}) == [None]
    assert org.row("Task", task)["CompletedDateTime"] is None


def test_a_write_has_one_instant_however_long_it_takes(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    with org.store.write():
        (task,) = org.create("Task", {"WhatId": account})
        org.store.clock.advance(90)
        org.update("Task", {"Id": task, "Status": "Completed"})
    kept = org.row("Task", task)
    assert kept["CreatedDate"] == kept["SystemModstamp"] == kept["CompletedDateTime"] < org.store.clock.stamp()


def test_shared_activities_write_a_relation_row_per_side(org: Org) -> None:
    (account,) = org.create("Account", {"Name": "A"})
    (contact,) = org.create("Contact", {"LastName": "A", "AccountId": account})
    (task,) = org.create("Task", {"WhoId": contact, "WhatId": account})
    rows = org.select(f"SELECT RelationId, IsWhat FROM TaskRelation WHERE TaskId = '{task}'")
    assert sorted(rows) == sorted([(contact, False), (account, True)])


def test_an_event_works_out_its_end_and_its_day(org: Org) -> None:
    (event,) = org.create("Event", MEETING)
    kept = org.row("Event", event)
    assert (kept["EndDateTime"], kept["ActivityDate"]) == (datetime(2026, 5, 1, 10, 30), date(2026, 5, 1))
    assert org.update("Event", {"Id": event, "StartDateTime": "2026-05-02T09:00:00Z"}) == [None]
    kept = org.row("Event", event)
    assert (kept["EndDateTime"], kept["ActivityDateTime"]) == (datetime(2026, 5, 2, 9, 30), datetime(2026, 5, 2, 9))
    assert org.update("Event", {"Id": event, "EndDateTime": "2026-05-02T11:00:00Z"}) == [None]
    assert org.row("Event", event)["DurationInMinutes"] == 120


def test_an_invited_user_gets_a_child_event_and_an_invited_contact_does_not(org: Org) -> None:
    user, contact = (
        org.create("User", {"LastName": "U", "Username": "u@x.example", "Email": "u@x.example"})[0],
        org.create("Contact", {"LastName": "A"})[0],
    )
    (event,) = org.create("Event", {**MEETING, "Subject": "invited"})
    org.create("EventRelation", {"EventId": event, "RelationId": user}, {"EventId": event, "RelationId": contact})
    rows = org.select("SELECT IsChild, OwnerId, IsGroupEvent FROM Event WHERE Subject = 'invited' ORDER BY IsChild", all_rows=True)
    assert [row[:2] for row in rows] == [(False, org.access.user_id), (True, user)]
    assert rows[0][2] is True
    flags = org.select(f"SELECT RelationId, IsInvitee, IsParent FROM EventRelation WHERE EventId = '{event}'")
    assert sorted(flags) == sorted([(user, True, False), (contact, False, True)])


def test_a_mail_brings_its_task_and_a_relation_per_address(org: Org) -> None:
    (contact,) = org.create("Contact", {"LastName": "Mail", "Email": "mail@acme.example"})
    mail = {"FromAddress": "us@sandbox.example", "ToAddress": "MAIL@acme.example; other@acme.example", "Status": "3"}
    (message,) = org.create("EmailMessage", {**mail, "Subject": "S", "MessageDate": "2026-05-02T10:00:00Z"})
    twin = org.row("Task", org.row("EmailMessage", message)["ActivityId"])
    assert (twin["TaskSubtype"], twin["Subject"], twin["WhoId"], twin["IsClosed"]) == ("Email", "Email: S", contact, True)
    soql = f"SELECT RelationType, RelationAddress, RelationId FROM EmailMessageRelation WHERE EmailMessageId = '{message}'"
    assert sorted(org.select(soql), key=str) == [
        ("FromAddress", "us@sandbox.example", None),
        ("ToAddress", "MAIL@acme.example", contact),
        ("ToAddress", "other@acme.example", None),
    ]


def test_a_stage_decides_closed_and_won(org: Org) -> None:
    (deal,) = org.create("Opportunity", DEAL)
    assert org.update("Opportunity", {"Id": deal, "StageName": "Closed Won"}) == [None]
    kept = org.row("Opportunity", deal)
    assert (kept["IsClosed"], kept["IsWon"], kept["Probability"]) == (True, True, 100)


def test_an_org_keeps_since_when_a_deal_is_in_its_stage_and_says_nothing_of_one_that_never_moved(org: Org) -> None:
    (deal,) = org.create("Opportunity", DEAL)
    assert org.row("Opportunity", deal)["LastStageChangeDate"] is None
    org.update("Opportunity", {"Id": deal, "StageName": "Negotiation/Review"})
    moved = org.row("Opportunity", deal)["LastStageChangeDate"]
    assert moved is not None
    org.update("Opportunity", {"Id": deal, "Amount": 5})
    assert org.row("Opportunity", deal)["LastStageChangeDate"] == moved


def test_a_contact_has_a_direct_relation_to_its_account(org: Org) -> None:
    first, second = org.create("Account", {"Name": "A"}, {"Name": "B"})
    (contact,) = org.create("Contact", {"LastName": "A", "AccountId": first})
    org.update("Contact", {"Id": contact, "AccountId": second})
    assert org.select(f"SELECT AccountId, IsDirect FROM AccountContactRelation WHERE ContactId = '{contact}'") == [(second, True)]


def test_ids_have_salesforces_check_characters_and_sort_by_number() -> None:
    assert ids.normal("001D000000IRFma") == "001D000000IRFmaIAH"
    assert ids.normal("001D000000IRFmaIAX") is None
    assert ids.normal("short") is None
    made = ids.make_ids("00T", range(100_000)).to_pylist()
    assert sorted(made) == made
    assert ids.normal_array(pa.array([made[7][:15], made[8], made[9][:15] + "AAB", "short", None])).to_pylist() == [
        *made[7:9],
        None,
        None,
        None,
    ]
