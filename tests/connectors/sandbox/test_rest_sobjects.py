"""Describe, single records, records by external id, Collections, composite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.sandbox.orgkit import BASE, Org, codes, error_of, new_org

FLAGS = {"nillable", "createable", "updateable", "filterable", "sortable", "groupable", "custom", "externalId", "idLookup"}
SHAPE = {"length", "precision", "scale", "compoundFieldName", "referenceTo", "relationshipName", "picklistValues"}
DESCRIBED = {"name", "label", "type", "soapType"} | FLAGS | SHAPE


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    with new_org(tmp_path / "state") as made:
        yield made


def test_the_global_describe_lists_what_the_user_sees(org: Org) -> None:
    org.access.restrict(hidden_objects=["AccountTeamMember"])
    listed = {item["name"]: item for item in org.call("GET", "/sobjects").json()["sobjects"]}
    assert "AccountTeamMember" not in listed
    assert (listed["Task"]["keyPrefix"], listed["Task"]["queryable"], listed["Task"]["replicateable"]) == ("00T", True, True)
    assert (listed["User"]["undeletable"], listed["OpportunityContactRole"]["undeletable"]) == (False, False)


def test_a_describe_is_complete_and_honours_hidden_fields(org: Org) -> None:
    org.access.restrict(hidden_fields=["Contact.Email"], read_only_fields=["Contact.Title"])
    described = org.call("GET", "/sobjects/contact/describe").json()
    fields = {field["name"]: field for field in described["fields"]}
    assert "Email" not in fields
    assert set(fields["Id"]) >= DESCRIBED
    assert (fields["Title"]["updateable"], fields["Department"]["updateable"]) == (False, True)
    assert fields["MailingAddress"]["type"] == "address"
    assert fields["MailingCity"]["compoundFieldName"] == "MailingAddress"
    assert (fields["ReportsToId"]["referenceTo"], fields["ReportsToId"]["relationshipName"]) == (["Contact"], "ReportsTo")
    assert {"relationshipName", "childSObject", "field"} <= set(described["childRelationships"][0])


def test_a_record_is_created_read_changed_and_deleted(org: Org) -> None:
    created = org.call("POST", "/sobjects/Contact", json={"LastName": "Ada", "Title": "CTO"})
    assert (created.status_code, created.json()["success"], len(created.json()["id"])) == (201, True, 18)
    path = f"/sobjects/Contact/{created.json()['id']}"
    assert org.call("PATCH", path, json={"Title": None, "FirstName": "Ann"}).status_code == 204
    record = org.call("GET", path).json()
    assert (record["Title"], record["Name"]) == (None, "Ann Ada")
    assert set(org.call("GET", path, params={"fields": "Name,Id"}).json()) == {"attributes", "Name", "Id"}
    assert org.call("DELETE", path).status_code == 204
    assert error_of(org.call("GET", path)) == (404, "ENTITY_IS_DELETED")
    assert error_of(org.call("PATCH", path, json={"Title": "x"})) == (404, "ENTITY_IS_DELETED")


def test_a_record_that_never_was_is_not_found(org: Org) -> None:
    for record_id in ("003000000000000AAA", "rubbish", "001000000000000AAA"):
        assert error_of(org.call("GET", f"/sobjects/Contact/{record_id}")) == (404, "NOT_FOUND")
        assert error_of(org.call("PATCH", f"/sobjects/Contact/{record_id}", json={"Title": "x"})) == (404, "NOT_FOUND")


def test_refusals_name_code_and_fields(org: Org) -> None:
    answer = org.call("POST", "/sobjects/Account", json={"Industry": "Banking"})
    assert answer.json() == [{"message": "Required fields are missing: [Name]", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["Name"]}]
    unknown = org.call("POST", "/sobjects/Account", json={"Nope": 1})
    assert unknown.json()[0]["message"] == "No such column 'Nope' on sobject of type Account"


def test_records_are_reached_by_an_external_id(org: Org) -> None:
    org.custom_field("Account.Ext__c", type="Text", length=20, externalId=True, unique=True)
    org.grant("Account.Ext__c")
    created = org.call("PATCH", "/sobjects/Account/Ext__c/A-1", json={"Name": "One"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = org.call("PATCH", "/sobjects/Account/Ext__c/a-1", json={"Industry": "Banking"})
    assert (changed.status_code, changed.json()["id"], changed.json()["created"]) == (200, created.json()["id"], False)
    assert org.call("GET", "/sobjects/Account/Ext__c/A-1").json()["Industry"] == "Banking"
    assert org.refused("Account", {"Name": "Two", "Ext__c": "A-1"}) == ("DUPLICATE_VALUE", ["Ext__c"])
    assert org.call("DELETE", "/sobjects/Account/Ext__c/A-1").status_code == 204
    assert error_of(org.call("GET", "/sobjects/Account/Ext__c/A-1")) == (404, "NOT_FOUND")
    assert error_of(org.call("GET", "/sobjects/Account/Industry/Banking")) == (404, "NOT_FOUND")


def test_an_ambiguous_key_names_all_its_records(org: Org) -> None:
    twins = org.create("Contact", *({"LastName": "Ada", "Email": "ada@x.example"} for _ in range(2)))
    answer = org.call("GET", "/sobjects/Contact/Email/ADA@x.example")
    assert (answer.status_code, answer.json()) == (300, [f"{BASE}/sobjects/Contact/{record_id}" for record_id in twins])


def test_collections_answer_in_order_with_an_error_per_row(org: Org) -> None:
    rows = [
        {"attributes": {"type": "Account"}, "Name": "One"},
        {"attributes": {"type": "Contact"}, "FirstName": "nobody"},
        {"attributes": {"type": "Account"}, "Name": "Three"},
    ]
    made = org.call("POST", "/composite/sobjects", json={"records": rows}).json()
    assert codes(made) == [None, "REQUIRED_FIELD_MISSING", None]
    changes = [
        {"attributes": {"type": "Account"}, "Id": made[2]["id"], "Industry": "Banking"},
        {"attributes": {"type": "Account"}, "Id": "001000000000000AAA", "Industry": "Banking"},
        {"attributes": {"type": "Account"}, "Industry": "Banking"},
    ]
    assert codes(org.call("PATCH", "/composite/sobjects", json={"records": changes}).json()) == [
        None,
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
    ]
    found = org.call(
        "GET", "/composite/sobjects/Account", params={"ids": f"{made[2]['id']},001000000000000AAA", "fields": "Industry"}
    ).json()
    assert (found[0]["Industry"], found[1]) == ("Banking", None)
    posted = org.call("POST", "/composite/sobjects/Account", json={"ids": [made[0]["id"]], "fields": ["Name"]}).json()
    assert posted[0]["Name"] == "One"
    gone = org.call("DELETE", "/composite/sobjects", params={"ids": f"{made[0]['id']},{made[2]['id']}"}).json()
    assert codes(gone) == [None, None]


@pytest.mark.parametrize("other", ["Account", "Contact"])
def test_all_or_none_rolls_back_the_good_rows_of_every_object(org: Org, other: str) -> None:
    rows = [{"attributes": {"type": "Account"}, "Name": "Good"}, {"attributes": {"type": other}}]
    answer = org.call("POST", "/composite/sobjects", json={"allOrNone": True, "records": rows}).json()
    assert codes(answer) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_collections_upsert_by_key(org: Org) -> None:
    org.create("Contact", {"LastName": "Ada", "Email": "ada@x.example"})
    rows = [{"Email": "ada@x.example", "Title": "CTO"}, {"Email": "bo@x.example", "LastName": "Bo"}, {"Email": "cy@x.example"}]
    answer = org.call("PATCH", "/composite/sobjects/Contact/Email", json={"records": rows}).json()
    assert [result.get("created") for result in answer] == [False, True, None]
    assert codes(answer)[2] == "REQUIRED_FIELD_MISSING"
    undone = org.call(
        "PATCH", "/composite/sobjects/Contact/Email", json={"allOrNone": True, "records": [{**rows[0], "Title": "CEO"}, rows[2]]}
    )
    assert codes(undone.json()) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert org.values("SELECT Title FROM Contact WHERE Title != null") == ["CTO"]


def test_more_than_200_records_or_untyped_ones_are_refused(org: Org) -> None:
    many = [{"attributes": {"type": "Account"}, "Name": "x"}] * 201
    assert error_of(org.call("POST", "/composite/sobjects", json={"records": many}))[0] == 400
    assert error_of(org.call("POST", "/composite/sobjects", json={"records": [{"Name": "x"}]})) == (400, "INVALID_TYPE")


def test_composite_requests_use_earlier_answers(org: Org) -> None:
    body = {
        "compositeRequest": [
            {"method": "POST", "url": f"{BASE}/sobjects/Account", "referenceId": "made", "body": {"Name": "Acme"}},
            {
                "method": "POST",
                "url": f"{BASE}/sobjects/Contact",
                "referenceId": "who",
                "body": {"LastName": "A", "AccountId": "@{made.id}"},
            },
            {"method": "GET", "url": f"{BASE}/sobjects/Contact/@{{who.id}}?fields=AccountId", "referenceId": "read"},
            {"method": "GET", "url": f"{BASE}/sobjects/Nothing__c", "referenceId": "bad"},
        ]
    }
    answers = org.call("POST", "/composite", json=body).json()["compositeResponse"]
    assert [answer["httpStatusCode"] for answer in answers] == [201, 201, 200, 404]
    assert answers[2]["body"]["AccountId"] == answers[0]["body"]["id"]


def test_a_user_that_may_not_be_edited_is_read_only_in_describe_and_in_writes(org: Org) -> None:
    org.access.restrict(read_only_objects=["User"])
    described = org.call("GET", "/sobjects/User/describe").json()
    assert described["updateable"] is False
    assert not any(field["updateable"] for field in described["fields"])
    answer = org.call("PATCH", f"/sobjects/User/{org.access.user_id}", json={"Title": "x"})
    assert error_of(answer) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
