"""Kappa: the intensity of a typical live relationship, worth a closeness of 50, frozen per quarter.

The median over the pairs with two-way evidence in the last 90 days, as of the first instant of the quarter. A young log
has too few of them then: the as-of itself is tried, and with too few there as well the default stands.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import num
from transforms.scores.instants import TRENDS, instants
from transforms.tables import people


def select(context: Context) -> sa.Select[Any]:
    """One row per CRM and instant (`scores.kappa`)."""
    medians = _medians(context)
    rows = [_row(context, medians, name) for name in TRENDS]
    return sa.select(sa.union_all(*rows).subquery("kappas"))


def _medians(context: Context) -> sa.CTE:
    """Live pairs and their median intensity at every instant, per CRM that has people."""
    pair, columns = tables.pair_intensity, []
    for name, at in instants(context).items():
        live = pair.c[f"two_way_s_{name}"] > at - context.method["kappa.window_days"] * DAY
        value = sa.case((live, pair.c[f"intensity_{name}"]))
        columns.append(sa.func.count(value).label(f"pairs_{name}"))
        columns.append(sa.func.percentile_cont(num(0.5)).within_group(value).label(f"median_{name}"))
    crms = sa.select(people.c.crm).distinct().cte("crms")
    return sa.select(crms.c.crm, *columns).select_from(crms.outerjoin(pair, crms.c.crm == pair.c.crm)).group_by(crms.c.crm).cte("medians")


def _row(context: Context, medians: sa.CTE, name: str) -> sa.Select[Any]:
    least = context.method["kappa.min_pairs"]
    frozen, today = medians.c[f"pairs_{name}_quarter"], medians.c[f"pairs_{name}"]

    def first(quarter: Any, as_of: Any, default: Any) -> sa.Case[Any]:
        return sa.case((frozen >= least, quarter), (today >= least, as_of), else_=default)

    return sa.select(
        medians.c.crm,
        sa.literal(name).label("instant"),
        sa.literal(instants(context)[f"{name}_quarter"]).label("quarter_start_s"),
        first(frozen, today, 0).label("pairs"),
        first(medians.c[f"median_{name}_quarter"], medians.c[f"median_{name}"], num(context.method["kappa.default"])).label("kappa"),
        first(sa.literal("quarter"), sa.literal("as_of"), sa.literal("default")).label("origin"),
    )


MODEL = Model(tables.kappa, select, ("scores.pair_intensity", "model.people"))
