"""The moat: how many relations are on record, month by month, and how many are new, back or lapsed; from the log itself.

A person (a pair, an account, a department, one of us) is in touch at the end of a month with two-way contact in the twelve
months up to it. Its months with contact are cut into spells, each begins and ends one, and what stands at the end of a month
is the sum of all beginnings and ends so far: the log is read once, however many months are asked for.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.operation import tables
from transforms.operation.calendar import month_of, months
from transforms.scores.expressions import Number, as_date, zero
from transforms.scores.weights import counted
from transforms.tables import people

YEAR: Final = 12
KINDS: Final = {
    "people": ("person_key",),
    "pairs": ("user_key", "person_key"),
    "users": ("user_key",),
    "accounts": ("account_key",),
    "departments": ("account_key", "department_name"),
}


def select(context: Context) -> sa.Select[Any]:
    """One row per CRM and month that is over, from its first counted event on (`operation.moat`)."""
    row, month = counted(context), months(context)
    event, change = _events(row), _changes(row)
    begun = sa.select(event.c.crm, sa.func.min(event.c.month).label("first")).group_by(event.c.crm).cte("begun")
    same = sa.and_(event.c.crm == begun.c.crm, event.c.month == month.c.month)
    joined = begun.join(month, month.c.month >= begun.c.first).outerjoin(event, same)
    joined = joined.outerjoin(change, sa.and_(change.c.crm == begun.c.crm, change.c.month <= month.c.month))
    keys = (begun.c.crm, month.c.month, month.c.end_s, event.c.interactions)
    last_day = as_date(month.c.end_s - DAY).label("month_end")
    counts = [sa.cast(value, sa.BigInteger).label(name) for name, value in _figures(change, month.c.month).items()]
    return sa.select(begun.c.crm, last_day, *counts, zero(event.c.interactions).label("interactions")).select_from(joined).group_by(*keys)


def _figures(change: sa.CTE, month: Number) -> dict[str, Number]:
    """What stands at the end of a month is all that began or lapsed so far; flows are of the month itself."""

    def standing(kind: str) -> Number:
        return zero(sa.func.sum(sa.case((change.c.kind == kind, change.c.began - change.c.lapsed))))

    def of_month(name: str) -> Number:
        return zero(sa.func.sum(sa.case((sa.and_(change.c.kind == "people", change.c.month == month), change.c[name]))))

    return {
        "people_known": standing("people"),
        "people_new": of_month("fresh"),
        "people_back": of_month("began") - of_month("fresh"),
        "people_lapsed": of_month("lapsed"),
        "accounts_engaged": standing("accounts"),
        "departments_engaged": standing("departments"),
        "pairs_two_way": standing("pairs"),
        "users": standing("users"),
    }


def _events(row: sa.CTE) -> sa.CTE:
    month = month_of(row.c.at)
    count = sa.func.count(row.c.event_key.distinct()).label("interactions")
    return sa.select(row.c.crm, month.label("month"), count).group_by(row.c.crm, month).cte("events")


def _changes(row: sa.CTE) -> sa.CTE:
    """How many of each kind began (of them for the first time: fresh) and lapsed in each month."""
    pair = _pair_months(row)
    each = sa.union_all(*(part for kind, keys in KINDS.items() for part in _spells(pair, kind, keys))).subquery("spell")
    sums = [sa.func.sum(each.c[name]).label(name) for name in ("began", "fresh", "lapsed")]
    return sa.select(each.c.crm, each.c.kind, each.c.month, *sums).group_by(each.c.crm, each.c.kind, each.c.month).cte("changes")


def _pair_months(row: sa.CTE) -> sa.CTE:
    keys = (row.c.crm, row.c.user_key, row.c.person_key, row.c.account_key, people.c.department_name)
    joined = row.outerjoin(people, people.c.person_key == row.c.person_key)
    two_way = sa.select(*keys, month_of(row.c.at).label("month")).select_from(joined).where(row.c.two_way.is_(True))
    return two_way.distinct().cte("pair_months")


def _spells(pair: sa.CTE, kind: str, keys: tuple[str, ...]) -> list[sa.Select[Any]]:
    """A row where a spell begins, and one where it has ended: twelve months after the last contact."""
    columns = [pair.c[key] for key in keys]
    known = sa.and_(*(column.is_not(None) for column in columns))
    seen = sa.select(pair.c.crm, *columns, pair.c.month).where(known).distinct().subquery(f"{kind}_months")
    order: dict[str, Any] = {"partition_by": [seen.c.crm, *(seen.c[key] for key in keys)], "order_by": seen.c.month}
    neighbours = (sa.func.lag(seen.c.month).over(**order).label("before"), sa.func.lead(seen.c.month).over(**order).label("after"))
    spell = sa.select(seen.c.crm, seen.c.month, *neighbours).subquery(f"{kind}_spells")
    begins = sa.or_(spell.c.before.is_(None), spell.c.before < spell.c.month - YEAR)
    ends = sa.or_(spell.c.after.is_(None), spell.c.after > spell.c.month + YEAR)
    fresh = sa.case((spell.c.before.is_(None), 1), else_=0)
    return [
        _change(spell, kind, spell.c.month, sa.literal(1), fresh, sa.literal(0)).where(begins),
        _change(spell, kind, spell.c.month + YEAR, sa.literal(0), sa.literal(0), sa.literal(1)).where(ends),
    ]


def _change(spell: sa.Subquery, kind: str, month: Number, *counts: Number) -> sa.Select[Any]:
    named = zip(("began", "fresh", "lapsed"), counts, strict=True)
    columns = (count.label(name) for name, count in named)
    return sa.select(spell.c.crm, sa.literal(kind, sa.String).label("kind"), month.label("month"), *columns)


MODEL = Model(tables.moat, select, ("model.interactions", "model.people"))
