"""Who of us worked on which deal: the counted events that regard it, with their hours where durations are logged."""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.deals import tables
from transforms.deals.classes import classes
from transforms.deals.touches import READS, touches
from transforms.scores.expressions import as_date, num, rounded, summed
from transforms.tables import opportunities


def select(context: Context) -> sa.Select[Any]:
    """One row per deal and user with an event that regards it (`deals.work`)."""
    deal, size, done = opportunities, classes(context), _done(context)
    joined = done.join(deal, (deal.c.crm == done.c.crm) & (deal.c.opportunity_id == done.c.opportunity_id)).join(
        size, (size.c.crm == done.c.crm) & (size.c.opportunity_id == done.c.opportunity_id)
    )
    return sa.select(
        *(done.c[name] for name in ("crm", "opportunity_id", "user_id")),
        size.c.deal_class,
        deal.c.is_closed.is_(False).label("is_open"),
        *(done.c[name] for name in ("touches", "days", "rounds", "hours")),
        as_date(done.c.first_day * DAY).label("first_day"),
        as_date(done.c.last_day * DAY).label("last_day"),
        sa.case((done.c.project >= done.c.solution, "project"), else_="solution").label("rep_type"),
    ).select_from(joined)


def _done(context: Context) -> sa.CTE:
    one = touches(context)
    keys = (one.c.crm, one.c.opportunity_id, one.c.user_id)
    return (
        sa.select(
            *keys,
            sa.func.count().label("touches"),
            sa.func.count(one.c.day.distinct()).label("days"),
            sa.func.count(sa.func.date_trunc("month", one.c.at).distinct()).label("rounds"),
            rounded(sa.func.sum(one.c.minutes) / num(60), 2).label("hours"),
            sa.func.min(one.c.day).label("first_day"),
            sa.func.max(one.c.day).label("last_day"),
            *(summed(one.c.kind == kind).label(kind) for kind in ("project", "solution")),
        )
        .where(one.c.opportunity_id.is_not(None))
        .group_by(*keys)
        .cte("done")
    )


MODEL = Model(tables.work, select, READS)
