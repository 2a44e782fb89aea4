"""P(two-way contact in 90 days) of a pair: the share found in its band of closeness at past dates, and whether that can be trusted.

Told is what an honest forecaster could have told: at each date from earlier dates alone. The mean difference between what was
told and what was found then decides whether the chances of today are shown at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from transforms.backtest.frames import Cut, by_crm
from transforms.backtest.measure import Flags, Numbers
from transforms.backtest.ranking import OURS
from transforms.base import Context

Row = dict[str, Any]
DECILES = np.linspace(0, 1, 11)
HIGHEST = 100.0


@dataclass(frozen=True)
class Bands:
    """Where bands of closeness begin (all but the first), and pairs, contacts and chance of each."""

    edges: Numbers
    pairs: Numbers
    contacts: Numbers

    @property
    def chance(self) -> Numbers:
        """Shares, drawn a little towards a half where pairs are few (one contact in two pairs more)."""
        found: Numbers = (self.contacts + 1) / (self.pairs + 2)
        return found

    def told(self, closeness: Numbers) -> Numbers:
        """The chance of each pair."""
        found: Numbers = self.chance[np.searchsorted(self.edges, closeness, "right")]
        return found


def learn(context: Context, dates: Sequence[Cut]) -> Bands:
    """Bands of equally many pairs of these dates, fewer bands where there are few pairs."""
    closeness, truth = _closeness(dates), np.concatenate([cut.truth for cut in dates])
    bins = max(1, min(context.method["backtest.chance_bins"], len(truth) // context.method["backtest.chance_pairs"]))
    edges = np.unique(np.quantile(closeness, np.linspace(0, 1, bins + 1)[1:-1]))
    band = np.searchsorted(edges, closeness, "right")
    size = len(edges) + 1
    pairs, contacts = (np.bincount(each, minlength=size).astype(float) for each in (band, band[truth]))
    return Bands(edges, pairs, contacts)


def calibration(context: Context, found: Sequence[Cut]) -> list[Row]:
    """`backtest.calibration`: ten bands of chance, those nobody was told left out."""
    return [row for dates in by_crm(found).values() for row in _calibration(context, dates)]


def _calibration(context: Context, dates: Sequence[Cut]) -> list[Row]:
    enough = [cut for cut in dates if cut.measurable(context.method["backtest.min_pairs"])]
    if len(enough) < 2:
        return []
    told = [learn(context, enough[:place]).told(cut.scores[OURS]) for place, cut in enumerate(enough) if place]
    return _compared(enough[0].crm, np.concatenate(told), np.concatenate([cut.truth for cut in enough[1:]]))


def _compared(crm: str, told: Numbers, truth: Flags) -> list[Row]:
    band = np.clip(np.searchsorted(DECILES, told, "right") - 1, 0, len(DECILES) - 2)
    return [
        {
            "crm": crm,
            "chance_from": round(float(DECILES[one]), 1),
            "chance_to": round(float(DECILES[one + 1]), 1),
            "pairs": int((band == one).sum()),
            "told": float(told[band == one].mean()),
            "found": float(truth[band == one].mean()),
        }
        for one in np.unique(band)
    ]


def error(compared: Sequence[Row]) -> float | None:
    """Mean difference between told and found over the pairs; None where nothing could be told."""
    pairs = sum(row["pairs"] for row in compared)
    return sum(row["pairs"] * abs(row["told"] - row["found"]) for row in compared) / pairs if pairs else None


def trusted(context: Context, compared: Sequence[Row]) -> bool:
    """Whether chances may be shown."""
    found = error(compared)
    return found is not None and found <= context.method["backtest.calibration_error"]


def chances(context: Context, found: Sequence[Cut], compared: Sequence[Row]) -> list[Row]:
    """`backtest.chances` of each CRM, learned from all dates; withheld where telling went wrong."""
    rows: list[Row] = []
    for crm, dates in by_crm(found).items():
        enough = [cut for cut in dates if cut.measurable(context.method["backtest.min_pairs"])]
        if enough:
            shown = trusted(context, [row for row in compared if row["crm"] == crm])
            rows += _bands(crm, learn(context, enough), shown=shown)
    return rows


def _bands(crm: str, bands: Bands, *, shown: bool) -> list[Row]:
    limits = [0.0, *bands.edges.tolist(), HIGHEST]
    return [
        {
            "crm": crm,
            "closeness_from": low,
            "closeness_to": high,
            "pairs": int(bands.pairs[place]),
            "chance": float(bands.chance[place]) if shown else None,
        }
        for place, (low, high) in enumerate(pairwise(limits))
    ]


def _closeness(dates: Sequence[Cut]) -> Numbers:
    found: Numbers = np.concatenate([cut.scores[OURS] for cut in dates])
    return found
