"""How rows become CSV parts and JSON records, and how the answers find their rows."""

import datetime as dt
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv
from starlette.responses import JSONResponse

from connectors.contract import RowResult
from connectors.errors import PermanentError
from connectors.results import RowResults
from connectors.rows import checked as check_rows
from connectors.salesforce import collections, payload
from connectors.salesforce.bulk_ingest import cuts, row_bytes, to_csv
from connectors.salesforce.client import SalesforceClient


def rows_of(**columns: Any) -> Any:
    return pa.table({"record_id": [f"003{n}" for n in range(len(next(iter(columns.values()))))], **columns})


def cells_of(rows: Any) -> Any:
    checked, specs = check_rows("contact", rows)
    return payload.cells(checked, specs, "GX")


def test_a_null_is_an_explicit_blank_and_what_is_not_sent_is_an_empty_cell() -> None:
    rows = rows_of(closeness=[None, 50.0], changed=pa.array([["closeness"], []], pa.list_(pa.string())))
    assert cells_of(rows)["GX_Closeness__c"].to_pylist() == ["#N/A", None]
    assert to_csv(cells_of(rows)).decode().splitlines() == ['"Id","GX_Closeness__c"', '"0030","#N/A"', '"0031",']


def test_values_are_written_as_salesforce_reads_them() -> None:
    rows = rows_of(closeness=[51.2], touches_90d=[4], last_touch=[dt.date(2026, 6, 1)], why=['a "b",\n关系'])
    [cells] = cells_of(rows).to_pylist()
    assert cells == {
        "Id": "0030",
        "GX_Closeness__c": "51.2",
        "GX_Touches_90d__c": "4",
        "GX_Last_Touch__c": "2026-06-01",
        "GX_Why__c": 'a "b",\n关系',
    }


def test_a_blank_checkbox_is_written_as_no() -> None:
    rows = pa.table({"record_id": ["001A"], "key_account": pa.array([None], pa.bool_())})
    checked, specs = check_rows("account", rows)
    assert payload.cells(checked, specs, "GX")["GX_Key_Account__c"].to_pylist() == ["false"]
    assert payload.records(checked, specs, "GX") == [{"Id": "001A", "GX_Key_Account__c": False}]


def test_records_carry_only_what_each_row_sends() -> None:
    rows = rows_of(closeness=[50.0, 60.0], why=["a", None], changed=[["closeness"], ["why"]])
    checked, specs = check_rows("contact", rows)
    assert payload.records(checked, specs, "ZZ") == [{"Id": "0030", "ZZ_Closeness__c": 50.0}, {"Id": "0031", "ZZ_Why__c": None}]


def test_rows_are_sorted_by_parent() -> None:
    rows = rows_of(closeness=[1.0, 2.0, 3.0], parent_id=["b", "a", "b"])
    assert check_rows("contact", rows)[0]["record_id"].to_pylist() == ["0031", "0030", "0032"]


@pytest.mark.parametrize("ids", [["a", "a"], ["a", None], ["a", ""]])
def test_broken_keys_are_refused(ids: Any) -> None:
    with pytest.raises(PermanentError, match="blank or repeated record ids"):
        check_rows("contact", pa.table({"record_id": pa.array(ids, pa.string()), "closeness": [1.0, 2.0]}))


@pytest.mark.parametrize("name", ["attitude", "name", "closeness_x"])
def test_only_output_fields_are_ever_sent(name: Any) -> None:
    with pytest.raises(PermanentError, match=f"{name} is no output field; nothing was sent"):
        check_rows("contact", rows_of(**{name: ["x"]}))


PARENTS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 6)), min_size=1, max_size=60)


