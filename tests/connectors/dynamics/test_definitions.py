"""What of the specs an environment shows today, and what stops a run before its first page."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.responses import JSONResponse

from connectors.dynamics.choices import labels
from connectors.dynamics.definitions import Catalog, VisibleTable, catalog
from connectors.dynamics.readable import may_read, readable_columns
from connectors.dynamics.specs import TABLES, tables
from connectors.errors import MissingPermission, RequestRejected

NOTHING: dict[str, Any] = {"hidden_tables": [], "secured_columns": [], "organization_read": True}
MAPPED = {"contact": {"attitude": "new_sentiment", "vote": "jobtitle"}, "account": {"key_departments": "new_departments"}}


@pytest.fixture
def client(dynamics: Any, client_of: Any) -> Iterator[Any]:
    yield client_of(dynamics)
    dynamics.switch("access", **NOTHING)


def by_name(found: Catalog) -> dict[str, VisibleTable]:
    return {table.name: table for table in found.tables}


def kinds(table: VisibleTable) -> dict[str, str]:
    return {visible.column.name: visible.kind for visible in table.columns}


def test_everything_but_our_own_columns_is_there_in_a_standard_environment(client: Any) -> None:
    found = catalog(client, tables("GX", {}))
    found.require()
    assert [table.name for table in found.tables] == [spec.name for spec in TABLES]
    assert not found.absent
    assert all(name.startswith("gx_") for table in found.tables for name in table.hidden)
    assert not [table.name for table in found.tables if table.missing]


def test_definitions_are_asked_for_once_and_not_table_by_table(client: Any) -> None:
    catalog(client, TABLES)
    assert client.calls < 4 * len(TABLES)


def test_a_table_knows_its_set_its_key_and_whether_it_is_tracked(client: Any) -> None:
    found = by_name(catalog(client, TABLES))
    assert (found["opportunity"].entity_set, found["opportunity"].primary_id) == ("opportunities", "opportunityid")
    assert (found["email"].entity_set, found["email"].primary_id) == ("emails", "activityid")
    assert {name for name, table in found.items() if not table.tracked} == {"activityparty", "connection", "connectionrole"}


def test_kinds_are_those_the_environment_sends(client: Any) -> None:
    found = by_name(catalog(client, TABLES))
    opportunity = kinds(found["opportunity"])
    assert (opportunity["actualclosedate"], opportunity["estimatedclosedate"], opportunity["createdon"]) == ("date", "date", "datetime")
    assert (opportunity["estimatedvalue_base"], opportunity["closeprobability"]) == ("number", "integer")
    assert (opportunity["customerid"], opportunity["parentcontactid"], opportunity["ownerid"]) == ("typed_lookup", "lookup", "typed_lookup")
    assert (opportunity["statecode"], opportunity["salesstage"], opportunity["name"]) == ("choice", "choice", "text")
    assert kinds(found["email"])["regardingobjectid"] == "typed_lookup"
    assert kinds(found["connection"])["effectivestart"] == "datetime"
    assert kinds(found["systemuser"])["applicationid"] == "text"


def test_the_raw_table_keeps_the_type_of_a_lookup_to_several_tables_beside_it(client: Any) -> None:
    table = by_name(catalog(client, TABLES))["activityparty"]
    assert "_partyid_value" in table.select
    assert "_partyid_type" not in table.select
    assert dict(table.raw.columns) == {
        "activitypartyid": "text",
        "versionnumber": "integer",
        "_activityid_value": "text",
        "_activityid_type": "text",
        "_partyid_value": "text",
        "_partyid_type": "text",
        "participationtypemask": "integer",
        "addressused": "text",
        "ispartydeleted": "boolean",
        "is_deleted": "boolean",
    }
    assert (table.raw.primary_key, table.raw.cursor, table.raw.deleted) == ("activitypartyid", "versionnumber", "is_deleted")


def test_labels_of_choices_that_are_read_come_with_them(client: Any) -> None:
    choices = catalog(client, TABLES).choices
    assert choices.column_names == ["object_name", "column_name", "value", "label"]
    rows = {(row["object_name"], row["column_name"], row["value"]): row["label"] for row in choices.to_pylist()}
    assert rows["account", "industrycode", 1] == "Accounting"
    assert rows["opportunity", "statecode", 1] == "Won"
    assert rows["email", "statuscode", 8] == "Failed"
    assert rows["connectionrole", "category", 1000] == "Stakeholder"
    assert not [key for key in rows if key[1] == "preferredcontactmethodcode"]


@pytest.fixture(scope="module")
def own_columns(dynamics: Any) -> None:
    """A choice, a choice of several values and a day of the organisation's own."""
    made = [
        ("contact", "new_Sentiment", "PicklistAttributeMetadata", "Picklist", {"OptionSet": options("Warm", "Cold")}),
        ("account", "new_Departments", "MultiSelectPicklistAttributeMetadata", "Virtual", {"OptionSet": options("Sales", "IT")}),
    ]
    with dynamics.client() as client:
        for table, name, kind, kind_name, rest in made:
            body = {"@odata.type": f"Microsoft.Dynamics.CRM.{kind}", "AttributeType": kind_name, "SchemaName": name, **rest}
            type_name = {"AttributeTypeName": {"Value": f"{kind.removesuffix('AttributeMetadata')}Type"}}
            body |= type_name | {"DisplayName": label(name), "RequiredLevel": {"Value": "None"}}
            client.post(f"EntityDefinitions(LogicalName='{table}')/Attributes", json=body).raise_for_status()


