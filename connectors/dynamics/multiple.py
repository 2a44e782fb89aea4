"""UpdateMultiple: many rows of one table in one request, all or nothing, several requests in flight (batches where a table has none).

Rows are dealt out by parent: what hangs on one parent goes out in one lane, one request after the other, so that no row and
no parent is ever in two requests at once (that would deadlock). The number of rows per request grows while requests are quick
and is halved when one was too heavy. A request that is refused is halved until few enough rows are left for `batch`, which says what
is wrong with which; a request whose answer was lost is sent again, for the same values written twice are the same.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from connectors.dynamics import batch, payload
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.column_metadata import TYPE
from connectors.dynamics.payload import Target
from connectors.errors import MissingPermission, RequestRejected, ServerBusy
from connectors.results import RowResults

START_ROWS: Final = 200
MOST_ROWS: Final = 1_000
QUICK_SECONDS: Final = 10.0
GROWTH: Final = 1.5
ACTION: Final = f"{TYPE}UpdateMultiple"
JSON: Final = {"Content-Type": "application/json"}
Done = Callable[[int], None]


@dataclass
class Size:
    """Rows per request, as the environment has shown it can take: never again more than half of what was too many. Thread safe."""

    rows: int = START_ROWS
    most: int = MOST_ROWS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def took(self, rows: int, seconds: float) -> None:
        """A request of so many rows took so long."""
        with self._lock:
            if rows * GROWTH >= self.rows and seconds < QUICK_SECONDS:
                self.rows = min(self.most, int(self.rows * GROWTH))

    def too_many(self, rows: int) -> None:
        """A request of so many rows was too heavy."""
        with self._lock:
            self.most = max(batch.MOST_ROWS + 1, min(self.most, rows // 2))
            self.rows = min(self.rows, self.most)

    def of(self, rows: int) -> int:
        """Rows of the next request when so many are left, so that the last one is not a small rest."""
        return -(-rows // -(-rows // self.rows))


def update(client: DynamicsClient, target: Target, made: pa.Table, size: Size, done: Done) -> pa.Table:
    """Update the rows of `payload.bodies`; one verdict per row. `done` is told how many rows were settled. Raises CrmError."""
    stop = threading.Event()
    dealt = lanes(made, min(client.settings.max_concurrency, -(-made.num_rows // size.rows)))
    with ThreadPoolExecutor(len(dealt)) as pool:
        running = [pool.submit(_lane, client, target, lane, size, done, stop) for lane in dealt]
        try:
            wait(running, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    return pa.concat_tables([verdicts for future in running for verdicts in future.result()])


def lanes(made: pa.Table, count: int) -> list[pa.Table]:
    """The rows dealt out to at most `count` lanes, each parent in one of them."""
    parents = made["parent_id"].combine_chunks().dictionary_encode()
    count = min(count, len(parents.dictionary))
    lane = parents.indices.to_numpy() % count
    return [made.filter(pa.array(np.equal(lane, number))) for number in range(count)]


def _lane(client: DynamicsClient, target: Target, rows: pa.Table, size: Size, done: Done, stop: threading.Event) -> list[pa.Table]:
    """All requests of one lane; ends early when another lane has failed for good."""
    settled: list[pa.Table] = []
    while rows.num_rows and not stop.is_set():
        count = size.of(rows.num_rows)
        settled += _sent(client, target, rows.slice(0, count), size)
        rows = rows.slice(count)
        done(count)
    return settled


def _sent(client: DynamicsClient, target: Target, piece: pa.Table, size: Size) -> Iterator[pa.Table]:
    if piece.num_rows <= batch.MOST_ROWS:
        yield batch.update(client, target, piece)
        return
    try:
        response = client.request("POST", f"{target.table.entity_set}/{ACTION}", content=payload.many(piece, target), headers=JSON)
    except (RequestRejected, MissingPermission, ServerBusy) as error:
        if isinstance(error, ServerBusy):
            size.too_many(piece.num_rows)
        half = piece.num_rows // 2
        yield from _sent(client, target, piece.slice(0, half), size)
        yield from _sent(client, target, piece.slice(half), size)
    else:
        size.took(piece.num_rows, response.elapsed.total_seconds())
        yield _accepted(piece)


def _accepted(piece: pa.Table) -> pa.Table:
    """All or nothing: a success is the word on every row."""
    blank = pa.repeat("", piece.num_rows)
    accepted = pa.repeat(True, piece.num_rows)
    columns: dict[str, Any] = {"record_id": piece["record_id"], "accepted": accepted, "code": blank, "message": blank}
    return RowResults(pa.table(columns)).table
