"""The guanxi.toml that `guanxi init` writes: the commented template, with the CRMs somebody seems to have switched on.

Whose variables are set in the environment is the CRM a user has; without any it is the first one. The section of another
CRM stays in the file as a comment, so that a first run needs nothing of it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).with_name("guanxi.toml")
SECTION = re.compile(r"^\[crm\.(?P<name>\w+)\]\n(?:.+\n)*", re.MULTILINE)
NEEDED = re.compile(r'^\w+ = "env:(\w+)"', re.MULTILINE)
OPTIONAL = re.compile(r'^# (?P<line>\w+ = "env:(?P<variable>\w+)".*)$', re.MULTILINE)


@dataclass(frozen=True)
class Written:
    """The file's text, and by CRM the variables it needs: of those it reads (`active`) and of those it has as a comment."""

    text: str
    active: Mapping[str, Sequence[str]]
    commented: Mapping[str, Sequence[str]]


def written(variables: Mapping[str, str]) -> Written:
    """The template for somebody with these environment variables."""
    template = TEMPLATE.read_text(encoding="utf-8")
    needed = {found["name"]: NEEDED.findall(found[0]) for found in SECTION.finditer(template)}
    chosen = [name for name, names in needed.items() if any(map(variables.get, names))] or list(needed)[:1]

    def section(found: re.Match[str]) -> str:
        return _opened(found[0], variables) if found["name"] in chosen else _commented(found[0])

    active = {name: names for name, names in needed.items() if name in chosen}
    return Written(SECTION.sub(section, template), active, {name: names for name, names in needed.items() if name not in chosen})


def _opened(section: str, variables: Mapping[str, str]) -> str:
    """With the optional lines whose variable is set."""
    return OPTIONAL.sub(lambda found: found["line"] if variables.get(found["variable"]) else found[0], section)


def _commented(section: str) -> str:
    return "".join(f"# {line}" for line in section.splitlines(keepends=True))
