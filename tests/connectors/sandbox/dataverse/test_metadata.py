"""Metadata: tables, columns of every kind, option sets, relationships, the entity model; and what a careful reader must not select."""

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from tests.connectors.sandbox.dataverse.readkit import Reader, reading

ACCOUNT = "EntityDefinitions(LogicalName='account')"
EMAIL = "EntityDefinitions(LogicalName='email')"
KIND = "Microsoft.Dynamics.CRM."
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(tmp_path_factory.mktemp("dataverse") / "state") as made:
        yield made


def test_tables_tell_whether_changes_can_be_tracked(reader: Reader) -> None:
    names = "LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled,CanChangeTrackingBeEnabled"
    wanted = "LogicalName eq 'account' or LogicalName eq 'activityparty'"
    found = {row["LogicalName"]: row for row in reader.rows("EntityDefinitions", select=names, filter=wanted)}
    assert found["account"]["EntitySetName"] == "accounts"
    assert (found["account"]["ChangeTrackingEnabled"], found["activityparty"]["ChangeTrackingEnabled"]) == (True, False)
    assert found["account"]["CanChangeTrackingBeEnabled"]["Value"] is True
    assert set(found["account"]) == {"MetadataId", *names.split(",")}


def test_tables_are_filtered_by_flags_and_nested_values(reader: Reader) -> None:
    wanted = "IsActivity eq true and CanChangeTrackingBeEnabled/Value eq true and not (LogicalName eq 'task')"
    names = {row["LogicalName"] for row in reader.rows("EntityDefinitions", select="LogicalName", filter=wanted)}
    assert {"email", "phonecall", "appointment"} <= names
    assert not names & {"task", "account"}


def test_a_table_is_found_by_name_and_by_id(reader: Reader) -> None:
    by_name = reader.json(ACCOUNT, select="LogicalName,ObjectTypeCode")
    assert by_name["ObjectTypeCode"] == 1
    assert reader.json(f"EntityDefinitions({by_name['MetadataId']})", select="LogicalName")["LogicalName"] == "account"
    assert reader.refusal("EntityDefinitions(LogicalName='nosuch')")[:2] == (404, "0x80041102")


def test_columns_of_a_kind_and_their_own_properties(reader: Reader) -> None:
    texts = reader.rows(f"{ACCOUNT}/Attributes/{KIND}StringAttributeMetadata", select="LogicalName,MaxLength")
    assert {row["LogicalName"]: row["MaxLength"] for row in texts}["name"] == 160
    kinds = f"AttributeType eq {KIND}AttributeTypeCode'Customer'"
    assert [row["LogicalName"] for row in reader.rows("EntityDefinitions(LogicalName='contact')/Attributes", filter=kinds)] == [
        "parentcustomerid"
    ]
    day = reader.json(
        f"EntityDefinitions(LogicalName='opportunity')/Attributes(LogicalName='actualclosedate')/{KIND}DateTimeAttributeMetadata"
    )
    assert (day["DateTimeBehavior"]["Value"], day["Format"]) == ("DateOnly", "DateOnly")


def test_what_only_a_kind_has_needs_the_cast(reader: Reader) -> None:
    for options in ({"select": "MaxLength"}, {"expand": "OptionSet"}):
        status, code, text = reader.refusal(f"{ACCOUNT}/Attributes", **options)
        assert (status, code) == (400, "0x80060888")
        assert text.endswith("on type 'Microsoft.Dynamics.CRM.AttributeMetadata'.")


def test_option_sets_give_values_labels_and_states(reader: Reader) -> None:
    address = f"{EMAIL}/Attributes/{KIND}StatusAttributeMetadata"
    options = reader.rows(address, select="LogicalName", expand="OptionSet($select=Options),GlobalOptionSet")[0]["OptionSet"]["Options"]
    labels = {item["Value"]: (item["Label"]["UserLocalizedLabel"]["Label"], item["State"]) for item in options}
    assert (labels[3], labels[8]) == (("Sent", 1), ("Failed", 0))
    direction = reader.json(f"{EMAIL}/Attributes(LogicalName='directioncode')/{KIND}BooleanAttributeMetadata/OptionSet")
    assert (direction["TrueOption"]["Value"], direction["FalseOption"]["Label"]["UserLocalizedLabel"]["Label"]) == (1, "Incoming")


