"""A copy kept by delta links equals the table, whatever happens between the pages."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.connectors.sandbox.dataverse.readkit import Reader, guid, reading

FRESH = count(1_000)
CHANGES = st.lists(st.tuples(st.sampled_from(["insert", "update", "delete"]), st.integers(0, 30)), max_size=5)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with reading(tmp_path_factory.mktemp("dataverse") / "state") as made:
        yield made


def table(reader: Reader) -> dict[str, Any]:
    return dict(reader.store.read("select accountid, name from account"))


def happen(reader: Reader, changes: list[tuple[str, int]]) -> None:
    for kind, choice in changes:
        ids = sorted(table(reader))
        if kind == "insert" or not ids:
            reader.insert("account", accountid=guid(next(FRESH)), name="new")
            continue
        number = int(ids[choice % len(ids)][-12:])
        if kind == "update":
            reader.update("account", number, name=f"changed {next(FRESH)}")
        else:
            reader.delete("account", number)


def applied(copy: dict[str, Any], page: dict[str, Any]) -> None:
    for row in page["value"]:
        if "reason" in row:
            copy.pop(row["id"], None)
        else:
            copy[row["accountid"]] = row["name"]


def to_the_end(reader: Reader, page: dict[str, Any], prefer: str, copy: dict[str, Any]) -> dict[str, Any]:
    """The last page of a delta, all of them applied; what changed since the delta began is in the one after it."""
    while "@odata.nextLink" in page:
        page = reader.follow(page["@odata.nextLink"], prefer)
        applied(copy, page)
    return page


@example(story=[[("insert", 0), ("insert", 0), ("update", 0)], [("update", 0)]], size=2)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, min_size=1, max_size=6), st.integers(1, 4))
def test_the_copy_follows_the_table(reader: Reader, story: list[list[tuple[str, int]]], size: int) -> None:
    prefer = f"odata.maxpagesize={size}"
    page = reader.json("accounts", "odata.track-changes", select="name")
    copy: dict[str, Any] = {}
    applied(copy, page)
    for changes in story:
        happen(reader, changes)
        page = reader.follow(page.get("@odata.nextLink") or page["@odata.deltaLink"], prefer)
        applied(copy, page)
    page = to_the_end(reader, page, prefer, copy)
    page = reader.follow(page["@odata.deltaLink"], prefer)
    applied(copy, page)
    to_the_end(reader, page, prefer, copy)
    assert copy == table(reader)
