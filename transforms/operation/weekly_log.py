"""Changes of the week that need no earlier run: contacts gone cold or met for the first time, stages and ends of deals, late reviews."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import String

from transforms.base import DAY, Context
from transforms.functions import null
from transforms.history import tables as history
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number, as_date
from transforms.scores.weights import counted
from transforms.tables import opportunities

READS: Final = (
    *("model.interactions", "model.opportunities"),
    *("scores.people", "scores.person_touches", "history.reviews"),
)


def parts(context: Context, silent: sa.CTE) -> list[sa.Select[Any]]:
    """One select of changes per kind."""
    week = context.method["operation.week_days"]
    return [_gone_cold(context, week, silent), _first_two_way(context, week), *_deals(context, week), _overdue(context, week)]


def change(record_type: Number, record: Number, what: Number, day: Number, **values: Number) -> list[sa.Label[Any]]:
    """The columns that every part has, beside `crm`; `values`: `before` and `after`, null where not given."""
    named = {"record_type": record_type, "record_id": record, "what": what, "before": null(String), "after": null(String), "day": day}
    return [column.label(name) for name, column in (named | values).items()]


def said(value: str) -> Number:
    """A fixed text."""
    return sa.literal(value, String)


def _gone_cold(context: Context, week: int, row: sa.CTE) -> sa.Select[Any]:
    """The silence passed `rhythm.cooling` times the usual gap in the week."""
    today = context.as_of // DAY
    columns = change(
        row.c.person_kind, row.c.person_id, said("cold"), as_date(row.c.cold_day * DAY), before=said("Late"), after=row.c.rhythm
    )
    return sa.select(row.c.crm, *columns).where(row.c.cold_day > today - week, row.c.cold_day <= today)


def _first_two_way(context: Context, week: int) -> sa.Select[Any]:
    row, score = counted(context), scores.people
    first = sa.func.min(row.c.at_s).label("first_s")
    met = sa.select(row.c.person_key, first).where(row.c.two_way.is_(True)).group_by(row.c.person_key).subquery("met")
    columns = change(score.c.person_kind, score.c.person_id, said("first_two_way"), as_date(met.c.first_s))
    joined = score.join(met, met.c.person_key == score.c.person_key)
    return sa.select(score.c.crm, *columns).select_from(joined).where(met.c.first_s > context.as_of - week * DAY)


def _deals(context: Context, week: int) -> list[sa.Select[Any]]:
    """Deals that entered their stage, were won or lost."""
    deal, today = opportunities, context.as_of // DAY
    closed = sa.and_(deal.c.is_closed.is_(True), deal.c.close_day > today - week, deal.c.close_day <= today)
    entered = sa.and_(deal.c.stage_since_s > context.as_of - week * DAY, deal.c.stage_since_s <= context.as_of)

    def rows(what: Number, day: Number, condition: Condition) -> sa.Select[Any]:
        return sa.select(deal.c.crm, *change(said("opportunity"), deal.c.opportunity_id, what, day, after=deal.c.stage)).where(condition)

    ended = sa.case((deal.c.is_won.is_(True), said("won")), else_=said("lost"))
    return [
        rows(said("stage"), as_date(deal.c.stage_since_s), sa.and_(deal.c.is_closed.is_(False), entered)),
        rows(ended, as_date(deal.c.close_day * DAY), closed),
    ]


def _overdue(context: Context, week: int) -> sa.Select[Any]:
    row = history.reviews
    lately = row.c.days_overdue.between(1, week)
    return sa.select(row.c.crm, *change(reviewed(row), row.c.record_id, said("overdue"), row.c.due + 1, after=row.c.topic)).where(lately)


def reviewed(row: sa.Table) -> Number:
    """What kind of record a review is of."""
    return sa.case((row.c.topic == "needs", said("opportunity")), else_=said("account"))
