"""Nothing read is lost: every landed activity record is counted or dropped with one reason, per source object.

Read are the rows of the raw object, counted those with an interaction, dropped those in `interactions_dropped`. A record
in neither, or in both, breaks the account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from transforms.tables import interactions, interactions_dropped
from warehouse import DuckDBWarehouse, raw_schema


@dataclass(frozen=True)
class Account:
    """The account of one activity object of one CRM, in records."""

    crm: str
    object_name: str
    read: int
    counted: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    both: int = 0

    @property
    def lost(self) -> int:
        """Records neither counted nor dropped, plus those that are both."""
        return abs(self.read - self.counted - sum(self.dropped.values())) + self.both

    @property
    def line(self) -> str:
        """The account in one line."""
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in self.dropped.items()) or "none"
        figures = f"read {self.read:,}, counted {self.counted:,}, dropped: {reasons}, not accounted for {self.lost:,}"
        return f"{self.crm} {self.object_name}: {figures}"

    @property
    def balanced(self) -> bool:
        """Counted and dropped make up read, and no record is both."""
        return self.lost == 0


def reconcile(warehouse: DuckDBWarehouse, crm: str, objects: Mapping[str, str]) -> list[Account]:
    """One account per activity object of `crm` that has a raw table; `objects`: its name to the column of its ids."""
    return [_account(warehouse, crm, name, key) for name, key in objects.items() if warehouse.columns(raw_schema(crm), name)]


def _account(warehouse: DuckDBWarehouse, crm: str, object_name: str, key: str) -> Account:
    raw = sa.table(object_name, sa.column(key), schema=raw_schema(crm))
    ids = sa.select(raw.c[key])
    counted = sa.select(interactions.c.event_id).where(interactions.c.crm == crm, interactions.c.event_id.in_(ids)).distinct()
    dropped = sa.select(interactions_dropped).where(interactions_dropped.c.crm == crm, interactions_dropped.c.event_id.in_(ids)).subquery()
    reasons = sa.select(dropped.c.reason, sa.func.count()).group_by(dropped.c.reason).order_by(dropped.c.reason)
    with warehouse.connection() as connection:
        return Account(
            crm,
            object_name,
            read=_count(connection, ids),
            counted=_count(connection, counted),
            dropped={str(reason): int(number) for reason, number in connection.execute(reasons)},
            both=_count(connection, sa.select(dropped.c.event_id).where(dropped.c.event_id.in_(counted))),
        )


def _count(connection: sa.Connection, rows: sa.Select[tuple[str]]) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0)
