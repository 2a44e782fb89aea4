"""Ten questions the documentation of Dataverse leaves open, put to the environment at hand. Reads only.

No run depends on an answer: each has a way that is right whatever the answer is. They tell an administrator what to expect and us
where a better way would be open. Three of them cannot be answered without writing; their lines say so.

Delta links are opaque, and runs treat them so. The one exception is here: to see what an expired link gets, and what a delta with
rows in it looks like, the link of the smallest table is set back, which at worst is refused.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from connectors.contract import Probe
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.definitions import Catalog, VisibleTable
from connectors.dynamics.faults import EXPIRED_VERSION_STAMP
from connectors.dynamics.inventory import supports_update_multiple
from connectors.dynamics.queries import CHANGES, ROWS, TYPES, Range, address, among
from connectors.errors import CrmError, RequestRejected

DOUBTFUL: Final = ("activitypointer", "activityparty", "connection", "connectionrole", "systemuser")
WRITTEN: Final = ("account", "contact", "lead", "opportunity", "systemuser")
SMALL: Final = 20_000
"""Rows of a table whose keys may be walked for a delta link of our own."""
TIMED_TABLES: Final = 3
PAIR: Final = "odata.maxpagesize=2"
NEEDS_A_WRITE: Final = "cannot be told by reading"
_TOKEN: Final = re.compile(r"(\d+)!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)")
_LONG_AGO: Final = "01/01/2000 00:00:00"
_LOWEST_ID: Final = "00000000-0000-0000-0000-000000000000"

Asked = Callable[[], Probe]


@dataclass(frozen=True)
class _Questions:
    client: DynamicsClient
    tables: Mapping[str, VisibleTable]
    totals: Mapping[str, int]

    def all(self) -> Iterator[Probe]:
        link, small = self._link()
        yield self._asked("answer to an expired delta link", lambda: self.expired(link))
        yield self._asked("change tracking where nobody documents it", self.tracked)
        yield self._asked("types of lookups in changes", lambda: self.annotated(link, small))
        yield Probe("hour a delta link is stamped", None, f"{NEEDS_A_WRITE}; links are made before rows are read")
        yield self._asked("UpdateMultiple", self.multiple)
        yield self._asked("ways to ask for rows", self.ways)
        yield Probe(
            "changes of columns nobody selected", None, f"{NEEDS_A_WRITE}; rows a change names are read whole, so it does not matter"
        )
        yield self._asked("seconds per page", self.timed)
        yield self._asked("pages of changes", lambda: self.paged(link))
        yield Probe(
            "activity parties after an edit",
            None,
            f"{NEEDS_A_WRITE}; parties of a changed activity are read again as a set",
        )

    def _asked(self, name: str, question: Asked) -> Probe:
        try:
            answer = question()
        except CrmError as error:
            return Probe(name, None, f"could not be asked: {error}")
        except (LookupError, ValueError):
            return Probe(name, None, "could not be asked: there is no table to try it on, or the answer is of another form")
        return Probe(name, answer.ok, answer.detail, answer.remedy, data=answer.data)

    def expired(self, link: str) -> Probe:
        """The code says it, whatever the status."""
        old = set_back(link, _LONG_AGO)
        if not old:
            return _untold(link)
        try:
            self.client.page(old, prefer=CHANGES)
        except RequestRejected as refusal:
            fits = refusal.code == EXPIRED_VERSION_STAMP
            return Probe("", fits or None, str(refusal).partition(": ")[2], data={"code": refusal.code})
        return Probe("", None, "a link of the year 2000 is still answered")

    def tracked(self) -> Probe:
        """By the definitions, also of tables that are not read."""
        named = " or ".join(f"LogicalName eq '{name}'" for name in DOUBTFUL)
        params = {"$select": "LogicalName,ChangeTrackingEnabled,CanChangeTrackingBeEnabled", "$filter": named}
        found = self.client.get_json("EntityDefinitions", params)["value"]
        states = {item["LogicalName"]: _tracking(item) for item in found}
        possible = [name for name, state in states.items() if state == "off" and name in self.tables]
        remedy = f"switch Track changes on for {', '.join(possible)}: their changes are then named instead of searched" if possible else ""
        return Probe("", True, ", ".join(f"{name} {state}" for name, state in states.items()), remedy, data=states)

    def annotated(self, link: str, small: VisibleTable | None) -> Probe:
        """Whether a change says where a lookup leads; runs read the row itself, whose page does."""
        recent = set_back(link)
        if not recent or small is None:
            return _untold(link)
        rows = _rows(self.client.page(recent, prefer=(*CHANGES, TYPES)))
        there = any(name.endswith(".lookuplogicalname") for row in rows for name in row)
        return Probe("", bool(rows) or None, "sent" if there else "not sent", data={"sent": there, "table": small.name})

    def multiple(self) -> Probe:
        """Per table we write to; where it is missing, rows are written in batches."""
        able = [name for name in WRITTEN if supports_update_multiple(self.client, name)]
        lacking = [name for name in WRITTEN if name not in able]
        return Probe("", True, f"there for {_list(able)}; not for {_list(lacking)}", data={"there": able, "missing": lacking})

    def ways(self) -> Probe:
        """By which conditions rows can be asked for; runs use those that are taken, and none needs the first three."""
        table = self.tables[max(self.totals, key=lambda name: self.totals[name])]
        tried = {
            "ranges of versions": self._taken(table, "versionnumber gt 0"),
            "ranges of ids": self._taken(table, f"{table.primary_id} gt {_LOWEST_ID}"),
            "newest version first": self._answers(f"{table.entity_set}?$select={table.primary_id}&$orderby=versionnumber desc"),
            "lists of ids": self._taken(table, among(table.primary_id, [_LOWEST_ID])),
            "parties by their activity's day": self._taken_parties(),
        }
        refused = [way for way, fits in tried.items() if not fits]
        return Probe("", True, f"all taken but {', '.join(refused)}" if refused else f"all taken: {', '.join(tried)}", data=tried)

    def _taken_parties(self) -> bool:
        path = "EntityDefinitions(LogicalName='activityparty')/ManyToOneRelationships"
        select = {"$select": "ReferencedEntity,ReferencingEntityNavigationPropertyName", "$filter": "ReferencingAttribute eq 'activityid'"}
        found = self.client.get_json(path, select)["value"]
        names = [item["ReferencingEntityNavigationPropertyName"] for item in found if item["ReferencedEntity"] == "email"]
        party = self.tables.get("activityparty")
        return party is not None and bool(names) and self._taken(party, Range().condition(f"{names[0]}/createdon"))

    def _taken(self, table: VisibleTable, condition: str) -> bool:
        return self._answers(address(table.entity_set, [table.primary_id], condition))

    def _answers(self, path: str) -> bool:
        try:
            return bool(self.client.page(path, prefer=(PAIR,)))
        except RequestRejected:
            return False

    def timed(self) -> Probe:
        """One full page of the largest tables, as a run asks for it."""
        largest = sorted(self.totals, key=lambda name: -self.totals[name])[:TIMED_TABLES]
        seconds = {name: self._seconds(self.tables[name]) for name in largest}
        return Probe("", True, ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items()), data=seconds)

    def _seconds(self, table: VisibleTable) -> float:
        began = time.monotonic()
        self.client.page(address(table.entity_set, table.select), prefer=ROWS)
        return time.monotonic() - began

    def paged(self, link: str) -> Probe:
        """Whether many changes come in pages; next links are followed wherever there are any."""
        recent = set_back(link)
        if not recent:
            return _untold(link)
        page = json.loads(self.client.page(recent, prefer=("odata.track-changes", PAIR)))
        following = "@odata.nextLink" in page
        return Probe(
            "", True if following else None, "with next links" if following else "no next link seen", data={"next_link": following}
        )

    def _link(self) -> tuple[str, VisibleTable | None]:
        """A delta link over the smallest tracked table that has rows and a lookup to several tables; empty where there is none."""
        fit = [name for name, total in self.totals.items() if 2 < total <= SMALL and _typed(self.tables[name])]
        for name in sorted(fit, key=lambda name: self.totals[name]):
            table = self.tables[name]
            try:
                return self._walked(address(table.entity_set, [table.primary_id, _typed(table)])), table
            except (CrmError, LookupError, ValueError):
                continue
        return "", None

    def _walked(self, link: str) -> str:
        while True:
            page = json.loads(self.client.page(link, prefer=CHANGES))
            if "@odata.nextLink" not in page:
                return str(page.get("@odata.deltaLink", ""))
            link = page["@odata.nextLink"]


def questions(client: DynamicsClient, found: Catalog, totals: Mapping[str, int]) -> Sequence[Probe]:
    """One line per question; never raises for what the environment answers."""
    return list(_Questions(client, {table.name: table for table in found.tables}, totals).all())


def set_back(link: str, stamp: str = "") -> str:
    """A delta link from the first version on, stamped as given or as it was; empty where the token is not of the documented form."""
    address, _, token = link.partition("$deltatoken=")
    match = _TOKEN.fullmatch(unquote(token))
    return f"{address}$deltatoken={quote(f'0!{stamp or match[2]}', safe='')}" if match else ""


def _untold(link: str) -> Probe:
    return Probe(
        "", None, "this environment's delta links are of another form" if link else "no small table with change tracking to try it on"
    )


def _typed(table: VisibleTable) -> str:
    """A lookup to several tables that is always set, of a tracked table."""
    names = [visible.column.selected for visible in table.columns if visible.kind == "typed_lookup" and visible.column.name == "ownerid"]
    return names[0] if names and table.tracked else ""


def _tracking(item: Mapping[str, Any]) -> str:
    if item["ChangeTrackingEnabled"]:
        return "on"
    return "off" if (item.get("CanChangeTrackingBeEnabled") or {}).get("Value") else "impossible"


def _rows(page: bytes) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = json.loads(page)["value"]
    return found


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
