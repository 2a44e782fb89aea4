"""Phrases, labels and aligned columns of an explanation, English or Chinese.

Every phrase stands in `phrases.toml` in both languages with the same blanks to fill, so no module of this package holds a
sentence. Columns are padded by what a terminal shows: a Chinese character is two cells wide.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal
from unicodedata import east_asian_width

FILE: Final = Path(__file__).with_name("phrases.toml")
LINE: Final = 98
"""Cells of a line, so that it fits a window of 100 with its indent."""
GAP: Final = 2
INDENT: Final = 4
ROOM: Final = 12
"""Cells that a broken text needs at least."""
_BREAKS: Final = re.compile(r"(?<= )|(?<=[\u3000-\u9fff\uff00-\uffef])(?=[^\u3000-\u303f\uff00-\uffef ])")
Language = Literal["en", "zh"]


@cache
def phrases() -> dict[str, Any]:
    """The file: phrases by key with `en` and `zh`, and `labels` by group and value."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def meanings() -> dict[str, dict[str, str]]:
    """What written fields mean in Chinese: `every` and entities, by column."""
    return tomllib.loads(FILE.with_name("meanings_zh.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Words:
    """Says phrases and labels in one language."""

    language: Language

    def __call__(self, key: str, **blanks: Any) -> str:
        """The phrase with its blanks filled; `KeyError` for an unknown phrase."""
        text: str = phrases()[key][self.language]
        return text.format(**blanks)

    def label(self, group: str, value: str | None) -> str:
        """A value of a picklist as people read it; unknown where there is none."""
        if value is None:
            return self("unknown")
        return str(phrases()["labels"][group].get(value, value)) if self.language == "zh" else value

    def meaning(self, entity: str, column: str, english: str) -> str:
        """What a written field means; `english` is its description in the catalogue of fields."""
        if self.language == "en":
            return english
        return meanings().get(entity, {}).get(column) or meanings()["every"].get(column, english)

    def labels(self, group: str, values: Sequence[str]) -> str:
        """Several labels, or none."""
        return self("comma").join(self.label(group, value) for value in values) or self("none")

    def number(self, value: float | None, decimals: int = 1) -> str:
        """A figure at a precision, unknown where there is none."""
        return self("unknown") if value is None else f"{value:,.{decimals}f}"

    def judged(self, value: float | None) -> str:
        """A judgement of -2..2 with its sign, unknown where there is none."""
        return self("unknown") if value is None else f"{value:+.0f}" if value else "0"

    def yes(self, value: bool | None) -> str:
        """Yes, no or unknown."""
        return self("unknown") if value is None else self("yes" if value else "no")

    def known(self, value: bool) -> str:
        """Known or unknown."""
        return self("known") if value else self("unknown")


def width(text: str) -> int:
    """Cells that a terminal needs for a text."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def padded(text: str, cells: int, right: bool = False) -> str:
    """A text filled up with spaces to so many cells."""
    space = " " * max(cells - width(text), 0)
    return space + text if right else text + space


def wrapped(text: str, cells: int, indent: int = 4) -> list[str]:
    """A text in lines of at most so many cells, the further ones indented; broken after spaces and between Chinese characters."""
    lines = [""]
    for part in _BREAKS.split(text) if width(text) > cells else [text]:
        if width((lines[-1] + part).rstrip()) > cells and lines[-1].strip():
            lines.append(" " * indent)
        lines[-1] += part
    return [line.rstrip() for line in lines]


def columns(align: str, rows: Sequence[Sequence[str]], cells: int = LINE) -> list[str]:
    """Rows (the first is the heading) as aligned lines of at most so many cells; `align`: l or r per column.

    Where they are too wide, a text in the last column is broken within it; where that leaves too little room, the first
    cell of every row (its id) gets a line of its own.
    """
    return [line for lines in _laid(align, rows, cells) for line in lines]


def _laid(align: str, rows: Sequence[Sequence[str]], cells: int) -> list[list[str]]:
    """The lines of each row."""
    wide = [max(width(row[place]) for row in rows) for place in range(len(align))]
    before = sum(wide[:-1]) + GAP * (len(wide) - 1)
    if before + wide[-1] <= cells:
        return [[_line(align, row, wide)] for row in rows]
    if align[-1] == "l" and cells - before >= ROOM:
        return [_broken(align, row, wide, cells - before) for row in rows]
    rest = _laid(align[1:], [row[1:] for row in rows], cells - INDENT)
    return [[row[0], *(" " * INDENT + line for line in lines)] for row, lines in zip(rows, rest, strict=True)]


def _broken(align: str, row: Sequence[str], wide: Sequence[int], room: int) -> list[str]:
    first, *further = wrapped(row[-1], room, indent=0)
    before = " " * (sum(wide[:-1]) + GAP * (len(wide) - 1))
    return [_line(align, [*row[:-1], first], wide), *(before + line for line in further)]


def _line(align: str, row: Sequence[str], wide: Sequence[int]) -> str:
    return (" " * GAP).join(padded(text, cells, side == "r") for text, cells, side in zip(row, wide, align, strict=True)).rstrip()
