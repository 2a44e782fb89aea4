"""What is read of Dataverse, held against the schema the sandbox serves and against what the contract says is entered."""

import pytest

from connectors.dynamics.specs import CURSOR, TABLES, Column, TableSpec, entered_columns, tables
from connectors.fields import ENTERED, column
from connectors.sandbox.dataverse.schema import TABLES as SERVED

KINDS = {
    "Uniqueidentifier": {"text"},
    "String": {"text"},
    "Memo": {"text"},
    "Boolean": {"boolean"},
    "Integer": {"integer", "choice"},
    "BigInt": {"integer"},
    "Decimal": {"number"},
    "Money": {"number"},
    "Picklist": {"choice"},
    "State": {"choice"},
    "Status": {"choice"},
    "Owner": {"typed_lookup"},
    "Customer": {"typed_lookup"},
}
NEVER_READ = {"subject", "description", "body", "safedescription", "documentbody", "notetext", "location", "torecipients", "sender"}


def test_each_table_once() -> None:
    names = [spec.name for spec in TABLES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_every_column_is_one_the_product_has_in_the_kind_it_has(spec: TableSpec) -> None:
    served = SERVED[spec.name]
    assert spec.primary_key == served.primary_id
    for item in spec.columns:
        attribute = served.attributes[item.name]
        lookup = {"typed_lookup"} if len(attribute.targets) > 1 else {"lookup"}
        expected = {"date" if attribute.format == "DateOnly" else "datetime"} if attribute.type == "DateTime" else lookup
        assert item.kind in KINDS.get(attribute.type, expected), item.name


@pytest.mark.parametrize("spec", TABLES, ids=lambda spec: spec.name)
def test_keys_and_versions_are_required_and_no_words_people_wrote_are_read(spec: TableSpec) -> None:
    required = {item.name for item in spec.columns if item.required}
    assert {spec.primary_key, CURSOR} <= required
    assert not NEVER_READ & {item.name for item in spec.columns}


def test_optional_tables_say_what_brings_them() -> None:
    assert all(spec.required or spec.feature for spec in TABLES)


def test_a_lookup_is_read_by_its_value_and_by_the_table_it_points_to_where_there_are_several() -> None:
    assert Column("masterid", "lookup").raw() == {"_masterid_value": "text"}
    assert Column("ownerid", "typed_lookup").raw() == {"_ownerid_value": "text", "_ownerid_type": "text"}
    assert Column("ownerid", "typed_lookup").selected == "_ownerid_value"


def test_a_choice_is_kept_as_it_is_sent_and_everything_else_as_it_is_declared() -> None:
    assert Column("gx_attitude", "choice").raw() == {"gx_attitude": "integer"}
    assert Column("gx_buying_role", "choices").raw() == {"gx_buying_role": "text"}
    assert Column("new_mood", "choice").raw("text") == {"new_mood": "text"}
    assert Column("new_vip", "boolean").raw("choice") == {"new_vip": "integer"}
    assert Column("new_potential", "number").raw("text") == {"new_potential": "number"}


def test_a_mapped_lookup_must_be_one() -> None:
    assert Column("x", "lookup").accepts("typed_lookup")
    assert not Column("x", "lookup").accepts("text")
    assert not Column("x", "text").accepts("lookup")


def test_entered_fields_are_read_from_our_columns_or_the_mapped_ones() -> None:
    found = entered_columns("GX", {"contact": {"attitude": "new_mood", "influenced_by": "new_boss"}})
    assert set(found) == {(entity, column(field)) for entity, fields in ENTERED.items() for field in fields}
    assert found["contact", "attitude"] == "new_mood"
    assert found["contact", "influenced_by"] == "_new_boss_value"
    assert found["contact", "buying_role"] == "gx_buying_role"


def test_entered_columns_are_read_with_their_table_and_never_required() -> None:
    contact = next(spec for spec in tables("GX", {"contact": {"attitude": "jobtitle", "vote": "new_vote"}}) if spec.name == "contact")
    names = [item.name for item in contact.columns]
    assert names.count("jobtitle") == 1
    assert {"new_vote", "gx_key_person"} <= set(names)
    assert not any(item.required for item in contact.columns if item.name.startswith(("gx_", "new_")))


def test_only_the_records_of_meetings_calls_and_mails_bring_parties() -> None:
    assert {spec.name for spec in TABLES if spec.parties} == {"email", "phonecall", "appointment"}
    (party,) = (spec for spec in TABLES if spec.parent)
    assert (party.name, party.parent) == ("activityparty", "_activityid_value")
