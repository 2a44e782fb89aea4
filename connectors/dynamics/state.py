"""What the last committed extraction knew of a table, and how the table is read now.

    tracked    change tracking is on: a delta link gives what changed and what is gone
    compared   it is off: a list of all ids with their versions, against what we hold, gives the same
    parties    rows that come and go with their activity, and are read with it (see `parties`)

The state lives in the warehouse, loaded in one package with the rows it speaks of. All of a table is read at first, on
request, when a column became visible, and when the environment or the raw table is another one. A column that was hidden
does not change what is held of the others, so it is no reason to read again.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from connectors.dynamics.definitions import VisibleTable

Strategy = Literal["tracked", "compared", "parties"]
Mode = Literal["full", "incremental"]
ALARM_SHARE: Final = 0.5
"""Of a delta link's life: a link older than this was nearly lost."""
RETENTION: Final = dt.timedelta(days=7)
"""Where the environment does not say how long a delta link lives."""


@dataclass(frozen=True)
class TableState:
    """`host` of the environment the rows came from; `delta_link` was given at `linked_at`, both absent where nothing is tracked."""

    host: str
    columns: tuple[str, ...]
    delta_link: str = ""
    linked_at: dt.datetime | None = None

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Self:
        """From what `dump` gave."""
        linked_at = stored.get("linked_at")
        return cls(
            stored["host"],
            tuple(stored["columns"]),
            stored.get("delta_link", ""),
            dt.datetime.fromisoformat(linked_at) if linked_at else None,
        )

    def dump(self) -> dict[str, Any]:
        """As JSON can hold it."""
        linked_at = self.linked_at.isoformat() if self.linked_at else None
        return {"host": self.host, "columns": list(self.columns), "delta_link": self.delta_link, "linked_at": linked_at}

    def age(self, now: dt.datetime) -> dt.timedelta:
        """How old the delta link is."""
        return now - self.linked_at if self.linked_at else dt.timedelta()


@dataclass(frozen=True)
class ReadPlan:
    """What is read of one table in this run. `state` is the committed one of the same environment, whatever the mode."""

    visible: VisibleTable
    strategy: Strategy
    mode: Mode
    state: TableState | None = None

    @property
    def name(self) -> str:
        """The table."""
        return self.visible.name

    @property
    def link(self) -> str:
        """The delta link to follow, empty where none is."""
        return self.state.delta_link if self.state and self.mode == "incremental" and self.strategy == "tracked" else ""


def plan(visible: VisibleTable, state: TableState | None, host: str, stored_columns: Sequence[str], full_refresh: bool) -> ReadPlan:
    """How to read a table, by what is visible of it, the state of its last extraction, and the columns of its raw table."""
    strategy: Strategy = "parties" if visible.spec.parent else "tracked" if visible.tracked else "compared"
    ours = state if state and state.host == host and stored_columns else None
    names = set(visible.raw.columns)
    known = ours is not None and names <= set(ours.columns) and names <= set(stored_columns)
    followed = strategy != "tracked" or bool(ours and ours.delta_link)
    incremental = known and followed and not full_refresh
    return ReadPlan(visible, strategy, "incremental" if incremental else "full", ours)


def alarm(plan: ReadPlan, now: dt.datetime | None, retention: dt.timedelta) -> str:
    """One line when the delta link about to be followed has lived more than half of its life, else empty."""
    age = plan.state.age(now) if plan.state and plan.link and now else dt.timedelta()
    if age <= ALARM_SHARE * retention:
        return ""
    days = retention.days
    return f"{plan.name}: the last extraction is {age / dt.timedelta(days=1):.1f} days old; after {days} days all is read again; run daily"
