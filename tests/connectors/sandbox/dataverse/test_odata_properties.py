"""Any `$filter` the grammar can make selects exactly the rows that a plain reading of Dataverse's rules selects."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.sandbox.dataverse.readkit import Reader, guid, reading

NAMES = ("Alpha", "beta", "Gamma", "delta & co", "O'Neil", "50% off", None)
ROWS = [
    {"name": name, "revenue": number * 1_000.5 if number % 2 else None, "industrycode": number or None} for number, name in enumerate(NAMES)
]
OPERATORS = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a is not None and b is not None and a > b,
    "ge": lambda a, b: a is not None and b is not None and a >= b,
    "lt": lambda a, b: a is not None and b is not None and a < b,
    "le": lambda a, b: a is not None and b is not None and a <= b,
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(tmp_path_factory.mktemp("dataverse") / "state") as made:
        yield made


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def comparison(column: str, op: str, value: Any) -> tuple[str, Any]:
    text = "null" if value is None else quoted(value) if isinstance(value, str) else str(value)
    if value is None and op not in ("eq", "ne"):
        return f"{column} {op} {text}", lambda row: False
    return f"{column} {op} {text}", lambda row: OPERATORS[op](folded(row[column]), folded(value))


def search(function: str, text: str) -> tuple[str, Any]:
    method = {"contains": str.__contains__, "startswith": str.startswith, "endswith": str.endswith}[function]
    return f"{function}(name,{quoted(text)})", lambda row: row["name"] is not None and method(row["name"].lower(), text.lower())


NAME = st.builds(comparison, st.just("name"), st.sampled_from(["eq", "ne"]), st.sampled_from([*NAMES, "alpha", "x'y"]))
NUMBER = st.builds(comparison, st.just("industrycode"), st.sampled_from(list(OPERATORS)), st.none() | st.integers(-1, 7))
AMOUNT = st.builds(comparison, st.just("revenue"), st.sampled_from(list(OPERATORS)), st.none() | st.sampled_from([1000.5, 3001.5, 2]))
TEXT = st.builds(search, st.sampled_from(["contains", "startswith", "endswith"]), st.sampled_from(["a", "O'", "%", "off", "&", "_", ""]))


def junction(op: str, parts: list[tuple[str, Any]]) -> tuple[str, Any]:
    met = all if op == "and" else any
    return "(" + f" {op} ".join(text for text, _ in parts) + ")", lambda row: met(holds(row) for _, holds in parts)


def negation(part: tuple[str, Any]) -> tuple[str, Any]:
    return f"not ({part[0]})", lambda row: not part[1](row)


CONDITION = st.recursive(
    NAME | NUMBER | AMOUNT | TEXT,
    lambda inner: st.builds(junction, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)) | st.builds(negation, inner),
    max_leaves=6,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITION)
def test_the_rows_are_those_of_a_plain_reading(reader: Reader, condition: tuple[str, Any]) -> None:
    text, holds = condition
    expected = [guid(number) for number, row in enumerate(ROWS) if holds(row)]
    assert [row["accountid"] for row in reader.rows("accounts", select="accountid", filter=text)] == expected


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITION, st.integers(1, 4))
def test_pages_of_any_size_hold_every_row_once(reader: Reader, condition: tuple[str, Any], size: int) -> None:
    rows, _ = reader.walk("accounts", f"odata.maxpagesize={size}", select="accountid", filter=condition[0])
    assert [row["accountid"] for row in rows] == [guid(number) for number, row in enumerate(ROWS) if condition[1](row)]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_no_text_breaks_the_server(reader: Reader, text: str) -> None:
    assert reader.get("accounts", filter=text, select="name").status_code in (200, 400)
