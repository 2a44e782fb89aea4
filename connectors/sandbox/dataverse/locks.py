"""Rows that a request of many rows is writing: another such request that needs one of them at the same time is the deadlock victim."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from connectors.sandbox.dataverse.errors import DataverseError

GENERIC_SQL: Final = "0x80044150"


def deadlocked() -> DataverseError:
    """The refusal of a deadlock victim (SQL 1205); the same request again may pass."""
    text = "Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim."
    return DataverseError(GENERIC_SQL, f"Sql error: {text} Sql ErrorCode: -2146232060 Sql Number: 1205", status=500)


class RowLocks:
    """The ids being written, of all tables. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()

    @contextmanager
    def hold(self, ids: Sequence[str]) -> Iterator[None]:
        """Hold the rows for the time of the `with` block; raises DataverseError (0x80044150) when one is held already."""
        wanted = set(ids)
        with self._lock:
            if not self._held.isdisjoint(wanted):
                raise deadlocked()
            self._held |= wanted
        try:
            yield
        finally:
            with self._lock:
                self._held -= wanted
