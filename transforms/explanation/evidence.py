"""The evidence behind one record's fields: the terms of every figure, what counted most, what was dropped and why.

    fields (enrichment) -> terms of each figure (people, accounts, users, deals) -> pairs -> activities -> left out -> needs

Reads the tables of the last run and computes nothing anew but the weight of single events. Ids, counts, dates and channels
only; names, addresses and texts stay out. How it is laid out: `text.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context
from transforms.enrichment import tables as enrichment
from transforms.explanation import account_needs, accounts, deals, needs, people, users
from transforms.explanation.asked import Asked, Section
from transforms.explanation.dropped import Unused, dropped, unused
from transforms.explanation.elsewhere import Elsewhere, elsewhere
from transforms.explanation.words import Words
from transforms.scores import tables as scores
from transforms.scores.expressions import as_date
from transforms.scores.weights import event_weights
from transforms.tables import accounts as known_accounts
from transforms.tables import opportunity_roles
from transforms.tables import people as known_people
from transforms.tables import users as known_users
from warehouse import DuckDBWarehouse

TOP_ACTIVITIES: Final = 3
HIDDEN: Final = ("crm", "record_id", "parent_id", "why")
"""Keys, and the sentence that may name one of our users; what it says follows from the terms."""

_PARTS: Final[Mapping[str, tuple[Callable[[Asked], list[Section]], Callable[[Asked], list[str]]]]] = {
    "contact": (people.sections, needs.of_person),
    "lead": (people.sections, needs.of_person),
    "account": (accounts.sections, account_needs.of_account),
    "user": (users.sections, needs.of_user),
    "opportunity": (deals.sections, needs.of_deal),
}
"""Entity -> the terms of its figures, and what raises its grade."""


class UnknownRecord(LookupError):
    """No enrichment table holds the record: wrong id, or it gets no values."""


@dataclass(frozen=True)
class PairTerms:
    """The terms of one pair's closeness. `rule`: balanced, capped (no two-way evidence) or plain (inbound mail not captured)."""

    user_id: str
    person_id: str
    x_out: float
    x_in: float
    intensity: float
    kappa: float
    closeness: float
    rule: str


@dataclass(frozen=True)
class CountedActivity:
    """An activity with its weight after decay, summed over the pairs of the record that it touches."""

    event_id: str
    day: date
    channel: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """All that `guanxi explain` shows.

    `terms`: how each figure comes about, in words. `pairs`: the strongest of `pairs_in_all`; of a person those that make the
    figure. `dropped`: records and participations left out, by reason; `unused`: values people entered that could not be used.
    `kappa`: its row in `scores.kappa`. `elsewhere`: the record's counterparts in other CRMs, where they are looked for.
    """

    crm: str
    record_id: str
    entity: str
    as_of: datetime
    method_version: str
    fields: Mapping[str, Any]
    terms: Sequence[Section]
    pairs: Sequence[PairTerms]
    pairs_in_all: int
    kappa: Mapping[str, Any]
    activities: Sequence[CountedActivity]
    half_life_days: float
    dropped: Mapping[str, int]
    unused: Sequence[Unused]
    needs: Sequence[str]
    elsewhere: Elsewhere | None
    say: Words


