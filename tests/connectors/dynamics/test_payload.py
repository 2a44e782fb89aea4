"""How rows become the JSON of a write, how they are dealt out to requests, and how the rows read back are typed."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dynamics import multiple, payload
from connectors.dynamics.payload import Target
from connectors.errors import PermanentError
from connectors.fields import writable
from connectors.rows import checked

GRADES = [100_000_000, 100_000_001, 100_000_002, 100_000_003]
CONTACT = Target("contact", "gx", {"closeness_grade": GRADES}, {"strongest_user": "gx_Strongest_User"})
USER = "00000000-0000-0000-0000-000000000001"


def sent(**columns: Any) -> list[dict[str, Any]]:
    """The targets of a request with these rows, without their types and keys."""
    count = len(next(iter(columns.values())))
    rows, specs = checked("contact", pa.table({"record_id": [f"{number:04d}" for number in range(count)], **columns}))
    body = json.loads(payload.many(payload.bodies(rows, specs, CONTACT), CONTACT))
    return [{name: value for name, value in row.items() if name not in ("@odata.type", "contactid")} for row in body["Targets"]]


def test_every_target_names_its_type_and_its_key() -> None:
    rows, specs = checked("contact", pa.table({"record_id": ["b", "a"], "why": ["x", "y"]}))
    first, second = json.loads(payload.many(payload.bodies(rows, specs, CONTACT), CONTACT))["Targets"]
    assert first == {"@odata.type": "Microsoft.Dynamics.CRM.contact", "contactid": "a", "gx_why": "y"}
    assert second["contactid"] == "b"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("closeness", 51.25, {"gx_closeness": 51.3}),
        ("closeness", 0.1 + 0.2, {"gx_closeness": 0.3}),
        ("closeness", float("nan"), {"gx_closeness": None}),
        ("trend_30d", -0.4, {"gx_trend_30d": -0.4}),
        ("touches_90d", 4, {"gx_touches_90d": 4}),
        ("last_touch", dt.date(2026, 5, 20), {"gx_last_touch": "2026-05-20"}),
        ("closeness_grade", "Fair", {"gx_closeness_grade": 100_000_002}),
        ("closeness_grade", "Splendid", {"gx_closeness_grade": "Splendid"}),
        ("strongest_user", USER, {"gx_Strongest_User@odata.bind": f"/systemusers({USER})"}),
    ],
)
def test_values_are_written_as_the_api_wants_them(name: str, value: Any, expected: dict[str, Any]) -> None:
    assert sent(**{name: [value]}) == [expected]


@pytest.mark.parametrize(
    ("name", "kind", "key"),
    [
        ("closeness", pa.float64(), "gx_closeness"),
        ("touches_90d", pa.int64(), "gx_touches_90d"),
        ("last_touch", pa.date32(), "gx_last_touch"),
        ("closeness_grade", pa.string(), "gx_closeness_grade"),
        ("why", pa.string(), "gx_why"),
        ("strongest_user", pa.string(), "gx_Strongest_User@odata.bind"),
    ],
)
def test_a_null_is_an_explicit_blank(name: str, kind: pa.DataType, key: str) -> None:
    assert sent(**{name: pa.nulls(1, kind)}) == [{key: None}]


def test_each_row_sends_only_what_it_names() -> None:
    changed = pa.array([["why"], ["closeness", "why"], []], pa.list_(pa.string()))
    assert sent(why=["a", "b", "c"], closeness=[1.0, None, 3.0], changed=changed) == [
        {"gx_why": "a"},
        {"gx_closeness": None, "gx_why": "b"},
        {},
    ]


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=8))
def test_any_text_arrives_as_it_is(texts: list[str]) -> None:
    assert sent(why=texts) == [{"gx_why": text} for text in texts]


def test_the_body_of_a_single_update_does_not_repeat_the_key() -> None:
    rows, specs = checked("contact", pa.table({"record_id": ["a"], "why": ["x"]}))
    made = payload.bodies(rows, specs, CONTACT)
    assert json.loads(payload.joined(payload.one(made, CONTACT), "")) == {"@odata.type": "Microsoft.Dynamics.CRM.contact", "gx_why": "x"}


def test_what_is_read_back_is_typed_and_named_like_what_was_sent() -> None:
    specs = writable("contact", ["closeness", "touches_90d", "last_touch", "closeness_grade", "strongest_user"])
    row = {"contactid": "a", "gx_closeness": 51, "gx_touches_90d": 4, "gx_last_touch": "2026-05-20", "gx_closeness_grade": 100_000_001}
    found = payload.table([{**row, "@odata.etag": "W/1", "_gx_strongest_user_value": USER}], specs, CONTACT)
    assert found.to_pylist() == [
        {
            "record_id": "a",
            "closeness": 51.0,
            "closeness_grade": "Good",
            "touches_90d": 4,
            "last_touch": dt.date(2026, 5, 20),
            "strongest_user": USER,
        }
    ]


def test_an_option_that_is_not_ours_is_read_as_its_number() -> None:
    found = payload.table([{"contactid": "a", "gx_closeness_grade": 7}], writable("contact", ["closeness_grade"]), CONTACT)
    assert found["closeness_grade"].to_pylist() == ["7"]


@pytest.mark.parametrize("ids", [["1", None], ["1", ""], ["1", "1"]])
def test_blank_and_repeated_ids_fail_before_any_call(ids: list[Any]) -> None:
    with pytest.raises(PermanentError, match="blank or repeated record ids"):
        checked("contact", pa.table({"record_id": pa.array(ids, pa.string()), "why": ["a", "b"]}))


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(1, 8))
def test_all_rows_of_one_parent_are_in_one_lane_and_none_is_lost(parents: list[int], count: int) -> None:
    ids = [str(number) for number in range(len(parents))]
    dealt = multiple.lanes(pa.table({"record_id": ids, "parent_id": [str(parent) for parent in parents]}), count)
    found = [(row["record_id"], row["parent_id"]) for lane in dealt for row in lane.to_pylist()]
    assert sorted(found) == sorted(zip(ids, map(str, parents), strict=True))
    assert max(Counter(parent for lane in dealt for parent in set(lane["parent_id"].to_pylist())).values()) == 1
    assert 1 <= len(dealt) <= count
    assert all(lane.num_rows for lane in dealt)


def test_quick_requests_grow_up_to_a_thousand_rows() -> None:
    size = multiple.Size()
    seen = [size.rows]
    for _ in range(6):
        size.took(size.rows, 2.0)
        seen.append(size.rows)
    assert seen == [200, 300, 450, 675, 1_000, 1_000, 1_000]


def test_slow_and_small_requests_do_not_grow() -> None:
    size = multiple.Size()
    size.took(200, 10.0)
    size.took(100, 0.1)
    assert size.rows == 200


def test_what_was_too_many_is_halved_and_not_tried_again() -> None:
    size = multiple.Size(rows=1_000)
    size.too_many(1_000)
    size.took(500, 0.1)
    assert size.rows == 500
    for _ in range(9):
        size.too_many(size.rows)
    assert size.rows > 50


@given(st.integers(1, 5_000))
def test_the_last_request_of_a_lane_is_no_small_rest(rows: int) -> None:
    size = multiple.Size()
    assert size.of(rows) <= size.rows
    assert rows <= size.rows or size.of(rows) >= size.rows / 2
