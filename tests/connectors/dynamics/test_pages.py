"""One JSON page to a page file: every value as it was sent, or blank and counted; a page that is none is never kept."""

import datetime as dt
import json
import math
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.dynamics.pages import TYPE_ANNOTATION, saved
from connectors.errors import IncompleteRead
from connectors.landing.pages import PageNote, kept_note, note_of
from connectors.landing.tables import RawTable
from tests.disk import full_disk
from warehouse.errors import WarehouseFull

TABLE = RawTable(
    "thing",
    {
        "thingid": "text",
        "versionnumber": "integer",
        "name": "text",
        "createdon": "datetime",
        "closedate": "date",
        "revenue": "number",
        "merged": "boolean",
        "_ownerid_value": "text",
        "_ownerid_type": "text",
        "is_deleted": "boolean",
    },
    primary_key="thingid",
    cursor="versionnumber",
    deleted="is_deleted",
)
KEY = "0a1b2c3d-0000-4000-8000-00000000000a"
TRAPS = [
    "NA",
    "null",
    "None",
    'a "quoted" word',
    "back\\slash",
    "two\nlines",
    "two\r\nlines",
    "a\u2028b\u0085c",
    "emoji 🎉",
    " ",
    "1,2",
    "",
]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "page.parquet"


def row(**values: Any) -> dict[str, Any]:
    return {"@odata.etag": 'W/"1"', "thingid": KEY, "versionnumber": 1, **values}


def page(rows: Sequence[Any], **links: str) -> bytes:
    return json.dumps({"@odata.context": "https://org/$metadata#things", **links, "value": rows}).encode()


def kept(target: Path, column: str) -> list[Any]:
    return pq.read_table(target).column(column).to_pylist()


def test_every_text_arrives_as_it_was_written(target: Any) -> None:
    saved(page([row(name=text) for text in TRAPS]), TABLE, target)
    assert kept(target, "name") == TRAPS


def test_a_row_becomes_a_row_of_the_raw_table(target: Any) -> None:
    sent = row(name=None, closedate="2026-03-01", revenue=1250000.5, merged=False)
    owner = {"_ownerid_value": KEY.upper(), f"_ownerid_value{TYPE_ANNOTATION}": "systemuser"}
    saved(page([{**sent, **owner, "thingid": KEY.upper(), "createdon": "2026-03-01T10:11:12Z"}]), TABLE, target)
    assert pq.read_table(target).to_pylist() == [
        {
            "thingid": KEY,
            "versionnumber": 1,
            "name": None,
            "createdon": dt.datetime(2026, 3, 1, 10, 11, 12, tzinfo=dt.UTC),
            "closedate": dt.date(2026, 3, 1),
            "revenue": 1250000.5,
            "merged": False,
            "_ownerid_value": KEY,
            "_ownerid_type": "systemuser",
            "is_deleted": False,
        }
    ]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
GUIDS = st.uuids().map(str)
MOMENTS = st.datetimes(dt.datetime(1753, 1, 1), dt.datetime(9999, 12, 31)).map(lambda at: at.replace(tzinfo=dt.UTC))
ROWS = st.fixed_dictionaries(
    {"thingid": GUIDS, "versionnumber": st.integers(-(2**63), 2**63 - 1)},
    optional={
        "name": st.none() | TEXTS,
        "createdon": st.none() | MOMENTS,
        "closedate": st.none() | st.dates(dt.date(1753, 1, 1)),
        "revenue": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "merged": st.none() | st.booleans(),
        "_ownerid_value": st.none() | GUIDS,
        "_ownerid_type": st.none() | st.sampled_from(["systemuser", "team"]),
    },
)


def sent(name: str, value: Any) -> tuple[str, Any]:
    if name == "_ownerid_type":
        return f"_ownerid_value{TYPE_ANNOTATION}", value
    if isinstance(value, dt.datetime):
        return name, value.isoformat().replace("+00:00", "Z")
    return name, value.isoformat() if isinstance(value, dt.date) else value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=6), escaped=st.booleans(), link=TEXTS)
