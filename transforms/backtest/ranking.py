"""`backtest.ranking`: how well closeness and its four rivals order the pairs, per date and over all dates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from transforms.backtest import tables
from transforms.backtest.frames import Cut, by_crm, together
from transforms.backtest.measure import Area, Groups, area, figure, pooled, two_sides, weight
from transforms.base import Context

OURS = tables.SCORES[0]
Row = dict[str, Any]


def rows(context: Context, found: Sequence[Cut]) -> list[Row]:
    """One row per CRM, date and score, and one for all dates (`cut` blank) where any date could be measured."""
    least = context.method["backtest.min_pairs"]
    return [row for dates in by_crm(found).values() for row in _of_crm(dates, least)]


def _of_crm(dates: Sequence[Cut], least: int) -> Iterator[Row]:
    enough = [cut for cut in dates if cut.measurable(least)]
    for cut in dates:
        if cut.measurable(least):
            yield from _rows([cut], cut.date, {name: area(cut.truth, score) for name, score in cut.scores.items()})
        else:
            yield from (_row([cut], cut.date, name) for name in tables.SCORES)
    if enough:
        yield from _rows(enough, None, {name: _pooled(enough, name) for name in tables.SCORES})


def _pooled(dates: Sequence[Cut], name: str) -> Area:
    return pooled([area(cut.truth, cut.scores[name]) for cut in dates], [weight(cut.truth) for cut in dates])


def _rows(dates: Sequence[Cut], date: Any, areas: Mapping[str, Area]) -> Iterator[Row]:
    groups, ours = two_sides(*together(dates)), areas[OURS]
    for name, one in areas.items():
        yield _row(dates, date, name) | _auc(one, groups) | ({} if name == OURS else _ahead(ours, one, groups))


def _row(dates: Sequence[Cut], date: Any, name: str) -> Row:
    pairs, contact = sum(len(cut.truth) for cut in dates), sum(cut.in_contact for cut in dates)
    return {"crm": dates[0].crm, "cut": date, "score": name, "pairs": pairs, "in_contact": contact}


def _auc(one: Area, groups: Sequence[Groups]) -> Row:
    found = figure(one.value, one.shares, groups)
    return {"auc": found.value, "auc_low": max(found.low, 0.0), "auc_high": min(found.high, 1.0)}


def _ahead(ours: Area, other: Area, groups: Sequence[Groups]) -> Row:
    found = figure(ours.value - other.value, ours.shares - other.shares, groups)
    return {"ahead": found.value, "ahead_low": found.low, "ahead_high": found.high}
