"""What the days of contact of a pair add up to (closeness.md section 1, points 2 and 3).

    interactions -> channel of a day (largest weight per side) -> day -> pair (sums at every instant, days counted)

One pass over the log finds whole days. An instant inside a day must see its morning only, so a day that an instant cuts is added up
a second time as far as the instant; these few rows carry the instant as `until_s`. Nothing per day is stored.

The largest weight of a day is taken after decay, so that adding an event can never lower a sum.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.functions import null
from transforms.scores.expressions import Condition, Number, num, since
from transforms.scores.log import Log
from transforms.scores.weights import event_weights

SIDES = {"out": ("out", "both"), "in": ("in", "both")}
KEYS = ("user_key", "person_key")


def sums(context: Context, log: Log) -> sa.CTE:
    """One row per pair: days of contact, and the decayed weight of both sides (`out_<instant>`, `in_<instant>`) at each instant."""
    cuts = sorted({at for at in log.at(context).values() if not log.sees_all(context, at)})
    day = sa.union_all(_whole_days(context, log), *([_cut_days(context, log, cuts)] if cuts else [])).subquery("day")
    whole = day.c.until_s.is_(None)
    two_way = whole & (day.c.two_way_s > since(context, 365))
    keys = [day.c[key] for key in KEYS]
    return (
        sa.select(
            *keys,
            sa.func.count(sa.case((whole, 1))).label("contact_days"),
            sa.func.count(sa.case((two_way, 1))).label("two_way_days_365d"),
            *(_sum(context, log, day, side, name) for side in SIDES for name in log.at(context)),
        )
        .group_by(*keys)
        .cte("sums")
    )


def _sum(context: Context, log: Log, day: sa.Subquery, side: str, name: str) -> sa.Label[Any]:
    """Weight of one side decayed to an instant, 0 where nothing had happened by then."""
    at = log.at(context)[name]
    seen: Condition = day.c.until_s.is_(None)
    if not log.sees_all(context, at):
        seen = (seen & (day.c.day < at // DAY)) | (day.c.until_s == at)
    younger = num(2.0 ** ((context.as_of - at) / (context.method["closeness.half_life_days"] * DAY)))
    return (sa.func.coalesce(sa.func.sum(sa.case((seen, day.c[side]))), num(0)) * younger).label(f"{side}_{name}")


def _whole_days(context: Context, log: Log) -> sa.Select[Any]:
    weighed = event_weights(context, log.interactions).subquery("weighed")
    return _by_day(context, sa.select(*weighed.c, null(sa.BigInteger).label("until_s")).subquery("event"))


def _cut_days(context: Context, log: Log, cuts: Sequence[int]) -> sa.Select[Any]:
    """The days that hold one of the instants `cuts`, as far as the instant."""
    columns = (sa.column("cut_day", sa.BigInteger), sa.column("until_s", sa.BigInteger))
    cut = sa.values(*columns, name="cut", literal_binds=True).data([(at // DAY, at) for at in cuts])
    weighed = event_weights(context, log.interactions).subquery("weighed")
    happened = (weighed.c.day == cut.c.cut_day) & (weighed.c.at_s <= cut.c.until_s)
    return _by_day(context, sa.select(*weighed.c, cut.c.until_s).select_from(weighed.join(cut, happened)).subquery("cut_event"))


def _by_day(context: Context, event: sa.Subquery) -> sa.Select[Any]:
    """Both sides of each pair and day: what its channels count, added up."""
    channel = _by_channel(context, event).subquery("channel")
    keys = [channel.c[key] for key in (*KEYS, "day", "until_s")]
    both = [sa.func.sum(channel.c[side]).label(side) for side in SIDES]
    return sa.select(*keys, sa.func.max(channel.c.two_way_s).label("two_way_s"), *both).group_by(*keys)


def _by_channel(context: Context, event: sa.Subquery) -> sa.Select[Any]:
    """What the events of one day and channel count on each side: the largest; of meetings the time spent, where the method adds it up."""
    keys = [event.c[key] for key in (*KEYS, "day", "until_s", "channel")]
    two_way = sa.func.max(sa.case((event.c.two_way.is_(True), event.c.at_s))).label("two_way_s")
    largest: dict[str, Number] = {
        side: sa.func.max(sa.case((event.c.direction.in_(ways), event.c.decayed))) for side, ways in SIDES.items()
    }
    if context.method["closeness.meeting_time_adds"]:
        largest = {side: _with_time(event, value) for side, value in largest.items()}
    return sa.select(*keys, two_way, *(value.label(side) for side, value in largest.items())).group_by(*keys)


def _with_time(event: sa.Subquery, largest: Number) -> Number:
    """The largest of a day, or the whole time of its meetings where that is more.

    A meeting, which is always of both sides, weighs as the square root of its time, so the root of the summed squares weighs as the
    root of the summed time. Meetings of unknown length add nothing to each other: nobody gains by entering ten.
    """
    timed = (event.c.channel == "meeting") & event.c.minutes.is_not(None)
    added = sa.func.sqrt(sa.func.sum(sa.case((timed, event.c.decayed * event.c.decayed))))
    return sa.case((largest.is_not(None), sa.func.greatest(largest, sa.func.coalesce(added, num(0)))))
