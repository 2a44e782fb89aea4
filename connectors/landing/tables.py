"""One raw table as the landing sees it: its shape, the rows at hand, what is known to be gone, and what is ready to load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.landing.kinds import ARROW_TYPES, ColumnKind

Mode = Literal["full", "incremental"]


def _no_ids() -> Any:
    return pa.array([], pa.string())


@dataclass(frozen=True)
class RawTable:
    """A table of `raw_<crm>`. `cursor`: the column that grows with each change. `deleted`: the one that marks rows that are gone."""

    name: str
    columns: Mapping[str, ColumnKind]
    primary_key: str
    cursor: str
    deleted: str

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of its pages. The key has no nulls and says so: a file that differs from its table is written anew to be loaded."""
        return pa.schema([pa.field(name, ARROW_TYPES[kind], nullable=name != self.primary_key) for name, kind in self.columns.items()])

    def held(self, pages: Sequence[Path], *, keeps_raw: bool) -> "Held":
        """The table with new rows at hand."""
        return Held(**_shape(self), pages=pages, keeps_raw=keeps_raw)


@dataclass(frozen=True)
class Reconciliation:
    """`marked`: ids of new rows that are in truth deleted. `changed`: stored rows with their new mark, None when none can be."""

    marked: Any = field(default_factory=_no_ids)
    changed: pa.Table | None = None


@dataclass(frozen=True)
class Held(RawTable):
    """The rows at hand: new pages, and whether the rows of the raw table stay beside them (not at first, not when all is re-read)."""

    pages: Sequence[Path]
    keeps_raw: bool

    def landed(self, state: Mapping[str, Any], truth: Reconciliation | None = None) -> "Landed":
        """Ready to load, merged or replacing, with the state that holds then and what is known to be gone."""
        found = truth or Reconciliation()
        mode: Mode = "incremental" if self.keeps_raw else "full"
        return Landed(**_shape(self), mode=mode, pages=self.pages, state=state, marked=found.marked, changed=found.changed)


@dataclass(frozen=True)
class Landed(RawTable):
    """A table ready to load. `mode` full replaces all rows, incremental merges by primary key, the largest cursor winning.

    `state` (JSON) holds once the rows are loaded. `marked`: ids among the pages that are in truth deleted. `changed`: rows
    of the raw table with their new mark.
    """

    mode: Mode
    pages: Sequence[Path]
    state: Mapping[str, Any]
    marked: Any = field(default_factory=_no_ids)
    changed: pa.Table | None = None

    @property
    def moves(self) -> bool:
        """Whether the load changes the raw table: on a quiet night few do."""
        read = any(pq.read_metadata(path).num_rows for path in self.pages)
        return self.mode == "full" or read or bool(self.changed is not None and self.changed.num_rows)


def _shape(table: RawTable) -> dict[str, Any]:
    return {item.name: getattr(table, item.name) for item in fields(RawTable)}
