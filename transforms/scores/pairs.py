"""Closeness of each pair of our user and an outside person (closeness.md section 1).

interactions -> pair_facts (counts, dates, and the decayed weight of both sides at every instant)
             -> pair_intensity (I at every instant) -> kappa -> pairs (closeness)
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.attention import attended
from transforms.scores.days import SIDES, sums
from transforms.scores.expressions import Condition, Number, from_ratio, num, since
from transforms.scores.levels import interaction_level
from transforms.scores.log import EACH_CRM, Log
from transforms.scores.weights import counted


def facts(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """One row per pair with counts, dates and decayed weights (`scores.pair_facts`)."""
    seen, added = _seen(context, log), sums(context, log)
    weights = [
        sa.case((seen.c.first_s <= at, added.c[f"{side}_{name}"])).label(f"{side}_{name}")
        for side in SIDES
        for name, at in log.at(context).items()
    ]
    days = (added.c.contact_days, added.c.two_way_days_365d)
    same = (seen.c.user_key == added.c.user_key) & (seen.c.person_key == added.c.person_key)
    return sa.select(*seen.c, *days, *weights).select_from(seen.join(added, same))


def _seen(context: Context, log: Log) -> sa.CTE:
    """What one look at the events of each pair tells: counts and dates."""
    events = counted(context, log.interactions)
    year, quarter = events.c.at_s > since(context, 365), events.c.at_s > since(context, 90)
    keys = [events.c[name] for name in ("user_key", "person_key")]
    same = [sa.func.min(events.c[name]).label(name) for name in ("crm", "user_id", "person_id", "account_key")]
    evidence = [_last_two_way(events, log, context, name).label(f"two_way_s_{name}") for name in log.at(context)]
    meeting = year & (events.c.channel == "meeting")
    windows = {"touches_90d": quarter, "touches_365d": year, "meetings_365d": meeting}
    counts = [sa.func.count(sa.case((inside, 1))).label(name) for name, inside in windows.items()]
    ends = (sa.func.min(events.c.at_s).label("first_s"), sa.func.max(events.c.at_s).label("last_s"))
    return sa.select(*keys, *same, sa.func.count().label("touches"), *counts, *ends, *evidence).group_by(*keys).cte("seen")


def _last_two_way(events: sa.CTE, log: Log, context: Context, name: str) -> Number:
    """Last two-way evidence by an instant; where a pair has no order also the older of the last messages each way."""
    at = log.at(context)[name]

    def last(condition: Condition) -> Number:
        happened = condition if log.sees_all(context, at) else condition & (events.c.at_s <= at)
        return sa.func.max(sa.case((happened, events.c.at_s)))

    evidence = last(events.c.two_way.is_(True))
    if not log.mutual:
        return evidence
    out, back = last(events.c.direction == "out"), last(events.c.direction == "in")
    exchange = sa.case((out.is_not(None) & back.is_not(None), sa.func.least(out, back)))
    return sa.case((evidence.is_(None), exchange), (exchange.is_(None), evidence), else_=sa.func.greatest(evidence, exchange))


def intensity(context: Context, log: Log = EACH_CRM) -> sa.Select[Any]:
    """X_out, X_in and I of each pair at each instant (`scores.pair_intensity`)."""
    return attended(context, log, _direct(context, log))


def _direct(context: Context, log: Log) -> sa.CTE:
    """The same from the events of the two alone."""
    fact, capture = log.facts, log.capture
    columns: list[Number] = []
    for name in log.at(context):
        out, back, two_way = (fact.c[f"{prefix}_{name}"] for prefix in ("out", "in", "two_way_s"))
        value = formula(out, back, two_way.is_(None), capture.c[f"blind_{name}"].is_(True), context, log.mutual)
        columns += [out, back, value.label(f"intensity_{name}"), two_way]
    blind_now, one_way_now = capture.c.blind_now.is_(True), fact.c.two_way_s_now.is_(None)
    whole = balanced(fact.c.out_now, fact.c.in_now) > num(context.method["closeness.cap_one_way"])
    keys = [fact.c[name] for name in ("crm", "user_key", "person_key")]
    flags = ((one_way_now & ~blind_now & whole).label("capped"), blind_now.label("plain_sum"))
    joined = fact.outerjoin(capture, fact.c.user_key == capture.c.user_key)
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


FACTS = Model(tables.pair_facts, facts, ("model.interactions",))
INTENSITY = Model(tables.pair_intensity, intensity, ("scores.pair_facts", "scores.user_capture"))
PAIRS = Model(tables.pairs, select, ("scores.pair_intensity", "scores.pair_facts", "scores.kappa"))
