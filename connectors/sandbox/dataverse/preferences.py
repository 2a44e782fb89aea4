"""The Prefer header: several wishes, separated by commas, some with quoted values."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final, Self

LARGEST_PAGE: Final = 5_000

_WISH: Final = re.compile(r'\s*([\w.-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;]*)))?\s*(?:[,;]|$)')


@dataclass(frozen=True)
class Preferences:
    """What a client prefers; `page_rows` is None where it names none, `annotations` are patterns of annotation names."""

    page_rows: int | None = None
    annotations: tuple[str, ...] = ()
    track_changes: bool = False
    representation: bool = False
    continue_on_error: bool = False
    applied: str = ""
    """Value of Preference-Applied; empty when nothing was preferred."""

    @classmethod
    def parse(cls, header: str) -> Self:
        """Unknown wishes are passed over, as preferences are."""
        wishes = {match[1].lower(): (match[2] if match[2] is not None else match[3] or "").strip() for match in _WISH.finditer(header)}
        rows = _short(wishes, "maxpagesize")
        names = _short(wishes, "include-annotations") or ""
        return cls(
            page_rows=min(int(rows), LARGEST_PAGE) if rows and rows.isdecimal() and int(rows) else None,
            annotations=tuple(name.strip() for name in names.split(",") if name.strip()),
            track_changes=_short(wishes, "track-changes") is not None,
            representation=wishes.get("return") == "representation",
            continue_on_error=_short(wishes, "continue-on-error") is not None,
            applied=header.strip(),
        )

    def within(self, most: int) -> Self:
        """The same wishes of an environment that puts no more than `most` rows into a page."""
        return self if self.page_rows is None or self.page_rows <= most else replace(self, page_rows=most)

    def wants(self, annotation: str) -> bool:
        """Whether an annotation is asked for, by name or by pattern."""
        return any(fnmatchcase(annotation, pattern) for pattern in self.annotations)

    @property
    def headers(self) -> dict[str, str]:
        """What the answer repeats."""
        return {"Preference-Applied": self.applied} if self.applied else {}


def _short(wishes: dict[str, str], name: str) -> str | None:
    return wishes.get(f"odata.{name}", wishes.get(name))
