"""What is special about mails: second records of one mail, who sent it, which way it went, to how many.

A mail is one EmailMessage. Its later copies (same message identifier) and the Tasks that log it again are twins: a Task
without a link is one when it names the same person and the same related record within `counting.twin_seconds`.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.functions import local_part
from transforms.interactions.tables import activities, participants

Rows = sa.Select[Any]
Cell = sa.ColumnElement[Any]

RECEIVERS = ("to", "cc", "bcc", "who")


def twin_rows(context: Context) -> Rows:
    """`int_twins`."""
    return sa.select(sa.union(_copies(), _shadows(context)).subquery("twin"))


def _copies() -> Rows:
    """All but the earliest done record of a message; of several at one instant the smallest id stands."""
    same = (activities.c.crm, activities.c.message_id)
    mail = sa.and_(activities.c.message_id.is_not(None), activities.c.reason.is_(None), sa.not_(activities.c.is_open))
    shared = sa.select(*same).where(mail).group_by(*same).having(sa.func.count() > 1).cte("shared")
    turn = sa.func.row_number().over(partition_by=same, order_by=(activities.c.at_s, activities.c.event_id)).label("turn")
    ranked = (
        sa.select(activities.c.event_key, turn)
        .join(shared, sa.and_(shared.c.crm == activities.c.crm, shared.c.message_id == activities.c.message_id))
        .where(mail)
        .subquery("ranked")
    )
    return sa.select(ranked.c.event_key).where(ranked.c.turn > 1)


def _shadows(context: Context) -> Rows:
    width: int = context.method["counting.twin_seconds"]
    log, mail = _sightings("log", activities.c.is_log, width), _sightings("mail", sa.not_(activities.c.is_log), width)
    near = sa.values(sa.column("shift", sa.Integer), name="near").data([(-1,), (0,), (1,)])
    slots = sa.select(log, (log.c.slot + near.c.shift).label("near_slot")).join(near, sa.true()).cte("slots")
    same = sa.and_(
        slots.c.person_key == mail.c.person_key,
        slots.c.near_slot == mail.c.slot,
        slots.c.regarding_id.is_not_distinct_from(mail.c.regarding_id),
        sa.func.abs(slots.c.logged_s - mail.c.logged_s) <= width,
    )
    return sa.select(slots.c.event_key).join(mail, same).distinct()


def _sightings(name: str, which: Cell, width: int) -> sa.CTE:
    """Outside people of mails (or of Tasks that log mails) with the time slot; the owner is none of them."""
    slot = sa.cast(sa.func.floor(sa.cast(activities.c.logged_s, sa.Double) / width), sa.BigInteger)
    alive = sa.or_(activities.c.reason.is_(None), sa.not_(activities.c.is_log))
    return (
        sa.select(activities.c.event_key, activities.c.logged_s, activities.c.regarding_id, participants.c.person_key, slot.label("slot"))
        .join(participants, participants.c.event_key == activities.c.event_key)
        .where(activities.c.channel == "email", which, alive, activities.c.logged_s.is_not(None), participants.c.person_key.is_not(None))
        .distinct()
        .cte(name)
    )


def mail_rows(context: Context) -> Rows:
    """`int_mails`: one row per mail that may count."""
    sender, receiver = _senders(context), _recipients()
    joined = activities.outerjoin(sender, sender.c.event_key == activities.c.event_key).outerjoin(
        receiver, receiver.c.event_key == activities.c.event_key
    )
    ours = sender.c.standing.in_(("user", "nobody"))
    theirs = sender.c.standing.in_(("person", "deleted"))
    direction = sa.case(
        (ours, "out"),
        (theirs, "in"),
        (sender.c.standing == "not_a_person", sa.func.coalesce(activities.c.says, "in")),
        else_=sa.func.coalesce(activities.c.says, "out"),
    )
    told = sa.or_(sa.and_(ours, sender.c.user_key.is_not(None)), theirs)
    columns = (
        activities.c.event_key,
        direction.label("direction"),
        sa.not_(sa.func.coalesce(told, sa.false())).label("owner_speaks"),
        sender.c.user_key,
        sender.c.person_key,
        sa.func.coalesce(sender.c.is_automatic == 1, sa.false()).label("is_automatic"),
        sa.func.coalesce(receiver.c.recipients, 0).label("recipients"),
    )
    return sa.select(*columns).select_from(joined).where(activities.c.channel == "email", activities.c.reason.is_(None))


def _senders(context: Context) -> sa.CTE:
    """One sender per mail: someone known by id, else by address, else whoever it names; of several one of ours, then the smallest id."""
    row = participants
    known = row.c.standing.in_(("user", "nobody", "person"))
    rank = sa.case((sa.and_(known, row.c.party_id.is_not(None)), 0), (known, 1), (row.c.standing == "not_a_person", 2), else_=3)
    order = (rank, sa.case((row.c.standing == "user", 0), else_=1), row.c.party_id, row.c.address)
    nobody = sa.or_(row.c.standing == "not_a_person", local_part(row.c.address).in_(context.counting.not_people))
    automatic = sa.func.max(sa.case((nobody, 1), else_=0)).over(partition_by=row.c.event_key)
    turn = sa.func.row_number().over(partition_by=row.c.event_key, order_by=order)
    named = (
        sa.select(row.c.event_key, row.c.standing, row.c.user_key, row.c.person_key, automatic.label("is_automatic"), turn.label("turn"))
        .where(row.c.role == "from", row.c.channel == "email")
        .subquery("named")
    )
    return sa.select(named).where(named.c.turn == 1).cte("sender")


def _recipients() -> sa.CTE:
    """Distinct addresses; a party without one counts by its id."""
    whom = sa.func.coalesce(participants.c.address, participants.c.party_id)
    return (
        sa.select(participants.c.event_key, sa.func.count(whom.distinct()).label("recipients"))
        .where(participants.c.channel == "email", participants.c.role.in_(RECEIVERS))
        .group_by(participants.c.event_key)
        .cte("receiver")
    )
