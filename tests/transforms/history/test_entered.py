"""What people enter leaves a trace: what was there at our first look is no edit, what is new later is one, and counts as a review."""

import sqlalchemy as sa

from tests.transforms.history.kit import listed, record
from tests.transforms.scores.small_company import CRM, context, store
from transforms import tables as model
from transforms.base import Source
from transforms.history import tables
from transforms.history.entered import EDITS
from transforms.scores import key_persons
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse


def people(warehouse: DuckDBWarehouse, **records: dict[str, object]) -> None:
    store(warehouse, model.people, [{"person_id": name, **row} for name, row in records.items()])


def test_what_was_there_at_the_first_look_is_no_edit_and_what_is_new_later_is(warehouse: DuckDBWarehouse) -> None:
    people(warehouse, ann={"attitude": 1, "key_person": True}, bo={})
    record(warehouse, "2026-06-01")
    people(warehouse, ann={"attitude": 2}, bo={"vote": "Veto"}, cy={"attitude": 0})
    record(warehouse, "2026-06-05")
    assert listed(warehouse, tables.entered, "record_id", "field", "day", "value", "edited") == [
        ("ann", "attitude", "2026-06-01", "1", False),
        ("ann", "attitude", "2026-06-05", "2", True),
        ("ann", "key_person", "2026-06-01", "true", False),
        ("ann", "key_person", "2026-06-05", None, True),
        ("bo", "vote", "2026-06-05", "Veto", True),
        ("cy", "attitude", "2026-06-05", "0", True),
    ]


def test_the_first_value_anybody_enters_is_an_edit(warehouse: DuckDBWarehouse) -> None:
    people(warehouse, ann={})
    record(warehouse, "2026-06-01")
    people(warehouse, ann={"attitude": 2})
    record(warehouse, "2026-06-02")
    assert listed(warehouse, tables.entered, "record_id", "edited") == [("ann", True)]


def test_a_record_that_is_gone_was_not_edited(warehouse: DuckDBWarehouse) -> None:
    people(warehouse, ann={"attitude": 1})
    record(warehouse, "2026-06-01")
    people(warehouse)
    record(warehouse, "2026-06-02")
    assert len(listed(warehouse, tables.entered, "record_id")) == 1


def test_free_text_is_kept_as_a_fingerprint(warehouse: DuckDBWarehouse) -> None:
    for day, text in (("2026-06-01", "Ask Kim's brother"), ("2026-06-02", "Ask Kim's sister")):
        store(warehouse, model.opportunities, [{"opportunity_id": "deal", "value_proposition": text}])
        record(warehouse, day)
    values = [row[0] for row in listed(warehouse, tables.entered, "value")]
    assert [len(value) for value in values] == [32, 32]
    assert len(set(values)) == 2


def test_an_edit_of_today_counts_today_and_is_unknown_to_earlier_days(warehouse: DuckDBWarehouse) -> None:
    people(warehouse, ann={"attitude": 1})
    record(warehouse, "2026-06-01")
    people(warehouse, ann={"attitude": 2})
    EDITS.build(warehouse, context("2026-06-05"))
    assert listed(warehouse, tables.edits, "record_id", "field", "day") == [("ann", "attitude", "2026-06-05")]
    record(warehouse, "2026-06-05")
    EDITS.build(warehouse, context("2026-06-03"))
    assert listed(warehouse, tables.edits, "record_id") == []


FEATURES = {"solution_acceptance": 1, "price_acceptance": 1, "vote": "Approve", "reports_to_id": "x", "influenced_by_id": "x"}
SILENT = {"person_key": 1, "account_key": 1, "person_kind": "contact", "key_person": True, "attitude": 1, **FEATURES}


def test_a_key_person_without_contact_is_reviewed_by_the_edit_of_a_feature_for_ninety_days(warehouse: DuckDBWarehouse) -> None:
    """Ann's attitude is a feature; bo's attitude to a competitor is none."""
    silent = [{"person_id": name, "person_key": key, "level": "No contact", "effective_now": 75.0} for key, name in ((1, "ann"), (2, "bo"))]
    store(warehouse, scores.people, silent)
    found: list[dict[str, bool]] = []
    for day, value in (("2026-03-01", 1), ("2026-03-02", 2), ("2026-05-30", 2), ("2026-05-31", 2)):
        people(warehouse, ann=SILENT | {"attitude": value}, bo=SILENT | {"person_key": 2, "competitor_attitude": value})
        for one in (EDITS, key_persons.MODEL):
            one.build(warehouse, context(day))
        record(warehouse, day)
        found.append(dict(listed(warehouse, scores.key_persons, "person_id", "insight")))
    assert [day["ann"] for day in found] == [False, True, True, False]
    assert [day["bo"] for day in found] == [False] * 4


