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
from transforms.scores.expressions import Condition, Number, from_ratio, num, since, summed
from transforms.scores.instants import INSTANTS, TRENDS, instants
from transforms.scores.levels import interaction_level
from transforms.scores.weights import counted, event_weights

SIDES = {"out": ("out", "both"), "in": ("in", "both")}


def days(context: Context) -> sa.Select[Any]:
    """One row per pair, channel and UTC day (`scores.pair_days`)."""
    events = event_weights(context).cte("weighed")
    keys = [events.c[name] for name in ("crm", "user_key", "person_key", "channel", "day")]
    largest = [
        sa.func.max(sa.case((events.c.direction.in_(sides) & (events.c.at_s <= at), events.c.decayed))).label(f"{side}_{name}")
        for side, sides in SIDES.items()
        for name, at in instants(context).items()
    ]
    return sa.select(*keys, *largest).group_by(*keys)


def facts(context: Context) -> sa.Select[Any]:
    """One row per pair with counts and dates (`scores.pair_facts`)."""
    events = counted(context)
    year = events.c.at_s > since(context, 365)
    keys = [events.c[name] for name in ("crm", "user_key", "person_key")]
    same = [sa.func.min(events.c[name]).label(name) for name in ("user_id", "person_id", "account_key")]
    evidence = [
        sa.func.max(sa.case((events.c.two_way.is_(True) & (events.c.at_s <= at), events.c.at_s))).label(f"two_way_s_{name}")
        for name, at in instants(context).items()
    ]
    return sa.select(
        *keys,
        *same,
        sa.func.count().label("touches"),
        sa.func.count(events.c.day.distinct()).label("contact_days"),
        summed(year).label("touches_365d"),
        sa.func.count(sa.case((year & events.c.two_way.is_(True), events.c.day)).distinct()).label("two_way_days_365d"),
        summed(year & (events.c.channel == "meeting")).label("meetings_365d"),
        sa.func.min(events.c.at_s).label("first_s"),
        sa.func.max(events.c.at_s).label("last_s"),
        *evidence,
    ).group_by(*keys)


def intensity(context: Context) -> sa.Select[Any]:
    """X_out, X_in and I of each pair at each instant (`scores.pair_intensity`)."""
    sums, fact, capture = _sums(context), tables.pair_facts, tables.user_capture
    joined = sums.join(fact, (sums.c.user_key == fact.c.user_key) & (sums.c.person_key == fact.c.person_key))
    joined = joined.outerjoin(capture, sums.c.user_key == capture.c.user_key)
    columns: list[Number] = []
    for name in INSTANTS:
        one_way, blind = fact.c[f"two_way_s_{name}"].is_(None), capture.c[f"blind_{name}"].is_(True)
        value = formula(sums.c[f"out_{name}"], sums.c[f"in_{name}"], one_way, blind, context)
        columns += [sums.c[f"out_{name}"], sums.c[f"in_{name}"], value.label(f"intensity_{name}"), fact.c[f"two_way_s_{name}"]]
    blind_now, one_way_now = capture.c.blind_now.is_(True), fact.c.two_way_s_now.is_(None)
    whole = balanced(sums.c.out_now, sums.c.in_now) > num(context.method["closeness.cap_one_way"])
    return sa.select(
        sums.c.crm,
        sums.c.user_key,
        sums.c.person_key,
        *columns,
        (one_way_now & ~blind_now & whole).label("capped"),
        blind_now.label("plain_sum"),
    ).select_from(joined)


def balanced(out: Number, back: Number) -> Number:
    """I before any cap: (sqrt(X_out) + sqrt(X_in))^2 / 2."""
    return sa.func.power(sa.func.sqrt(out) + sa.func.sqrt(back), num(2)) / num(2)


def formula(out: Number, back: Number, one_way: Condition, blind: Condition, context: Context) -> Number:
    """I of one pair; null where there was no event."""
    cap = num(context.method["closeness.cap_one_way"])
    return sa.case(
        (out.is_(None), sa.null()),
        (blind, out + back),
        (one_way, sa.func.least(balanced(out, back), cap)),
        else_=balanced(out, back),
    )


def _sums(context: Context) -> sa.CTE:
    """Both sides of each pair, decayed to each instant; null on both sides where no event had happened."""
    day, at = tables.pair_days, instants(context)
    half_life = context.method["closeness.half_life_days"] * DAY
    columns = []
    for name in INSTANTS:
        younger = num(2.0 ** ((context.as_of - at[name]) / half_life))
        happened = sa.func.count(day.c[f"out_{name}"]) + sa.func.count(day.c[f"in_{name}"]) > 0
        for side in SIDES:
            total = sa.func.coalesce(sa.func.sum(day.c[f"{side}_{name}"]), num(0)) * younger
            columns.append(sa.case((happened, total)).label(f"{side}_{name}"))
    keys = (day.c.crm, day.c.user_key, day.c.person_key)
    return sa.select(*keys, *columns).group_by(*keys).cte("sums")


def select(context: Context) -> sa.Select[Any]:
    """One row per pair with its closeness (`scores.pairs`)."""
    pair, fact = tables.pair_intensity, tables.pair_facts
    scales = {name: tables.kappa.alias(f"kappa_{name}") for name in TRENDS}
    joined: sa.FromClause = pair.join(fact, (pair.c.user_key == fact.c.user_key) & (pair.c.person_key == fact.c.person_key))
    for name, scale in scales.items():
        joined = joined.join(scale, (scale.c.crm == pair.c.crm) & (scale.c.instant == name))
    ratios = {name: pair.c[f"intensity_{name}"] / scale.c.kappa for name, scale in scales.items()}
    closeness = from_ratio(ratios["now"])
    copied = ("touches", "contact_days", "touches_365d", "two_way_days_365d", "meetings_365d", "first_s", "last_s")
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
