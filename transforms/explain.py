"""The evidence behind one record's fields: formula terms, the activities that count most, what was dropped and why.

Reads the tables of the last run and computes nothing anew but the weight of single events. Ids, counts, dates and channels
only; names, addresses and texts stay out. How it is put into words: `explain_text.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.enrichment import tables as enrichment
from transforms.needs import account_needs, person_needs, user_needs
from transforms.scores import tables as scores
from transforms.scores.expressions import as_date, attitude_points
from transforms.scores.key_persons import FEATURES
from transforms.scores.weights import event_weights
from transforms.staging.shapes import staging_table
from transforms.tables import accounts, interactions_dropped, opportunity_roles, participants_dropped, people, users
from warehouse import MODEL, STAGING, DuckDBWarehouse

TOP_ACTIVITIES = 5
_SCORED = {table.name: table for table in enrichment.metadata.sorted_tables}


class UnknownRecord(LookupError):
    """No enrichment table holds the record: wrong id, or it gets no values."""


@dataclass(frozen=True)
class PairTerms:
    """The terms of one pair's closeness. `rule`: balanced, capped (no two-way evidence) or plain sum (inbound mail not captured)."""

    user_id: str
    person_id: str
    x_out: float
    x_in: float
    intensity: float
    kappa: float
    closeness: float
    rule: str


@dataclass(frozen=True)
class Part:
    """A record on which an average or a count rests: a key person of an account, an account in a user's own view."""

    record_id: str
    closeness: float | None
    note: str


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

    `pairs`: the strongest of `pairs_in_all`; of a person those that make the figure. `attitude_points`: closeness that the
    attitude entered for a person stands for. `dropped`: records and participations left out, by reason.
    """

    crm: str
    record_id: str
    entity: str
    as_of: datetime
    method_version: str
    fields: Mapping[str, Any]
    attitude_points: float | None
    parts: Sequence[Part]
    pairs: Sequence[PairTerms]
    pairs_in_all: int
    activities: Sequence[CountedActivity]
    dropped: Mapping[str, int]
    needs: Sequence[str]
    half_life_days: float
    kappa: str


def explain(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Explanation:
    """The evidence behind `record_id` as of the last run; raises `UnknownRecord`."""
    entity, fields = _fields(warehouse, crm, record_id)
    column, keys = _scope(entity, crm, record_id)
    pairs, pairs_in_all = _pairs(warehouse, column, keys, context.method["closeness.top_users"])
    needs = {"account": account_needs, "user": user_needs, "contact": person_needs, "lead": person_needs}.get(entity)
    return Explanation(
        crm=crm,
        record_id=record_id,
        entity=entity,
        as_of=datetime.fromtimestamp(context.as_of, UTC),
        method_version=str(fields.pop("method_version")),
        fields=fields,
        attitude_points=_attitude_points(warehouse, context, crm, record_id),
        parts=_parts(warehouse, entity, crm, record_id),
        pairs=pairs,
        pairs_in_all=pairs_in_all,
        activities=_activities(warehouse, context, column, keys),
        dropped=_dropped(warehouse, crm, _named(entity, crm, record_id)),
        needs=needs(warehouse, context, crm, record_id) if needs else (),
        half_life_days=context.method["closeness.half_life_days"],
        kappa=_kappa(warehouse, crm),
    )


def _fields(warehouse: DuckDBWarehouse, crm: str, record_id: str) -> tuple[str, dict[str, Any]]:
    for entity, table in _SCORED.items():
        found = warehouse.arrow(sa.select(table).where(table.c.crm == crm, table.c.record_id == record_id)).to_pylist()
        if found:
            return entity, {name: value for name, value in found[0].items() if name not in ("crm", "record_id", "parent_id", "why")}
    raise UnknownRecord(f"{crm}:{record_id} has no values: not an id of {crm}, or a record that gets none (closed, merged, inactive)")


def _scope(entity: str, crm: str, record_id: str) -> tuple[str, sa.Select[Any]]:
    """Which pairs and events belong to a record: a key column and the keys it may have."""
    table, identity, key = {
        "account": (accounts, accounts.c.account_id, accounts.c.account_key),
        "user": (users, users.c.user_id, users.c.user_key),
        "opportunity": (opportunity_roles, opportunity_roles.c.opportunity_id, opportunity_roles.c.person_key),
    }.get(entity, (people, people.c.person_id, people.c.person_key))
    return key.name, sa.select(key).where(table.c.crm == crm, identity == record_id)


def _pairs(warehouse: DuckDBWarehouse, column: str, keys: sa.Select[Any], most: int) -> tuple[Sequence[PairTerms], int]:
    """The strongest pairs, `most` at most, and how many there are in all."""
    pair = scores.pairs
    rule = sa.case((pair.c.plain_sum, "plain sum"), (pair.c.capped, "capped"), else_="balanced").label("rule")
    names = ("user_id", "person_id", "x_out", "x_in", "intensity", "kappa", "closeness")
    order = (pair.c.intensity.desc(), pair.c.user_id, pair.c.person_id)
    belongs = pair.c[column].in_(keys)
    rows = sa.select(*(pair.c[name] for name in names), rule).where(belongs).order_by(*order).limit(most)
    count = sa.select(sa.func.count().label("pairs")).select_from(pair).where(belongs)
    return [PairTerms(**row) for row in warehouse.arrow(rows).to_pylist()], warehouse.arrow(count).to_pylist()[0]["pairs"]


def _attitude_points(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> float | None:
    found = sa.select(attitude_points(context, people.c.attitude).label("points")).where(
        people.c.crm == crm, people.c.person_id == record_id
    )
    rows = warehouse.arrow(found).to_pylist()
    return rows[0]["points"] if rows else None


def _parts(warehouse: DuckDBWarehouse, entity: str, crm: str, record_id: str) -> Sequence[Part]:
    """Key persons of an account; accounts a user covers, in his or her own view."""
    if entity == "account":
        key = scores.key_persons
        features = sa.func.concat(sa.cast(key.c.features, sa.String), f" of {FEATURES} features known")
        note = sa.case((key.c.attitude.is_not(None), sa.func.concat(features, ", attitude entered")), else_=features)
        rows = sa.select(key.c.person_id.label("record_id"), key.c.effective_now.label("closeness"), note.label("note"))
        rows = rows.join(accounts, accounts.c.account_key == key.c.account_key).where(
            accounts.c.crm == crm, accounts.c.account_id == record_id
        )
    elif entity == "user":
        view = scores.views
        rows = sa.select(view.c.account_id.label("record_id"), view.c.closeness, view.c.level.label("note"))
        rows = rows.where(view.c.crm == crm, view.c.user_id == record_id)
    else:
        return ()
    ordered = rows.order_by(sa.literal_column("closeness").desc().nulls_last(), sa.literal_column("record_id"))
    return [Part(**row) for row in warehouse.arrow(ordered).to_pylist()]


def _activities(warehouse: DuckDBWarehouse, context: Context, column: str, keys: sa.Select[Any]) -> Sequence[CountedActivity]:
    """Only the largest event of a pair, channel, side and day counts, so only those are ranked."""
    weights = event_weights(context).subquery("weights")
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
    return [CountedActivity(**row) for row in warehouse.arrow(rows).to_pylist()]


def _kappa(warehouse: DuckDBWarehouse, crm: str) -> str:
    """Where this quarter's kappa comes from, in words."""
    table = scores.kappa
    row = warehouse.arrow(sa.select(table).where(table.c.crm == crm, table.c.instant == "now")).to_pylist()[0]
    quarter = datetime.fromtimestamp(row["quarter_start_s"], UTC).date()
    sources = {
        "quarter": f"median of {row['pairs']} live pairs on {quarter}",
        "as_of": f"median of {row['pairs']} live pairs today, too few on {quarter}",
        "default": "default, too few live pairs for a median",
    }
    return f"{row['kappa']:.3f} ({sources[row['origin']]})"


