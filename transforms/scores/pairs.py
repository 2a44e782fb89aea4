"""Closeness of each pair of our user and an outside person (closeness.md section 1).

    interactions -> pair_days (largest weight per pair, channel, side and day)
                 -> pair_facts (counts and dates)
    both -> pair_intensity (I at every instant) -> kappa -> pairs (closeness)

The largest weight of a day is taken after decay, so that adding an event can never lower a sum.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.attention import attended
from transforms.scores.expressions import Condition, Number, from_ratio, num, since, summed
from transforms.scores.levels import interaction_level
from transforms.scores.log import EACH_CRM, Log
from transforms.scores.weights import counted, event_weights

SIDES = {"out": ("out", "both"), "in": ("in", "both")}


def days(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """One row per pair, channel and UTC day (`scores.pair_days`)."""
    events = event_weights(context, log.interactions).cte("weighed")
    keys = [events.c[name] for name in ("crm", "user_key", "person_key", "channel", "day")]
    largest = [
        of_day(context, events, events.c.direction.in_(sides) & (events.c.at_s <= at)).label(f"{side}_{name}")
        for side, sides in SIDES.items()
        for name, at in log.at(context).items()
    ]
    return sa.select(*keys, *largest).group_by(*keys)


def of_day(context: Context, events: sa.CTE, seen: Condition) -> Number:
    """What the events of one day and channel count: the largest; of meetings the time spent, where the method adds it up.

    A meeting weighs as the square root of its time, so the root of the summed squares weighs as the root of the summed time. Meetings
    of unknown length add nothing to each other: nobody gains by entering ten.
    """
    largest = sa.func.max(sa.case((seen, events.c.decayed)))
    if not context.method["closeness.meeting_time_adds"]:
        return largest
    timed = seen & events.c.minutes.is_not(None)
    added = sa.func.sqrt(sa.func.sum(sa.case((timed, events.c.decayed * events.c.decayed), else_=num(0))))
    return sa.case((events.c.channel == "meeting", sa.case((largest.is_not(None), sa.func.greatest(added, largest)))), else_=largest)


def facts(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """One row per pair with counts and dates (`scores.pair_facts`)."""
    events = counted(context, log.interactions)
    year, quarter = events.c.at_s > since(context, 365), events.c.at_s > since(context, 90)
    keys = [events.c[name] for name in ("crm", "user_key", "person_key")]
    same = [sa.func.min(events.c[name]).label(name) for name in ("user_id", "person_id", "account_key")]
    evidence = [last_two_way(events, at, log.mutual).label(f"two_way_s_{name}") for name, at in log.at(context).items()]
    return sa.select(
        *keys,
        *same,
        sa.func.count().label("touches"),
        sa.func.count(events.c.day.distinct()).label("contact_days"),
        summed(quarter).label("touches_90d"),
        summed(year).label("touches_365d"),
        sa.func.count(sa.case((year & events.c.two_way.is_(True), events.c.day)).distinct()).label("two_way_days_365d"),
        summed(year & (events.c.channel == "meeting")).label("meetings_365d"),
        sa.func.min(events.c.at_s).label("first_s"),
        sa.func.max(events.c.at_s).label("last_s"),
        *evidence,
    ).group_by(*keys)


def last_two_way(events: sa.CTE, at: int, mutual: bool) -> Number:
    """Last two-way evidence by an instant; where a pair has no order also the older of the last messages each way."""

    def last(condition: Condition) -> Number:
        return sa.func.max(sa.case((condition & (events.c.at_s <= at), events.c.at_s)))

    evidence = last(events.c.two_way.is_(True))
    if not mutual:
        return evidence
    out, back = last(events.c.direction == "out"), last(events.c.direction == "in")
    exchange = sa.case((out.is_not(None) & back.is_not(None), sa.func.least(out, back)))
    return sa.case((evidence.is_(None), exchange), (exchange.is_(None), evidence), else_=sa.func.greatest(evidence, exchange))


def intensity(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """X_out, X_in and I of each pair at each instant (`scores.pair_intensity`)."""
    return attended(context, log, _direct(context, log))


def _direct(context: Context, log: Log) -> sa.CTE:
    """The same from the events of the two alone."""
    sums, fact, capture = _sums(context, log), log.facts, log.capture
    joined = sums.join(fact, (sums.c.user_key == fact.c.user_key) & (sums.c.person_key == fact.c.person_key))
    joined = joined.outerjoin(capture, sums.c.user_key == capture.c.user_key)
    columns: list[Number] = []
    for name in log.at(context):
        one_way, blind = fact.c[f"two_way_s_{name}"].is_(None), capture.c[f"blind_{name}"].is_(True)
        value = formula(sums.c[f"out_{name}"], sums.c[f"in_{name}"], one_way, blind, context, log.mutual)
        columns += [sums.c[f"out_{name}"], sums.c[f"in_{name}"], value.label(f"intensity_{name}"), fact.c[f"two_way_s_{name}"]]
    blind_now, one_way_now = capture.c.blind_now.is_(True), fact.c.two_way_s_now.is_(None)
    whole = balanced(sums.c.out_now, sums.c.in_now) > num(context.method["closeness.cap_one_way"])
    keys = [sums.c[name] for name in ("crm", "user_key", "person_key")]
    flags = ((one_way_now & ~blind_now & whole).label("capped"), blind_now.label("plain_sum"))
    return sa.select(*keys, *columns, *flags).select_from(joined).cte("direct")


def balanced(out: Number, back: Number) -> Number:
    """I before any cap: (sqrt(X_out) + sqrt(X_in))^2 / 2."""
    return sa.func.power(sa.func.sqrt(out) + sa.func.sqrt(back), num(2)) / num(2)


def formula(out: Number, back: Number, one_way: Condition, blind: Condition, context: Context, mutual: bool = False) -> Number:
    """I of one pair; null where there was no event.

    Where answers cannot be seen there is no cap: a plain sum, or in a log whose pairs have no order the same I, so that the
    first answer seen never lowers its pair.
    """
    return sa.case(
        (out.is_(None), sa.null()),
        (blind, balanced(out, back) if mutual else out + back),
        (one_way, capped(balanced(out, back), context)),
        else_=balanced(out, back),
    )


def capped(whole: Number, context: Context) -> Number:
    """I of a pair without two-way evidence; beyond the cap it may tell the order of two pairs, and no more."""
    cap, slope = num(context.method["closeness.cap_one_way"]), num(context.method["closeness.cap_slope"])
    return sa.func.least(whole, cap * (num(1) + slope * sa.func.ln(sa.func.greatest(whole / cap, num(1)))))


def _sums(context: Context, log: Log) -> sa.CTE:
    """Both sides of each pair, decayed to each instant; null on both sides where no event had happened."""
    day, at = log.days, log.at(context)
    half_life = context.method["closeness.half_life_days"] * DAY
    columns = []
    for name in at:
        younger = num(2.0 ** ((context.as_of - at[name]) / half_life))
        happened = sa.func.count(day.c[f"out_{name}"]) + sa.func.count(day.c[f"in_{name}"]) > 0
        for side in SIDES:
            total = sa.func.coalesce(sa.func.sum(day.c[f"{side}_{name}"]), num(0)) * younger
            columns.append(sa.case((happened, total)).label(f"{side}_{name}"))
    keys = (day.c.crm, day.c.user_key, day.c.person_key)
    return sa.select(*keys, *columns).group_by(*keys).cte("sums")


def select(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """One row per pair with its closeness (`scores.pairs`)."""
    pair, fact = log.intensity, log.facts
    scales = {name: log.kappa.alias(f"kappa_{name}") for name in log.trends}
    joined: sa.FromClause = pair.join(fact, (pair.c.user_key == fact.c.user_key) & (pair.c.person_key == fact.c.person_key))
    for name, scale in scales.items():
        joined = joined.join(scale, (scale.c.crm == pair.c.crm) & (scale.c.instant == name))
    ratios = {name: pair.c[f"intensity_{name}"] / scale.c.kappa for name, scale in scales.items()}
    closeness = from_ratio(ratios["now"])
    copied = ("touches", "contact_days", "touches_90d", "touches_365d", "two_way_days_365d", "meetings_365d", "first_s", "last_s")
    return sa.select(
        *(fact.c[name] for name in ("crm", "user_key", "person_key", "user_id", "person_id", "account_key")),
        pair.c.out_now.label("x_out"),
        pair.c.in_now.label("x_in"),
        pair.c.intensity_now.label("intensity"),
        scales["now"].c.kappa,
        closeness.label("closeness"),
        *(ratio.label(f"ratio_{name}") for name, ratio in ratios.items()),
        pair.c.capped,
        pair.c.plain_sum,
        *(fact.c[name] for name in copied),
        fact.c.two_way_s_now.label("last_two_way_s"),
        interaction_level(context, fact.c.two_way_days_365d, fact.c.meetings_365d, closeness).label("level"),
    ).select_from(joined)


DAYS = Model(tables.pair_days, days, ("model.interactions",))
FACTS = Model(tables.pair_facts, facts, ("model.interactions",))
INTENSITY = Model(tables.pair_intensity, intensity, ("scores.pair_days", "scores.pair_facts", "scores.user_capture"))
PAIRS = Model(tables.pairs, select, ("scores.pair_intensity", "scores.pair_facts", "scores.kappa"))
