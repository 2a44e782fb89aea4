"""Activity parties: they have no dates, are mostly not tracked, and belong to their activity as one set.

    in whole       ranges of the activity's creation, over the navigation property that leads to it; by the activities' ids
                   where the service refuses that. Begun at once, beside the walks over the activities' keys
    what changed   all parties of the activities that changed are read again, and replace what is held of them

Reading early is healed afterwards, by versions, which grow over the whole environment: an activity newer than the newest
version seen before the first page has its parties read again. So have those with a party that was deleted or merged away,
which changes the party and not the activity. Parties of activities that are gone are gone. An activity without any party
is asked for once more, so that a chain that ended early is seen.

Tasks are left out: their only parties are the owner and the record they are about, and both are columns. A nested `$expand`
is left out too: its collections have next links of their own.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.contract import Progress
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.partysets import NEVER, PartySets
from connectors.dynamics.queries import PARENTS_AT_ONCE, Range, address, among, chunks
from connectors.dynamics.ranges import equal
from connectors.dynamics.read import Chain, Following, Pages, Tally
from connectors.dynamics.state import ReadPlan
from connectors.dynamics.tables import TableRead
from connectors.dynamics.tracking import CREATED
from connectors.dynamics.urgency import LATER
from connectors.errors import IncompleteRead, MissingPermission, RequestRejected
from connectors.landing.spool import Spool
from connectors.landing.tables import Reconciliation
from warehouse import DuckDBWarehouse

PARENT: Final = "activityid"
PARTIES_PER_ACTIVITY: Final = 4
"""About; it only decides how many ranges there are."""
_REFUSALS: Final = (RequestRejected, MissingPermission)


@dataclass(frozen=True)
class Whole:
    """All parties of one kind of activity, read after `since` was the newest version; no pages where the service refuses ranges."""

    since: int = NEVER
    pages: Pages | None = None


@dataclass(frozen=True)
class PartyRead:
    """Parties read to their end, and which of the pages and of the stored rows are gone."""

    plan: ReadPlan
    pages: Pages
    truth: Reconciliation
    seconds: float


class PartyReading:
    """How parties are read in this run. `plan` is theirs, `totals` the rows to expect of each kind of activity."""

    def __init__(self, following: Following, folder: Path, progress: Progress, plan: ReadPlan, totals: Mapping[str, int]) -> None:
        self._following = following
        self._client: DynamicsClient = following.client
        self._folder = folder / plan.name
        self._plan = plan
        self._totals = totals
        self._began = time.monotonic()
        self._tally = Tally(plan.name, progress)

    def wanted(self, activity: ReadPlan) -> bool:
        """Whether all parties of a kind of activity are read, not only those of changed ones."""
        return activity.visible.spec.parties and "full" in (self._plan.mode, activity.mode)

    def whole(self, activity: ReadPlan) -> Whole:
        """All parties of one kind of activity; each kind may have a thread of its own."""
        since, column = self._newest_version(activity), self._created_column(activity.name)
        if since is None or not column:
            return Whole()
        total = self._totals.get(activity.name, 0) * PARTIES_PER_ACTIVITY
        ranges = equal(self._client, activity.visible.entity_set, total)
        return Whole(since, self._read(activity.name, [part.condition(column) for part in ranges]))

    def settle(self, warehouse: DuckDBWarehouse, crm: str, early: Mapping[str, Whole], reads: Sequence[TableRead]) -> PartyRead:
        """What is missing once all tables were read; raises `IncompleteRead` where parties are there that no page brought."""
        late = {read.plan.name: self.whole(read.plan) for read in reads if self.wanted(read.plan) and read.plan.name not in early}
        wholes = {**early, **late}
        known = {kind: (whole.since, whole.pages) for kind, whole in wholes.items()}
        with PartySets(warehouse, crm, self._plan, known, reads) as sets:
            self._check(sets)
            fresh = self._by_id("fresh", sets.again())
            pages = sum((whole.pages for whole in wholes.values() if whole.pages), start=Pages()) + fresh
            truth = sets.truth(pages.paths, fresh.paths)
        return PartyRead(self._plan, pages, truth, time.monotonic() - self._began)

    def _newest_version(self, activity: ReadPlan) -> int | None:
        """A version all later changes are newer than; None where the service does not sort by it."""
        cursor = activity.visible.raw.cursor
        try:
            found = self._client.get_json(activity.visible.entity_set, {"$select": cursor, "$orderby": f"{cursor} desc", "$top": "1"})
        except _REFUSALS:
            return None
        return max((int(row[cursor]) for row in found["value"]), default=0)

    def _created_column(self, kind: str) -> str:
        """The creation of a party's activity as `$filter` names it, empty where the service has no such path or refuses it."""
        name = f"EntityDefinitions(LogicalName='{self._plan.name}')/ManyToOneRelationships"
        select = "ReferencedEntity,ReferencingAttribute,ReferencingEntityNavigationPropertyName"
        try:
            links = self._client.get_json(name, {"$select": select, "$filter": f"ReferencingAttribute eq '{PARENT}'"})["value"]
            path = next((link["ReferencingEntityNavigationPropertyName"] for link in links if link["ReferencedEntity"] == kind), "")
            column = f"{path}/{CREATED}" if path else ""
            if column:
                self._client.get_json(self._plan.visible.entity_set, {"$filter": Range().condition(column), "$top": "1", **self._key()})
        except _REFUSALS:
            return ""
        return column

    def _key(self) -> Mapping[str, str]:
        return {"$select": self._plan.visible.raw.primary_key}

    def _read(self, what: str, wheres: Sequence[str]) -> Pages:
        visible, spool = self._plan.visible, Spool(self._folder / what)
        chains = [Chain(address(visible.entity_set, visible.select, where), visible.raw, spool, urgency=LATER) for where in wheres]
        return self._following.all(chains, self._tally)

    def _by_id(self, what: str, activities: Sequence[str]) -> Pages:
        return self._read(what, [among(PARENT, some) for some in chunks(activities, PARENTS_AT_ONCE)])

    def _check(self, sets: PartySets) -> None:
        """Activities nobody takes part in are asked for once more: so it is, or a chain of pages ended before its end.

        Parties that are newer than the first page belong to a change the next delta brings.
        """
        found = sets.overdue(self._by_id("missed", sets.partless()).paths)
        if found:
            raise IncompleteRead(f"{self._plan.name}: {found:,} rows are there that no page brought; run again")
