"""How well a score orders pairs: area under the ROC curve (AUC) with an interval that knows that people repeat.

A person is in many pairs and at many dates, and so is a user of ours. So the interval rests on each pair's share in the
figure, summed per person and per user (DeLong 1988; Obuchowski 1997 for clusters; both sides as Cameron, Gelbach and Miller
2011), not on pairs as if they were independent. Nothing is drawn at random: the same log gives the same interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Keys = NDArray[np.int64]

NORMAL_95: Final = 1.959964


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Area:
    """An AUC; `shares`: how much each pair moves it (they add up to 0)."""

    value: float
    shares: Numbers


def area(truth: Flags, score: Numbers) -> Area:
    """AUC of one date; needs pairs of both kinds. Ties count half."""
    above, below = np.sort(score[truth]), np.sort(score[~truth])
    place = np.where(truth, _share_below(below, score), 1 - _share_below(above, score))
    value = float(place[truth].mean())
    counts = np.where(truth, len(above), len(below))
    return Area(value, (place - value) / counts)


def _share_below(ordered: Numbers, score: Numbers) -> Numbers:
    """Of `ordered`, the share below each score, equals half."""
    found: Numbers = (np.searchsorted(ordered, score, "left") + np.searchsorted(ordered, score, "right")) / (2 * len(ordered))
    return found


def pooled(areas: Sequence[Area], weights: Sequence[float]) -> Area:
    """The mean over dates; pairs in the order of the dates. Scores are compared within a date only."""
    parts = np.asarray(weights, float) / sum(weights)
    value = float(sum(part * one.value for part, one in zip(parts, areas, strict=True)))
    return Area(value, np.concatenate([part * one.shares for part, one in zip(parts, areas, strict=True)]))


def weight(truth: Flags) -> float:
    """How much one date tells: the harmonic sum of both kinds."""
    contact = int(truth.sum())
    return contact * (len(truth) - contact) / len(truth)


@dataclass(frozen=True)
class Groups:
    """Pairs (or deals) that are not independent, as one number per group from 0 on."""

    codes: Keys
    sign: int = 1

    def variance(self, shares: Numbers) -> float:
        """Of the sum of `shares`, those of a group moving together."""
        sums = np.bincount(self.codes, weights=shares)
        return float((sums**2).sum()) * len(sums) / max(len(sums) - 1, 1)


def figure(value: float, shares: Numbers, groups: Sequence[Groups]) -> Figure:
    """The 95 % interval of a sum of `shares`: the variances of `groups` added or taken off by their sign, none larger than the sum."""
    each = [one.sign * one.variance(shares) for one in groups]
    reach = NORMAL_95 * float(np.sqrt(max(*each, sum(each)) if len(each) > 1 else each[0]))
    return Figure(value, value - reach, value + reach)


def one_side(keys: Keys) -> Sequence[Groups]:
    """What repeats one key moves together."""
    return [Groups(_codes(keys))]


def two_sides(users: Keys, people: Keys) -> Sequence[Groups]:
    """Pairs of one user move together, and pairs of one person; what both count, the pair itself, is taken off once."""
    ours, theirs = _codes(users), _codes(people)
    return [Groups(ours), Groups(theirs), Groups(_codes(ours * (theirs.max() + 1) + theirs), sign=-1)]


def _codes(keys: Keys) -> Keys:
    return np.unique(keys, return_inverse=True)[1]
