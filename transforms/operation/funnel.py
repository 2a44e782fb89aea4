"""The funnel (method section 6): how many accounts were called on, met, interested and won in each quarter, and the ratios between.

What the log and the deals show, account by account: a counted event of any channel stands for the call of the source texts, an
open deal for interest. A deal that was open or won in a quarter counts in it, whenever it was created, so who is won was
interested; who has a deal need not have been met, and then a ratio is above 1.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.operation import tables
from transforms.operation.calendar import quarter_of, quarter_starts, quarters
from transforms.operation.views import in_views
from transforms.scores.expressions import Condition, as_date, real, rounded, some, zero
from transforms.scores.weights import counted
from transforms.tables import accounts, opportunities

KEYS = ("crm", "view", "record_id", "period_start")


def select(context: Context) -> sa.Select[Any]:
    """One row per view, its record, quarter and step (`operation.funnel`); quarters in which nothing happened have none."""
    seen = in_views(context, _seen(context), "user_id", "industry")
    keys = [seen.c[name] for name in KEYS]
    count = sa.func.count(seen.c.account_key.distinct()).label("accounts")
    found = sa.select(*keys, seen.c.place, count).group_by(*keys, seen.c.place).cte("found")
    step = sa.values(sa.column("place", sa.Integer), sa.column("step", sa.String), name="steps").data(list(enumerate(tables.STEPS)))
    some_step = sa.select(*(found.c[name] for name in KEYS)).distinct().subquery("some_step")
    same = sa.and_(found.c.place == step.c.place, *(found.c[name] == some_step.c[name] for name in KEYS))
    joined = some_step.join(step, sa.true()).outerjoin(found, same)
    every = sa.select(*some_step.c, step.c.place, step.c.step, zero(found.c.accounts).label("accounts")).select_from(joined).cte("every")
    before = sa.func.lag(every.c.accounts).over(partition_by=[every.c[name] for name in KEYS], order_by=every.c.place)
    return sa.select(*every.c, rounded(real(every.c.accounts) / real(sa.func.nullif(before, 0)), 3).label("ratio"))


def _seen(context: Context) -> sa.CTE:
    """Which step which of us made with which account in which quarter."""
    touched, quarter = _touched(context), quarters(context)
    columns = [touched.c[name] for name in ("crm", "user_id", "account_key", "period_start")]
    calls = sa.select(*columns, sa.literal(0).label("place"))
    meetings = sa.select(*columns, sa.literal(1)).where(touched.c.met)
    made = sa.union_all(calls, meetings, *_deals(context, quarter)).subquery("made")
    return sa.select(*made.c, accounts.c.industry).join(accounts, accounts.c.account_key == made.c.account_key).cte("seen")


def _touched(context: Context) -> sa.CTE:
    row = counted(context)
    keys = (row.c.crm, row.c.user_id, row.c.account_key, quarter_of(row.c.at))
    return (
        sa.select(*keys[:3], keys[3].label("period_start"), some(row.c.channel == "meeting").label("met"))
        .where(row.c.account_key.is_not(None), row.c.at_s >= quarter_starts(context)[-1])
        .group_by(*keys)
        .cte("touched")
    )


def _deals(context: Context, quarter: sa.Values) -> list[sa.Select[Any]]:
    """Deals open at some time of each quarter, and won in it; a close date in the future has not come yet."""
    deal, today = opportunities, context.as_of // DAY
    closed = sa.and_(deal.c.is_closed.is_(True), deal.c.close_day <= today)
    begun = sa.func.coalesce(deal.c.created_s, deal.c.close_day * DAY)
    is_open = sa.and_(begun < quarter.c.end_s, sa.or_(~closed, deal.c.close_day * DAY >= quarter.c.start_s))
    won = sa.and_(closed, deal.c.is_won.is_(True), deal.c.close_day * DAY >= quarter.c.start_s, deal.c.close_day * DAY < quarter.c.end_s)
    known = sa.and_(begun <= context.as_of, sa.or_(deal.c.is_closed.is_(False), deal.c.close_day.is_not(None)))

    def rows(place: int, condition: Condition) -> sa.Select[Any]:
        keys = (deal.c.crm, deal.c.owner_id, deal.c.account_key, as_date(quarter.c.start_s), sa.literal(place))
        return sa.select(*keys).select_from(deal.join(quarter, condition)).where(known)

    return [rows(2, sa.or_(is_open, won)), rows(3, won)]


MODEL = Model(tables.funnel, select, ("model.accounts", "model.interactions", "model.opportunities", "model.users"))
