"""Bars: one per item, stacked shares, columns of several series."""

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from orchestration.report.pictures.svg import SERIES, box, brief, canvas, legend, line, text

WIDTH = 440.0
STEP = 24.0
TONES = ("good", "fair", "warn", "bad", "plain")


def bars(items: Sequence[tuple[str, float]], says: str, *, label_width: float = 150.0) -> Markup:
    """One horizontal bar per item, with its value."""
    top = max((value for _, value in items), default=0.0) or 1.0
    room = WIDTH - label_width - 50

    def shapes() -> Iterator[Markup]:
        for number, (name, value) in enumerate(items):
            y = number * STEP
            yield text(label_width - 8, y + 15, _short(name, label_width), anchor="end")
            yield box(label_width, y + 4, max(room * value / top, 1), 14, "s0", f"{name}: {brief(value)}")
            yield text(label_width + room * value / top + 6, y + 15, brief(value), "soft")

    return canvas(WIDTH, max(len(items), 1) * STEP + 2, says, shapes())


def stacked(rows: Sequence[tuple[str, Sequence[float]]], parts: Sequence[str], says: str) -> Markup:
    """One bar of 100 % per row, its parts from good to bad, the last one unknown."""
    looks = (*TONES[: len(parts) - 1], "plain")

    def shapes() -> Iterator[Markup]:
        for number, (name, counts) in enumerate(rows):
            yield text(0, number * 44 + 12, name)
            yield from _shares(counts, parts, looks, number * 44 + 18)

    return canvas(WIDTH, len(rows) * 44, says, shapes()) + legend(parts, looks)


def _shares(counts: Sequence[float], parts: Sequence[str], looks: Sequence[str], y: float) -> Iterator[Markup]:
    x, total = 0.0, sum(counts) or 1.0
    for part, count, look in zip(parts, counts, looks, strict=True):
        width = WIDTH * count / total
        yield box(x, y, width - 1, 18, look, f"{part}: {brief(count)}")
        if width > 28:
            yield text(x + width / 2, y + 13, brief(count), "" if look == "plain" else "on", "middle")
        x += width


def columns(names: Sequence[str], series: Mapping[str, Sequence[float | None]], says: str, height: float = 175.0) -> Markup:
    """Columns side by side per name, one colour per series."""
    floor, top = height - 22, max((value or 0 for values in series.values() for value in values), default=0.0) or 1.0
    step = (WIDTH - 40) / max(len(names), 1)
    wide = min(step * 0.8 / max(len(series), 1), 34.0)
    every = max(1, round(len(names) * 7 * max(map(len, names), default=1) / WIDTH))

    def shapes() -> Iterator[Markup]:
        yield from scale(top, floor)
        for place, name in enumerate(names):
            x = 40 + place * step + (step - wide * len(series)) / 2
            for number, (told, values) in enumerate(series.items()):
                tall = (floor - 14) * (values[place] or 0) / top
                says_it = f"{name}, {told}: {brief(values[place] or 0)}"
                yield box(x + number * wide, floor - tall, wide - 1, tall, SERIES[number % len(SERIES)], says_it)
            if place % every == 0:
                yield text(40 + (place + 0.5) * step, floor + 15, name, "soft tiny", "middle")

    return canvas(WIDTH, height, says, shapes()) + (legend(list(series), SERIES) if len(series) > 1 else "")


def scale(top: float, floor: float, bottom: float = 0.0, width: float = WIDTH) -> Iterator[Markup]:
    """Three level lines with their values."""
    for share in (0.0, 0.5, 1.0):
        y = floor - (floor - 14) * share
        yield line([(40, y), (width, y)], "axis", 1)
        yield text(34, y + 4, brief(bottom + (top - bottom) * share), "soft tiny", "end")


def _short(name: str, width: float) -> str:
    """As many characters as have room; Chinese ones are twice as wide."""
    room, kept = width / 6.6, ""
    for letter in name:
        room -= 2 if ord(letter) > 0x2E80 else 1
        if room < 0:
            return kept[:-1] + "…"
        kept += letter
    return kept
