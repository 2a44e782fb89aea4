"""The chance of two-way contact in the days ahead, told by what intensity told in this log's own past, or not at all.

The past is cut at the as-of less one, two, three windows. What intensity said at the older cuts is tried on the youngest
window; where the difference of told and found is too large, or the log too short to try, no chance is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.closeness import tables
from transforms.closeness.log import intensities, past_log
from transforms.scores.expressions import Number, num
from warehouse import DuckDBWarehouse

CUTS: Final = 3
PAIRS_IN_BIN: Final = 100

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """`least[i]`: lowest intensity of a bin, `chance[i]`: what it says; empty where nothing can be told.

    `error`: mean difference of told and found on the youngest window; None where the log is too short to try.
    """

    least: Sequence[float] = ()
    chance: Sequence[float] = ()
    error: float | None = None


def learn(warehouse: DuckDBWarehouse, context: Context, first: float) -> Forecast:
    """Score the past of the log that began at `first` (Unix seconds), on today's time scale, and compare."""
    method, window = context.method, context.method["score.forecast_days"] * DAY
    cuts = [cut for cut in (context.as_of - number * window for number in range(1, CUTS + 1)) if cut - first >= window]
    if len(cuts) < 2:
        return Forecast()
    seen = _past(warehouse, context, cuts, window)
    bins = method["score.forecast_bins"]
    older = _fit(*_joined(seen[1:]), bins)
    if older is None:
        return Forecast()
    error = _error(*older, *seen[0])
    whole = _fit(*_joined(seen), bins)
    if whole is None or error > method["score.forecast_error"]:
        return Forecast(error=error)
    return Forecast(whole[0].tolist(), whole[1].tolist(), error)


def _past(warehouse: DuckDBWarehouse, context: Context, cuts: Sequence[int], window: int) -> Sequence[tuple[Floats, Floats]]:
    """Intensity of every pair at each cut, all found in one go, and 1 where the pair was in two-way contact after it."""
    latest = replace(context, as_of=cuts[0])
    for table, select in intensities(latest, past_log(latest, cuts)):
        warehouse.replace(table, select)
    return [_outcome(warehouse, name, cut, cut + window) for name, cut in zip(tables.AT, cuts, strict=False)]


def told(forecast: Forecast, intensity: Number) -> Number:
    """The chance of an intensity; null where nothing can be told."""
    steps = list(zip(forecast.least, forecast.chance, strict=True))[::-1]
    return sa.case(*((intensity >= num(least), num(chance)) for least, chance in steps)) if steps else sa.cast(sa.null(), sa.Double)


def _outcome(warehouse: DuckDBWarehouse, name: str, cut: int, until: int) -> tuple[Floats, Floats]:
    """Intensity of the pairs that had an event by a cut, and whether each was in two-way contact after it."""
    pair, later = tables.pair_intensity, _contact(cut, until)
    same = sa.and_(later.c.user_key == pair.c.user_key, later.c.person_key == pair.c.person_key)
    met = sa.case((later.c.met.is_(True), num(1)), else_=num(0)).label("met")
    intensity = pair.c[f"intensity_{name}"]
    known = sa.select(intensity.label("intensity"), met).select_from(pair.outerjoin(later, same)).where(intensity.is_not(None))
    rows = warehouse.arrow(known)
    return rows["intensity"].to_numpy(), rows["met"].to_numpy()


def _contact(after: int, until: int) -> sa.Subquery:
    """Pairs with two-way contact in a window: a meeting, a connected call, or messages both ways."""
    log = tables.interactions

    def some(condition: Any) -> Number:
        return sa.func.coalesce(sa.func.bool_or(condition), False, type_=sa.Boolean)

    met = sa.or_(some(log.c.two_way), sa.and_(some(log.c.direction == "out"), some(log.c.direction == "in")))
    keys = (log.c.user_key, log.c.person_key)
    return sa.select(*keys, met.label("met")).where(log.c.at_s > after, log.c.at_s <= until).group_by(*keys).subquery("later")


def _joined(seen: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    return np.concatenate([intensity for intensity, _ in seen]), np.concatenate([met for _, met in seen])


def _fit(intensity: Floats, met: Floats, bins: int) -> tuple[Floats, Floats] | None:
    """Bins of equally many pairs with the share that met, made to rise with intensity; None for too few pairs."""
    bins = min(bins, len(intensity) // PAIRS_IN_BIN)
    if bins < 2:
        return None
    edges = np.unique(np.quantile(intensity, np.arange(bins) / bins))
    place = np.searchsorted(edges, intensity, side="right") - 1
    pairs = np.bincount(place, minlength=len(edges)).astype(float)
    shares = (np.bincount(place, weights=met, minlength=len(edges)) + 1) / (pairs + 2)
    return np.concatenate([[0.0], edges[1:]]), _rising(shares, pairs)


def _rising(shares: Floats, weights: Floats) -> Floats:
    """The nearest shares that never fall: neighbours that do are pooled."""
    pools: list[tuple[float, float, int]] = []
    for share, weight in zip(shares, weights, strict=True):
        pools.append((float(share), float(weight), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, few, one), (high, many, other) = pools.pop(), pools.pop()
            pools.append(((low * few + high * many) / (few + many), few + many, one + other))
    return np.repeat([pool[0] for pool in pools], [pool[2] for pool in pools])


def _error(least: Floats, chance: Floats, intensity: Floats, met: Floats) -> float:
    """Mean over the pairs of |told - found| of their bin."""
    place = np.clip(np.searchsorted(least, intensity, side="right") - 1, 0, None)
    pairs = np.bincount(place, minlength=len(least))
    found = np.bincount(place, weights=met, minlength=len(least))
    return float(np.abs(pairs * chance - found).sum() / max(len(intensity), 1))
