"""`backtest.deals`: closeness the day before closing, won against lost, within bands of like age and amount.

The difference over all bands is the mean of the bands' differences, each weighing by how much it can tell; its interval sums
what each deal adds per account, since the deals of one account share their closeness. What goes together need not be a cause.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from transforms.backtest import tables
from transforms.backtest.frames import column
from transforms.backtest.measure import Flags, Keys, Numbers, figure, one_side
from transforms.base import Context
from warehouse import DuckDBWarehouse

Row = dict[str, Any]
LEAST_OF_A_BAND: Final = 2
"""Won deals, and lost ones, that a band needs: one alone does not vary."""


def rows(warehouse: DuckDBWarehouse, context: Context) -> list[Row]:
    """Per CRM one row per band of age and amount, and one for all together, blank below the minimum of deals."""
    eve = tables.deal_eves
    found = warehouse.arrow(sa.select(eve).where(eve.c.closeness.is_not(None)).order_by(eve.c.crm, eve.c.opportunity_id))
    crm = column(found, "crm")
    each: Mapping[str, Any] = {str(name): found.filter(pa.array(crm == name)) for name in np.unique(crm.astype(str))}
    return [row for name, deals in each.items() for row in _of_crm(name, deals, context.method["backtest.min_deals"])]


def _of_crm(crm: str, found: pa.Table, least: int) -> Iterator[Row]:
    won, closeness = column(found, "won").astype(bool), column(found, "closeness")
    ages, amounts = column(found, "age_band"), column(found, "amount_band")
    bands: Mapping[tuple[int, int], Flags] = {
        (int(age), int(amount)): (ages == age) & (amounts == amount) for age, amount in np.unique(np.stack([ages, amounts]), axis=1).T
    }
    for (age, amount), band in bands.items():
        yield {"crm": crm, "age_band": age, "amount_band": amount, **_means(won[band], closeness[band])}
    compared = [band for band in bands.values() if min(won[band].sum(), (~won[band]).sum()) >= LEAST_OF_A_BAND]
    yield {"crm": crm, **_means(won, closeness)} | _matched(won, closeness, column(found, "account_key"), compared, least)


def _means(won: Flags, closeness: Numbers) -> Row:
    sides = {"won": closeness[won], "lost": closeness[~won]}
    means = {f"closeness_{name}": float(side.mean()) if len(side) else None for name, side in sides.items()}
    both = len(sides["won"]) and len(sides["lost"])
    difference = float(sides["won"].mean() - sides["lost"].mean()) if both else None
    return {**{name: len(side) for name, side in sides.items()}, **means, "difference": difference}


def _matched(won: Flags, closeness: Numbers, accounts: Keys, bands: Sequence[Flags], least: int) -> Row:
    used = np.any(bands, axis=0) if bands else np.zeros(len(won), bool)
    counts = {"won": int((used & won).sum()), "lost": int((used & ~won).sum())}
    if min(counts.values()) < least:
        return {**counts, "difference": None}
    value, shares = 0.0, np.zeros(len(won))
    total = sum(_telling(won[band]) for band in bands)
    for band in bands:
        part = _telling(won[band]) / total
        for side, sign in ((band & won, 1), (band & ~won, -1)):
            mean = float(closeness[side].mean())
            value += sign * part * mean
            shares[side] = sign * part * (closeness[side] - mean) / side.sum()
    found = figure(value, shares, one_side(accounts))
    return {**counts, "difference": found.value, "low": found.low, "high": found.high}


def _telling(won: Flags) -> float:
    return float(won.sum() * (~won).sum() / len(won))