def test_any_rows_arrive_as_they_were(target: Any, rows: Any, escaped: Any, link: Any) -> None:
    value = [dict(sent(name, value) for name, value in one.items()) for one in rows]
    body = json.dumps({"value": value, "@odata.nextLink": link}, ensure_ascii=escaped).encode()
    note = saved(body, TABLE, target)
    names = [name for name in TABLE.columns if name != "is_deleted"]
    assert pq.read_table(target, columns=names).to_pylist() == [{name: one.get(name) for name in names} for one in rows]
    newest = max((one["versionnumber"] for one in rows), default=None)
    assert note == note_of(target) == PageNote(len(rows), link, newest)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_page_cut_anywhere_is_never_kept(target: Any, data: Any) -> None:
    body = page([row(name="emoji 🎉"), row()], **{"@odata.nextLink": "https://org/next"})
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(IncompleteRead, match="run again"):
        saved(body[:cut], TABLE, target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [b"<html>busy</html>", b"[]", b"null", b"{}", b'{"value":null}', b'{"error":{"code":"0x0"}}', b'{"value":{}}', b'{"value":[1]}'],
)
def test_what_is_no_page_is_never_kept(target: Any, body: Any) -> None:
    with pytest.raises(IncompleteRead):
        saved(body, TABLE, target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("bad", [None, {"name": "no key"}, row(thingid=None)], ids=["null", "no key", "a null key"])
def test_a_row_without_a_key_spoils_its_page(target: Any, bad: Any) -> None:
    with pytest.raises(IncompleteRead, match="rows without thingid"):
        saved(page([row(), bad]), TABLE, target)


def test_a_refused_page_does_not_show_what_it_says(target: Any) -> None:
    with pytest.raises(IncompleteRead) as caught:
        saved(page([row(name="Ann Example")])[:-9], TABLE, target)
    assert "Ann" not in f"{caught.value}{caught.value.__cause__}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("column", "values", "good"),
    [
        ("versionnumber", [7, "8", 9.0, 1.5, "x", True, 2**64], [7, 8, 9]),
        ("revenue", [1, 1.5, "2.5", 1e300, "x", "NaN", True], [1.0, 1.5, 2.5, 1e300]),
        ("merged", [True, False, "true", "x", 7.5], [True, False, True]),
        ("closedate", ["2026-03-01", "2026-03-01T00:00:00Z", "2026-02-30", "x", 5], [dt.date(2026, 3, 1)] * 2),
        ("createdon", ["2026-03-01", "x", 17, True], [dt.datetime(2026, 3, 1, tzinfo=dt.UTC)]),
    ],
)
def test_a_value_not_of_its_type_is_blank_and_counted(target: Any, column: Any, values: Any, good: Any) -> None:
    note = saved(page([row(**{column: value}) for value in values]), TABLE, target)
    bad = len(values) - len(good)
    assert kept(target, column) == good + [None] * bad
    assert note.unreadable == {column: bad}
    assert note.rows == len(values)


@pytest.mark.parametrize(
    ("text", "micros"), [("10:11:12Z", 0), ("10:11:12.5Z", 500_000), ("10:11:12.1234567Z", 123_456), ("12:11:12+02:00", 0)]
)
def test_instants_are_read_with_and_without_a_fraction(target: Any, text: Any, micros: Any) -> None:
    note = saved(page([row(createdon=f"2026-03-01T{text}")]), TABLE, target)
    assert kept(target, "createdon") == [dt.datetime(2026, 3, 1, 10, 11, 12, micros, dt.UTC)]
    assert not note.unreadable


def test_versions_beyond_what_a_float_holds_are_exact(target: Any) -> None:
    versions = [2**53 + 1, 2**63 - 1]
    note = saved(page([row(versionnumber=version) for version in versions]), TABLE, target)
    assert (kept(target, "versionnumber"), note.newest) == (versions, 2**63 - 1)


