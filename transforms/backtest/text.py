"""The backtest as a few lines for a terminal: the verdicts, and the table they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

import sqlalchemy as sa

from transforms.backtest import tables
from transforms.backtest.measure import Figure
from transforms.backtest.verdicts import CHANCE_ASKED, DEALS_ASKED, NO, RIVALS, YES, answered
from warehouse import BACKTEST, DuckDBWarehouse

WIDTH: Final = 110
NAMES: Final[Mapping[str, str]] = {
    "closeness": "closeness (ours)",
    "count": "count of events, 1 year",
    "recency": "days since last contact",
    "decayed_count": "count with half-life",
    "decayed_split": "the same, split over recipients",
}
SPELT_OUT: Final = (next(iter(RIVALS.values()))[0], CHANCE_ASKED, DEALS_ASKED)
"""Questions whose sentences are shown; the answers to the others stand in the table."""
Row = dict[str, Any]


def backtest_lines(warehouse: DuckDBWarehouse) -> Sequence[str]:
    """What the backtest found for each CRM; empty before the first run."""
    if not warehouse.columns(BACKTEST, tables.verdicts.name):
        return []
    runs = warehouse.arrow(sa.select(tables.runs).order_by(tables.runs.c.crm)).to_pylist()
    return [line for run in runs for line in _of_crm(warehouse, run)]


def _of_crm(warehouse: DuckDBWarehouse, run: Row) -> Iterator[str]:
    verdict, ranked = tables.verdicts, tables.ranking
    yield f"{run['crm']}: does the score tell who stays in contact? (computed {run['computed_on']}, once a month)"
    whole = sa.select(ranked).where(ranked.c.crm == run["crm"], ranked.c.cut.is_(None))
    yield from _table({row["score"]: row for row in warehouse.arrow(whole).to_pylist()})
    answers = sa.select(verdict).where(verdict.c.crm == run["crm"], verdict.c.question.in_(SPELT_OUT)).order_by(verdict.c.position)
    for row in warehouse.arrow(answers).to_pylist():
        yield from wrap(f"{row['question']} {row['sentence']}", WIDTH, initial_indent="  ", subsequent_indent="    ")


def _table(found: Mapping[str, Row]) -> Iterator[str]:
    if found:
        yield f"  {'':34}{'right of 100':>14}{'95 % interval':>18}{'closeness is':>36}"
    for name, words in NAMES.items():
        if name in found:
            row = found[name]
            interval = f"{100 * row['auc_low']:.1f} to {100 * row['auc_high']:.1f}"
            yield f"  {words:34}{100 * row['auc']:>14.1f}{interval:>18}{_against(row):>36}".rstrip()


def _against(row: Row) -> str:
    if row["ahead"] is None:
        return ""
    answer = answered(Figure(row["ahead"], row["ahead_low"], row["ahead_high"]))
    return f"{ {YES: 'better', NO: 'worse'}.get(answer, answer) } ({100 * row['ahead']:+.1f})"
