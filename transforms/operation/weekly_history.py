"""Changes of the week as history has them: the value that stood when the week began, the one that stands now, and since when.

A value that moved and came back is no change; nor is one of a record that is new this week, or that gets no values any more.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Double, String

from transforms.base import Context
from transforms.coverage import tables as coverage
from transforms.enrichment.tables import metadata as enrichment
from transforms.history import tables as history
from transforms.history.store import day_of, standing
from transforms.scores.expressions import Condition, Number, num

PERSON: Final = {"grade": "closeness_grade", "interaction": "interaction_level"}
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": PERSON,
    "lead": PERSON,
    "account": {
        "level": "relationship_level",
        "grade": "closeness_grade",
        "lifecycle": "lifecycle_stage",
        "single_threaded": "bus_factor",
    },
    "opportunity": {"win_signal": "win_signal"},
    "user": {"rep_grade": "rep_grade"},
}
"""Entity -> what a change is called -> column of `history.<entity>`."""
KEYS: Final = ("crm", "record_type", "record_id", "what")
READS: Final = (*(f"history.{entity}" for entity in FIELDS), *(f"enrichment.{entity}" for entity in FIELDS), "coverage.accounts")


def parts(context: Context) -> list[sa.Select[Any]]:
    """One select of changes; grades of reps only where individuals may be graded."""
    entities = [entity for entity in FIELDS if entity != "user" or context.grade_individuals]
    told = [_told(context, entity, what) for entity in entities for what in FIELDS[entity]]
    net = _net(sa.union_all(*told).cte("told"))
    return [sa.select(net).where(net.c.before.is_distinct_from(net.c.after), _matters(context, net))]


def _told(context: Context, entity: str, what: str) -> sa.Select[Any]:
    """What each version of the week says, the one first that stood when it began."""
    table, live = history.versions[entity], enrichment.tables[f"enrichment.{entity}"]
    begin, column = day_of(context, context.method["operation.week_days"]), FIELDS[entity][what]
    names = ("crm", "record_id", "valid_from", column)
    stood = standing(table, begin).subquery()
    since = sa.select(*(table.c[name] for name in names)).where(
        table.c.valid_from > begin, table.c.valid_from <= day_of(context), table.c.ended.is_(False)
    )
    row = sa.union_all(sa.select(*(stood.c[name] for name in names)), since).subquery()
    return sa.select(
        row.c.crm,
        sa.literal(entity, String).label("record_type"),
        row.c.record_id,
        sa.literal(what, String).label("what"),
        row.c.valid_from,
        sa.cast(row.c[column], String).label("value"),
    ).join(live, sa.and_(live.c.crm == row.c.crm, live.c.record_id == row.c.record_id))


def _net(told: sa.CTE) -> sa.Subquery:
    """The first and the last value, and the day of the last step between them."""
    keys = [told.c[key] for key in KEYS]
    order: dict[str, Any] = {"partition_by": keys, "order_by": told.c.valid_from}
    previous, place = sa.func.lag(told.c.value).over(**order), sa.func.row_number().over(**order)
    last = sa.func.count().over(partition_by=keys)
    step = sa.select(*told.c, previous.label("previous"), place.label("place"), last.label("last")).subquery("step")
    moved = sa.and_(step.c.place > 1, step.c.value.is_distinct_from(step.c.previous))
    found = [step.c[key] for key in KEYS]
    return (
        sa.select(
            *found,
            sa.func.max(sa.case((step.c.place == 1, step.c.value))).label("before"),
            sa.func.max(sa.case((step.c.place == step.c.last, step.c.value))).label("after"),
            sa.func.max(sa.case((moved, step.c.valid_from))).label("day"),
        )
        .group_by(*found)
        .subquery("net")
    )


def _matters(context: Context, net: sa.Subquery) -> Condition:
    """A win signal counts when it moved far enough, a share of one user when the account came to hang on it."""
    before, after = _number(net, "before"), _number(net, "after")
    account, limit = coverage.accounts, num(context.method["coverage.single_threaded"])
    same = sa.and_(account.c.crm == net.c.crm, account.c.account_id == net.c.record_id, account.c.single_threaded.is_(True))
    hangs = sa.and_(sa.or_(before.is_(None), before < limit), after >= limit, sa.exists(sa.select(account.c.crm).where(same)))
    far = sa.func.abs(after - before) > num(context.method["operation.signal_points"])
    return sa.case((net.c.what == "single_threaded", hangs), (net.c.what == "win_signal", far), else_=sa.true())


def _number(net: sa.Subquery, side: str) -> Number:
    """The value of a figure; null for labels."""
    return sa.cast(sa.case((net.c.what.in_(("single_threaded", "win_signal")), net.c[side])), Double)