def label(text: str) -> dict[str, Any]:
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def options(*names: str) -> dict[str, Any]:
    shown = [{"Value": 100_000_000 + number, "Label": label(name)} for number, name in enumerate(names)]
    return {"IsGlobal": False, "OptionSetType": "Picklist", "Options": shown}


@pytest.mark.usefixtures("own_columns")
def test_a_mapped_column_is_read_as_the_organisation_made_it(client: Any) -> None:
    found = catalog(client, tables("GX", MAPPED))
    contact, account = by_name(found)["contact"], by_name(found)["account"]
    assert kinds(contact)["new_sentiment"] == "choice"
    assert kinds(account)["new_departments"] == "choices"
    assert kinds(contact)["jobtitle"] == "text"
    assert account.raw.columns["new_departments"] == "text"
    assert not {"gx_attitude", "gx_vote"} & set(contact.hidden)
    rows = [row for row in found.choices.to_pylist() if row["column_name"].startswith("new_")]
    assert {(row["value"], row["label"]) for row in rows if row["object_name"] == "contact"} == {
        (100_000_000, "Warm"),
        (100_000_001, "Cold"),
    }
    assert {row["label"] for row in rows if row["object_name"] == "account"} == {"Sales", "IT"}


@pytest.mark.usefixtures("own_columns")
def test_a_column_mapped_to_one_that_cannot_hold_it_is_unknown(client: Any) -> None:
    contact = by_name(catalog(client, tables("GX", {"contact": {"influenced_by": "new_sentiment"}})))["contact"]
    assert "new_sentiment" in contact.hidden
    assert "_new_sentiment_value" not in contact.select


def test_a_secured_column_without_a_profile_is_unknown_not_empty(client: Any, dynamics: Any) -> None:
    dynamics.switch("access", secured_columns=["contact.jobtitle", "contact.emailaddress1"])
    found = catalog(client, TABLES)
    contact = by_name(found)["contact"]
    assert "jobtitle" in contact.hidden
    assert contact.missing == ("emailaddress1",)
    assert not {"jobtitle", "emailaddress1"} & set(contact.select)
    with pytest.raises(MissingPermission, match=r"column contact\.emailaddress1; .*a column security profile"):
        found.require()


def test_a_secured_column_our_profile_shows_is_read(stub: Any, client_of: Any) -> None:
    stub.answers = [JSONResponse({"value": [{"jobtitle": "Buyer"}]}), JSONResponse({"value": []})]
    assert readable_columns(client_of(stub), "contacts", ["jobtitle", "department"]) == {"jobtitle"}
    assert "jobtitle%20ne%20null" in stub.seen[0][1]


