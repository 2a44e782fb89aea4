"""Which rows of an ingest job meet trouble: over the day's batches, locked, never processed, or lost without a trace.

Every choice is a rule over row numbers, so a test can say beforehand which rows are struck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from connectors.sandbox.faults import Faults
from connectors.sandbox.salesforce.api import Call

BATCH_ROWS = 10_000
LOCKED = "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"
ACTIONS = ("lock_rows", "skip_rows", "lose_rows")

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Spoils:
    """Shares of rows struck by each fault, taken when the job is closed."""

    lock_rows: float = 0.0
    skip_rows: float = 0.0
    lose_rows: float = 0.0

    @classmethod
    def take(cls, faults: Faults, call: Call, object_name: str) -> Spoils:
        """Ask the rules in force."""
        method, path = call.request.method, call.request.url.path
        struck = {action: faults.work(action, method, path, object_name) for action in ACTIONS}
        return cls(**{action: rule.value for action, rule in struck.items() if rule})


@dataclass(frozen=True)
class Fates:
    """One mask per fate; together they cover every row once."""

    processed: Mask
    locked: Mask
    skipped: Mask
    lost: Mask


def batches(rows: int) -> int:
    """The batches Salesforce cuts a job into."""
    return math.ceil(rows / BATCH_ROWS)


def fates(rows: int, spoils: Spoils, allowed_batches: int) -> Fates:
    """Lost rows first (over the allowance, or by fault), then never processed, then locked; the others are processed."""
    lost = (np.arange(rows) >= allowed_batches * BATCH_ROWS) | _every(rows, spoils.lose_rows)
    skipped = _tail(rows, spoils.skip_rows) & ~lost
    locked = _every(rows, spoils.lock_rows) & ~lost & ~skipped
    return Fates(~(lost | skipped | locked), locked, skipped, lost)


def _every(rows: int, share: float) -> Mask:
    """Rows spread evenly, about `share` of all, at least one when share > 0 and there are rows."""
    steps = np.floor(np.arange(rows + 1) * share + (1 - share if share else 0))
    spread: Mask = np.diff(steps) > 0
    return spread


def _tail(rows: int, share: float) -> Mask:
    """The last rows: a job that fails part way leaves its end undone."""
    tail: Mask = np.arange(rows) >= rows - math.ceil(rows * share)
    return tail
