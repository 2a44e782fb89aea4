"""The result sheet: CSV exactly as Salesforce writes it, and pages that are slices of it."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.salesforce.bulk.dialect import DELIMITERS, LINE_ENDINGS, Dialect
from connectors.sandbox.salesforce.bulk.pages import END, Locator, page_at, page_list
from connectors.sandbox.salesforce.bulk.sheet import Page, Sheet, write_sheet
from connectors.sandbox.salesforce.errors import SalesforceError

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)
NASTY = st.sampled_from(['say "hi"', '"\n"', "a,b", "x\r\ny", "NA", "null", "#N/A", " ", "", "\u2028", "naïve 关系 🙂"])


def body(page: Page) -> str:
    return b"".join(page.chunks()).decode()


def sheet_of(path: Path, rows: pa.Table, dialect: Dialect | None = None, order: str = "") -> Sheet:
    with duckdb.connect() as connection:
        connection.register("given", rows)
        return write_sheet(connection, f"SELECT * FROM given {order}", [], dialect or Dialect(), path / "out.csv")


def test_cells_are_written_as_salesforce_writes_them(tmp_path: Path) -> None:
    rows = pa.table(
        {
            "Id": ["001"],
            "Account.Name": ['A "B", C'],
            "Empty": [""],
            "Null": pa.array([None], pa.string()),
            "Flag": [True],
            "At": [datetime(2026, 5, 1, 16, 0, 7)],
            "Day": [date(2026, 5, 1)],
            "Number": [12],
            "Amount": [1500.5],
        }
    )
    expected = (
        '"Id","Account.Name","Empty","Null","Flag","At","Day","Number","Amount"\n'
        '"001","A ""B"", C","","","true","2026-05-01T16:00:07.000Z","2026-05-01","12","1500.5"\n'
    )
    assert body(sheet_of(tmp_path, rows).whole()) == expected


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("ending", LINE_ENDINGS)
def test_every_delimiter_and_line_ending_parses_back(tmp_path: Path, delimiter: str, ending: str) -> None:
    dialect = Dialect(delimiter, ending)
    rows = pa.table({"a": ["1|2", "x;y"], "b": ["`^", "\t,"]})
    text = body(sheet_of(tmp_path, rows, dialect).whole())
    assert text.count(LINE_ENDINGS[ending]) == 3
    assert list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter])) == [["a", "b"], ["1|2", "`^"], ["x;y", "\t,"]]


@settings(max_examples=30)
@given(values=st.lists(st.tuples(TEXTS | NASTY, NASTY | st.none()), min_size=1, max_size=30), size=st.integers(1, 12))
def test_pages_of_any_size_hold_every_row_once_under_its_own_header(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[str, str | None]], size: int
) -> None:
    rows = pa.table({"n": list(range(len(values))), "a": [a for a, _ in values], "b": pa.array([b for _, b in values], pa.string())})
    sheet = sheet_of(tmp_path_factory.mktemp("sheet"), rows, order="ORDER BY n")
    read: list[list[str]] = []
    place, locator = Locator(0, size), ""
    while locator != END:
        page, locator = page_at(sheet, place)
        header, *lines = csv.reader(io.StringIO(body(page), newline=""))
        assert header == ["n", "a", "b"]
        assert len(lines) == page.rows
        assert page.length == len(body(page).encode())
        read += lines
        place = place.next
    assert read == [[str(n), a, b or ""] for n, (a, b) in enumerate(values)]


def test_an_empty_result_is_one_page_of_header_only(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, pa.table({"Id": pa.array([], pa.string())}))
    page, locator = page_at(sheet, Locator())
    assert (body(page), page.rows, locator) == ('"Id"\n', 0, END)
    assert page_list(sheet, Locator(), "/r/results") == {
        "resultPages": [{"resultUrl": f"/r/results?locator={Locator().text()}"}],
        "nextRecordsUrl": None,
        "done": True,
    }


def test_the_page_list_names_five_addresses_and_then_goes_on(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, pa.table({"n": list(range(13))}))
    first = page_list(sheet, Locator(0, 2), "/r/results")
    assert (len(first["resultPages"]), first["done"]) == (5, False)
    place = Locator.parse(first["nextRecordsUrl"].partition("locator=")[2], None, 99)
    second = page_list(sheet, place, "/r/results")
    assert (len(second["resultPages"]), second["done"], second["nextRecordsUrl"]) == (2, True, None)


@pytest.mark.parametrize(("locator", "size"), [("!!", None), ("MQ", None), (None, "0"), (None, "many"), (None, "-1")])
def test_a_wrong_locator_or_size_is_refused(locator: str | None, size: str | None) -> None:
    with pytest.raises(SalesforceError):
        Locator.parse(locator, size, 10)


def test_many_batches_keep_their_offsets(tmp_path: Path) -> None:
    rows = pa.table({"n": list(range(25_000))})
    sheet = sheet_of(tmp_path, rows, order="ORDER BY n")
    assert body(sheet.page(19_999, 3)).split("\n")[1:4] == ['"19999"', '"20000"', '"20001"']
    assert sheet.size == sheet.path.stat().st_size
