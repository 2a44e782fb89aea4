"""What the last committed extraction knew of an object, and what to read of it now.

The state lives in the warehouse (dlt keeps it beside the data and moves it with the load), never in the work folder. The
query reads ten minutes back from the cursor: rows stamped before it can become visible after it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from connectors.salesforce.describe import VisibleObject
from connectors.salesforce.soql import Window, select

LOOKBACK: Final = dt.timedelta(seconds=600)
Mode = Literal["full", "incremental"]


@dataclass(frozen=True)
class ObjectState:
    """`cursor`: all up to it was read. `deleted_to`: the delete log was read up to it. `host`: address and id of the org.

    `columns` with their kinds.
    """

    cursor: dt.datetime
    deleted_to: dt.datetime
    columns: tuple[str, ...]
    host: str

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Self:
        """From what `dump` gave."""
        cursor, deleted_to = (dt.datetime.fromisoformat(stored[name]) for name in ("cursor", "deleted_to"))
        return cls(cursor, deleted_to, tuple(stored["columns"]), stored["host"])

    def dump(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "cursor": self.cursor.isoformat(),
            "deleted_to": self.deleted_to.isoformat(),
            "columns": list(self.columns),
            "host": self.host,
        }


@dataclass(frozen=True)
class ReadPlan:
    """What is read of one object in this run. `state` is the committed one, None when everything is read."""

    visible: VisibleObject
    mode: Mode
    state: ObjectState | None = None

    @property
    def name(self) -> str:
        """The object."""
        return self.visible.spec.name

    @property
    def lower(self) -> dt.datetime | None:
        """Where the window begins."""
        return self.state.cursor - LOOKBACK if self.state else None

    def query(self, upper: dt.datetime | None = None) -> str:
        """The SOQL of the read."""
        fields = [item.column.selected for item in self.visible.columns]
        bounded = upper if self.lower and upper and upper > self.lower else None
        return select(self.name, fields, self.visible.spec.cursor, Window(self.lower, bounded))


def plan(visible: VisibleObject, state: ObjectState | None, host: str, stored_columns: Sequence[str], full_refresh: bool) -> ReadPlan:
    """Read what changed, or all of it.

    All at first and on request, when a column became visible or is of another kind, when the table or the org is another
    one, and always where a column is a formula.
    """
    known = state is not None and state.host == host and set(visible.kinds) <= set(state.columns)
    known = known and set(visible.names) <= set(stored_columns) and not visible.formulas
    return ReadPlan(visible, "incremental", state) if known and not full_refresh else ReadPlan(visible, "full")


def advanced(plan: ReadPlan, read_at: dt.datetime, newest: dt.datetime | None, deleted_to: dt.datetime, host: str) -> ObjectState:
    """The state after a read: the cursor is the newest row seen, never beyond the org's clock when the read began."""
    seen = [instant for instant in (newest, plan.state.cursor if plan.state else None) if instant]
    return ObjectState(min([read_at, max(seen, default=read_at)]), deleted_to, plan.visible.kinds, host)
