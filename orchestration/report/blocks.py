"""What a page is made of, as data: pages say what is shown, `render` and the one template say how it looks.

A cell of a table is plain (text, number, date, yes/no, None for unknown) or one of `Link`, `Meter`, `Chip`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from markupsafe import Markup

Tone = Literal["plain", "good", "fair", "warn", "bad"]


@dataclass(frozen=True)
class Link:
    """A record of a CRM: its id, and its page there. Names stay in the CRM, which knows who may read them."""

    crm: str
    record_id: str
    url: str

    @property
    def text(self) -> str:
        """The id, a GUID by its first group."""
        return self.record_id if len(self.record_id) <= 18 else f"{self.record_id[:8]}…"


@dataclass(frozen=True)
class Meter:
    """A number on a scale that begins at 0, with a bar."""

    value: float | None
    top: float = 100.0


@dataclass(frozen=True)
class Chip:
    """A word of a short list, coloured by what it means for us."""

    text: str
    tone: Tone = "plain"


Cell = str | int | float | dt.date | Link | Meter | Chip | None


@dataclass(frozen=True)
class Table:
    """Rows under headings; `total`: rows there are in all, when only the first are shown."""

    kind: ClassVar = "table"
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int

    @property
    def cut(self) -> bool:
        """Whether some rows are left out."""
        return self.total > len(self.rows)


@dataclass(frozen=True)
class Tiles:
    """Numbers to be seen first: (what, number, what it is of)."""

    kind: ClassVar = "tiles"
    tiles: Sequence[tuple[str, Cell, str]]


@dataclass(frozen=True)
class Picture:
    """A drawing with its caption."""

    kind: ClassVar = "picture"
    caption: Cell
    svg: Markup
    wide: bool = False


@dataclass(frozen=True)
class Note:
    """A sentence; `absent`: it stands where figures will be, and says why there are none yet."""

    kind: ClassVar = "note"
    text: str
    absent: bool = False


Block = Table | Tiles | Picture | Note


@dataclass(frozen=True)
class Section:
    """A heading, a sentence that says how to read what follows, and the blocks."""

    title: str
    lead: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """One HTML file, `name`.html."""

    name: str
    title: str
    lead: str
    sections: Sequence[Section]
