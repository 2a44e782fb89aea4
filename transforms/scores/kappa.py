"""Kappa: the intensity of a typical live relationship, worth a closeness of 50, frozen per quarter.

The median over the pairs with two-way evidence in the last 90 days, as of the first instant of the quarter. A young log
has too few of them then: the as-of itself is tried, and with too few there as well the default stands.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import num
from transforms.scores.log import EACH_CRM, Log


def select(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """One row per CRM and instant (`scores.kappa`)."""
    medians = _medians(context, log)
    rows = [_row(context, medians, name, log) for name in log.trends]
    return sa.select(sa.union_all(*rows).subquery("kappas"))


def _medians(context: Context, log: Log) -> sa.CTE:
    """Live pairs and their median intensity at every instant, per CRM that has people."""
    pair, people, columns = log.intensity, log.people, []
    for name, at in log.at(context).items():
        live = pair.c[f"two_way_s_{name}"] > at - context.method["kappa.window_days"] * DAY
        value = sa.case((live, pair.c[f"intensity_{name}"]))
        columns.append(sa.func.count(value).label(f"pairs_{name}"))
        columns.append(sa.func.percentile_cont(num(0.5)).within_group(value).label(f"median_{name}"))
    crms = sa.select(people.c.crm).distinct().cte("crms")
    return sa.select(crms.c.crm, *columns).select_from(crms.outerjoin(pair, crms.c.crm == pair.c.crm)).group_by(crms.c.crm).cte("medians")


def _row(context: Context, medians: sa.CTE, name: str, log: Log) -> sa.Select[Any]:
    least, spare = context.method["kappa.min_pairs"], log.fallback or name
    frozen, today = medians.c[f"pairs_{name}_quarter"], medians.c[f"pairs_{spare}"]

    def first(quarter: Any, as_of: Any, default: Any) -> sa.Case[Any]:
        return sa.case((frozen >= least, quarter), (today >= least, as_of), else_=default)

    return sa.select(
        medians.c.crm,
        sa.literal(name).label("instant"),
        sa.literal(log.at(context)[f"{name}_quarter"]).label("quarter_start_s"),
        first(frozen, today, 0).label("pairs"),
        first(medians.c[f"median_{name}_quarter"], medians.c[f"median_{spare}"], num(context.method["kappa.default"])).label("kappa"),
        first(sa.literal("quarter"), sa.literal("as_of"), sa.literal("default")).label("origin"),
        num(context.method["closeness.half_life_days"]).label("half_life_days"),
    )


MODEL = Model(tables.kappa, select, ("scores.pair_intensity", "model.people"))