def explain(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Explanation:
    """The evidence behind `record_id` as of the last run, in the language of the context; raises `UnknownRecord`."""
    asked = Asked(warehouse, context, crm, record_id, Words(context.language))
    entity, fields = _fields(asked)
    asked = replace(asked, industry=_industry(asked) if entity == "account" else None)
    terms, wanting = _PARTS[entity]
    scope = _scope(asked, entity)
    pairs, pairs_in_all = _pairs(asked, *scope)
    return Explanation(
        crm=crm,
        record_id=record_id,
        entity=entity,
        as_of=datetime.fromtimestamp(context.as_of, UTC),
        method_version=str(fields.pop("method_version")),
        fields=fields,
        terms=terms(asked),
        pairs=pairs,
        pairs_in_all=pairs_in_all,
        kappa=_kappa(asked),
        activities=_activities(asked, *scope),
        half_life_days=context.method["closeness.half_life_days"],
        dropped=dropped(asked, entity),
        unused=unused(asked, entity),
        needs=wanting(asked),
        elsewhere=elsewhere(asked, entity),
        say=asked.say,
    )


def _fields(asked: Asked) -> tuple[str, dict[str, Any]]:
    for table in enrichment.metadata.sorted_tables:
        found = asked.rows(sa.select(table).where(table.c.crm == asked.crm, table.c.record_id == asked.record_id))
        if found:
            return table.name, {name: value for name, value in found[0].items() if name not in HIDDEN}
    where = f"{asked.crm}:{asked.record_id}"
    none = "a record that gets none (closed, merged, inactive, or a user while individuals are not graded)"
    raise UnknownRecord(f"{where} has no values: not an id of {asked.crm}, or {none}")


def _industry(asked: Asked) -> str | None:
    industry: str | None = asked.record(known_accounts, known_accounts.c.account_id)["industry"]
    return industry


def _scope(asked: Asked, entity: str) -> tuple[str, sa.Select[Any]]:
    """Which pairs and events belong to a record: a key column and the keys it may have."""
    table, identity, key = {
        "account": (known_accounts, known_accounts.c.account_id, known_accounts.c.account_key),
        "user": (known_users, known_users.c.user_id, known_users.c.user_key),
        "opportunity": (opportunity_roles, opportunity_roles.c.opportunity_id, opportunity_roles.c.person_key),
    }.get(entity, (known_people, known_people.c.person_id, known_people.c.person_key))
    return key.name, sa.select(key).where(table.c.crm == asked.crm, identity == asked.record_id)


def _pairs(asked: Asked, column: str, keys: sa.Select[Any]) -> tuple[Sequence[PairTerms], int]:
    """The strongest pairs and how many there are in all."""
    pair = scores.pairs
    rule = sa.case((pair.c.plain_sum, "plain"), (pair.c.capped, "capped"), else_="balanced").label("rule")
    names = ("user_id", "person_id", "x_out", "x_in", "intensity", "kappa", "closeness")
    order = (pair.c.intensity.desc(), pair.c.user_id, pair.c.person_id)
    belongs = pair.c[column].in_(keys)
    strongest = sa.select(*(pair.c[name] for name in names), rule).where(belongs).order_by(*order)
    count = sa.select(sa.func.count().label("pairs")).select_from(pair).where(belongs)
    shown = asked.rows(strongest.limit(asked.number("closeness.top_users")))
    return [PairTerms(**row) for row in shown], asked.one(count)["pairs"]


def _kappa(asked: Asked) -> Mapping[str, Any]:
    """The scale of today's figures, and where it comes from."""
    table = scores.kappa
    columns = [table.c[name] for name in ("kappa", "pairs", "origin", "quarter_start_s")]
    return asked.one(sa.select(*columns).where(table.c.crm == asked.crm, table.c.instant == "now"))


def _activities(asked: Asked, column: str, keys: sa.Select[Any]) -> Sequence[CountedActivity]:
    """Only the largest event of a pair, channel, side and day counts, so only those are ranked."""
    weights = event_weights(asked.context).subquery("weights")
    side = (weights.c.user_key, weights.c.person_key, weights.c.channel, weights.c.direction, weights.c.day)
    rank = sa.func.row_number().over(partition_by=side, order_by=(weights.c.decayed.desc(), weights.c.event_key)).label("rank")
    event = sa.select(*weights.c, rank).where(weights.c[column].in_(keys)).subquery("ranked")
    weight = sa.func.sum(event.c.decayed).label("weight")
    rows = (
        sa.select(event.c.event_id, as_date(event.c.at_s).label("day"), event.c.channel, weight)
        .where(event.c["rank"] == 1)
        .group_by(event.c.event_id, event.c.at_s, event.c.channel)
        .order_by(weight.desc(), event.c.event_id)
        .limit(TOP_ACTIVITIES)
    )
    return [CountedActivity(**row) for row in asked.rows(rows)]
