"""An event log as the scores read it: which tables, which instants, which numbers.

Time scale: the half-life is that of the method, in a log younger than it the age of the log. An age only grows, so neither
silence nor an added event can raise or lower a pair by way of the time scale, as a rhythm read from gaps would.
Kappa is frozen at the start of the quarter of the last event, not of the as-of: silence leaves it where it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.closeness import events, tables
from transforms.method import Method
from transforms.scores import kappa, pairs
from transforms.scores.expressions import Condition, real
from transforms.scores.instants import quarter_start
from transforms.scores.log import Log

PREFIX: Final = "score."


def numbers(method: Method, age_days: float) -> Method:
    """The method as it holds in a log of this age: `[score]` over `[closeness]`, and the half-life."""
    own = {f"closeness.{key.removeprefix(PREFIX)}": value for key, value in method.values.items() if key.startswith(PREFIX)}
    values = {**method.values, **{key: value for key, value in own.items() if key in method.values}}
    values["closeness.half_life_days"] = min(method["closeness.half_life_days"], max(1.0, method["score.half_life_share"] * age_days))
    return replace(method, values=values)


def event_log(context: Context, last: int) -> Log:
    """The log as of now, whose last event is at `last` (epoch seconds)."""
    at = {"now": context.as_of, "now_quarter": quarter_start(last), "last": last}
    return replace(_log(at, _one_way(context, at, dict.fromkeys(at, "now"))), last_s=last)


def past_log(context: Context, cuts: Sequence[int]) -> Log:
    """The log at up to three earlier instants, the latest of them the as-of; each in place of one of `tables.AT`."""
    at = dict(zip(tables.AT, (*cuts, *(cuts[-1] for _ in tables.AT)), strict=False))
    return _log(at, _one_way(context, at, {name: name for name in at}))


def _log(at: Mapping[str, int], capture: sa.FromClause) -> Log:
    return Log(
        interactions=tables.interactions,
        people=sa.select(sa.literal("log").label("crm")).subquery("the_log"),
        users=tables.persons,
        capture=capture,
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


def _one_way(context: Context, at: Mapping[str, int], judged: Mapping[str, str]) -> sa.Subquery:
    """Everybody's answers are unseen (`blind`) in a log that holds hardly any two-way contact by the instant judged by."""
    blind = [_unseen(context, name, at[name]).label(f"blind_{flag}") for flag, name in judged.items()]
    log = sa.select(*blind).select_from(tables.pair_facts).subquery("one_way")
    return (
        sa.select(tables.persons.c.person_key.label("user_key"), *log.c)
        .select_from(tables.persons.join(log, sa.true()))
        .subquery("capture")
    )


def _unseen(context: Context, name: str, at: int) -> Condition:
    """Whether hardly any of many pairs show two-way contact by an instant."""
    fact, method = tables.pair_facts, context.method
    pairs_seen = sa.func.count(sa.case((fact.c.first_s <= at, 1)))
    share = real(sa.func.count(fact.c[f"two_way_s_{name}"])) / sa.func.nullif(pairs_seen, 0)
    return sa.and_(pairs_seen >= method["score.one_way_pairs"], share < method["score.one_way_share"])


def age_days(as_of: float, first: float) -> float:
    """Days from the first event to the as-of."""
    return (as_of - first) / DAY


def intensities(context: Context, log: Log) -> list[tuple[sa.Table, sa.Select[Any]]]:
    """What is built from the interactions, in order, up to the intensity of pairs."""
    return [
        (tables.pair_facts, pairs.facts(context, log)),
        (tables.together, events.together(context, log.at(context))),
        (tables.pair_intensity, pairs.intensity(context, log)),
    ]


def closeness(context: Context, log: Log) -> list[tuple[sa.Table, sa.Select[Any]]]:
    """And on to their closeness."""
    return [(tables.kappa, kappa.select(context, log)), (tables.pairs, pairs.select(context, log))]
