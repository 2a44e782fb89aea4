"""Importance against sales alone: which accounts matter more, or less, than what they bought lately says (method section 7)."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.operation import tables
from transforms.scores import tables as scores
from transforms.scores.importance import among_best
from transforms.tables import accounts


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values (`operation.importance_ranks`)."""
    sales = _by_sales()
    best = among_best(context, sales.c.industry, sales.c.rank_by_sales, sales.c.equal_by_sales, sales.c.of)
    return sa.select(
        *(column for column in sales.c if column.name != "equal_by_sales"),
        (sales.c.rank_by_sales - sales.c.rank).label("gap"),
        sa.and_(best, sales.c.won_amount > 0).label("key_by_sales"),
    )


def _by_sales() -> sa.CTE:
    rank, deal = scores.account_importance, scores.account_deals
    group = (accounts.c.crm, sa.func.coalesce(accounts.c.industry, ""))
    by_sales = sa.func.rank().over(partition_by=group, order_by=deal.c.won_amount.desc())
    equal = sa.func.count().over(partition_by=(*group, deal.c.won_amount))
    joined = accounts.join(rank, rank.c.account_key == accounts.c.account_key).join(deal, deal.c.account_key == accounts.c.account_key)
    return (
        sa.select(
            *(accounts.c[name] for name in ("crm", "account_key", "account_id", "industry")),
            rank.c.importance,
            deal.c.won_amount,
            rank.c.rank,
            by_sales.label("rank_by_sales"),
            equal.label("equal_by_sales"),
            rank.c.of,
            rank.c.key_account,
        )
        .select_from(joined)
        .cte("by_sales")
    )


MODEL = Model(tables.importance_ranks, select, ("model.accounts", "scores.account_deals", "scores.account_importance"))
