"""Uploaded CSV to an Arrow table of texts, and the complaints Salesforce has about a whole file."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from connectors.sandbox.salesforce.bulk.dialect import Dialect
from connectors.sandbox.salesforce.errors import SalesforceError

MOST_BYTES = 100_000_000


def read_upload(path: Path, dialect: Dialect) -> pa.Table:
    """All cells as text, the empty cell as empty text, header names as written.

    Raises:
        SalesforceError: no header, a column twice, ragged rows, wrong line ending: the job fails as a whole.
    """
    with path.open("rb") as file:
        first = file.readline()
    names = _header(first, dialect)
    if first.endswith(b"\n") and first.endswith(b"\r\n") != (dialect.line_ending == "CRLF"):
        message = f"LineEnding is invalid on user data. Current LineEnding setting is {dialect.line_ending}"
        raise SalesforceError("ClientInputError", message)
    try:
        return _read(path, dialect, names)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise SalesforceError("InvalidBatch", f"Failed to parse input: {error}") from error


def _header(line: bytes, dialect: Dialect) -> list[str]:
    names = next(csv.reader([line.decode("utf-8-sig", errors="replace")], delimiter=dialect.delimiter), [])
    if not names:
        raise SalesforceError("InvalidBatch", "Failed to parse input: no header row")
    if len(set(names)) < len(names):
        raise SalesforceError("InvalidBatch", "Field name used more than once in the header")
    return names


def _read(path: Path, dialect: Dialect, names: list[str]) -> pa.Table:
    reading = pacsv.ReadOptions(skip_rows=1, column_names=names, block_size=max(1 << 20, path.stat().st_size))
    parsing = pacsv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True)
    converting = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    if not path.read_bytes().partition(b"\n")[2].strip():
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return pacsv.read_csv(path, reading, parsing, converting)
