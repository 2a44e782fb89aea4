"""Who was in touch, how often and when last: the activities behind the counts and dates of a person or an account."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from transforms.explanation.asked import TERMS_SHOWN, Asked, day
from transforms.scores import tables as scores
from transforms.scores.expressions import since, summed
from transforms.tables import interactions

WAYS: Final = {"meetings": ("meeting", None), "calls": ("call", None), "emails_out": ("email", "out"), "emails_in": ("email", "in")}
"""What is counted apart -> channel and direction."""


def counts(asked: Asked, column: str, key: int) -> str:
    """Distinct activities of both windows, by channel and direction; `column`: person_key or account_key."""
    event = _events(asked, column, key)
    year, quarter = event.c.at_s > since(asked.context, 365), event.c.at_s > since(asked.context, 90)
    days = sa.func.count(sa.case((quarter, event.c.day)).distinct())
    counted = [days.label("days"), summed(quarter).label("quarter"), summed(year).label("year")]
    for name, (channel, direction) in WAYS.items():
        same_way = sa.true() if direction is None else event.c.direction == direction
        counted.append(summed(year & (event.c.channel == channel) & same_way).label(name))
    return asked.say("contact_counts", **asked.one(sa.select(*counted)))


def dates(asked: Asked, column: str, key: int, *fields: str) -> list[str]:
    """The activity behind each of these date fields: first_touch, last_touch, last_two_way."""
    return [line for field in fields if (line := _date(asked, _events(asked, column, key), field))]


def _date(asked: Asked, event: sa.Subquery, field: str) -> str | None:
    """None where there is no such activity."""
    moment = event.c.at_s.asc() if field == "first_touch" else event.c.at_s.desc()
    rows = sa.select(event.c.event_id, event.c.at_s, event.c.channel).order_by(moment, event.c.event_id).limit(1)
    found = asked.rows(rows.where(event.c.two_way == 1) if field == "last_two_way" else rows)
    return asked.say(f"contact_{field}", **_activity(asked, found[0])) if found else None


def _activity(asked: Asked, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"date": day(row["at_s"]), "channel": asked.say(f"channel_{row['channel']}"), "event": row["event_id"]}


def _events(asked: Asked, column: str, key: int) -> sa.Subquery:
    """One row per counted activity of the record."""
    log = interactions
    two_way = sa.func.max(sa.case((log.c.two_way.is_(True), 1), else_=0)).label("two_way")
    facts = [sa.func.min(log.c[name]).label(name) for name in ("at_s", "day", "channel", "direction")]
    of_record = (log.c[column] == key) & (log.c.at_s <= asked.context.as_of)
    return sa.select(log.c.event_id, *facts, two_way).where(of_record).group_by(log.c.event_id).subquery("event")


def users(asked: Asked, column: str, key: int) -> Sequence[str]:
    """Our users in two-way contact within 365 days, the strongest first."""
    pair = scores.pairs
    recent = (pair.c[column] == key) & (pair.c.last_two_way_s > since(asked.context, 365))
    strength = sa.func.sum(pair.c.intensity).desc()
    rows = asked.rows(sa.select(pair.c.user_id).where(recent).group_by(pair.c.user_id).order_by(strength, pair.c.user_id))
    return [row["user_id"] for row in rows]


def named(asked: Asked, phrase: str, ids: Sequence[str]) -> str:
    """How many there are, and the first of them."""
    more = [asked.say("and_more", count=len(ids) - TERMS_SHOWN)] if len(ids) > TERMS_SHOWN else []
    return asked.say(phrase, count=len(ids), users=asked.say("comma").join([*ids[:TERMS_SHOWN], *more]) or asked.say("none"))
