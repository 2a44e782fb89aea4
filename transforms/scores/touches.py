"""What is counted and dated for each outside person and each account: distinct events and distinct UTC days, over all our users.

Rhythm rests on contact days: the usual gap is the median number of days between neighbouring ones.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.expressions import num, real, since, summed
from transforms.scores.weights import counted
from transforms.tables import interactions


def select(context: Context, log: sa.FromClause = interactions) -> sa.Select[Any]:
    """One row per outside person with a counted event (`scores.person_touches`)."""
    event = distinct_events(context, "person_key", log)
    counts, days = _counts(context, event), _days(context, event)
    shown = [column for column in days.c if column.name not in ("crm", "person_key")]
    return sa.select(*counts.c, *shown).select_from(counts.join(days, counts.c.person_key == days.c.person_key))


def distinct_events(context: Context, key: str, log: sa.FromClause = interactions) -> sa.CTE:
    """One row per event and person (or account): when, how, which way, and whether it is two-way evidence (1 or 0)."""
    row = counted(context, log)
    two_way = sa.func.max(sa.case((row.c.two_way.is_(True), 1), else_=0)).label("two_way")
    facts = [sa.func.min(row.c[name]).label(name) for name in ("at_s", "day", "channel", "direction")]
    keys = (row.c.crm, row.c[key], row.c.event_key)
    return sa.select(*keys, *facts, two_way).where(row.c[key].is_not(None)).group_by(*keys).cte("event")


def _counts(context: Context, event: sa.CTE) -> sa.CTE:
    year, quarter = event.c.at_s > since(context, 365), event.c.at_s > since(context, 90)
    mail = year & (event.c.channel == "email")
    return (
        sa.select(
            event.c.crm,
            event.c.person_key,
            summed(quarter).label("touches_90d"),
            summed(year).label("touches_365d"),
            summed(year & (event.c.channel == "meeting")).label("meetings_365d"),
            summed(year & (event.c.channel == "call")).label("calls_365d"),
            summed(mail & (event.c.direction == "out")).label("emails_out_365d"),
            summed(mail & (event.c.direction == "in")).label("emails_in_365d"),
            sa.func.min(event.c.at_s).label("first_s"),
            sa.func.max(event.c.at_s).label("last_s"),
            sa.func.max(sa.case((event.c.two_way == 1, event.c.at_s))).label("last_two_way_s"),
        )
        .group_by(event.c.crm, event.c.person_key)
        .cte("counts")
    )


def _days(context: Context, event: sa.CTE) -> sa.CTE:
    """Contact days; a day lies in a window when one of its events does."""
    day = _contact_days(event)
    year = since(context, 365)
    return (
        sa.select(
            day.c.person_key,
            summed(day.c.last_s > since(context, 90)).label("contact_days_90d"),
            summed(day.c.last_s > year).label("contact_days_365d"),
            sa.func.count().label("contact_days"),
            summed(day.c.two_way_s > year).label("two_way_days_365d"),
            sa.func.max(day.c.day).label("last_day"),
            sa.func.percentile_cont(num(0.5)).within_group(real(day.c.gap)).label("usual_gap"),
        )
        .group_by(day.c.person_key)
        .cte("days")
    )


def _contact_days(event: sa.CTE) -> sa.CTE:
    two_way = sa.func.max(sa.case((event.c.two_way == 1, event.c.at_s))).label("two_way_s")
    day = (
        sa.select(event.c.person_key, event.c.day, sa.func.max(event.c.at_s).label("last_s"), two_way)
        .group_by(event.c.person_key, event.c.day)
        .cte("day")
    )
    before = sa.func.lag(day.c.day).over(partition_by=day.c.person_key, order_by=day.c.day)
    return sa.select(*day.c, (day.c.day - before).label("gap")).cte("contact_day")


MODEL = Model(tables.person_touches, select, ("model.interactions",))
