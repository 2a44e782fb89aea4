"""The figures averages are made of, account by account: today, and as they stood a month, a quarter and a year ago.

An earlier value is what history says was computed then. Before the first run of a CRM there is none; closeness is then
recomputed from the log and marked so, everything else stays blank. So does the closeness of an account all of whose key
persons have a stated attitude: it would be that of today, whatever it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.history import tables
from transforms.history.past import backfill, recomputed
from transforms.history.store import day_of, ensure, first_days, standing
from transforms.history.tables import FIGURES, LAGS
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number
from warehouse import DuckDBWarehouse


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values and figure (`scores.account_figures`)."""
    score, first = scores.accounts, first_days().cte("first_days")
    then = {lag: _recorded(context, lag) for lag in LAGS}
    again, observed = _recomputed(context), _observed()
    joined: sa.FromClause = score.outerjoin(first, score.c.crm == first.c.crm)
    joined = joined.outerjoin(observed, score.c.account_key == observed.c.account_key)
    for part in (*then.values(), again):
        joined = joined.outerjoin(part, (score.c.crm == part.c.crm) & (score.c.account_id == part.c.record_id))
    looked = {lag: sa.func.coalesce(first.c.first <= _day(context, lag), False) for lag in LAGS}
    known = _known_again(again, observed)
    wide = sa.select(
        score.c.crm,
        score.c.account_key,
        *(_now(figure).label(f"{figure}_now") for figure in FIGURES),
        *(
            _earlier(looked[lag], then[lag].c[figure], known.get((figure, lag))).label(f"{figure}_{lag}")
            for figure in FIGURES
            for lag in LAGS
        ),
        *((~looked[lag]).label(f"recomputed_{lag}") for lag in LAGS),
    ).select_from(joined)
    return _long(wide.cte("wide"))


def _day(context: Context, lag: str) -> Number:
    return day_of(context, context.method[f"history.{lag}_days"])


def _now(figure: str) -> Number:
    return scores.accounts.c["closeness_now" if figure == "closeness" else figure]


def _recorded(context: Context, lag: str) -> sa.CTE:
    stands = standing(tables.versions["account"], _day(context, lag)).subquery(f"standing_{lag}")
    return sa.select(stands.c.crm, stands.c.record_id, *(stands.c[figure] for figure in FIGURES)).cte(f"then_{lag}")


def _recomputed(context: Context) -> sa.CTE:
    table, near = tables.backfilled, recomputed(context).subquery("near")
    same = sa.and_(table.c.crm == near.c.crm, table.c.day == near.c.day, table.c.method_version == context.method.version)
    return sa.select(table.c.crm, table.c.record_id, table.c.closeness).join(near, same).cte("again")


def _observed() -> sa.CTE:
    """Accounts with a key person whose closeness is seen and not stated."""
    key = scores.key_persons
    seen = sa.and_(key.c.attitude.is_(None), key.c.effective_now.is_not(None))
    return sa.select(key.c.account_key).where(seen).distinct().cte("observed")


def _known_again(again: sa.CTE, observed: sa.CTE) -> dict[tuple[str, str], Number]:
    """What the log tells of the time before the first run, by figure and lag."""
    score = scores.accounts
    values = {"month": score.c.closeness_month, "quarter": again.c.closeness, "year": score.c.closeness_year}
    return {("closeness", lag): sa.case((observed.c.account_key.is_not(None), value)) for lag, value in values.items()}


def _earlier(looked: Condition, recorded: Number, known: Number | None) -> Number:
    return sa.case((looked, recorded), else_=sa.null() if known is None else known)


def _long(wide: sa.CTE) -> sa.Select[Any]:
    parts = [
        sa.select(
            wide.c.crm,
            wide.c.account_key,
            sa.literal(figure).label("figure"),
            *(wide.c[f"{figure}_{name}"].label(name) for name in ("now", *LAGS)),
            *(wide.c[f"recomputed_{lag}"] for lag in LAGS),
        )
        for figure in FIGURES
    ]
    return sa.select(sa.union_all(*parts).subquery("figures"))


@dataclass(frozen=True)
class Figures(Model):
    """The model, with the models it needs to look back before the first run."""

    before: Sequence[Model] = ()

    def build(self, warehouse: DuckDBWarehouse, context: Context) -> int:
        """Recompute what is lacking of a quarter ago, then build the table."""
        ensure(warehouse)
        backfill(warehouse, context, self.before)
        return super().build(warehouse, context)


def model(before: Sequence[Model]) -> Figures:
    """`before`: the models up to `scores.accounts`, in build order."""
    return Figures(tables.account_figures, select, ("scores.accounts", "scores.key_persons"), before)
