"""Holes in the log of a user: long stretches without any counted event where the user's own pace promised many.

Pace is contact days per day from the first to the last event, the longest stretch left out. A user who left is told
apart from a log that stopped by being active still. A hole may as well be a leave, which is nobody's business: where single
people are not graded, none is told.
"""

from typing import Any

import sqlalchemy as sa

from transforms.backtest import tables
from transforms.base import DAY, Context, Model
from transforms.scores.expressions import Number, as_date, num, real
from transforms.scores.weights import counted
from transforms.tables import users


def select(context: Context) -> sa.Select[Any]:
    """`backtest.gaps`."""
    gap = _stretches(context)
    pace = _pace(gap)
    expected = real(gap.c.days) * pace.c.pace
    return (
        sa.select(
            users.c.crm,
            users.c.user_id,
            _date(gap.c.day).label("last_before"),
            _date(gap.c.next).label("first_after"),
            gap.c.days,
            expected.label("expected"),
        )
        .select_from(gap.join(pace, pace.c.user_key == gap.c.user_key).join(users, users.c.user_key == gap.c.user_key))
        .where(
            gap.c.days >= context.method["backtest.gap_days"],
            expected >= num(context.method["backtest.gap_expected"]),
            sa.or_(gap.c.next.is_not(None), users.c.is_active.is_(True)),
            sa.literal(context.grade_individuals).is_(True),
        )
    )


def _date(day: Number) -> Number:
    return as_date(day * DAY)


def _stretches(context: Context) -> sa.CTE:
    """From each contact day of a user to the next one, or to the as-of."""
    event = counted(context)
    day = sa.select(event.c.user_key, event.c.day).distinct().cte("contact_day")
    after = sa.func.lead(day.c.day).over(partition_by=day.c.user_key, order_by=day.c.day)
    step = sa.select(day.c.user_key, day.c.day, after.label("next")).cte("step")
    until = sa.func.coalesce(step.c.next, context.as_of // DAY)
    return sa.select(*step.c, (until - step.c.day - 1).label("days")).cte("stretch")


def _pace(gap: sa.CTE) -> sa.CTE:
    """Contact days per day, the longest stretch left out."""
    covered = sa.func.sum(gap.c.days + 1) - sa.func.max(gap.c.days)
    pace = real(sa.func.count()) / real(sa.func.greatest(covered, 1))
    return sa.select(gap.c.user_key, pace.label("pace")).group_by(gap.c.user_key).cte("pace")


MODEL = Model(tables.gaps, select, ("model.interactions", "model.users"))
