"""How a Bulk API 2.0 job writes its CSV: delimiter, line ending, and the text of every cell.

A whole row is built as one SQL string, line ending included. The engine then hands over Arrow string batches whose data buffer *is* the
file and whose offsets *are* the row index, so no Python code sees a row. Every cell is quoted, null and the empty text are both `""`,
dateTimes end in `.000Z`, quotes are doubled: what Salesforce writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(frozen=True)
class Column:
    """A result column: its header and its DuckDB type name."""

    name: str
    type: str


@dataclass(frozen=True)
class Dialect:
    """The CSV format of one job, by Salesforce's names (`COMMA`, `LF`)."""

    column_delimiter: str = "COMMA"
    line_ending: str = "LF"

    @property
    def delimiter(self) -> str:
        return DELIMITERS[self.column_delimiter]

    @property
    def newline(self) -> str:
        return LINE_ENDINGS[self.line_ending]

    def header(self, names: Sequence[str]) -> bytes:
        """The header row, as every page begins."""
        return (self.delimiter.join(_quoted(name) for name in names) + self.newline).encode()

    def row_expression(self, columns: Sequence[Column]) -> str:
        """A SQL expression over the columns giving one CSV row as text."""
        between = _literal(f'"{self.delimiter}"')
        cells = f", {between}, ".join(cell_expression(column) for column in columns)
        return f"concat('\"', {cells}, {_literal(chr(34) + self.newline)})"


def cell_expression(column: Column) -> str:
    """The unquoted text of a cell; null stays null, which `concat` writes as nothing."""
    name = identifier(column.name)
    if column.type.startswith("TIMESTAMP"):
        return f"replace(date_trunc('second', {name})::VARCHAR, ' ', 'T') || '.000Z'"
    if column.type == "VARCHAR":
        return f"replace({name}, '\"', '\"\"')"
    return f"{name}::VARCHAR"


def identifier(name: str) -> str:
    """A name quoted for SQL."""
    return _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
