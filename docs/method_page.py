"""`docs/method.md`: its text (`method.template.md`) with the numbers, names and worked examples put in from where they live.

`{{number <key>}}` is a value of `transforms/method.toml`, `{{field <entity>.<Name>}}` and `{{values <entity>.<Name>}}` a field
of `connectors/fields.py` with its Chinese name, `{{example <file> <entity>.<record>}}` a hand-computed case of
`tests/transforms/golden/cases`: the reasons written above it and the fields that the test suite holds the code to.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.fields import ENTERED, OUTPUT, FieldSpec, api_name
from transforms import method

TEMPLATE = Path(__file__).with_name("method.template.md")
CASES = Path(__file__).parents[1] / "tests" / "transforms" / "golden" / "cases"
MARK = re.compile(r"\{\{(\w+) ([^}]+)\}\}")


def lines() -> Iterator[str]:
    """The page, line by line."""
    return filled(TEMPLATE.read_text(encoding="utf-8").splitlines())


def filled(template: Iterable[str]) -> Iterator[str]:
    """Lines with their marks replaced; `KeyError` for a mark that names nothing."""
    numbers = method.entries()
    for line in template:
        yield MARK.sub(lambda mark: _filled(numbers, mark[1], mark[2]), line)


def _filled(numbers: Mapping[str, dict[str, Any]], kind: str, name: str) -> str:
    written: Mapping[str, Callable[[], str]] = {
        "number": lambda: shown(numbers[name]["value"]),
        "field": lambda: "**{0.label_en} {0.label_zh}** (`{1}`)".format(field(name), api_name(field(name))),
        "values": lambda: ", ".join(f"{choice.value} {choice.zh}" for choice in field(name).values),
        "example": lambda: example(*name.split()),
    }
    return written[kind]()


def shown(value: Any) -> str:
    """A number or list of the method as people read it."""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def field(name: str) -> FieldSpec:
    """The field of `<entity>.<Name>`."""
    specs = [spec for catalogue in (OUTPUT, ENTERED) for specs in catalogue.values() for spec in specs]
    return {f"{spec.entity}.{spec.name}": spec for spec in specs}[name]


def example(file: str, record: str) -> str:
    """The comment above `[expect.<entity>.<record>]` and the fields under it, as a quotation."""
    text = (CASES / f"{file}.toml").read_text(encoding="utf-8")
    entity, _, name = record.partition(".")
    fields = tomllib.loads(text)["expect"][entity][name]
    before = text[: text.index(f"[expect.{entity}.{name}]")].rstrip("\n").splitlines()
    reasons: list[str] = []
    while before and before[-1].startswith("#"):
        reasons.insert(0, before.pop().removeprefix("#").strip())
    if not reasons:
        raise KeyError(f"{file} {record}: no reasons stand above it")
    results = ", ".join(f"{_label(entity, key)} **{_answer(value)}**" for key, value in fields.items() if key != "why")
    return f"> {' '.join(reasons)}\n>\n> {results} (`{file}.toml`, `{name}`)"


def _label(entity: str, column: str) -> str:
    return {spec.name.lower(): spec.label_en for specs in OUTPUT.values() for spec in specs if spec.entity == entity}[column]


def _answer(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
