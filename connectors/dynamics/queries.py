"""The addresses reading asks for, relative to the service root and encoded once, here.

Conditions: a range of an instant that never changes (`createdon`, at home or over a navigation property), or a list of ids.
Absent on purpose: `$orderby`, `$top` and `$expand`. Pages follow the primary key, which alone is stable while rows change,
and a nested collection has next links of its own.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

PAGE_ROWS: Final = 5_000
PAGES: Final = f"odata.maxpagesize={PAGE_ROWS}"
TYPES: Final = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'
ROWS: Final = (PAGES, TYPES)
"""Preferences of a read of rows: full pages, and the table each lookup points into."""
CHANGES: Final = ("odata.track-changes", PAGES)
EARLIEST: Final = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
"""No Dataverse instant is older, so a range from here on has all rows."""
IDS_AT_ONCE: Final = 500
"""22 KB of an address, of which the service takes 32."""
PARENTS_AT_ONCE: Final = 200
"""Records whose rows are asked for together: their rows fit one page, as a rule."""
_KEPT: Final = "(),'/$="


@dataclass(frozen=True)
class Range:
    """Instants from `lower` on, before `upper` (None: open)."""

    lower: dt.datetime | None = None
    upper: dt.datetime | None = None

    def condition(self, column: str) -> str:
        """`$filter` for a column that is never null; without bounds it still keeps rows only that have it."""
        parts = [f"{column} ge {_instant(self.lower or EARLIEST)}"] if self.lower or not self.upper else []
        parts += [f"{column} lt {_instant(self.upper)}"] if self.upper else []
        return " and ".join(parts)


def among(attribute: str, ids: Sequence[str]) -> str:
    """`$filter` for rows whose `attribute`, by its logical name also where it is a lookup, is one of `ids`."""
    values = ",".join(f'"{record_id}"' for record_id in ids)
    return f"Microsoft.Dynamics.CRM.In(PropertyName='{attribute}',PropertyValues=[{values}])"


def address(entity_set: str, select: Sequence[str], where: str = "") -> str:
    """The first page of a set's rows."""
    condition = f"&$filter={quote(where, safe=_KEPT)}" if where else ""
    return f"{entity_set}?$select={','.join(select)}{condition}"


def chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """`ids` in lists short enough for one address each."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _instant(value: dt.datetime | None) -> str:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""
