"""REST queries: the shape of records, pages that can be asked for again, subqueries, aggregates."""

from collections.abc import Iterator

import pytest

from tests.connectors.sandbox.orgkit import BASE, Org, error_of, new_org


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with new_org(tmp_path_factory.mktemp("org")) as made:
        acme, _ = made.create("Account", {"Name": "Acme", "BillingCity": "Bonn"}, {"Name": "Lonely"})
        made.create("Contact", {"LastName": "Ada", "AccountId": acme}, {"LastName": "Bo", "AccountId": acme}, {"LastName": "Cy"})
        made.create("Lead", *({"LastName": f"L{number:04}", "Company": "C"} for number in range(2_501)))
        yield made


def test_a_record_has_attributes_and_salesforces_dates(org: Org) -> None:
    (record,) = org.query("SELECT Id, Name, CreatedDate, NumberOfEmployees, BillingAddress FROM Account WHERE Name = 'Acme'")["records"]
    assert record["attributes"] == {"type": "Account", "url": f"{BASE}/sobjects/Account/{record['Id']}"}
    assert record["CreatedDate"].startswith("2026-06-01T08:00:0")
    assert record["CreatedDate"].endswith(".000+0000")
    assert record["NumberOfEmployees"] is None
    assert record["BillingAddress"]["city"] == "Bonn"


def test_parents_nest_and_a_missing_parent_is_null(org: Org) -> None:
    records = org.query("SELECT LastName, Account.Name, Account.Owner.Name FROM Contact ORDER BY LastName")["records"]
    assert records[0]["Account"]["Owner"]["Name"] == "Sandbox Integration"
    assert records[0]["Account"]["attributes"]["type"] == "Account"
    assert records[2]["Account"] is None


def test_children_nest_as_results_of_their_own(org: Org) -> None:
    records = org.query("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC LIMIT 1) FROM Account ORDER BY Name")["records"]
    assert [child["LastName"] for child in records[0]["Contacts"]["records"]] == ["Bo"]
    assert (records[0]["Contacts"]["totalSize"], records[0]["Contacts"]["done"]) == (1, True)
    assert records[1]["Contacts"] is None


def test_count_has_no_records_and_aggregates_have_their_own_type(org: Org) -> None:
    assert org.query("SELECT COUNT() FROM Lead") == {"totalSize": 2501, "done": True, "records": []}
    (record,) = org.query("SELECT COUNT(Id) FROM Lead")["records"]
    assert record == {"attributes": {"type": "AggregateResult"}, "expr0": 2501}


def test_pages_hold_2000_rows_and_can_be_asked_for_again(org: Org) -> None:
    first = org.query("SELECT LastName FROM Lead ORDER BY LastName")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2501, False, 2000)
    second = org.client.get(first["nextRecordsUrl"]).json()
    assert (second["done"], "nextRecordsUrl" in second) == (True, False)
    assert [record["LastName"] for record in second["records"]] == [f"L{number:04}" for number in range(2000, 2501)]
    assert org.client.get(first["nextRecordsUrl"]).json() == second


def test_the_batch_size_can_be_lowered_and_holds_for_the_pages_that_follow(org: Org) -> None:
    page = org.call("GET", "/query", params={"q": "SELECT Id FROM Lead"}, headers={"Sforce-Query-Options": "batchSize=1000"}).json()
    sizes, seen = [], set()
    while True:
        sizes.append(len(page["records"]))
        seen |= {record["Id"] for record in page["records"]}
        if page["done"]:
            break
        page = org.client.get(page["nextRecordsUrl"]).json()
    assert (sizes, len(seen)) == ([1000, 1000, 501], 2501)
    small = org.call("GET", "/query", params={"q": "SELECT Id FROM Lead"}, headers={"Sforce-Query-Options": "batchSize=1"}).json()
    assert len(small["records"]) == 200


def test_too_many_groups_cannot_be_paged(org: Org) -> None:
    answer = org.call("GET", "/query", params={"q": "SELECT LastName, COUNT(Id) FROM Lead GROUP BY LastName"})
    assert error_of(answer) == (400, "EXCEEDED_ID_LIMIT")


@pytest.mark.parametrize("locator", ["rubbish", "01g000000000000AAA-2000"])
def test_locators_that_are_not_open_are_refused(org: Org, locator: str) -> None:
    assert error_of(org.call("GET", f"/query/{locator}")) == (400, "INVALID_QUERY_LOCATOR")


def test_refusals_reach_the_client_in_salesforces_form(org: Org) -> None:
    answer = org.call("GET", "/query", params={"q": "SELECT Nope FROM Account"})
    assert error_of(answer) == (400, "INVALID_FIELD")
    assert answer.json()[0]["message"].startswith("\nSELECT Nope FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nope'")
    assert error_of(org.call("GET", "/query")) == (400, "MALFORMED_QUERY")


def test_query_all_brings_deleted_rows(org: Org) -> None:
    (gone,) = org.create("Account", {"Name": "Gone"})
    org.call("DELETE", f"/sobjects/Account/{gone}")
    soql = {"q": "SELECT Id FROM Account WHERE Name = 'Gone'"}
    assert org.call("GET", "/query", params=soql).json()["totalSize"] == 0
    assert org.call("GET", "/queryAll", params=soql).json()["totalSize"] == 1


def test_a_polymorphic_parent_is_a_name(org: Org) -> None:
    (lead,) = org.values("SELECT Id FROM Lead LIMIT 1")
    org.create("Task", {"Subject": "poly", "WhoId": lead})
    (record,) = org.query("SELECT Who.Name, Who.Type, What.Name FROM Task WHERE Subject = 'poly'")["records"]
    assert record["Who"]["attributes"] == {"type": "Name", "url": f"{BASE}/sobjects/Lead/{lead}"}
    assert (record["Who"]["Type"], record["What"]) == ("Lead", None)