@given(rows=PARENTS, max_bytes=st.integers(40, 200), max_rows=st.integers(1, 20))
def test_parts_hold_every_row_once_within_limits_and_split_a_parent_only_if_they_must(rows: Any, max_bytes: Any, max_rows: Any) -> None:
    rows = sorted(rows, key=lambda row: row[1])
    sizes, parents = np.array([row[0] for row in rows]), [str(row[1]) for row in rows]
    parts = list(cuts(sizes, pa.chunked_array([parents]), max_bytes, max_rows))
    assert [first for first, _ in parts] == [0, *(last for _, last in parts[:-1])]
    assert parts[-1][1] == len(rows)
    for first, last in parts:
        assert last - first <= max_rows
        assert sizes[first:last].sum() <= max_bytes
        if last < len(rows) and parents[last - 1] == parents[last]:
            assert parents[first] == parents[last]


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\x00"), max_size=30)


@given(values=st.lists(st.none() | TEXT, min_size=1, max_size=20))
def test_csv_is_read_back_as_written_and_never_larger_than_reckoned(values: Any) -> None:
    cells = pa.table({"Id": [str(n) for n in range(len(values))], "x": pa.array(values, pa.string())})
    body = to_csv(cells)
    read = csv.read_csv(
        io.BytesIO(body),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types={"Id": pa.string(), "x": pa.string()}, strings_can_be_null=False),
    )
    assert read["x"].to_pylist() == [value or "" for value in values]
    assert len(body) <= row_bytes(cells).sum() + len('"Id","x"\n')


def verdicts(stub: Any, settings_of: Any, answers: Any, count: Any = 3) -> Any:
    stub.answers = answers
    with SalesforceClient(settings_of(stub)) as client:
        found = collections.update(client, "Contact", [{"Id": f"003{n:012}AAA"} for n in range(count)])
    return {result.record_id[14]: (result.accepted, result.code) for result in found}


def ok(number: Any) -> Any:
    return {"id": f"003{number:012}AAA", "success": True, "errors": []}


def bad(code: Any, **more: Any) -> Any:
    return {"success": False, "errors": [{"statusCode": code, "message": "no", "fields": []}], **more}


def test_failures_without_an_id_belong_to_their_place(stub: Any, settings_of: Any) -> None:
    found = verdicts(stub, settings_of, [JSONResponse([ok(0), bad("LOCKED"), ok(2)])])
    assert found == {"0": (True, ""), "1": (False, "LOCKED"), "2": (True, "")}


def test_answers_in_another_order_are_matched_by_id(stub: Any, settings_of: Any) -> None:
    found = verdicts(stub, settings_of, [JSONResponse([ok(2), bad("LOCKED", id=f"003{1:012}AAA"), ok(0)])])
    assert found == {"0": (True, ""), "1": (False, "LOCKED"), "2": (True, "")}


def test_a_place_is_not_believed_when_another_record_answers_there(stub: Any, settings_of: Any) -> None:
    found = verdicts(stub, settings_of, [JSONResponse([ok(2), ok(1), bad("LOCKED")])])
    assert found == {"1": (True, ""), "2": (True, "")}


def test_too_few_answers_leave_rows_without_verdict(stub: Any, settings_of: Any) -> None:
    assert verdicts(stub, settings_of, [JSONResponse([ok(1)])]) == {"1": (True, "")}


def test_a_refused_call_is_halved_until_the_bad_record_is_alone(stub: Any, settings_of: Any) -> None:
    def answer(request: Any) -> Any:
        records = json.loads(stub.seen[-1][3])["records"]
        if any(record["Id"][14] == "2" for record in records):
            return JSONResponse([{"errorCode": "JSON_PARSER_ERROR", "message": "bad"}], 400)
        return JSONResponse([ok(int(record["Id"][14])) for record in records])

    found = verdicts(stub, settings_of, [answer], count=4)
    assert found == {"0": (True, ""), "1": (True, ""), "2": (False, "JSON_PARSER_ERROR"), "3": (True, "")}


def test_results_are_a_sequence_over_a_table() -> None:
    made = RowResults.of([RowResult("a", True), RowResult("b", False, "LOCKED", "no")])
    assert (len(made), made[1], list(made[:1]), made[-1].code) == (
        2,
        RowResult("b", False, "LOCKED", "no"),
        [RowResult("a", True)],
        "LOCKED",
    )
    assert RowResults.of(made) is made
    assert list(RowResults.of([])) == []