ATTITUDE, OWN = ("contact", "attitude"), "GX_Attitude__c"


def org(*visible: str, column: str = OWN) -> Source:
    """An org that shows these columns of its contacts, and in which `column` is read as the attitude."""
    return Source(CRM, "salesforce", {"Contact": ["Id", *visible], "Account": [OWN]}, {ATTITUDE: column})


def attitudes(warehouse: DuckDBWarehouse, day: str, source: Source, **values: int) -> None:
    """A run of a day that finds these attitudes of ann and bo."""
    people(warehouse, **{name: {"attitude": values.get(name)} for name in ("ann", "bo")})
    record(warehouse, day, sources=(source,))


def test_a_field_that_was_hidden_for_a_night_was_neither_cleared_nor_edited(warehouse: DuckDBWarehouse) -> None:
    attitudes(warehouse, "2026-06-01", org(OWN), ann=2, bo=1)
    attitudes(warehouse, "2026-06-02", org())
    attitudes(warehouse, "2026-06-03", org(OWN), ann=2, bo=-1)
    assert listed(warehouse, tables.entered, "record_id", "day", "value", "edited") == [
        ("ann", "2026-06-01", "2", False),
        ("bo", "2026-06-01", "1", False),
        ("bo", "2026-06-03", "-1", True),
    ]


def test_what_is_there_when_a_field_is_first_shown_to_us_is_no_edit_and_what_comes_later_is(warehouse: DuckDBWarehouse) -> None:
    attitudes(warehouse, "2026-06-01", org())
    attitudes(warehouse, "2026-06-02", org(OWN), ann=2)
    attitudes(warehouse, "2026-06-03", org(OWN), ann=2, bo=1)
    found = listed(warehouse, tables.entered, "record_id", "day", "edited")
    assert found == [("ann", "2026-06-02", False), ("bo", "2026-06-03", True)]


def test_another_column_mapped_to_a_field_is_looked_at_anew(warehouse: DuckDBWarehouse) -> None:
    """As often as the mapping changes, back to the first one included; an earlier run of the same day has not looked before."""
    for day, column, value in (("01", OWN, 2), ("02", "Mood__c", 0), ("02", "Mood__c", 1), ("03", "Mood__c", -1), ("04", OWN, 2)):
        attitudes(warehouse, f"2026-06-{day}", org(OWN, "Mood__c", column=column), ann=value)
    assert listed(warehouse, tables.entered, "day", "value", "edited") == [
        ("2026-06-01", "2", False),
        ("2026-06-02", "1", False),
        ("2026-06-03", "-1", True),
        ("2026-06-04", "2", False),
    ]


def test_a_value_that_can_no_longer_be_used_was_not_cleared(warehouse: DuckDBWarehouse) -> None:
    """An admin renames the values of a picklist, and mends it two days later."""
    for day, value in (("01", 2), ("02", None), ("03", 2)):
        refused = {"entity": "contact", "record_id": "ann", "field": "attitude", "reason": "unknown_value"}
        store(warehouse, model.entered_dropped, [] if value else [refused])
        people(warehouse, ann={"attitude": value})
        record(warehouse, f"2026-06-{day}")
    assert listed(warehouse, tables.entered, "day", "value") == [("2026-06-01", "2")]


def test_a_history_that_does_not_tell_what_was_read_goes_on_as_if_all_had_been(warehouse: DuckDBWarehouse) -> None:
    attitudes(warehouse, "2026-06-01", org(OWN), ann=2)
    with warehouse.connection() as connection:
        connection.execute(sa.text("alter table history.snapshots drop column fields_read"))
    attitudes(warehouse, "2026-06-02", org(OWN), ann=1)
    assert listed(warehouse, tables.entered, "day", "edited") == [("2026-06-01", False), ("2026-06-02", True)]
