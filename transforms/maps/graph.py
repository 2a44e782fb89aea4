"""The strongest path to each goal, by networkx.

Strength is the product over the steps, so its negative logarithm is a length and the strongest path is the shortest: Dijkstra
from all starts at once, O((V + E) log V). That no path has more than so many steps is the caller's: nodes are places of a path.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Path:
    """Strength 0-1, and per step its kind and the node it leads to."""

    strength: float
    kinds: Sequence[str]
    nodes: Sequence[str]


@dataclass(frozen=True)
class _Found:
    """Length and route by node, kind by edge."""

    lengths: Mapping[str, float]
    routes: Mapping[str, Sequence[str]]
    kinds: Mapping[tuple[str, str], str]


def strongest_paths(edges: pa.Table, starts: Sequence[str], goals: Sequence[Sequence[str]]) -> list[Path | None]:
    """The best path to each goal, None where there is none.

    `edges`: source, target (text), length (>= 0), kind; of several between the same nodes the last one stands. `goals`: the
    nodes that a goal may be; of equally strong ones the first.
    """
    found = _search(edges, starts)
    return [_path(found, nodes) for nodes in goals]


def _search(edges: pa.Table, starts: Sequence[str]) -> _Found:
    """All shortest ways from any of the starts."""
    import networkx as nx  # takes a second, which only a build with an open goal pays

    columns: list[list[Any]] = [edges[name].to_pylist() for name in ("source", "target", "length", "kind")]
    source, target, length, kind = columns
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(zip(source, target, length, strict=True), weight="length")
    there = [node for node in dict.fromkeys(starts) if node in graph]
    lengths, routes = nx.multi_source_dijkstra(graph, there, weight="length") if there else ({}, {})
    return _Found(lengths, routes, dict(zip(zip(source, target, strict=True), kind, strict=True)))


def _path(found: _Found, nodes: Sequence[str]) -> Path | None:
    reached = [(round(found.lengths[node], 9), place, node) for place, node in enumerate(nodes) if node in found.lengths]
    if not reached:
        return None
    route = found.routes[min(reached)[-1]]
    kinds = [found.kinds[edge] for edge in pairwise(route)]
    return Path(math.exp(-found.lengths[route[-1]]), kinds, route[1:])
