"""How much the order of pairs hangs on the channel weights, which are a convention: each is halved, and raised by half.

Not part of the nightly run: it asks about the method, not about the company, and costs one scoring per variant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import sqlalchemy as sa

from transforms.backtest import scratch
from transforms.backtest.measure import Numbers
from transforms.base import Context
from warehouse import DuckDBWarehouse

WEIGHTS: Final = tuple(f"closeness.weight_{name}" for name in ("meeting", "call", "email", "unanswered"))
FACTORS: Final = (0.5, 1.5)
AGAINST: Final[Sequence[Mapping[str, float]]] = (
    {"closeness.weight_meeting": 1.5, "closeness.weight_email": 0.5},
    {"closeness.weight_meeting": 0.5, "closeness.weight_email": 1.5},
)
"""Both ways at once: the two worst of the joint changes."""
Pair = tuple[str, str]


@dataclass(frozen=True)
class Stability:
    """One variant. `movers`: user and person ids of the pairs that moved most, with the share of all places they moved, signed."""

    changed: Mapping[str, float]
    correlation: float
    pairs: int
    movers: Sequence[tuple[Pair, float]]


def variants() -> Sequence[Mapping[str, float]]:
    """Weight to factor, one at a time, then against each other."""
    return [*({weight: factor} for weight in WEIGHTS for factor in FACTORS), *AGAINST]


def stability(warehouse: DuckDBWarehouse, context: Context, movers: int = 5) -> Sequence[Stability]:
    """Rank correlation of the closeness of all pairs with and without each change (Spearman)."""
    base, found = _scored(warehouse, context), []
    for changed in variants():
        values = {**context.method.values, **{key: context.method[key] * factor for key, factor in changed.items()}}
        other = _scored(warehouse, replace(context, method=replace(context.method, values=values)))
        found.append(_compared(changed, base, other, movers))
    scratch.drop(warehouse, scratch.metadata)
    return found


def lines(found: Sequence[Stability]) -> Sequence[str]:
    """The report as text, one line per variant."""
    return [f"{_words(one.changed):48} rank correlation {one.correlation:.3f}; {_moved(one)}" for one in found]


def ranks(values: Numbers) -> Numbers:
    """Ranks from 0, equals share the mean of theirs."""
    ordered = np.sort(values)
    found: Numbers = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") - 1) / 2
    return found


def _scored(warehouse: DuckDBWarehouse, context: Context) -> tuple[list[Pair], Numbers]:
    scratch.build(warehouse, scratch.steps(context))
    pair = scratch.PAIRS
    columns = (pair.c.user_id, pair.c.person_id, pair.c.intensity)
    rows = warehouse.arrow(sa.select(*columns).order_by(pair.c.crm, pair.c.user_id, pair.c.person_id))
    pairs = [(row["user_id"], row["person_id"]) for row in rows.select(["user_id", "person_id"]).to_pylist()]
    return pairs, rows.column("intensity").to_numpy()


def _compared(changed: Mapping[str, float], base: tuple[list[Pair], Numbers], other: tuple[list[Pair], Numbers], most: int) -> Stability:
    before, after = ranks(base[1]), ranks(other[1])
    correlation = float(np.corrcoef(before, after)[0, 1]) if len(before) > 1 else 1.0
    moved = (after - before) / max(len(before) - 1, 1)
    first = np.argsort(-np.abs(moved), kind="stable")[:most]
    return Stability(changed, correlation, len(before), [(base[0][place], float(moved[place])) for place in first])


def _words(changed: Mapping[str, float]) -> str:
    return ", ".join(f"{key.removeprefix('closeness.weight_')} x {factor:g}" for key, factor in changed.items())


def _moved(one: Stability) -> str:
    movers = ", ".join(f"{user} and {person} {100 * share:+.0f} %" for (user, person), share in one.movers)
    return f"of {one.pairs:,} pairs these moved most: {movers}"
