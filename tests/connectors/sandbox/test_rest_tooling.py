"""Custom fields and rights: a new field is closed to everybody until a permission set opens it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.sandbox.orgkit import Org, codes, error_of, new_org

NUMBER = {"type": "Number", "precision": 4, "scale": 1}
GRADES = {"restricted": True, "valueSetDefinition": {"value": [{"fullName": "Good", "label": "优"}, {"fullName": "Fair", "label": "中"}]}}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    with new_org(tmp_path / "state") as made:
        yield made


def names(org: Org, object_name: str) -> dict[str, Any]:
    return {field["name"]: field for field in org.call("GET", f"/sobjects/{object_name}/describe").json()["fields"]}


def test_a_new_field_is_invisible_until_granted_and_assigned(org: Org) -> None:
    made = org.custom_field("Contact.GX_Closeness__c", **NUMBER)
    assert (made.status_code, made.json()["success"]) == (201, True)
    assert "GX_Closeness__c" not in names(org, "Contact")
    assert error_of(org.call("GET", "/query", params={"q": "SELECT GX_Closeness__c FROM Contact"})) == (400, "INVALID_FIELD")
    (parent,) = org.create("PermissionSet", {"Name": "GX", "Label": "Guanxi"})
    right = {"ParentId": parent, "SobjectType": "Contact", "Field": "Contact.GX_Closeness__c", "PermissionsRead": True}
    org.create("FieldPermissions", right)
    assert "GX_Closeness__c" not in names(org, "Contact")
    org.create("PermissionSetAssignment", {"PermissionSetId": parent, "AssigneeId": org.access.user_id})
    shown = names(org, "Contact")["GX_Closeness__c"]
    assert (shown["custom"], shown["precision"], shown["scale"], shown["updateable"]) == (True, 4, 1, False)


def test_grants_exist_once_and_only_for_what_exists(org: Org) -> None:
    org.custom_field("Contact.GX_Closeness__c", **NUMBER)
    parent = org.grant("Contact.GX_Closeness__c")
    known = {"ParentId": parent, "SobjectType": "Contact", "Field": "Contact.GX_Closeness__c", "PermissionsRead": True}
    assert org.refused("FieldPermissions", known)[0] == "DUPLICATE_VALUE"
    twice = [{"attributes": {"type": "PermissionSet"}, "Name": "Twice", "Label": "T"}] * 2
    assert codes(org.call("POST", "/composite/sobjects", json={"records": twice}).json()) == [None, "DUPLICATE_VALUE"]
    assert org.refused("FieldPermissions", {**known, "Field": "Contact.Nope__c"}) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Field"])
    assert org.refused("PermissionSetAssignment", {"PermissionSetId": parent, "AssigneeId": org.access.user_id})[0] == "DUPLICATE_VALUE"
    found = org.query(f"SELECT Field, PermissionsEdit FROM FieldPermissions WHERE ParentId = '{parent}'")["records"]
    assert [(record["Field"], record["PermissionsEdit"]) for record in found] == [("Contact.GX_Closeness__c", True)]


def test_values_people_had_entered_appear_with_the_field(org: Org) -> None:
    first, second = org.create("Contact", {"LastName": "A"}, {"LastName": "B"})
    with org.store.write() as cursor:
        cursor.execute('create table "_entered_Contact" ("Id" varchar, "GX_Vote__c" varchar, "GX_Key_Person__c" boolean)')
        cursor.execute('insert into "_entered_Contact" values (?, ?, true)', [first, "Approve"])
    values = {"valueSetDefinition": {"value": [{"fullName": "Approve"}]}, "restricted": True}
    org.custom_field("Contact.Other_Vote__c", type="Picklist", valueSet=values)
    org.custom_field("Contact.GX_Key_Person__c", type="Checkbox", defaultValue=False)
    org.grant("Contact.Other_Vote__c", "Contact.GX_Key_Person__c")
    rows = {row[0]: row[1:] for row in org.select("SELECT Id, Other_Vote__c, GX_Key_Person__c FROM Contact")}
    assert rows == {first: ("Approve", True), second: (None, False)}


def test_activity_fields_are_on_tasks_and_events(org: Org) -> None:
    org.custom_field("Activity.GX_Weight__c", **NUMBER)
    org.grant("Task.GX_Weight__c", "Event.GX_Weight__c")
    assert "GX_Weight__c" in names(org, "Task")
    assert "GX_Weight__c" in names(org, "Event")


def test_custom_fields_are_found_through_the_tooling_api(org: Org) -> None:
    org.custom_field("Contact.GX_Grade__c", type="Picklist", valueSet=GRADES)
    org.custom_field("Account.GX_Closeness__c", **NUMBER)
    soql = "SELECT Id, TableEnumOrId, DeveloperName, Metadata FROM CustomField WHERE TableEnumOrId IN ('Contact')"
    (record,) = org.call("GET", "/tooling/query", params={"q": soql}).json()["records"]
    assert (record["DeveloperName"], record["Metadata"]["valueSet"]["restricted"]) == ("GX_Grade", True)
    assert org.call("GET", f"/tooling/sobjects/CustomField/{record['Id']}").json()["FullName"] == "Contact.GX_Grade__c"
    assert error_of(org.call("GET", "/tooling/sobjects/CustomField/00N000000000000AAA")) == (404, "NOT_FOUND")
    assert error_of(org.call("GET", "/query", params={"q": "SELECT Id FROM CustomField"})) == (400, "INVALID_TYPE")


def test_restricted_values_and_lookups_of_custom_fields_are_enforced(org: Org) -> None:
    org.custom_field("Contact.GX_Grade__c", type="Picklist", valueSet=GRADES)
    org.custom_field("Contact.GX_Strongest_User__c", type="Lookup", referenceTo="User", relationshipName="GX_Strongest")
    org.grant("Contact.GX_Grade__c", "Contact.GX_Strongest_User__c")
    (contact,) = org.create("Contact", {"LastName": "A", "GX_Grade__c": "Good", "GX_Strongest_User__c": org.access.user_id})
    assert org.update("Contact", {"Id": contact, "GX_Grade__c": "优"}) == ["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]
    assert org.update("Contact", {"Id": contact, "GX_Strongest_User__c": contact}) == ["FIELD_INTEGRITY_EXCEPTION"]
    assert org.select("SELECT GX_Strongest_User__r.Name FROM Contact") == [("Sandbox Integration",)]
    assert [value["label"] for value in names(org, "Contact")["GX_Grade__c"]["picklistValues"]] == ["优", "中"]


@pytest.mark.parametrize(
    ("full_name", "metadata", "code"),
    [
        ("Contact.GX_Closeness__c", NUMBER, "DUPLICATE_DEVELOPER_NAME"),
        ("Nothing.GX_X__c", NUMBER, "FIELD_INTEGRITY_EXCEPTION"),
        ("Contact.GX X__c", NUMBER, "INVALID_INPUT"),
        ("Contact.GX_X", NUMBER, "INVALID_INPUT"),
        ("Contact.GX_X__c", {"type": "Mystery"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Contact.GX_X__c", {"type": "Number"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Contact.GX_X__c", {"type": "Picklist"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Contact.GX_X__c", {**NUMBER, "label": "x" * 41}, "STRING_TOO_LONG"),
        ("Contact.GX_X__c", {**NUMBER, "precision": 19}, "INVALID_INPUT"),
        ("Contact.GX_X__c", {"type": "Lookup", "referenceTo": "Nothing", "relationshipName": "X"}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_impossible_fields_are_refused(org: Org, full_name: str, metadata: dict[str, Any], code: str) -> None:
    org.custom_field("Contact.GX_Closeness__c", **NUMBER)
    assert error_of(org.custom_field(full_name, **metadata)) == (400, code)


def test_without_the_right_to_customize_nothing_is_made_or_seen(org: Org) -> None:
    org.access.restrict(customize=False)
    assert error_of(org.custom_field("Contact.GX_Closeness__c", **NUMBER)) == (400, "INSUFFICIENT_ACCESS")
    assert error_of(org.call("GET", "/tooling/query", params={"q": "SELECT Id FROM CustomField"})) == (400, "INVALID_TYPE")


def test_of_many_who_make_one_field_at_once_one_succeeds(org: Org) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: org.custom_field("Contact.GX_Closeness__c", **NUMBER).status_code, range(4)))
    assert sorted(answers) == [201, 400, 400, 400]
