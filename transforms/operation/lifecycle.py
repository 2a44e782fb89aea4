"""When each account first reached each stage of the life cycle, and the conversion between stages by year (method section 6).

Dates come from the log (first two-way contact) and from won deals, so they are known for the time before the first run too. A
stage counts as reached with the first higher one at the latest. That an account fell back is not told here: where it stands
today is `Lifecycle_Stage`.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.functions import null
from transforms.operation import tables
from transforms.operation.calendar import years
from transforms.scores import tables as scores
from transforms.scores.deals import exact
from transforms.scores.expressions import Number, as_date, real, rounded, summed, zero
from transforms.scores.weights import counted
from transforms.tables import accounts, opportunities

REACHED = ("user", "customer", "small", "large")


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values and stage it has reached (`operation.lifecycle_steps`)."""
    reached = _reached(context)
    keys = [reached.c[name] for name in ("crm", "account_key", "account_id")]
    first = (sa.literal(0).label("place"), sa.literal(tables.LIFECYCLE[0]).label("stage"), null(sa.Date).label("since"))
    parts = [sa.select(*keys, *first)]
    for place, stage in enumerate(tables.LIFECYCLE[1:], start=1):
        since = sa.func.least(*(reached.c[name] for name in REACHED[place - 1 :]))
        parts.append(sa.select(*keys, sa.literal(place), sa.literal(stage), as_date(since * DAY)).where(since.is_not(None)))
    return sa.select(sa.union_all(*parts).subquery("steps"))


def _reached(context: Context) -> sa.CTE:
    """The first day of each condition by itself, in days since 1970."""
    met, deal, score = _met(context), _won(context), scores.accounts
    joined: sa.FromClause = accounts.join(score, score.c.account_key == accounts.c.account_key)
    for part in (met, deal):
        joined = joined.outerjoin(part, part.c.account_key == accounts.c.account_key)
    keys = (accounts.c[name] for name in ("crm", "account_key", "account_id"))
    return sa.select(*keys, met.c.user, *(deal.c[name] for name in REACHED[1:])).select_from(joined).cte("reached")


def _met(context: Context) -> sa.CTE:
    row = counted(context)
    first = sa.func.min(row.c.day).label("user")
    return sa.select(row.c.account_key, first).where(row.c.two_way.is_(True)).group_by(row.c.account_key).cte("met")


def _won(context: Context) -> sa.CTE:
    """Days of the first won deal, of the second within `lifecycle.days`, and on which their amount reached the large one."""
    deal, large, today = opportunities, scores.account_deals, context.as_of // DAY
    window: dict[str, Any] = {
        "partition_by": deal.c.account_key,
        "order_by": deal.c.close_day,
        "range_": (1 - context.method["lifecycle.days"], 0),
    }
    won = (
        sa.select(
            deal.c.account_key,
            deal.c.close_day,
            sa.func.count().over(**window).label("deals"),
            real(sa.func.sum(exact(deal.c.amount)).over(**window)).label("amount"),
        )
        .where(deal.c.is_closed.is_(True), deal.c.is_won.is_(True), deal.c.close_day <= today, zero(deal.c.created_s) <= context.as_of)
        .subquery("won_deals")
    )
    is_large = sa.and_(won.c.amount > 0, won.c.amount >= large.c.large_from)
    firsts = (won.c.close_day, sa.case((won.c.deals >= 2, won.c.close_day)), sa.case((is_large, won.c.close_day)))
    days = [sa.func.min(day).label(name) for day, name in zip(firsts, REACHED[1:], strict=True)]
    joined = won.join(large, large.c.account_key == won.c.account_key)
    return sa.select(won.c.account_key, *days).select_from(joined).group_by(won.c.account_key).cte("won")


def conversion(context: Context) -> sa.Select[Any]:
    """One row per CRM, year and stage that has a next one (`operation.lifecycle_years`); from the year of the first step known."""
    here, after, year = tables.lifecycle_steps, tables.lifecycle_steps.alias("after"), years(context)
    start, end = as_date(year.c.start_s), as_date(year.c.end_s)
    known, same = _first_years(), sa.and_(after.c.account_key == here.c.account_key, after.c.place == here.c.place + 1)
    stood = sa.and_(sa.or_(here.c.place == 0, here.c.since < end), sa.or_(after.c.since.is_(None), after.c.since >= start))
    joined = here.join(known, known.c.crm == here.c.crm).join(year, year.c.year >= known.c.year).outerjoin(after, same)
    last = len(tables.LIFECYCLE) - 1
    moved = summed(after.c.since < end)
    keys = (here.c.crm, year.c.year, here.c.place, here.c.stage)
    return (
        sa.select(
            *keys,
            _next(here.c.place).label("next_stage"),
            sa.func.count().label("accounts"),
            moved.label("moved"),
            rounded(real(moved) / real(sa.func.count()), 3).label("ratio"),
        )
        .select_from(joined)
        .where(here.c.place < last, stood)
        .group_by(*keys)
    )


def _first_years() -> sa.CTE:
    step = tables.lifecycle_steps
    return sa.select(step.c.crm, sa.extract("year", sa.func.min(step.c.since)).label("year")).group_by(step.c.crm).cte("known")


def _next(place: Number) -> Number:
    return sa.case(*((place == number, stage) for number, stage in enumerate(tables.LIFECYCLE[1:])))


STEPS = Model(
    tables.lifecycle_steps,
    select,
    ("model.accounts", "model.interactions", "model.opportunities", "scores.accounts", "scores.account_deals"),
)
YEARS = Model(tables.lifecycle_years, conversion, ("operation.lifecycle_steps",))
