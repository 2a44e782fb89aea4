"""Interactions that a second CRM logged as well: the same people, and the same message or the same minute.

    sightings (shared people, keys only) -> same message -> same minute, of those without the same message -> repeats

Of the records of one event that of the first CRM by name counts. One record repeats at most one other, so two calls of one
minute in one CRM stay two.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.company import tables
from transforms.identity import tables as identity
from transforms.interactions.tables import activities
from transforms.scores.expressions import num, real
from transforms.tables import interactions

MINUTE = 60
ROW = ("event_key", "user_key", "person_key")
MEETING = ("user_key", "person_key", "channel", "direction", "minute")


def select(context: Context) -> sa.Select[Any]:
    """`company.repeats`."""
    seen = _sightings()
    mail = _same_message(seen)
    minute = _same_minute(seen, mail)
    found = [
        sa.select(*(row.c[name] for name in (*ROW, "first_key")), sa.literal(by).label("repeat_by")).where(row.c.is_repeat)
        for row, by in ((mail, "message id"), (minute, "same minute"))
    ]
    return sa.select(sa.union_all(*found).subquery("repeat"))


def _sightings() -> sa.CTE:
    """Interactions of shared people, by identity: only what events are compared by."""
    log, person, user = interactions, identity.people, identity.users
    joined = (
        log.join(person, sa.and_(person.c.person_key == log.c.person_key, person.c.records > 1))
        .join(user, user.c.user_key == log.c.user_key)
        .outerjoin(activities, sa.and_(activities.c.event_key == log.c.event_key, log.c.channel == "email"))
    )
    minute = sa.cast(sa.func.floor(real(log.c.at_s) / num(MINUTE)), sa.BigInteger).label("minute")
    who = (user.c.identity_key.label("user_key"), person.c.identity_key.label("person_key"))
    names = ("event_key", "event_id", "crm", "channel", "direction", "at_s")
    return sa.select(*who, *(log.c[name] for name in names), minute, activities.c.message_id).select_from(joined).cte("seen")


def _same_message(seen: sa.CTE) -> sa.CTE:
    """Mails that several CRMs hold under one message identifier, the first one among them."""
    same = [seen.c[name] for name in ("user_key", "person_key", "message_id")]
    first = [
        sa.func.first_value(seen.c[name]).over(partition_by=same, order_by=(seen.c.crm, seen.c.event_id)) for name in ("event_key", "crm")
    ]
    last = sa.func.max(seen.c.crm).over(partition_by=same)
    mail = sa.select(
        *(seen.c[name] for name in ROW), seen.c.crm, first[0].label("first_key"), first[1].label("first_crm"), last.label("last_crm")
    )
    each = mail.where(seen.c.message_id.is_not(None)).subquery("mail")
    found = (*(each.c[name] for name in ROW), each.c.first_key, (each.c.crm != each.c.first_crm).label("is_repeat"))
    return sa.select(*found).where(each.c.first_crm != each.c.last_crm).cte("same_message")


def _same_minute(seen: sa.CTE, mail: sa.CTE) -> sa.CTE:
    """In each minute the n-th record of one CRM is the n-th of the others, unless two message identifiers tell them apart."""
    told = seen.c.message_id.is_not(None)
    order = (sa.case((told, 0), else_=1), seen.c.at_s, seen.c.event_id)
    turn = sa.func.row_number().over(partition_by=(*(seen.c[name] for name in MEETING), seen.c.crm), order_by=order).label("turn")
    rest = seen.outerjoin(mail, sa.and_(*(mail.c[name] == seen.c[name] for name in ROW)))
    columns = (*(seen.c[name] for name in (*MEETING, "event_key", "crm")), told.label("told"), turn)
    each = sa.select(*columns).select_from(rest).where(mail.c.event_key.is_(None)).subquery("each_minute")
    same = [each.c[name] for name in (*MEETING, "turn")]
    first = [sa.func.first_value(each.c[name]).over(partition_by=same, order_by=each.c.crm) for name in ("event_key", "crm", "told")]
    is_repeat = sa.and_(each.c.crm != first[1], sa.not_(sa.and_(each.c.told, first[2])))
    return sa.select(*(each.c[name] for name in ROW), first[0].label("first_key"), is_repeat.label("is_repeat")).cte("same_minute")


READS = ("model.interactions", "model.int_activities", "identity.people", "identity.users")
MODEL = Model(tables.repeats, select, READS)