def test_characters_no_database_takes_are_dropped_or_replaced(target: Any) -> None:
    escapes = [rb"a\u0000b", rb"cut \ud83c", rb"\udf89 cut", rb"whole \uD83C\uDF89", rb"no escape \\u0000", rb"\\\u0000"]
    rows = b",".join(b'{"thingid":"%s","name":"%s"}' % (KEY.encode(), text) for text in escapes)
    saved(b'{"value":[%s]}' % rows, TABLE, target)
    assert kept(target, "name") == ["ab", "cut \ufffd", "\ufffd cut", "whole 🎉", "no escape \\u0000", "\\"]


def test_long_texts_and_nested_values_are_texts(target: Any) -> None:
    saved(page([row(name="x" * 200_000), row(name={"a": [1, "é"]}), row(name=1.5)]), TABLE, target)
    assert kept(target, "name") == ["x" * 200_000, '{"a":[1,"é"]}', "1.5"]


def test_a_delta_page_mixes_rows_and_deletions(target: Any) -> None:
    gone = {"@odata.context": "https://org/$metadata#things/$deletedEntity", "id": KEY.upper(), "reason": "deleted"}
    named = row(name="$deletedEntity", **{"@odata.context": "https://org/$metadata#things/$entity"})
    delta = "https://org/things?$deltatoken=919042%2108%2f22"
    note = saved(page([row(), gone, named], **{"@odata.deltaLink": delta}), TABLE, target)
    assert note == PageNote(2, changes=delta, newest=1, deleted=(KEY,))
    assert kept(target, "name") == [None, "$deletedEntity"]
    assert note_of(target) == note


def test_a_delta_page_of_deletions_alone_has_no_rows(target: Any) -> None:
    gone = {"@odata.context": "https://org/$metadata#things/$deletedEntity", "id": KEY, "reason": "deleted"}
    note = saved(page([gone], **{"@odata.nextLink": "next"}), TABLE, target)
    assert note == PageNote(0, "next", deleted=(KEY,))


def test_a_page_without_rows_has_the_right_columns(target: Any) -> None:
    assert saved(page([], **{"@odata.deltaLink": "later"}), TABLE, target) == PageNote(0, changes="later")
    assert pq.read_schema(target).remove_metadata() == TABLE.schema


def test_keys_alone_can_be_kept(target: Any) -> None:
    keys = RawTable("thing", {"thingid": "text"}, "thingid", "versionnumber", "")
    assert saved(page([row()]), keys, target) == PageNote(1)
    assert pq.read_table(target).to_pylist() == [{"thingid": KEY}]


def test_pages_are_decoded_side_by_side(tmp_path: Any) -> None:
    bodies = [page([row(thingid=str(uuid.uuid4()), versionnumber=number) for _ in range(500)]) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        notes = list(pool.map(lambda number: saved(bodies[number], TABLE, tmp_path / f"{number}.parquet"), range(12)))
    assert [note.newest for note in notes] == list(range(12))
    assert sum(note.rows for note in notes) == 6_000


def test_a_quote_in_the_path_is_part_of_it(tmp_path: Any) -> None:
    folder = tmp_path / "o'brien, {x}"
    folder.mkdir()
    assert saved(page([row()]), TABLE, folder / "page.parquet").rows == 1


def test_a_full_disk_is_one_line_and_leaves_nothing(target: Any) -> None:
    with pytest.raises(WarehouseFull, match="is full; free space"), full_disk(1_000):
        saved(page([row()] * 500), TABLE, target)
    assert list(target.parent.iterdir()) == []
    assert kept_note(target) is None


@given(value=st.floats() | st.integers() | st.booleans() | TEXTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_can_stop_a_page(target: Any, value: Any) -> None:
    note = saved(page([row(**dict.fromkeys(("revenue", "merged", "closedate", "createdon"), value))]), TABLE, target)
    assert note.rows == 1
    (revenue,) = kept(target, "revenue")
    assert revenue is None or math.isfinite(revenue)
