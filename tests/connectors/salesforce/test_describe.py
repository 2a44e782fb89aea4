"""What is read is decided by describe, on every run."""

from typing import Any

import pytest

from connectors.errors import MissingPermission
from connectors.fields import ENTERED
from connectors.salesforce.describe import NOT_SELECTABLE, Catalog, visible_object
from connectors.salesforce.specs import CONTACT, OBJECTS, OPPORTUNITY, TASK, entered_columns, objects

TYPES = {"text": "string", "boolean": "boolean", "integer": "int", "number": "double", "date": "date", "datetime": "datetime"}


def described(spec: Any, **changes: Any) -> dict[str, Any]:
    """A describe that shows all of `spec`; `changes` give other types, None hides a field."""
    shown = {column.selected: TYPES[column.kind] for column in spec.columns} | changes
    return {"fields": [{"name": name, "type": kind} for name, kind in shown.items() if kind], "replicateable": True}


def test_every_object_is_specified_once() -> None:
    names = [spec.name for spec in OBJECTS]
    assert len(names) == len(set(names)) == 15


@pytest.mark.parametrize("spec", OBJECTS, ids=lambda spec: spec.name)
def test_every_object_has_its_key_its_cursor_and_no_text_of_people(spec: Any) -> None:
    names = [column.name for column in spec.columns]
    assert {"Id", "SystemModstamp"} <= {column.name for column in spec.columns if column.required}
    assert len(names) == len(set(names))
    assert not {"Subject", "TextBody", "HtmlBody", "Description", "Headers"} & set(names)


def test_entered_fields_are_named_by_the_prefix_or_the_map() -> None:
    names = entered_columns("GX", {"contact": {"attitude": "Sentiment__c"}})
    assert names["contact", "attitude"] == "Sentiment__c"
    assert names["contact", "vote"] == "GX_Vote__c"
    assert names["user", "industry_expert"] == "GX_Industry_Expert__c"
    assert len(names) == sum(len(fields) for fields in ENTERED.values())


def test_entered_fields_are_optional_columns_of_their_object() -> None:
    contact = next(spec for spec in objects("AB", {}) if spec.name == "Contact")
    attitude = next(column for column in contact.columns if column.name == "AB_Attitude__c")
    assert not attitude.required


def test_a_hidden_optional_field_is_left_out_and_reported() -> None:
    seen = visible_object(CONTACT, described(CONTACT, Title=None))
    assert "Title" not in seen.names
    assert (seen.hidden, seen.missing) == (("Title",), ())


def test_an_org_with_one_currency_has_nothing_to_complain_about() -> None:
    seen = visible_object(OPPORTUNITY, described(OPPORTUNITY, CurrencyIsoCode=None))
    assert ("CurrencyIsoCode" in seen.names, seen.hidden, seen.missing) == (False, (), ())


def test_a_hidden_source_hides_the_column_derived_from_it() -> None:
    seen = visible_object(TASK, described(TASK, Subject=None))
    assert seen.hidden == ("SubjectKind",)


@pytest.mark.parametrize("kind", sorted(NOT_SELECTABLE))
def test_compound_and_binary_fields_are_never_selected(kind: Any) -> None:
    assert "Department" not in visible_object(CONTACT, described(CONTACT, Department=kind)).names


def test_a_mapped_formula_is_known_as_one() -> None:
    contact = next(spec for spec in objects("GX", {"contact": {"attitude": "Sentiment__c", "vote": "Vote__c"}}) if spec.name == "Contact")
    answer = described(contact)
    for field in answer["fields"]:
        field |= {"custom": field["name"].endswith("__c"), "calculated": field["name"] in ("Sentiment__c", "Name")}
    assert visible_object(contact, answer).formulas == ("Sentiment__c",)


def test_a_hidden_required_field_stops_with_one_line_naming_field_and_right() -> None:
    found = Catalog((visible_object(CONTACT, described(CONTACT, Email=None)),), {"Lead": "not here"})
    with pytest.raises(MissingPermission, match=r"field Contact\.Email; .*field-level security") as caught:
        found.require()
    assert "\n" not in str(caught.value)


def test_a_required_object_that_is_absent_stops_the_run() -> None:
    with pytest.raises(MissingPermission, match="object Account"):
        Catalog((), {"Account": ""}).require()


def test_an_optional_object_that_is_absent_does_not() -> None:
    Catalog((), {"TaskRelation": "comes with Shared Activities"}).require()