def _dropped(warehouse: DuckDBWarehouse, crm: str, named: sa.Select[Any]) -> Mapping[str, int]:
    """Activities that name one of the `named` and were not counted, and counted ones that left it out, by reason."""
    reasons = []
    if warehouse.columns(MODEL, participants_dropped.name):
        left_out = participants_dropped
        reasons.append(sa.select(left_out.c.event_id, left_out.c.reason).where(left_out.c.crm == crm, left_out.c.person_id.in_(named)))
    participants = staging_table(crm, "participants")
    if warehouse.columns(STAGING, participants.name):
        events = sa.select(participants.c.event_id).where(participants.c.party_id.in_(named))
        gone = interactions_dropped
        reasons.append(sa.select(gone.c.event_id, gone.c.reason).where(gone.c.crm == crm, gone.c.event_id.in_(events)))
    if not reasons:
        return {}
    every = sa.union_all(*reasons).subquery("reasons")
    count = sa.func.count(every.c.event_id.distinct()).label("records")
    rows = sa.select(every.c.reason, count).group_by(every.c.reason).order_by(count.desc(), every.c.reason)
    return {row["reason"]: row["records"] for row in warehouse.arrow(rows).to_pylist()}


def _named(entity: str, crm: str, record_id: str) -> sa.Select[Any]:
    """Ids under which activities name a record: its own, or those of its people."""
    if entity == "account":
        return sa.select(people.c.person_id).where(people.c.crm == crm, people.c.account_id == record_id)
    if entity == "opportunity":
        role = opportunity_roles
        return sa.select(role.c.person_id).where(role.c.crm == crm, role.c.opportunity_id == record_id)
    return sa.select(sa.literal(record_id))
