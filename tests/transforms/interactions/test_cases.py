"""Every counting rule as a small readable case: records in, interactions and reasons out (files in `cases/`).

A case: `## the decision`, then records as in the kit, then everything expected of all its activities:
`+ event user person channel direction column=value...` counted, `- event reason` dropped, `~ event who reason` left out.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.kit import PEOPLE, VERDICTS, World, build_model, open_warehouse, rows

CASES = Path(__file__).with_name("cases")
Row = dict[str, Any]
ROW = ("event_id", "user_id", "person_id", "channel", "direction")


@dataclass
class Case:
    """One decision: the world's lines, and what must follow."""

    name: str
    world: list[str] = field(default_factory=list)
    counted: list[tuple[str, ...]] = field(default_factory=list)
    details: list[tuple[tuple[str, ...], dict[str, str]]] = field(default_factory=list)
    dropped: list[tuple[str, ...]] = field(default_factory=list)
    left_out: list[tuple[str, ...]] = field(default_factory=list)

    def read(self, line: str) -> None:
        sign, _, rest = line.partition(" ")
        words = tuple(shlex.split(rest))
        if sign == "+":
            self.counted.append(words[:5])
            self.details.append((words[:5], dict(word.split("=", 1) for word in words[5:])))
        elif sign == "-":
            self.dropped.append(words)
        elif sign == "~":
            self.left_out.append(words)
        elif line:
            self.world.append(line)


@dataclass(frozen=True)
class Outcome:
    """The three tables of all cases."""

    counted: Sequence[Row]
    dropped: Sequence[Row]
    left_out: Sequence[Row]

    def of(self, number: int) -> tuple[list[Row], list[Row], list[Row]]:
        """The rows of one case."""
        counted, dropped, left_out = (
            [row for row in table if row["event_id"].endswith(f"x{number}")] for table in (self.counted, self.dropped, self.left_out)
        )
        return counted, dropped, left_out


def cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.txt")):
        for block in file.read_text(encoding="utf-8").split("## ")[1:]:
            name, *lines = block.splitlines()
            case = Case(name)
            for line in lines:
                case.read(line.strip())
            yield pytest.param(case, id=f"{file.stem}: {name}")


def apart_words(words: Iterable[tuple[str, ...]], number: int) -> list[tuple[str, ...]]:
    return [tuple(apart(word, number) for word in row) for row in words]


def shown(value: Any) -> str:
    """A cell as the cases write it: true, 2026-05-04T10:00, 30; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if hasattr(value, "isoformat"):
        return str(value.isoformat(timespec="minutes"))
    return f"{value:g}" if isinstance(value, float) else str(value)


ALL = list(cases())
NAME = re.compile(r"\b(?:001|003|005|006|00G|00Q|00T|00U|023|02s|0Em|0RE|0RT)\w+|(?<=@)[\w.]+")


def apart(line: str, number: int) -> str:
    """The line with every id and address domain marked, so that all cases live in one world and never meet."""
    return NAME.sub(lambda found: f"{found[0]}x{number}", line)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """All cases, built once: each case is a company of its own."""
    lines = [apart(line, number) for number, case in enumerate(ALL) for line in (*PEOPLE.splitlines(), *case.values[0].world)]
    with open_warehouse() as warehouse:
        build_model(warehouse, World.of("\n".join(lines)).load(warehouse), only=VERDICTS)
        return Outcome(*(rows(warehouse, table) for table in VERDICTS))


@pytest.mark.parametrize(("number", "case"), [pytest.param(number, *case.values, id=case.id) for number, case in enumerate(ALL)])
def test_case(outcome: Outcome, number: int, case: Case) -> None:
    counted, dropped, left_out = outcome.of(number)
    found = {tuple(str(row[name]) for name in ROW): row for row in counted}
    assert sorted(found) == sorted(apart_words(case.counted, number))
    assert sorted((row["event_id"], row["reason"]) for row in dropped) == sorted(apart_words(case.dropped, number))
    who = [(row["event_id"], row["person_id"] or row["address"], row["reason"]) for row in left_out]
    assert sorted(who) == sorted(apart_words(case.left_out, number))
    assert all((row["person_id"] is None) != (row["address"] is None) for row in left_out)
    for key, wanted in case.details:
        row = found[apart_words([key], number)[0]]
        assert {name: shown(row[name]) for name in wanted} == {name: apart(text, number) for name, text in wanted.items()}
