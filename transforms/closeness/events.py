"""From the rows of a file to interactions: everybody a number, every event once per pair, pairs without order.

The same row twice is one event; a meeting is undirected, so both its directions are one; nobody has events with himself.
How many people an event has is what the file says or what its rows show, whichever is more: rows of one message have one
sender, instant and `msg_id`, rows of one meeting one instant and `msg_id`.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.closeness import tables
from transforms.functions import null
from transforms.scores.expressions import Number, num, real, two_to
from transforms.scores.weights import ADDRESSED


def persons(whole_numbers: bool) -> sa.Select[Any]:
    """Everybody, numbered in the order of the ids (`scores.log_persons`)."""
    row = tables.rows
    everybody = sa.union(sa.select(row.c.src.label("id")), sa.select(row.c.dst)).subquery("everybody")
    order = sa.cast(everybody.c.id, sa.BigInteger) if whole_numbers else everybody.c.id
    return sa.select(sa.func.row_number().over(order_by=order).label("person_key"), everybody.c.id)


def _events(as_of: float) -> sa.CTE:
    """Each event of a pair once, up to the as-of."""
    row = _keyed(as_of).cte("keyed")
    keys = [row.c[name] for name in ("user_key", "person_key", "sender_key", "at", "channel", "msg_key")]
    direction = sa.case((row.c.sender_key == 0, "both"), (row.c.sender_key == row.c.user_key, "out"), else_="in")
    counts = [sa.func.max(row.c[name]).label(name) for name in ("addressed", "minutes")]
    return sa.select(*keys, direction.label("direction"), *counts).group_by(*keys).cte("events")


def _keyed(as_of: float) -> sa.Select[Any]:
    """Rows with the pair's keys in order."""
    row, src, dst = tables.rows, tables.persons.alias("src"), tables.persons.alias("dst")
    meeting = row.c.channel == "meeting"
    length = sa.func.greatest(row.c.seconds, num(0)) / num(60)
    columns: dict[str, Number] = {
        "user_key": sa.func.least(src.c.person_key, dst.c.person_key),
        "person_key": sa.func.greatest(src.c.person_key, dst.c.person_key),
        "sender_key": sa.case((meeting, 0), else_=src.c.person_key),
        "addressed": sa.cast(sa.func.floor(row.c.addressed), sa.BigInteger),
        "minutes": sa.case((meeting & row.c.seconds.is_not(None), length)),
        **{name: row.c[name] for name in ("at", "channel", "msg_key")},
    }
    joined = row.join(src, src.c.id == row.c.src).join(dst, dst.c.id == row.c.dst)
    cells = [cell.label(name) for name, cell in columns.items()]
    return sa.select(*cells).select_from(joined).where(row.c.at <= num(as_of), row.c.src != row.c.dst)


def interactions(as_of: float) -> sa.Select[Any]:
    """The events up to the as-of under the names the scores know (`scores.log_interactions`)."""
    event = _events(as_of)
    crowd = _crowds(event)
    same = sa.and_(
        crowd.c.at == event.c.at,
        crowd.c.msg_key == event.c.msg_key,
        crowd.c.sender_key == event.c.sender_key,
    )
    others = sa.func.greatest(sa.func.coalesce(event.c.addressed, 1), sa.func.coalesce(crowd.c.others, 1), 1)
    missed = event.c.channel == "missed_call"
    second = sa.cast(sa.func.floor(event.c.at), sa.BigInteger)
    cells: dict[str, Number] = {
        **{name: event.c[name] for name in ("user_key", "person_key", "sender_key", "msg_key", "at", "direction", "minutes")},
        **{name: null(sa.String) for name in ("user_id", "person_id")},
        "crm": sa.literal("log"),
        "account_key": null(sa.BigInteger),
        "at_s": second,
        "day": sa.cast(sa.func.floor(event.c.at / num(DAY)), sa.BigInteger),
        "channel": sa.case((missed, "call"), else_=event.c.channel),
        "participants_outside": others,
        "recipients": others,
        "is_cc": sa.false(),
        "two_way": event.c.channel.in_(("meeting", "call")),
        "unanswered": missed,
    }
    columns = [cells[column.name].label(column.name) for column in tables.interactions.columns]
    return sa.select(*columns).select_from(event.outerjoin(crowd, same))


def _crowds(event: sa.CTE) -> sa.CTE:
    """Other people on each message or meeting that has an id, as far as the rows show them."""
    keys = (event.c.at, event.c.msg_key, event.c.sender_key)
    message = sa.select(*keys, sa.func.count().label("others")).where(event.c.msg_key.is_not(None), event.c.sender_key != 0).group_by(*keys)
    sides = [sa.select(*keys, event.c[side].label("who")).where(event.c.sender_key == 0) for side in ("user_key", "person_key")]
    there = sa.union_all(*sides).subquery("there")
    same = (there.c.at, there.c.msg_key, there.c.sender_key)
    meeting = sa.select(*same, sa.func.count(there.c.who.distinct()) - 1).where(there.c.msg_key.is_not(None)).group_by(*same)
    return sa.union_all(message.having(sa.func.count() > 1), meeting).cte("crowds")


def together(context: Context, at: Mapping[str, int]) -> sa.Select[Any]:
    """C of pairs in contact at each instant (`scores.log_together`): per day the largest share of a message to both, decayed."""
    first, second, known = _addressed(context, "one"), _addressed(context, "other"), tables.pair_facts
    both = sa.and_(*(first.c[name] == second.c[name] for name in ("sender_key", "at", "message")), first.c.who < second.c.who)
    pair = sa.and_(known.c.user_key == first.c.who, known.c.person_key == second.c.who)
    keys = (known.c.user_key, known.c.person_key)
    shares = [sa.func.max(sa.case((first.c.at_s <= second_, _share(context, first, second_)))).label(name) for name, second_ in at.items()]
    joined = first.join(second, both).join(known, pair)
    day = sa.select(*keys, *shares).select_from(joined).group_by(*keys, first.c.day).cte("together_day")
    sums = [sa.func.sum(day.c[name]).label(f"together_{name}") for name in at]
    return sa.select(day.c.user_key, day.c.person_key, *sums).group_by(day.c.user_key, day.c.person_key)


def _addressed(context: Context, name: str) -> sa.CTE:
    """Who each message of a few recipients went to."""
    log = tables.interactions
    who = sa.case((log.c.direction == "out", log.c.person_key), else_=log.c.user_key).label("who")
    few = log.c.recipients.between(2, context.method["score.together_most"])
    columns = [log.c[column] for column in ("sender_key", "at", "at_s", "day", "recipients")]
    message = sa.func.coalesce(log.c.msg_key, 0).label("message")
    return sa.select(*columns, message, who).where(log.c.channel.in_(ADDRESSED), few).cte(name)


def _share(context: Context, message: sa.CTE, at: int) -> Number:
    decayed = two_to(real(message.c.at_s - at) / num(context.method["closeness.half_life_days"] * DAY))
    return decayed / sa.func.power(real(message.c.recipients), num(context.method["closeness.spread_email"]))
