"""Is inbound mail of a user captured? Silence of a person means something only where an answer could have been seen.

Two questions with two answers. *Captured*: inbound mails are there and make up a fair share; else Emails_In and
Reciprocity are blank. *Blind*: hardly any inbound mail although many people were written to; then reciprocity is unknown
and pairs are summed plainly. A user who wrote to few people is neither: many mails to one silent person prove nothing. The
first answers that end a user's blindness may lower his or her pairs: what was unknown has become known. *Coverage* says the same
in one word for people to read, of everybody who may be graded.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, num, real, some, summed, zero
from transforms.scores.instants import INSTANTS, instants
from transforms.scores.weights import counted
from transforms.tables import users

KEYS = ("crm", "user_key")


def select(context: Context) -> sa.Select[Any]:
    """One row per user with a counted mail, or who is an active person (`scores.user_capture`)."""
    mails = _counts(context)
    enough = context.method["capture.min_people_mailed"]
    blind = {name: ~_fair(mails, name, context) & (mails.c[f"people_{name}"] >= enough) for name in INSTANTS}
    captured = (mails.c.in_now > 0) & _fair(mails, "now", context)
    coverage = sa.case((captured, "captured"), (blind["now"], "missing"), (mails.c.in_now + mails.c.out_now > 0, "unclear"), else_="none")
    return sa.select(
        mails.c.crm,
        mails.c.user_key,
        mails.c.user_id,
        mails.c.in_now.label("emails_in"),
        mails.c.out_now.label("emails_out"),
        mails.c.people_now.label("people_mailed"),
        captured.label("captured"),
        coverage.label("coverage"),
        *(sa.case((mails.c.has_mail, value)).label(f"blind_{name}") for name, value in blind.items()),
    )


def _counts(context: Context) -> sa.CTE:
    """Mails and people written to of each user and instant, 0 where there is none."""
    events = counted(context)
    mails, mailed = _mails(events, context), _mailed(events, context)
    graded = sa.select(users.c.crm, users.c.user_key).where(users.c.is_active.is_(True), users.c.is_person.is_(True))
    everybody = sa.union(sa.select(mails.c.crm, mails.c.user_key), graded).cte("everybody")
    joined = everybody.outerjoin(users, users.c.user_key == everybody.c.user_key)
    for part in (mails, mailed):
        joined = joined.outerjoin(part, part.c.user_key == everybody.c.user_key)
    counts = [zero(part.c[column.name]).label(column.name) for part in (mails, mailed) for column in part.c if column.name not in KEYS]
    has_mail = mails.c.user_key.is_not(None).label("has_mail")
    return sa.select(*everybody.c, users.c.user_id, has_mail, *counts).select_from(joined).cte("mail_counts")


def _fair(mails: sa.CTE, name: str, context: Context) -> Condition:
    inbound, outbound = real(mails.c[f"in_{name}"]), real(mails.c[f"out_{name}"])
    return inbound >= num(context.method["capture.min_share"]) * (inbound + outbound)


def _mails(events: sa.CTE, context: Context) -> sa.CTE:
    """Distinct mails of each user by direction and instant."""
    mail = sa.select(events.c.crm, events.c.user_key, events.c.event_key, events.c.direction, events.c.at_s)
    each = mail.where(events.c.channel == "email").distinct().cte("mail")
    sums = [
        summed((each.c.direction == side) & _window(each.c.at_s, name, context)).label(f"{side}_{name}")
        for side in ("in", "out")
        for name in INSTANTS
    ]
    return sa.select(each.c.crm, each.c.user_key, *sums).group_by(each.c.crm, each.c.user_key).cte("mails")


def _mailed(events: sa.CTE, context: Context) -> sa.CTE:
    """Distinct people each user wrote to, by instant."""
    person = (
        sa.select(
            events.c.user_key,
            events.c.person_key,
            *(some(_window(events.c.at_s, name, context)).label(name) for name in INSTANTS),
        )
        .where(events.c.channel == "email", events.c.direction == "out")
        .group_by(events.c.user_key, events.c.person_key)
        .cte("mailed_person")
    )
    sums = [summed(person.c[name].is_(True)).label(f"people_{name}") for name in INSTANTS]
    return sa.select(person.c.user_key, *sums).group_by(person.c.user_key).cte("mailed")


def _window(at_s: Number, name: str, context: Context) -> Condition:
    end = instants(context)[name]
    return sa.and_(at_s <= end, at_s > end - context.method["capture.window_days"] * DAY)


MODEL = Model(tables.user_capture, select, ("model.interactions", "model.users"))
