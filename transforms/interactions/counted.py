"""The verdict on every activity record, and the three tables that follow: counted, dropped, left out.

`int_verdicts` has exactly one row per record read, so counted + dropped = read holds by construction. The order of the
reasons is the order of contract section 3.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.functions import masked, null, utc_timestamp
from transforms.interactions.tables import activities, mails, sides, twins, verdicts
from transforms.tables import people, users

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]


def verdict_rows(context: Context) -> Rows:
    """`int_verdicts`."""
    event, tally = activities, _tally()
    joined = (
        event.outerjoin(twins, twins.c.event_key == event.c.event_key)
        .outerjoin(mails, mails.c.event_key == event.c.event_key)
        .outerjoin(tally, tally.c.event_key == event.c.event_key)
    )
    recipients = sa.case((event.c.channel == "email", mails.c.recipients), else_=null(sa.Integer))
    columns = (
        event.c.event_key,
        _reason(context, tally).label("reason"),
        _direction().label("direction"),
        recipients.label("recipients"),
        tally.c.them.label("participants_outside"),
    )
    return sa.select(*columns).select_from(joined)


def _tally() -> sa.CTE:
    return (
        sa.select(
            sides.c.event_key,
            sa.func.sum(sa.case((sides.c.side == "us", 1), else_=0)).label("us"),
            sa.func.sum(sa.case((sides.c.side == "them", 1), else_=0)).label("them"),
            sa.func.max(sides.c.outsider).label("outsider"),
            sa.func.max(sides.c.colleague).label("colleague"),
        )
        .group_by(sides.c.event_key)
        .cte("tally")
    )


def _reason(context: Context, tally: sa.CTE) -> Cell:
    event = activities.c
    is_twin = sa.or_(event.shadows_mail, twins.c.event_key.is_not(None))
    is_mass = sa.or_(event.is_list_mail, mails.c.recipients > context.method["counting.max_recipients"])
    return sa.case(
        (event.reason.is_not(None), event.reason),
        (is_twin, "email_twin"),
        (event.channel.is_(None), "plain_task"),
        (sa.or_(event.is_open, event.at_s.is_(None)), "open"),
        (event.at_s > context.as_of, "future"),
        (is_mass, "mass_mail"),
        (sa.func.coalesce(tally.c.us, 0) == 0, "not_a_person"),
        (sa.and_(mails.c.direction == "in", mails.c.is_automatic), "auto_reply"),
        (sa.and_(tally.c.outsider == 0, tally.c.colleague == 1), "internal_only"),
        (tally.c.them == 0, "no_person"),
        else_=null(sa.String),
    )


def _direction() -> Cell:
    reached_nobody = sa.and_(activities.c.channel == "call", activities.c.unanswered)
    return sa.case(
        (activities.c.channel == "email", mails.c.direction),
        (reached_nobody, sa.func.coalesce(activities.c.says, "out")),
        else_="both",
    )


def interaction_rows(context: Context) -> Rows:
    """`model.interactions`: each of our users on a counted event against each outside person on it."""
    us, them = _each("us", sides.c.user_key), _each("them", sides.c.person_key)
    event, verdict = activities.c, verdicts.c
    joined = (
        activities.join(verdicts, sa.and_(verdict.event_key == event.event_key, verdict.reason.is_(None)))
        .join(us, us.c.event_key == event.event_key)
        .join(them, them.c.event_key == event.event_key)
        .join(users, users.c.user_key == us.c.user_key)
        .join(people, people.c.person_key == them.c.person_key)
    )
    unanswered = sa.and_(event.channel == "call", event.unanswered)
    answered = sa.or_(event.channel == "meeting", sa.and_(event.channel == "call", sa.not_(event.unanswered)))
    copied = sa.case((verdict.direction == "out", them.c.copied), (verdict.direction == "in", us.c.copied), else_=0)
    columns = {
        "crm": event.crm,
        "event_id": event.event_id,
        "user_id": users.c.user_id,
        "person_id": people.c.person_id,
        "person_kind": people.c.person_kind,
        "account_id": people.c.account_id,
        "at": utc_timestamp(event.at_s),
        "channel": event.channel,
        "direction": verdict.direction,
        "minutes": event.minutes,
        "participants_outside": verdict.participants_outside,
        "recipients": verdict.recipients,
        "is_cc": copied == 1,
        "two_way": sa.or_(answered, sa.and_(event.channel == "email", verdict.direction == "in")),
        "unanswered": unanswered,
        "at_s": event.at_s,
        "day": sa.cast(sa.func.floor(sa.cast(event.at_s, sa.Double) / DAY), sa.BigInteger),
        "event_key": event.event_key,
        "user_key": us.c.user_key,
        "person_key": them.c.person_key,
        "account_key": people.c.account_key,
    }
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined)


def _each(side: str, key: sa.Column[Any]) -> sa.CTE:
    copied = sa.func.min(sides.c.copied).label("copied")
    return sa.select(sides.c.event_key, key, copied).where(sides.c.side == side).group_by(sides.c.event_key, key).cte(side)


def dropped_rows(context: Context) -> Rows:
    """`model.interactions_dropped`."""
    event = activities.c
    joined = activities.join(verdicts, verdicts.c.event_key == event.event_key)
    return sa.select(event.crm, event.event_id, event.kind, verdicts.c.reason).select_from(joined).where(verdicts.c.reason.is_not(None))


def left_out_rows(context: Context) -> Rows:
    """`model.participants_dropped`: of counted records only."""
    event = activities.c
    joined = sides.join(verdicts, sa.and_(verdicts.c.event_key == sides.c.event_key, verdicts.c.reason.is_(None))).join(
        activities, event.event_key == sides.c.event_key
    )
    party = (sides.c.record_id.label("person_id"), masked(sides.c.address).label("address"), sides.c.left_out.label("reason"))
    return sa.select(event.crm, event.event_id, *party).select_from(joined).where(sides.c.left_out.is_not(None))
