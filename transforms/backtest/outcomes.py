"""Pairs at one past date: what closeness and its rivals said, and what happened in the window after.

Left out are pairs without contact in the year before; pairs of users without any event in the window (they had left, or
their log had: nothing could be seen); and pairs of users whose inbound mail is visibly not captured.
"""

from typing import Any

import sqlalchemy as sa

from transforms.backtest.dates import date_of
from transforms.backtest.scratch import CAPTURE, PAIRS
from transforms.base import DAY, Context
from transforms.scores.expressions import Number, num, real, some, two_to
from transforms.tables import interactions


def select(context: Context) -> sa.Select[Any]:
    """`backtest.outcomes` of the date that is the as-of, over the pairs as scored for it."""
    pair, capture, log = PAIRS, CAPTURE, _logs(context)
    past, after, seen = _decayed(context), _after(context), _active(context)
    joined = (
        pair.join(past, sa.and_(past.c.user_key == pair.c.user_key, past.c.person_key == pair.c.person_key))
        .join(seen, seen.c.user_key == pair.c.user_key)
        .join(log, log.c.crm == pair.c.crm)
        .outerjoin(after, sa.and_(after.c.user_key == pair.c.user_key, after.c.person_key == pair.c.person_key))
        .outerjoin(capture, capture.c.user_key == pair.c.user_key)
    )
    return (
        sa.select(
            pair.c.crm,
            sa.cast(sa.literal(date_of(context.as_of).isoformat()), sa.Date).label("cut"),
            pair.c.user_key,
            pair.c.person_key,
            sa.func.coalesce(after.c.two_way, False).label("two_way"),
            pair.c.closeness,
            real(past.c.count).label("count"),
            (real(pair.c.last_s - context.as_of) / num(DAY)).label("recency"),
            past.c.decayed_count,
            past.c.decayed_split,
        )
        .select_from(joined)
        .where(pair.c.last_s > _year_before(context), capture.c.blind_now.is_not(True))
    )


def _year_before(context: Context) -> int:
    return int(context.as_of - context.method["backtest.look_back_days"] * DAY)


def _window_end(context: Context) -> int:
    return int(context.as_of + context.method["backtest.window_days"] * DAY)


def _logs(context: Context) -> sa.CTE:
    """CRMs whose log is old enough at the date and goes on to the end of the window."""
    log, method = interactions, context.method
    begun = sa.func.min(log.c.at_s) <= context.as_of - method["backtest.min_history_days"] * DAY
    whole = sa.func.max(log.c.at_s) > _window_end(context) - method["confidence.fresh_days"] * DAY
    return sa.select(log.c.crm).group_by(log.c.crm).having(sa.and_(begun, whole)).cte("logs")


def _decayed(context: Context) -> sa.CTE:
    """The rivals, from the log up to the date."""
    log = interactions
    weight = two_to(real(log.c.at_s - context.as_of) / num(context.method["backtest.half_life_days"] * DAY))
    return (
        sa.select(
            log.c.user_key,
            log.c.person_key,
            sa.func.sum(sa.case((log.c.at_s > _year_before(context), 1), else_=0)).label("count"),
            sa.func.sum(weight).label("decayed_count"),
            sa.func.sum(weight / _shared(log)).label("decayed_split"),
        )
        .where(log.c.at_s <= context.as_of)
        .group_by(log.c.user_key, log.c.person_key)
        .cte("past")
    )


def _shared(log: sa.Table) -> Number:
    """Among how many an event is split."""
    people = sa.case((log.c.channel == "email", log.c.recipients), else_=log.c.participants_outside)
    return sa.func.greatest(real(sa.func.coalesce(people, 1)), num(1))


def _in_window(context: Context) -> sa.ColumnElement[bool]:
    return sa.and_(interactions.c.at_s > context.as_of, interactions.c.at_s <= _window_end(context))


def _after(context: Context) -> sa.CTE:
    log = interactions
    keys = (log.c.user_key, log.c.person_key)
    return sa.select(*keys, some(log.c.two_way.is_(True)).label("two_way")).where(_in_window(context)).group_by(*keys).cte("after")


def _active(context: Context) -> sa.CTE:
    return sa.select(interactions.c.user_key).where(_in_window(context)).distinct().cte("seen")
