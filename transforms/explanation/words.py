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
Language = Literal["en", "zh"]


@cache
def phrases() -> dict[str, Any]:
    """The file: phrases by key with `en` and `zh`, and `labels` by group and value."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


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


def wrapped(text: str, cells: int) -> list[str]:
    """A text in lines of at most so many cells, broken after spaces and Chinese commas, the further ones indented."""
    lines = [""]
    for part in re.split(r"(?<=[ ，；、])", text) if width(text) > cells else [text]:
        if width(lines[-1] + part) > cells and lines[-1].strip():
            lines.append("    ")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def columns(align: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows (the first is the heading) as aligned lines; `align`: l or r per column."""
    cells = [max(width(row[place]) for row in rows) for place in range(len(align))]
    return ["  ".join(padded(row[place], cells[place], side == "r") for place, side in enumerate(align)).rstrip() for row in rows]
