"""Lines over time, intervals around figures, told against found, and figures on eight axes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from orchestration.report.pictures.bars import WIDTH, scale
from orchestration.report.pictures.svg import SERIES, STROKES, Point, box, brief, canvas, dot, legend, line, text

FLOOR = 160.0


@dataclass(frozen=True)
class Interval:
    """A figure with the bounds of its 95 % interval."""

    name: str
    low: float
    middle: float
    high: float
    ours: bool = False


def lines(names: Sequence[str], series: Mapping[str, Sequence[float | None]], says: str, *, from_zero: bool = True) -> Markup:
    """One line per series over the names (dates); where a value is unknown the line has a gap."""
    known = [value for values in series.values() for value in values if value is not None] or [0.0]
    top, bottom = max(known), 0.0 if from_zero else min(known)
    top += 1.0 if top == bottom else 0.0
    step = (WIDTH - 60) / max(len(names) - 1, 1)

    def shapes() -> Iterator[Markup]:
        yield from scale(top, FLOOR, bottom)
        for number, values in enumerate(series.values()):
            points = [None if value is None else (48 + place * step, _y(value, bottom, top)) for place, value in enumerate(values)]
            yield from _stretches(points, number)
        for place in sorted({0, (len(names) - 1) // 2, len(names) - 1} if names else ()):
            yield text(48 + place * step, FLOOR + 16, names[place], "soft tiny", "start" if place == 0 else "end" if place else "middle")

    return canvas(WIDTH, FLOOR + 22, says, shapes()) + (legend(list(series), SERIES) if len(series) > 1 else "")


def _y(value: float, bottom: float, top: float) -> float:
    return FLOOR - (FLOOR - 14) * (value - bottom) / (top - bottom)


def _stretches(points: Sequence[Point | None], number: int) -> Iterator[Markup]:
    stretch: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            stretch.append(point)
        elif stretch:
            yield line(stretch, STROKES[number % len(STROKES)])
            yield dot(*stretch[-1], 3, SERIES[number % len(SERIES)])
            stretch = []


def intervals(rows: Sequence[Interval], low: float, high: float, says: str) -> Markup:
    """A bar to each figure and a whisker for its interval, on a scale from `low` to `high`."""
    left, right = 206.0, WIDTH - 44

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    def shapes() -> Iterator[Markup]:
        for number, row in enumerate(rows):
            y = number * 30.0
            yield text(left - 8, y + 18, row.name, anchor="end")
            yield box(left, y + 6, x(row.middle) - left, 16, "s0" if row.ours else "plain", row.name)
            yield line([(x(row.low), y + 14), (x(row.high), y + 14)], "whisker", 1.5)
            yield text(WIDTH, y + 18, f"{row.middle:.1f}", "", "end")
        bottom = len(rows) * 30.0
        for mark in (low, (low + high) / 2, high):
            yield text(x(mark), bottom + 12, brief(mark), "soft tiny", "middle")

    return canvas(WIDTH, len(rows) * 30 + 16, says, shapes())


def agreement(points: Sequence[tuple[float, float, float]], told: str, found: str, says: str) -> Markup:
    """(told, found, weight) in percent as circles of that weight, beside the line on which both are the same."""
    side, left = 230.0, 46.0
    most = max((weight for _, _, weight in points), default=1.0) or 1.0

    def place(a: float, b: float) -> Point:
        return left + side * a / 100, 8 + side * (1 - b / 100)

    def shapes() -> Iterator[Markup]:
        for mark in (0, 25, 50, 75, 100):
            yield line([place(0, mark), place(100, mark)], "axis", 1)
            yield text(left - 6, place(0, mark)[1] + 4, str(mark), "soft tiny", "end")
            yield text(place(mark, 0)[0], side + 22, str(mark), "soft tiny", "middle")
        yield line([place(0, 0), place(100, 100)], "edge", 1)
        yield line([place(a, b) for a, b, _ in points], "l0")
        for a, b, weight in points:
            yield dot(*place(a, b), 3 + 6 * math.sqrt(weight / most), "s0", f"{told} {a:.0f} %, {found} {b:.0f} %, {weight:,.0f} pairs")
        yield text(left + side / 2, side + 38, told, "soft", "middle")
        yield text(left + side + 10, place(0, 100)[1] + 4, found, "soft")

    return canvas(WIDTH, side + 46, says, shapes())


def radar(names: Sequence[str], values: Sequence[float | None], says: str, top: float = 10.0) -> Markup:
    """Values on axes around a centre; an unknown one leaves its axis empty."""
    centre, radius = (WIDTH / 2, 120.0), 90.0

    def place(number: int, share: float) -> Point:
        angle = 2 * math.pi * number / len(names) - math.pi / 2
        return centre[0] + radius * share * math.cos(angle), centre[1] + radius * share * math.sin(angle)

    def shapes() -> Iterator[Markup]:
        for ring in (0.5, 1.0):
            yield line([place(number, ring) for number in range(len(names))], "axis", 1, closed=True)
        known = [(number, value) for number, value in enumerate(values) if value is not None]
        yield line([place(number, value / top) for number, value in known], "area", closed=True) if known else Markup("")
        for number, name in enumerate(names):
            x, y = place(number, 1.18)
            yield line([centre, place(number, 1.0)], "axis", 1)
            yield text(x, y + 4, name, "tiny", "middle" if abs(x - centre[0]) < 9 else "start" if x > centre[0] else "end")

    return canvas(WIDTH, 240, says, shapes())
