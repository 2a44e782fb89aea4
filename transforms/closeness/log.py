"""An event log as the scores read it: which tables, which instants, which numbers.

Time scale: the half-life is that of the method, in a log younger than it the age of the log. An age only grows, so neither
silence nor an added event can raise or lower a pair by way of the time scale, as a rhythm read from gaps would.
Kappa is frozen at the start of the quarter of the last event, not of the as-of: silence leaves it where it is.
"""

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.closeness import events, tables
from transforms.method import Method
from transforms.scores import kappa, pairs
from transforms.scores.instants import quarter_start
from transforms.scores.log import Log

PREFIX: Final = "score."


def numbers(method: Method, age_days: float) -> Method:
    """The method as it holds in a log of this age: `[score]` over `[closeness]`, and the half-life."""
    own = {f"closeness.{key.removeprefix(PREFIX)}": value for key, value in method.values.items() if key.startswith(PREFIX)}
    values = {**method.values, **{key: value for key, value in own.items() if key in method.values}}
    values["closeness.half_life_days"] = min(method["closeness.half_life_days"], max(1.0, method["score.half_life_share"] * age_days))
    return replace(method, values=values)


def event_log(context: Context, last: int | None = None) -> Log:
    """The log whose last event is at `last` (epoch seconds); without it only the intensity at the as-of is of use, for less work."""
    at = dict.fromkeys(tables.AT, context.as_of)
    if last is not None:
        at |= {"now_quarter": quarter_start(last), "last": last}
    return Log(
        interactions=tables.interactions,
        people=sa.select(sa.literal("log").label("crm")).subquery("the_log"),
        users=tables.persons,
        capture=_one_way(context),
        days=tables.pair_days,
        facts=tables.pair_facts,
        intensity=tables.pair_intensity,
        kappa=tables.kappa,
        pairs=tables.pairs,
        at=lambda _: at,
        trends=("now",),
        fallback="last",
        mutual=True,
        together=tables.together,
    )


def _one_way(context: Context) -> sa.Subquery:
    """Everybody's answers are unseen (`blind`) in a log that holds hardly any two-way contact."""
    fact, method = tables.pair_facts, context.method
    seen = sa.cast(sa.func.count(fact.c.two_way_s_now), sa.Double) / sa.func.nullif(sa.func.count(), 0)
    unseen = sa.and_(sa.func.count() >= method["score.one_way_pairs"], seen < method["score.one_way_share"])
    log = sa.select(unseen.label("blind")).select_from(fact).subquery("one_way")
    flags = [log.c.blind.label(f"blind_{name}") for name in tables.AT]
    return (
        sa.select(tables.persons.c.person_key.label("user_key"), *flags)
        .select_from(tables.persons.join(log, sa.true()))
        .subquery("capture")
    )


def age_days(as_of: float, first: float) -> float:
    """Days from the first event to the as-of."""
    return (as_of - first) / DAY


def intensities(context: Context, log: Log) -> list[tuple[sa.Table, sa.Select[Any]]]:
    """What is built from the interactions, in order, up to the intensity of pairs."""
    return [
        (tables.pair_days, pairs.days(context, log)),
        (tables.pair_facts, pairs.facts(context, log)),
        (tables.together, events.together(context, log.at(context))),
        (tables.pair_intensity, pairs.intensity(context, log)),
    ]


def closeness(context: Context, log: Log) -> list[tuple[sa.Table, sa.Select[Any]]]:
    """And on to their closeness."""
    return [(tables.kappa, kappa.select(context, log)), (tables.pairs, pairs.select(context, log))]
