"""Blocks made from a select: a table of its first rows, or the sentence that says why there are none yet."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import sqlalchemy as sa

from connectors.fields import Entity
from orchestration.report.blocks import Cell, Chip, Meter, Note, Table, Tone
from orchestration.report.facts import Facts, Row

Column = str | Callable[[Row], Cell]
Columns = Mapping[str, Column]
"""Heading to the row's column, or to what makes the cell from the row."""
LIMIT: Final = 20

TONES: Final[Mapping[str, Tone]] = {
    **dict.fromkeys(("Excellent", "Strong", "In rhythm", "done", "captured", "fresh", "Senior", "Top", "ahead", "won", "Deep"), "good"),
    **dict.fromkeys(("Good", "Mid", "Late", "Intermediate", "even", "Multiple"), "fair"),
    **dict.fromkeys(("Fair", "Initial", "Cooling", "Junior", "running", "interrupted", "unclear", "Occasional"), "warn"),
    **dict.fromkeys(("Poor", "None", "Lapsed", "failed", "missing", "behind", "lost"), "bad"),
}
"""What a word means for us; words not named are neutral."""


def listing(facts: Facts, select: sa.Select[Any], columns: Columns, why: str, limit: int = LIMIT) -> Table | Note:
    """A table of the first rows; `why`: said when there are none."""
    rows, total = facts.first(select, limit)
    if not rows:
        return Note(why, absent=True)
    return Table(list(columns), [[_cell(row, column) for column in columns.values()] for row in rows], total)


def _cell(row: Row, column: Column) -> Cell:
    return cast(Cell, row[column]) if isinstance(column, str) else column(row)


def linked(facts: Facts, entity: Entity, column: str = "record_id") -> Column:
    """A column that leads to the record in its CRM."""
    return lambda row: facts.link(row["crm"], entity, row[column])


def chip(column: str) -> Column:
    """A column of words from a short list."""
    return lambda row: None if row[column] is None else as_chip(str(row[column]))


def as_chip(word: str) -> Chip:
    """A word in its colour."""
    return Chip(word, TONES.get(word, "plain"))


def meter(column: str, top: float = 100.0) -> Column:
    """A column of numbers from 0 to `top`."""
    return lambda row: Meter(row[column], top)


def percent(column: str) -> Column:
    """A column of shares, 0 to 1, as percent."""
    return lambda row: None if row[column] is None else f"{100 * row[column]:.0f} %"


def flag(column: str, word: str, tone: Tone = "warn") -> Column:
    """A column that shows `word` where it is true and nothing elsewhere."""
    return lambda row: Chip(word, tone) if row[column] else ""


def counted(facts: Facts, select: sa.Select[Any]) -> dict[str, int]:
    """A select of two columns, a word and a number, as a mapping; a null word is `unknown`."""
    return {str(word) if word is not None else "unknown": int(number) for word, number in (row.values() for row in facts.rows(select))}


def age(days: int | None) -> str | None:
    """Days in words of a table."""
    return None if days is None else f"{days:,} d"
