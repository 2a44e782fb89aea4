"""Who answers whom: the share of opening messages answered in time, shrunk where there are few.

An opening message goes to one recipient, is the first of its day to that person, and follows no word from there within the
time an answer has; one younger than that time is not judged yet. Any event from the other side answers it. A call that was
connected opens nothing, a missed one does.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.closeness import tables
from transforms.scores.expressions import Condition, Number, num, real, summed

HOUR = 3600
"""Seconds."""


def select(context: Context) -> sa.Select[Any]:
    """One row per person asking and person asked (`scores.log_answers`)."""
    wait = context.method["score.answer_hours"] * HOUR
    side, near = _sides_by_day().cte("side"), -(-wait // DAY)
    others = {shift: side.alias(f"day_{shift + near}") for shift in range(-near, near + 1)}
    joined: sa.FromClause = side
    for shift, other in others.items():
        joined = joined.outerjoin(other, _opposite(side, other, shift))
    opened, out = side.c.opened_s, side.c.direction == "out"
    spoken = sa.or_(*(_between(other, opened - wait, opened - 1) for shift, other in others.items() if shift <= 0))
    heard = sa.or_(*(_between(other, opened + 1, opened + wait) for shift, other in others.items() if shift >= 0))
    asker, asked = (side.c.user_key, side.c.person_key), (side.c.person_key, side.c.user_key)
    columns = {"asker_key": sa.case((out, asker[0]), else_=asker[1]), "asked_key": sa.case((out, asked[0]), else_=asked[1])}
    opening = sa.select(*(cell.label(name) for name, cell in columns.items()), heard.label("heard")).select_from(joined)
    found = opening.where(opened < context.as_of - wait, sa.not_(spoken)).cte("opening")
    keys = (found.c.asker_key, found.c.asked_key)
    return sa.select(*keys, sa.func.count().label("asked"), summed(found.c.heard).label("answered")).group_by(*keys)


def _sides_by_day() -> sa.Select[Any]:
    """One row per pair, side and day: when it wrote or called first and last, and its first message that may open."""
    log = tables.interactions
    keys = (log.c.user_key, log.c.person_key, log.c.direction, log.c.day)
    may_open = sa.and_(log.c.recipients == 1, log.c.two_way.is_(False))
    ends = (sa.func.min(log.c.at_s).label("first_s"), sa.func.max(log.c.at_s).label("last_s"))
    opened = sa.func.min(sa.case((may_open, log.c.at_s))).label("opened_s")
    return sa.select(*keys, *ends, opened).where(log.c.direction != "both").group_by(*keys)


def _opposite(side: sa.CTE, other: sa.FromClause, shift: int) -> Condition:
    """The other side of the pair, `shift` days later."""
    same = (other.c[key] == side.c[key] for key in ("user_key", "person_key"))
    return sa.and_(*same, other.c.direction != side.c.direction, other.c.day == side.c.day + shift)


def _between(day: sa.FromClause, low: Number, high: Number) -> Condition:
    """Whether a day holds an event of an interval; the interval, longer than a day, begins or ends in it or covers it."""
    return sa.and_(day.c.first_s.is_not(None), day.c.last_s >= low, day.c.first_s <= high).is_(True)


def shares(context: Context) -> sa.CTE:
    """Chance that `asked_key` answers `asker_key`, of every pair and side; null where nobody opened anything."""
    pair, answer, person = _sides(), tables.answers, _persons()
    joined = pair.outerjoin(answer, sa.and_(answer.c.asker_key == pair.c.asker_key, answer.c.asked_key == pair.c.asked_key))
    joined = joined.outerjoin(person, person.c.asked_key == pair.c.asked_key).join(_everybody(), sa.true())
    total = joined.right.c
    overall = real(total.answered) / sa.func.nullif(real(total.asked), num(0))
    own = _shrunk(person.c.answered, person.c.asked, overall, context.method["score.answer_prior_person"])
    chance = _shrunk(answer.c.answered, answer.c.asked, own, context.method["score.answer_prior_pair"])
    return sa.select(pair.c.asker_key, pair.c.asked_key, chance.label("chance")).select_from(joined).cte("responsiveness")


def _shrunk(answered: Number, asked: Number, prior: Number, weight: float) -> Number:
    """A share with `weight` more openings answered as the prior says."""
    found, of = sa.func.coalesce(real(answered), num(0)), sa.func.coalesce(real(asked), num(0))
    return (found + num(weight) * prior) / (of + num(weight))


def _sides() -> sa.Subquery:
    one, other = tables.pair_facts.c.user_key, tables.pair_facts.c.person_key
    both = sa.union_all(
        sa.select(one.label("asker_key"), other.label("asked_key")), sa.select(other.label("asker_key"), one.label("asked_key"))
    )
    return both.subquery("sides")


def _persons() -> sa.Subquery:
    table = tables.answers
    sums = (sa.func.sum(table.c[name]).label(name) for name in ("asked", "answered"))
    return sa.select(table.c.asked_key, *sums).group_by(table.c.asked_key).subquery("person")


def _everybody() -> sa.Subquery:
    table = tables.answers
    return sa.select(*(sa.func.sum(table.c[name]).label(name) for name in ("asked", "answered"))).subquery("everybody")
