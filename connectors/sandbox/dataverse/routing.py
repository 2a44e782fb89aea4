"""Addresses below the service root: templates such as `{set}({key})` to handlers.

A template has literal text and names in braces: a name that begins with `key` takes what stands between parentheses (quoted texts
may hold any character), any other takes an identifier. Of several templates that fit, the one with the fewest names wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from connectors.sandbox.dataverse.errors import method_not_allowed, no_such_segment

_NAME: Final = re.compile(r"\{(\w+)\}")
_IDENTIFIER: Final = r"[A-Za-z_]\w*"
_KEY: Final = r"(?:'(?:[^']|'')*'|[^()'])*"

H = TypeVar("H", bound=Callable[..., object])


@dataclass(frozen=True)
class _Place(Generic[H]):
    pattern: re.Pattern[str]
    names: int
    handlers: dict[str, H] = field(default_factory=dict)


class Router(Generic[H]):
    """Handlers by method and template."""

    def __init__(self) -> None:
        self._places: dict[str, _Place[H]] = {}
        self._ordered: list[_Place[H]] = []

    def on(self, method: str, template: str, handler: H) -> None:
        """Register a handler; a second one for the same method and template replaces the first."""
        place = self._places.setdefault(template, _Place(_compiled(template), len(_NAME.findall(template))))
        place.handlers[method] = handler
        self._ordered = sorted(self._places.values(), key=lambda held: held.names)

    def find(self, method: str, path: str) -> tuple[H, Mapping[str, str]]:
        """The handler of an address and the values of its names.

        Raises:
            QueryError: no such address (404).
            DataverseError: not for this method (405).
        """
        found = [(place, match) for place in self._ordered if (match := place.pattern.fullmatch(path))]
        for place, match in found:
            if method in place.handlers:
                return place.handlers[method], match.groupdict()
        raise method_not_allowed(method) if found else no_such_segment(path.partition("/")[0].partition("(")[0])


def _compiled(template: str) -> re.Pattern[str]:
    pieces, end = [], 0
    for match in _NAME.finditer(template):
        kind = _KEY if match[1].startswith("key") else _IDENTIFIER
        pieces += [re.escape(template[end : match.start()]), f"(?P<{match[1]}>{kind})"]
        end = match.end()
    return re.compile("".join([*pieces, re.escape(template[end:])]))
