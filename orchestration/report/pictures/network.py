"""A relationship map: an account's people in rows by their place in the reporting tree, ours below, and what ties them.

People are circles coloured by grade (key persons with a ring), named by role or department; full lines say who answers to whom,
dashed ones who influences whom; our users are squares, tied to whom they are closest to, the thicker the closer. The order within a
row follows those above, so that lines seldom cross.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from orchestration.report.blocks import Link
from orchestration.report.pictures.svg import Point, box, canvas, dot, line, linked, text

WIDTH = 900.0
ROW = 92.0
PER_ROW = 8
OURS = -1
"""The row of our users."""


@dataclass(frozen=True)
class Node:
    """A person, or one of us; `row`: 0 = top of the tree, None = in no tree, `OURS`."""

    key: str
    row: int | None
    look: str
    label: str
    second: str
    link: Link | None
    key_person: bool = False


@dataclass(frozen=True)
class Tie:
    """A line; `kind`: edge (reporting), influence, tie (of ours); `width` in pixels."""

    start: str
    end: str
    kind: str
    width: float = 1.2


@dataclass(frozen=True)
class Map:
    """What is drawn of one account."""

    nodes: Sequence[Node]
    ties: Sequence[Tie]
    says: str


def network(drawn: Map) -> Markup:
    """The map as a drawing."""
    rows = _rows(drawn)
    places = {node.key: place for number, row in enumerate(rows) for node, place in _placed(row, number)}
    return canvas(WIDTH, len(rows) * ROW + 6, drawn.says, [*_ties(drawn.ties, places), *_nodes(drawn.nodes, places)])


def _rows(drawn: Map) -> list[list[Node]]:
    """People by depth, those outside the tree, then ours; each row ordered by its neighbours above, none too long."""
    depths = sorted({node.row for node in drawn.nodes if node.row is not None and node.row != OURS})
    tied = _tied(drawn.ties)
    done: dict[str, float] = {}
    rows: list[list[Node]] = []
    for wanted in (*depths, None, OURS):
        ordered = sorted((node for node in drawn.nodes if node.row == wanted), key=lambda node: (_pull(tied[node.key], done), node.key))
        done |= {node.key: (number + 0.5) / len(ordered) for number, node in enumerate(ordered)}
        rows += [ordered[start : start + PER_ROW] for start in range(0, len(ordered), PER_ROW)]
    return rows


def _tied(ties: Sequence[Tie]) -> Mapping[str, Mapping[str, Tie]]:
    """Who is tied to whom, whatever by."""
    tied: dict[str, dict[str, Tie]] = defaultdict(dict)
    for tie in ties:
        tied[tie.start][tie.end] = tied[tie.end][tie.start] = tie
    return tied


def _pull(neighbours: Iterable[str], done: Mapping[str, float]) -> float:
    """Where the neighbours that have a place stand, 0 to 1; in the middle when none has."""
    near = [done[other] for other in neighbours if other in done]
    return sum(near) / len(near) if near else 0.5


def _placed(row: Sequence[Node], number: int) -> Iterator[tuple[Node, Point]]:
    step = WIDTH / len(row)
    for place, node in enumerate(row):
        yield node, ((place + 0.5) * step, number * ROW + 30)


def _ties(ties: Sequence[Tie], places: Mapping[str, Point]) -> Iterator[Markup]:
    for tie in ties:
        if tie.start in places and tie.end in places:
            yield line([places[tie.start], places[tie.end]], tie.kind, tie.width)


def _nodes(nodes: Sequence[Node], places: Mapping[str, Point]) -> Iterator[Markup]:
    for node in nodes:
        x, y = places[node.key]
        look = f"{node.look} key" if node.key_person else node.look
        shape = box(x - 13, y - 13, 26, 26, look, node.label) if node.row == OURS else dot(x, y, 15, look, node.label)
        yield linked(node.link.url if node.link else "", [shape])
        yield text(x, y + 30, node.label, "tiny halo", "middle")
        yield text(x, y + 42, node.second, "soft tiny halo", "middle")
