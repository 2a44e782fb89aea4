"""Plants single Dataverse records by hand: defaults for what a trap does not care about, GUIDs of their own, and the verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa

from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.schema import TABLES
from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID, SYSTEM_USER_ID

Row = dict[str, Any]


class Party(NamedTuple):
    """A record that can take part, by id, table and address; an id of None stands for an address that is in no record."""

    id: str | None
    table: str | None
    address: str | None
    deleted: bool = False


@dataclass(frozen=True)
class Planted:
    """An activity's id and the party rows by (mask, record id or address)."""

    id: str
    parties: Mapping[tuple[int, str], str] = field(default_factory=dict)

    def party(self, mask: int, who: Party) -> str:
        """The party row of somebody in one role."""
        return self.parties[mask, str(who.id or who.address)]


class Planter:
    """Collects rows by table. Times are counted back from `now`, the environment's as-of time (naive UTC)."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rows: dict[str, list[Row]] = {}
        self.truth: list[Row] = []
        self._number = 0

    def ago(self, days: float = 0, minutes: float = 0) -> datetime:
        """So long before now, in whole seconds; negative numbers are ahead of now."""
        return (self.now - timedelta(days=days, minutes=minutes)).replace(microsecond=0)

    def new_id(self, table: str) -> str:
        self._number += 1
        return guid(f"trap {table}", self._number)

    def add(self, table: str, *, owner: Party | None = None, created: datetime | None = None, **fields: Any) -> str:
        """A row in a table; lookups are named `_x_value`. Without an owner the table has none. Returns its id."""
        declared = TABLES[table]
        row = {declared.primary_id: self.new_id(table)} | self._stamps(table, created) | (_owned(owner) if owner else {}) | fields
        self.rows.setdefault(table, []).append(row)
        return str(row[declared.primary_id])

    def _stamps(self, table: str, created: datetime | None) -> Row:
        if not TABLES[table].has_modifiedon:
            return {}
        at = min(created or self.ago(days=30), self.ago(minutes=5))
        return {"createdon": at, "modifiedon": at, "_createdby_value": SYSTEM_USER_ID, "_modifiedby_value": SYSTEM_USER_ID}

    def expect(self, trap: str, table: str, record_id: str, expected: str) -> None:
        self.truth.append({"trap": trap, "table": table, "record_id": record_id, "expected": expected})

    def tables(self) -> dict[str, pa.Table]:
        """All rows by table, ready to insert; rows of one table may name different columns."""
        return {name: table(self._complete(name, rows)) for name, rows in self.rows.items()}

    def _complete(self, name: str, rows: Sequence[Row]) -> list[Row]:
        """Columns that one row names and another does not take the table's own default there."""
        named = dict.fromkeys(column for row in rows for column in row)
        columns = TABLES[name].columns
        defaults = {column: columns[column].default for column in named if column in columns}
        return [{column: row.get(column, defaults.get(column)) for column in named} for row in rows]


def table(rows: Sequence[Row]) -> pa.Table:
    """Rows as Arrow, with the union of their columns."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in columns})


def _owned(owner: Party) -> Row:
    return {"_ownerid_value": owner.id, "_ownerid_type": owner.table, "_owningbusinessunit_value": BUSINESS_UNIT_ID}
