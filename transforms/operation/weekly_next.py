"""What the next days bring if nothing happens: contacts about to go cold, deals that should close, reviews that fall due."""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.history import tables as history
from transforms.history.store import day_of
from transforms.operation.weekly_log import change, reviewed, said
from transforms.scores.expressions import as_date
from transforms.tables import opportunities

READS: Final = ("model.opportunities", "scores.people", "scores.person_touches", "history.reviews")


def parts(context: Context, silent: sa.CTE) -> list[sa.Select[Any]]:
    """One select per kind of event to come."""
    week = context.method["operation.week_days"]
    return [_cools(context, week, silent), _closes(context, week), _reviews(context, week)]


def _cools(context: Context, week: int, row: sa.CTE) -> sa.Select[Any]:
    today = context.as_of // DAY
    day = as_date(row.c.cold_day * DAY)
    columns = change(row.c.person_kind, row.c.person_id, said("cools"), day, before=row.c.rhythm, after=said("Cooling"))
    return sa.select(row.c.crm, *columns).where(row.c.cold_day > today, row.c.cold_day <= today + week)


def _closes(context: Context, week: int) -> sa.Select[Any]:
    deal, today = opportunities, context.as_of // DAY
    columns = change(said("opportunity"), deal.c.opportunity_id, said("closes"), as_date(deal.c.close_day * DAY), after=deal.c.stage)
    near = sa.and_(deal.c.close_day > today, deal.c.close_day <= today + week)
    return sa.select(deal.c.crm, *columns).where(deal.c.is_closed.is_(False), near)


def _reviews(context: Context, week: int) -> sa.Select[Any]:
    row = history.reviews
    columns = change(reviewed(row), row.c.record_id, said("review"), row.c.due, after=row.c.topic)
    return sa.select(row.c.crm, *columns).where(row.c.due >= day_of(context), row.c.due <= day_of(context, -week))
