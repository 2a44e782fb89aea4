"""Account_Ops_Score (method section 10): how the accounts a rep covers have moved, quarter on quarter and year on year.

Five improvements (completeness, insight rate, three averages), each on a scale of 100, clipped, and mapped to 0-100 with
50 for no change. A figure counts by the mean of its known improvements, the score is the mean of the known figures: what
nobody can tell (no history that old, nothing entered) is left out and never stands as "no change".
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.history import tables
from transforms.scores.expressions import Number, num, rounded

COMPARED = ("quarter", "year")
FIVE_POINTS = ("solution_acceptance_avg", "price_acceptance_avg")
"""Figures of -2..2: one of their points is 25 of 100."""


def scores_of_reps(context: Context) -> sa.CTE:
    """`crm, user_id, account_ops_score` of every rep with a known improvement."""
    average = tables.current_averages
    each = (
        sa.select(average.c.crm, average.c.record_id.label("user_id"), points_of(context).label("points"))
        .where(average.c.view == "rep")
        .cte("ops_figures")
    )
    score = rounded(sa.func.avg(each.c.points), 1).label("account_ops_score")
    return sa.select(each.c.crm, each.c.user_id, score).group_by(each.c.crm, each.c.user_id).cte("account_ops")


def points_of(context: Context) -> Number:
    """0-100 of one figure: the mean over the comparisons that can be made."""
    points = [_mapped(context, lag) for lag in COMPARED]
    known: Any = sum((sa.case((point.is_not(None), 1), else_=0) for point in points), sa.literal(0))
    total = sum((sa.func.coalesce(point, num(0)) for point in points), num(0))
    return total / sa.cast(sa.func.nullif(known, 0), sa.Double)


def _mapped(context: Context, lag: str) -> Number:
    average, clip = tables.current_averages, context.method["account_ops.clip"]
    scale = sa.case((average.c.figure.in_(FIVE_POINTS), num(25)), else_=num(1))
    moved = sa.func.least(sa.func.greatest(average.c[f"change_{lag}"] * scale, num(-clip)), num(clip))
    enough = average.c[f"compared_{lag}"] >= context.method["account_ops.min_accounts"]
    return sa.case((sa.and_(enough, average.c[f"change_{lag}"].is_not(None)), num(50) + num(50 / clip) * moved))
