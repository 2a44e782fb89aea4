"""The few shapes the drawings are made of; every text and number in them is escaped, colours are classes of the style sheet."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

Point = tuple[float, float]
SERIES = ("s0", "s1", "s2", "s3")
STROKES = ("l0", "l1", "l2", "l3")


def canvas(width: float, height: float, says: str, shapes: Iterable[Markup]) -> Markup:
    """The drawing; `says` is what a screen reader reads instead."""
    frame = Markup('<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>')
    return frame.format(width, height, says, Markup("").join(shapes))


def text(x: float, y: float, content: str, look: str = "", anchor: str = "start") -> Markup:
    """`anchor`: start, middle or end of the text lies at x."""
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="{}">{}</text>').format(x, y, look, anchor, content)


def box(x: float, y: float, width: float, height: float, look: str, says: str = "") -> Markup:
    """A bar."""
    shape = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2" class="{}"><title>{}</title></rect>')
    return shape.format(x, y, max(width, 0.0), max(height, 0.0), look, says)


def dot(x: float, y: float, radius: float, look: str, says: str = "") -> Markup:
    """A point."""
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}"><title>{}</title></circle>').format(x, y, radius, look, says)


def line(points: Sequence[Point], look: str, width: float = 0.0, *, closed: bool = False) -> Markup:
    """A line through the points; `width` 0 = as the style sheet says."""
    way = " ".join(f"{'L' if number else 'M'}{x:.1f} {y:.1f}" for number, (x, y) in enumerate(points))
    stroke = Markup(' style="stroke-width:{:.1f}"').format(width) if width else Markup("")
    return Markup('<path d="{}{}" class="{}"{}/>').format(way, "Z" if closed else "", look, stroke)


def linked(url: str, shapes: Iterable[Markup]) -> Markup:
    """Shapes that lead somewhere, when there is somewhere to go."""
    inner = Markup("").join(shapes)
    return Markup('<a href="{}">{}</a>').format(url, inner) if url else inner


def legend(names: Sequence[str], looks: Sequence[str]) -> Markup:
    """The parts' names with their colours, below the drawing, in as many lines as they need."""
    parts = (Markup('<span><i class="{}"></i>{}</span> ').format(look, name) for name, look in zip(names, looks, strict=False))
    return Markup('<p class="legend">{}</p>').format(Markup("").join(parts))


def brief(value: float) -> str:
    """A number in few characters."""
    if abs(value) >= 1_000_000:
        return f"{value / 1_000_000:.1f}M"
    if abs(value) >= 10_000:
        return f"{value / 1_000:.0f}k"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
