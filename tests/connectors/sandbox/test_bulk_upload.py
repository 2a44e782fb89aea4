"""Uploaded CSV: every text survives, and a file that is wrong as a whole fails the job with Salesforce's words."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.salesforce.bulk.dialect import DELIMITERS, LINE_ENDINGS, Dialect
from connectors.sandbox.salesforce.bulk.upload import read_upload
from connectors.sandbox.salesforce.errors import SalesforceError

CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=10) | st.sampled_from(
    ["#N/A", "NA", "null", "", '"', "a\nb", "  spaces  "]
)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "input.csv"
    path.write_bytes(data)
    return path


@settings(max_examples=30)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=20),
    delimiter=st.sampled_from(list(DELIMITERS)),
    ending=st.sampled_from(list(LINE_ENDINGS)),
)
def test_cells_arrive_as_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str, ending: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[ending], quoting=csv.QUOTE_ALL)
    writer.writerows([("Id", "Title"), *rows])
    table = read_upload(written(tmp_path_factory.mktemp("up"), text.getvalue().encode()), Dialect(delimiter, ending))
    assert list(zip(*(table[name].to_pylist() for name in ("Id", "Title")), strict=True)) == rows


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no header row"),
        (b"Id,Title\r\n1,x\r\n", "LineEnding is invalid"),
        (b"Id,Id\n1,2\n", "more than once"),
        (b"Id,Title\n1\n", "Expected 2 columns"),
        (b"Id,Title\n1,\xff\n", "UTF8"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, data: bytes, complaint: str) -> None:
    with pytest.raises(SalesforceError, match=complaint):
        read_upload(written(tmp_path, data), Dialect())
