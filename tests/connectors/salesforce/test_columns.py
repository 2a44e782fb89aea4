"""From what Salesforce sends to what is kept."""

import datetime as dt

import pyarrow as pa
import pytest

from connectors.landing.kinds import ColumnKind
from connectors.salesforce.columns import sent_types, stored, stored_schema, subject_kind
from connectors.salesforce.describe import VisibleColumn
from connectors.salesforce.specs import Column


def column(name: str, kind: ColumnKind, sent_as: ColumnKind | None = None) -> VisibleColumn:
    return VisibleColumn(Column(name, kind), sent_as or kind)


SUBJECT_KIND = VisibleColumn(Column("SubjectKind", derived_from="Subject"), "text")


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Call: pricing", "call"),
        ("CALL: pricing", "call"),
        ("email: Re: offer", "email"),
        ("Meeting: kick-off", "meeting"),
        ("Canceled: kick-off", "cancelled"),
        ("cancelled: kick-off", "cancelled"),
        ("Re: Call: pricing", None),
        ("Callback", None),
        ("", None),
        (None, None),
    ],
)
def test_a_subject_is_classified_by_how_it_begins(subject: str | None, kind: str | None) -> None:
    assert subject_kind(pa.chunked_array([pa.array([subject], pa.string())])).to_pylist() == [kind]


def test_the_subject_itself_is_gone() -> None:
    page = pa.table({"Id": ["1"], "Subject": ["Call: secret"]})
    kept, _ = stored(page, [column("Id", "text"), SUBJECT_KIND])
    assert kept.to_pydict() == {"Id": ["1"], "SubjectKind": ["call"]}


def test_a_subject_is_read_but_has_no_column() -> None:
    assert list(sent_types([SUBJECT_KIND])) == ["Subject"]
    assert stored_schema([SUBJECT_KIND]).names == ["SubjectKind"]


def test_values_that_are_not_of_their_type_become_null_and_are_counted() -> None:
    columns = [column("Born", "date"), column("Amount", "number"), column("Name", "text")]
    page = pa.table({"Born": ["2026-02-30", "2026-02-28", None], "Amount": ["1.5E7", "NA", ""], "Name": ["NA", "null", None]})
    kept, unreadable = stored(page, columns)
    assert kept.to_pydict() == {
        "Born": [None, dt.date(2026, 2, 28), None],
        "Amount": [1.5e7, None, None],
        "Name": ["NA", "null", None],
    }
    assert unreadable == {"Born": 1, "Amount": 2}
    assert kept.schema == stored_schema(columns)


def test_a_mapped_field_of_another_type_is_read_as_text_and_converted() -> None:
    potential = column("Score__c", "number", sent_as="text")
    assert sent_types([potential])["Score__c"] == pa.string()
    kept, unreadable = stored(pa.table({"Score__c": ["7", "high"]}), [potential])
    assert kept.to_pydict() == {"Score__c": [7.0, None]}
    assert unreadable == {"Score__c": 1}


def test_instants_of_both_forms_are_utc() -> None:
    page = pa.table({"At": ["2026-01-01T10:00:00.000Z", "2026-01-01T12:00:00.000+0200"]})
    kept, _ = stored(page, [column("At", "datetime")])
    assert kept.column("At").to_pylist() == [dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)] * 2
