"""The order of the rows that next links have yet to give, so that a page costs the same wherever in its walk it stands.

A page is what a fresh query after the last key would give. Looking that up anew for each page would mean to scan and sort all that
follows; so the order of a walk is worked out once, at its second page, as row ids (8 bytes a row), and is void as soon as somebody
writes. Walks with the same condition share it, wherever each of them stands.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from connectors.sandbox.dataverse.odata.values import quoted
from connectors.sandbox.dataverse.store import Store

MOST_ROWS: Final = 32_000_000
"""Row ids kept, over all walks."""
RowIds = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Walk:
    """What is walked, as SQL: `rows` the table with its alias, `where` the condition, `key` the column that orders it."""

    rows: str
    where: str
    key: str


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the key `last`, with which page `page - 1` of `size` rows ended; at page 1 no key was before."""

    last: str
    page: int
    size: int


class Walks:
    """The orders of the walks under way; the least recently used go first when there are too many. Thread safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._orders: OrderedDict[Walk, tuple[int, RowIds]] = OrderedDict()

    def following(self, walk: Walk, place: Place, limit: int) -> RowIds:
        """The row ids after a place, in order of their keys."""
        order = self._order(walk)
        begin = (place.page - 1) * place.size
        if begin and not self._ends_with(walk, order[:begin], place.last):
            begin = self._store.read(f"select count(*) from {walk.rows} where {walk.where} and {walk.key} <= {quoted(place.last)}")[0][0]  # noqa: S608
        return order[begin : begin + limit]

    def _order(self, walk: Walk) -> RowIds:
        writes = self._store.writes
        with self._lock:
            known, order = self._orders.get(walk, (-1, np.empty(0, np.int64)))
        if known != writes:
            order = self._store.numbers(f"select rowid from {walk.rows} where {walk.where} order by {walk.key}")  # noqa: S608
        self._keep(walk, writes, order)
        return order

    def _keep(self, walk: Walk, writes: int, order: RowIds) -> None:
        with self._lock:
            self._orders[walk] = (writes, order)
            self._orders.move_to_end(walk)
            while len(self._orders) > 1 and sum(len(kept) for _, kept in self._orders.values()) > MOST_ROWS:
                self._orders.popitem(last=False)

    def _ends_with(self, walk: Walk, before: RowIds, last: str) -> bool:
        """Whether the rows before a place end with the key it names: so they do while pages keep their size."""
        if not len(before):
            return False
        return self._store.read(f"select {walk.key} from {walk.rows} where rowid = {before[-1]}") == [(last,)]  # noqa: S608