def test_columns_that_look_readable_but_cannot_be_selected_are_told_by_attribute_of_and_type(reader: Reader) -> None:
    columns = reader.rows(f"{EMAIL}/Attributes", select="LogicalName,AttributeType,AttributeOf,IsValidForRead")
    found = {row["LogicalName"]: row for row in columns}
    assert (found["owneridname"]["AttributeOf"], found["owneridtype"]["AttributeType"]) == ("ownerid", "EntityName")
    assert found["statuscodename"]["AttributeOf"] == "statuscode"
    assert found["to"]["AttributeType"] == "PartyList"
    readable = [row for row in columns if row["IsValidForRead"] and row["AttributeOf"] is None and row["AttributeType"] != "PartyList"]
    lookups = ("Lookup", "Customer", "Owner")
    names = [f"_{row['LogicalName']}_value" if row["AttributeType"] in lookups else row["LogicalName"] for row in readable]
    assert set(reader.rows("emails", select=",".join(names))[0]) == {"@odata.etag", *names}


def test_a_secured_column_is_marked(reader: Reader) -> None:
    reader.env.access.restrict(secured_columns=["account.revenue"])
    secured = reader.rows(f"{ACCOUNT}/Attributes", select="LogicalName", filter="IsSecured eq true")
    reader.env.access.restrict(secured_columns=[])
    assert [row["LogicalName"] for row in secured] == ["revenue"]


def test_columns_and_relationships_can_be_expanded_in_one_call(reader: Reader) -> None:
    inner = "Attributes($select=LogicalName;$filter=AttributeType eq 'Owner'),ManyToOneRelationships($select=ReferencedEntity)"
    found = reader.json(ACCOUNT, select="LogicalName", expand=f"{inner},Keys")
    assert [row["LogicalName"] for row in found["Attributes"]] == ["ownerid"]
    assert "contact" in {row["ReferencedEntity"] for row in found["ManyToOneRelationships"]}
    assert found["Keys"] == []


def test_relationships_name_both_navigation_properties(reader: Reader) -> None:
    wanted = "ReferencingEntity eq 'contact' and ReferencingAttribute eq 'parentcustomerid'"
    found = reader.rows(f"{ACCOUNT}/OneToManyRelationships", filter=wanted)
    assert [(row["SchemaName"], row["ReferencingEntityNavigationPropertyName"]) for row in found] == [
        ("contact_customer_accounts", "parentcustomerid_account")
    ]
    assert reader.rows("RelationshipDefinitions", filter=wanted, select="ReferencedEntity")


def test_support_of_bulk_messages_is_told_by_message_filters(reader: Reader) -> None:
    wanted = "sdkmessageid/name eq @message and primaryobjecttypecode eq @table"
    query = f"$select=sdkmessagefilterid&$filter={wanted}&@message='UpdateMultiple'&@table="
    counts = {
        name: len(reader.env.client.get(f"sdkmessagefilters?{query}'{name}'").json()["value"]) for name in ("account", "activityparty")
    }
    assert counts == {"account": 1, "activityparty": 0}


def test_the_entity_model_holds_every_set_key_and_lookup(reader: Reader) -> None:
    root = ElementTree.fromstring(reader.get("$metadata").text)
    sets = {item.get("Name"): item.get("EntityType") for item in root.iter(f"{EDM}EntitySet")}
    assert sets["activityparties"] == "Microsoft.Dynamics.CRM.activityparty"
    account = next(item for item in root.iter(f"{EDM}EntityType") if item.get("Name") == "account")
    assert [item.get("Name") for item in account.iter(f"{EDM}PropertyRef")] == ["accountid"]
    types = {item.get("Name"): item.get("Type") for item in account.iter(f"{EDM}Property")}
    assert (types["_ownerid_value"], types["revenue"], types["createdon"]) == ("Edm.Guid", "Edm.Decimal", "Edm.DateTimeOffset")


@pytest.mark.parametrize("condition", ["nosuch eq 1", "ObjectTypeCode gt 'x'", "length(LogicalName) eq 2", "LogicalName eq EntitySetName"])
def test_filters_that_metadata_does_not_take(reader: Reader, condition: str) -> None:
    assert reader.refusal("EntityDefinitions", filter=condition)[:2] == (400, "0x80060888")
