"""Is inbound mail of a user captured? Silence of a person means something only where an answer could have been seen.

Two questions with two answers. *Captured*: inbound mails are there and make up a fair share; else Emails_In and
Reciprocity are blank. *Blind*: hardly any inbound mail although many people were written to; then reciprocity is unknown
and pairs are summed plainly. A user who wrote to few people is neither: many mails to one silent person prove nothing. The
first answers that end a user's blindness may lower his or her pairs: what was unknown has become known.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, num, real, some, summed, zero
from transforms.scores.instants import INSTANTS, instants
from transforms.scores.weights import counted


def select(context: Context) -> sa.Select[Any]:
    """One row per user with a counted mail (`scores.user_capture`)."""
    events = counted(context)
    mails, mailed = _mails(events, context), _mailed(events, context)
    enough = context.method["capture.min_people_mailed"]
    blind = [(~_fair(mails, name, context) & (zero(mailed.c[f"people_{name}"]) >= enough)).label(f"blind_{name}") for name in INSTANTS]
    return sa.select(
        mails.c.crm,
        mails.c.user_key,
        mails.c.in_now.label("emails_in"),
        mails.c.out_now.label("emails_out"),
        ((mails.c.in_now > 0) & _fair(mails, "now", context)).label("captured"),
        *blind,
    ).select_from(mails.outerjoin(mailed, mails.c.user_key == mailed.c.user_key))


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


MODEL = Model(tables.user_capture, select, ("model.interactions",))
