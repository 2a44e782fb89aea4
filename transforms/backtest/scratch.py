"""Tables in which the past is scored, and the steps that fill them: the pipeline's own selects over another `Log`.

They are made, read and dropped again within one step of the backtest, beside the tables in use and never instead of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores import capture, kappa, pairs, tables
from transforms.scores.instants import INSTANTS, instants
from transforms.scores.log import Log
from transforms.tables import interactions, people, users
from warehouse import BACKTEST, DuckDBWarehouse

NOW: Final = ("now", "now_quarter")
"""The instants a past date needs: itself, and the start of its quarter for kappa."""
Step = tuple[sa.Table, sa.Select[Any]]


def copied(metadata: sa.MetaData, table: sa.Table, prefix: str, without: Sequence[str] = ()) -> sa.Table:
    """A table like `table`, less the columns of those instants."""
    gone = {f"_{name}" for name in without}
    kept = [column for column in table.columns if not any(column.name.endswith(end) for end in gone)]
    return sa.Table(f"{prefix}_{table.name}", metadata, *(sa.Column(column.name, column.type) for column in kept), schema=BACKTEST)


def _at(context: Context) -> Mapping[str, int]:
    return {name: second for name, second in instants(context).items() if name in NOW}


metadata = sa.MetaData()
_LATER: Final = [name for name in INSTANTS if name not in NOW]
CAPTURE: Final = copied(metadata, tables.user_capture, "past")
FACTS, INTENSITY, PAIRS = (copied(metadata, table, "past", _LATER) for table in (tables.pair_facts, tables.pair_intensity, tables.pairs))
KAPPA: Final = copied(metadata, tables.kappa, "past")
PAST: Final = Log(
    interactions=interactions,
    people=people,
    users=users,
    capture=CAPTURE,
    facts=FACTS,
    intensity=INTENSITY,
    kappa=KAPPA,
    pairs=PAIRS,
    at=_at,
    trends=("now",),
)
"""The company's log as it stood at an earlier as-of."""


def steps(context: Context) -> Sequence[Step]:
    """What is built, in order, to score the pairs of `PAST` at the as-of."""
    return [
        (CAPTURE, capture.select(context)),
        (FACTS, pairs.facts(context, PAST)),
        (INTENSITY, pairs.intensity(context, PAST)),
        (KAPPA, kappa.select(context, PAST)),
        (PAIRS, pairs.select(context, PAST)),
    ]


def build(warehouse: DuckDBWarehouse, made: Sequence[Step]) -> None:
    """Run steps."""
    for table, select in made:
        warehouse.replace(table, select)


def drop(warehouse: DuckDBWarehouse, gone: sa.MetaData) -> None:
    """Drop tables of steps, also where a run died half-way."""
    with warehouse.connection() as connection:
        for table in gone.sorted_tables:
            connection.execute(sa.schema.DropTable(table, if_exists=True))
