"""One table from the environment to page files, in whole or what changed; `parties` does the rest.

    in whole       walk over all keys -> ranges of creation, side by side -> the delta since the walk -> the rows it names
    what changed   the delta since the last extraction, or the list of keys against ours -> the rows it names

One way for large and small tables: the walk comes first and its link is the one that is kept, because only what is read
after the link can be healed by it. A walk with all columns would save the ranges of a small table and lose what changes
behind its back, as the service stamps its link at an hour it does not tell; a delta with all columns would save asking by
key and can only be had by that walk. Rows named by a delta are asked for by key side by side, five hundred at once.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.contract import Progress
from connectors.dynamics.deletes import compared, lost
from connectors.dynamics.queries import Range, address
from connectors.dynamics.ranges import even
from connectors.dynamics.read import Chain, Counted, Following, Pages, Tally
from connectors.dynamics.state import ReadPlan
from connectors.dynamics.tracking import CREATED, UNTRACKED, Delta, LinkDied, changes, ids_in, rows_of, walk
from connectors.errors import IncompleteRead, RequestRejected
from connectors.landing.spool import Spool
from warehouse import DuckDBWarehouse


@dataclass(frozen=True)
class TableRead:
    """A table read to its end. `plan` is what was done; `fresh` are those of `pages` asked for by key, the newest; `gone`: ids."""

    plan: ReadPlan
    pages: Pages
    fresh: Pages
    gone: Sequence[str]
    link: str
    seconds: float
    keys: Pages = field(default_factory=Pages)


@dataclass(frozen=True)
class TableReading:
    """How tables are read in this run."""

    following: Following
    warehouse: DuckDBWarehouse
    crm: str
    folder: Path
    progress: Progress

    def read(self, plan: ReadPlan, total: int) -> TableRead:
        """All of a table, or what changed of it; `total` is how many rows to expect. Raises `CrmError`."""
        since = time.monotonic()
        tally = Tally(plan.name, self.progress, total if plan.mode == "full" else 0)
        if plan.mode == "incremental":
            try:
                return replace(self._changed(plan, tally), seconds=time.monotonic() - since)
            except LinkDied as died:
                self.progress(f"{plan.name}: everything is read again ({died})")
        return replace(self._whole(replace(plan, mode="full"), tally), seconds=time.monotonic() - since)

    def _changed(self, plan: ReadPlan, tally: Counted) -> TableRead:
        if plan.strategy == "tracked":
            delta = changes(self.following, plan.visible, plan.link, self._spool(plan, "delta"), _silent)
        else:
            keys = walk(self.following, plan.visible, self._spool(plan, "keys"), _silent, tracked=False)
            delta = compared(self.warehouse, self.crm, plan.visible, keys.paths)
        fresh, gone = self._named(plan, delta, tally)
        return TableRead(plan, fresh, fresh, gone, delta.link, 0.0)

    def _whole(self, plan: ReadPlan, tally: Counted) -> TableRead:
        plan, keys = self._walked(plan)
        rows = self.following.all(self._chains(plan, keys), tally)
        delta = Delta()
        if keys.changes:
            delta = changes(self.following, plan.visible, keys.changes, self._spool(plan, "delta"), _silent)
        fresh, gone = self._named(plan, delta, tally)
        missed = self._missed(plan, keys, rows, delta)
        return TableRead(plan, rows + fresh, fresh, [*gone, *missed], delta.link, 0.0, keys)

    def _walked(self, plan: ReadPlan) -> tuple[ReadPlan, Pages]:
        """All keys; a table whose definition says it is tracked when it is not is compared instead."""
        spool = self._spool(plan, "keys")
        if plan.strategy == "tracked":
            try:
                return plan, walk(self.following, plan.visible, spool, _silent, tracked=True)
            except RequestRejected as error:
                if error.code not in UNTRACKED:
                    raise
        return replace(plan, strategy="compared"), walk(self.following, plan.visible, spool, _silent, tracked=False)

    def _chains(self, plan: ReadPlan, keys: Pages) -> list[Chain]:
        visible = plan.visible
        ranges = even(self.warehouse, keys, self.following.client.gate.width)
        wheres = [part.condition(CREATED) for part in ranges] if ranges != [Range()] else [""]
        spool = self._spool(plan, "rows")
        return [Chain(address(visible.entity_set, visible.select, where), visible.raw, spool) for where in wheres]

    def _named(self, plan: ReadPlan, delta: Delta, tally: Counted) -> tuple[Pages, Sequence[str]]:
        """The rows a delta names, and all that are gone: those it says, and those that are not found any more."""
        fresh = rows_of(self.following, plan.visible, delta.changed, self._spool(plan, "fresh"), tally)
        unfound = set(delta.changed).difference(ids_in(fresh, plan.visible.raw.primary_key))
        return fresh, [*delta.deleted, *unfound]

    def _missed(self, plan: ReadPlan, keys: Pages, rows: Pages, delta: Delta) -> Sequence[str]:
        """Keys without a row are asked for once more: gone, or a chain of pages ended before its end."""
        missed = lost(self.warehouse, plan.visible, keys.paths, rows.paths, delta)
        found = rows_of(self.following, plan.visible, missed, self._spool(plan, "missed"), _silent).rows
        if found:
            raise IncompleteRead(f"{plan.name}: {found:,} rows are there that no page brought; run again")
        return missed

    def _spool(self, plan: ReadPlan, what: str) -> Spool:
        return Spool(self.folder / plan.name / what)


def _silent(rows: int) -> None:
    """Pages nobody counts."""
