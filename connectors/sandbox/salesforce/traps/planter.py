"""Plants single Salesforce records by hand: defaults for what a trap does not care about, ids of its own pod, and the verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import pyarrow as pa

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.schema import SOBJECTS

TRAP_POD: Final = "7t"
Row = dict[str, Any]


class Party(NamedTuple):
    """A user, contact or lead by id and address; an id of None stands for an address that resolves to no record."""

    id: str | None
    address: str


@dataclass(frozen=True)
class Planted:
    """An activity's id, its twin or child rows, and the relation row of each party (by record id or address)."""

    id: str
    copies: Sequence[str] = ()
    relations: Mapping[str, str] = field(default_factory=dict)


class Planter:
    """Collects rows by object. Times are counted back from `now`, the org's as-of time (naive UTC)."""

    def __init__(self, now: datetime, author: str) -> None:
        self.now, self.author = now, author
        self.rows: dict[str, list[Row]] = {}
        self.truth: list[Row] = []
        self._numbers: dict[str, int] = {}

    def ago(self, days: float = 0, minutes: float = 0) -> datetime:
        """So long before now, in whole seconds; negative numbers are ahead of now."""
        return (self.now - timedelta(days=days, minutes=minutes)).replace(microsecond=0)

    def new_id(self, name: str) -> str:
        prefix = SOBJECTS[name].key_prefix
        self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return ids.make_id(prefix, self._numbers[prefix], TRAP_POD)

    def row(self, name: str, **fields: Any) -> Row:
        """A complete row of an object, not yet in any table: booleans are false, times those of its creation."""
        created = min(fields.pop("created", self.ago(days=30)), self.ago(minutes=5))
        made: Row = {column.name: False for column in SOBJECTS[name].columns if column.type == "boolean"}
        made |= {"Id": fields.pop("Id", None) or self.new_id(name), "CreatedById": self.author, "LastModifiedById": self.author}
        return made | dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), created) | fields

    def add(self, name: str, **fields: Any) -> str:
        """A row in the object's table; returns its id."""
        made = self.row(name, **fields)
        self.rows.setdefault(name, []).append(made)
        return str(made["Id"])

    def expect(self, trap: str, name: str, record_id: str, expected: str) -> None:
        self.truth.append({"trap": trap, "object": name, "record_id": record_id, "expected": expected})

    def tables(self) -> dict[str, pa.Table]:
        """All rows by object, ready to insert."""
        return {name: table(rows) for name, rows in self.rows.items()}


def table(rows: Sequence[Row]) -> pa.Table:
    """Rows as Arrow, with the union of their columns."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in columns})