def test_a_secured_column_that_may_not_even_be_filtered_is_unknown(stub: Any, client_of: Any) -> None:
    stub.answers = [JSONResponse({"error": {"code": "0x80040220", "message": "no"}}, 403)]
    assert readable_columns(client_of(stub), "contacts", ["jobtitle"]) == frozenset()


def test_a_required_table_without_read_right_stops_the_run_and_names_the_privilege(client: Any, dynamics: Any) -> None:
    dynamics.switch("access", hidden_tables=["contact", "connection"])
    found = catalog(client, TABLES)
    assert found.refused == ("contact",)
    assert "prvReadConnection" in found.absent["connection"]
    with pytest.raises(MissingPermission, match=r"table contact .*prvReadContact.* organisation level") as caught:
        found.require()
    assert "connection" not in str(caught.value).replace("connectionrole", "")


def test_reading_a_part_only_is_no_reading(client: Any, dynamics: Any) -> None:
    dynamics.switch("access", organization_read=False)
    found = catalog(client, TABLES)
    assert {"contact", "email", "account"} <= set(found.refused)
    assert "not for the whole organisation" in found.absent["contact"]
    assert "not for the whole organisation" in found.absent["lead"]


def test_a_table_the_environment_does_not_have_is_reported_with_what_brings_it(client: Any) -> None:
    gone = next(spec for spec in TABLES if spec.name == "lead")
    spec = type(gone)("gx_nowhere", gone.columns, feature="Nothing", required=True)
    found = catalog(client, [spec, *TABLES[:1]])
    assert found.absent == {"gx_nowhere": "not in this environment (comes with Nothing)"}
    with pytest.raises(MissingPermission, match="table gx_nowhere"):
        found.require()


@pytest.mark.parametrize("code", ["0x80072491", "0x80072492"])
def test_a_table_that_says_it_is_tracked_and_is_not_may_still_be_read(stub: Any, client_of: Any, code: str) -> None:
    stub.answers = [JSONResponse({"error": {"code": code, "message": "no"}}, 400)]
    assert may_read(client_of(stub), {"EntitySetName": "emails", "PrimaryIdAttribute": "activityid", "ChangeTrackingEnabled": True}) == ""


def test_another_refusal_is_not_taken_for_a_missing_right(stub: Any, client_of: Any) -> None:
    stub.answers = [JSONResponse({"error": {"code": "0x80060888", "message": "no"}}, 400)]
    with pytest.raises(RequestRejected):
        may_read(client_of(stub), {"EntitySetName": "emails", "PrimaryIdAttribute": "activityid", "ChangeTrackingEnabled": True})


def option(value: int, own: str | None, *localized: tuple[int, str]) -> dict[str, Any]:
    shown = [{"Label": text, "LanguageCode": language} for language, text in localized]
    return {"Value": value, "Label": {"LocalizedLabels": shown, "UserLocalizedLabel": {"Label": own} if own else None}}


def test_labels_are_english_where_there_is_english_also_of_shared_choices(stub: Any, client_of: Any) -> None:
    own = {
        "LogicalName": "a",
        "OptionSet": {"Options": [option(1, "Kalt", (1031, "Kalt"), (1033, "Cold")), option(2, "Warm", (1031, "Warm"))]},
    }
    shared = {"LogicalName": "b", "OptionSet": None, "GlobalOptionSet": {"Options": [option(3, None)]}}
    stub.answers = [JSONResponse({"value": [own, shared]})]
    with ThreadPoolExecutor(1) as pool:
        found = labels(client_of(stub), pool, [("contact", {"a": "Picklist", "b": "Picklist"})])
    assert [(row["column_name"], row["value"], row["label"]) for row in found.to_pylist()] == [
        ("a", 1, "Cold"),
        ("a", 2, "Warm"),
        ("b", 3, None),
    ]
    assert len(stub.seen) == 1
