"""What one event weighs for one pair (closeness.md section 1, points 1 and 3): channel * quality / spread, decayed.

Not stored: pairs sum the weights up, `explain` asks for the few events of one record.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.scores.expressions import Number, num, real, two_to
from transforms.tables import interactions

CHANNELS = ("meeting", "call", "email", "sms")
ADDRESSED = ("email", "sms")
"""Channels whose spread is over the recipients."""


def counted(context: Context, table: sa.FromClause = interactions) -> sa.CTE:
    """Interactions that have happened at the as-of."""
    return sa.select(table).where(table.c.at_s <= context.as_of).cte("counted")


def event_weights(context: Context, table: sa.FromClause = interactions) -> sa.Select[Any]:
    """Interactions with `weight` and `decayed` (the weight at the as-of)."""
    weight = _channel(context, table) * _quality(context, table) * _copied(context, table) / _spread(context, table)
    age = real(context.as_of - table.c.at_s) / num(context.method["closeness.half_life_days"] * DAY)
    columns = (weight.label("weight"), (weight * two_to(-age)).label("decayed"))
    return sa.select(*table.c, *columns).where(table.c.at_s <= context.as_of)


def _channel(context: Context, table: sa.FromClause) -> Number:
    method = context.method
    return sa.case(
        (table.c.unanswered.is_(True), num(method["closeness.weight_unanswered"])),
        *((table.c.channel == name, num(method[f"closeness.weight_{name}"])) for name in CHANNELS),
        else_=num(0),
    )


def _quality(context: Context, table: sa.FromClause) -> Number:
    method, minutes = context.method, table.c.minutes
    root = sa.func.sqrt(sa.func.greatest(real(minutes), num(0)) / num(method["closeness.quality_minutes"]))
    clipped = sa.func.least(sa.func.greatest(root, num(method["closeness.quality_min"])), num(method["closeness.quality_max"]))
    return sa.case(((table.c.channel == "meeting") & minutes.is_not(None), clipped), else_=num(1))


def _copied(context: Context, table: sa.FromClause) -> Number:
    return sa.case((table.c.is_cc.is_(True), num(context.method["closeness.cc"])), else_=num(1))


def _spread(context: Context, table: sa.FromClause) -> Number:
    method = context.method
    outside = sa.func.greatest(real(sa.func.coalesce(table.c.participants_outside, 1)), num(1))
    addressed = sa.func.greatest(real(sa.func.coalesce(table.c.recipients, 1)), num(1))
    return sa.case(
        (table.c.channel.in_(ADDRESSED), sa.func.power(addressed, num(method["closeness.spread_email"]))),
        (table.c.channel == "call", sa.func.power(outside, num(method["closeness.spread_call"]))),
        else_=sa.func.power(outside, num(method["closeness.spread_meeting"])),
    )
