"""The walk over all keys of a table, and what changed since a delta link was given.

A walk asks for the key, the version and, where there is one, the creation of each row and nothing else: small rows, so that
the one thing that cannot be done in parallel is short. On a tracked table its last page carries a delta link. The version is
asked for on purpose: should the service report only changes of selected columns, the version is one that always changes.

When the service stamps that link is its secret: with the first page or with the last. Nothing here depends on it. Whatever
is read after the walk's end is as new as the link or newer, and all later changes are in the delta.

A delta gives keys, not rows. The rows are asked for by key afterwards, side by side, and are then as new as the next link
or newer; a row that is not found any more is gone, whether or not a delete was reported yet.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.definitions import VisibleTable
from connectors.dynamics.faults import CHANGE_TRACKING_NEVER, CHANGE_TRACKING_OFF, EXPIRED_VERSION_STAMP
from connectors.dynamics.queries import CHANGES, IDS_AT_ONCE, PAGES, address, among, chunks
from connectors.dynamics.read import Chain, Counted, Following, Pages
from connectors.dynamics.state import RETENTION
from connectors.dynamics.urgency import URGENT
from connectors.errors import IncompleteRead, MissingPermission, RequestRejected
from connectors.landing.spool import Spool
from connectors.landing.tables import RawTable

INVALID_TOKEN: Final = "0x80040203"
DEAD_LINK: Final = frozenset({EXPIRED_VERSION_STAMP, INVALID_TOKEN, CHANGE_TRACKING_OFF, CHANGE_TRACKING_NEVER})
UNTRACKED: Final = frozenset({CHANGE_TRACKING_OFF, CHANGE_TRACKING_NEVER})
CREATED: Final = "createdon"


class LinkDied(RequestRejected):
    """A delta link is of no use any more: the table must be read in full."""


@dataclass(frozen=True)
class Delta:
    """Keys of rows that are new or changed, ids of rows that are gone, and the link for the next time."""

    changed: Sequence[str] = ()
    deleted: Sequence[str] = ()
    link: str = ""


def keys_of(visible: VisibleTable) -> RawTable:
    """The raw table's key, version and creation: what a walk keeps."""
    raw = visible.raw
    kept = {name: kind for name, kind in raw.columns.items() if name in (raw.primary_key, raw.cursor, CREATED)}
    return RawTable(raw.name, kept, raw.primary_key, raw.cursor, "")


def walk(following: Following, visible: VisibleTable, spool: Spool, counted: Counted, *, tracked: bool) -> Pages:
    """All keys, page after page. Raises `IncompleteRead` when a tracked walk ends without a delta link: pages were lost."""
    keys = keys_of(visible)
    link = address(visible.entity_set, list(keys.columns))
    pages = following.one(Chain(link, keys, spool, CHANGES if tracked else (PAGES,), URGENT), counted)
    if tracked and not pages.changes:
        raise IncompleteRead(f"{visible.name}: the list of keys ended without a delta link; run again")
    return pages


def changes(following: Following, visible: VisibleTable, link: str, spool: Spool, counted: Counted) -> Delta:
    """What happened since the link was given. Raises `LinkDied` where the service does not know it any more."""
    try:
        pages = following.one(Chain(link, keys_of(visible), spool, CHANGES, URGENT), counted)
    except RequestRejected as error:
        if error.code not in DEAD_LINK:
            raise
        raise LinkDied(str(error), error.code) from error
    if not pages.changes:
        raise IncompleteRead(f"{visible.name}: the changes ended without a new delta link; run again")
    return Delta(ids_in(pages, visible.raw.primary_key), pages.deleted, pages.changes)


def rows_of(following: Following, visible: VisibleTable, ids: Sequence[str], spool: Spool, counted: Counted) -> Pages:
    """The rows with these keys, as they are now; fewer when some are gone."""
    raw, select = visible.raw, visible.select
    wheres = (among(raw.primary_key, some) for some in chunks(ids, IDS_AT_ONCE))
    return following.all([Chain(address(visible.entity_set, select, where), raw, spool) for where in wheres], counted)


def ids_in(pages: Pages, key: str) -> list[str]:
    """The keys in pages, each once."""
    if not pages.rows:
        return []
    columns = [pq.read_table(path, columns=[key]).column(key) for path in pages.paths]
    ids: Any = pc.unique(pa.chunked_array([part for column in columns for part in column.chunks], pa.string()))
    return list(ids.to_pylist())


def retention(client: DynamicsClient) -> dt.timedelta:
    """How long the environment keeps what a delta link needs."""
    try:
        found = client.get_json("organizations", {"$select": "expirechangetrackingindays"})["value"]
    except (RequestRejected, MissingPermission):
        return RETENTION
    days = found[0].get("expirechangetrackingindays") if found else None
    return RETENTION if days is None else dt.timedelta(days=days)
