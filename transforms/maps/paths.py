"""Influence beyond direct contact: for each decider whom the account's owner does not reach, the strongest way there.

The graph search is the one step here that no select can do: it reads `maps.steps` and `maps.deciders` as Arrow, batch by batch
of accounts so that memory stays bounded, and writes `maps.paths`. Accounts share no node, so one search serves a whole batch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.functions import null
from transforms.maps import tables
from transforms.maps.graph import Path, strongest_paths
from warehouse import DuckDBWarehouse

ACCOUNTS: Final = 2_000
"""Accounts searched at once."""
PLACES: Final = (1, 2, 3)
"""Steps a path may have."""

Cell = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Computed(Model):
    """A table that no select gives: `select` is its empty shape, `compute` its rows, by column name."""

    compute: Callable[[DuckDBWarehouse], Iterator[pa.Table]] = field(kw_only=True)

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Replace the table by what is computed now; returns its rows."""
        warehouse.replace(self.table, self.select(context))
        return sum(warehouse.write(self.table, rows) for rows in self.compute(warehouse))


def shape(context: Context) -> sa.Select[Any]:
    """No rows, with the columns of `maps.paths`."""
    return sa.select(*(null(column.type).label(column.name) for column in tables.paths.columns)).where(sa.false())


def compute(warehouse: DuckDBWarehouse) -> Iterator[pa.Table]:
    """The rows of `maps.paths`, one table per batch of accounts."""
    goals = warehouse.arrow(_goals())
    accounts = pc.unique(goals["account_key"])
    for start in range(0, len(accounts), ACCOUNTS):
        batch = accounts[start : start + ACCOUNTS]
        edges = warehouse.arrow(_edges(batch[0].as_py(), batch[-1].as_py()))
        yield _found(edges, goals.filter(pc.is_in(goals["account_key"], batch)))


def _node(account_key: Cell, place: Cell | int, name: Cell) -> Cell:
    """A person or user at a place of a path, within one account: so no path has more steps than places."""
    return sa.func.concat(account_key, "/", place, "/", name, type_=sa.String)


def _goals() -> sa.Select[Any]:
    """Deciders the owner does not reach, with the node to start from and those the decider may be."""
    goal = tables.deciders
    start = _node(goal.c.account_key, 0, sa.func.concat("user:", goal.c.owner_id))
    ends = [_node(goal.c.account_key, place, sa.func.concat("person:", goal.c.person_id)).label(f"end_{place}") for place in PLACES]
    names = ("crm", "account_key", "account_id", "owner_id")
    rows = sa.select(*(goal.c[name] for name in names), goal.c.person_id.label("decider_id"), start.label("start"), *ends)
    return rows.where(goal.c.reached.is_(False)).order_by(goal.c.account_key, goal.c.person_id)


def _edges(first: int, last: int) -> sa.Select[Any]:
    """Steps of a range of accounts; the stronger of two between the same nodes comes last and stands."""
    step = tables.steps
    source = _node(step.c.account_key, step.c.place - 1, step.c.from_node).label("source")
    target = _node(step.c.account_key, step.c.place, step.c.to_node).label("target")
    length = sa.func.abs(sa.func.ln(step.c.strength), type_=sa.Double).label("length")
    rows = sa.select(source, target, length, step.c.kind).where(step.c.account_key.between(first, last))
    return rows.order_by(step.c.strength, source, target, step.c.kind)


def _found(edges: pa.Table, goals: pa.Table) -> pa.Table:
    """Goals with the way to each."""
    ends = zip(*(goals[f"end_{place}"].to_pylist() for place in PLACES), strict=True)
    starts: list[Any] = goals["start"].to_pylist()
    ways = strongest_paths(edges, starts, list(ends))
    columns = {name: goals[name] for name in ("crm", "account_key", "account_id", "owner_id", "decider_id")}
    return pa.table(columns | _told(ways))


def _told(ways: list[Path | None]) -> dict[str, Any]:
    kinds, nodes = [way.kinds if way else () for way in ways], [_names(way.nodes) if way else () for way in ways]
    return {
        "steps": pa.array([len(way.kinds) if way else None for way in ways], pa.int32()),
        "strength": pa.array([round(100 * way.strength, 1) if way else None for way in ways], pa.float64()),
        "lines": pa.array([", ".join(names) or None for names in kinds], pa.string()),
        "via_1": pa.array([names[0] if names else None for names in nodes], pa.string()),
        "via_2": pa.array([names[1] if len(names) > 2 else None for names in nodes], pa.string()),
    }


def _names(nodes: Sequence[str]) -> Sequence[str]:
    return [node.split("/", 2)[2] for node in nodes]


MODEL = Computed(tables.paths, shape, ("maps.deciders", "maps.steps"), compute=compute)
