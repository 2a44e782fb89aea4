"""Deals of each account up to the as-of, and the stage of the life cycle they lead to (method section 6).

A closed deal whose close date lies in the future has not happened yet. How a deal stood in the past is not known.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Numeric

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Number, for_industry, num, real, summed, zero
from transforms.tables import accounts, opportunities


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values (`scores.account_deals`)."""
    deal, score = _deals(context), tables.accounts
    large = _large(context, deal)
    large_from = _large_from(context, large)
    joined = (
        accounts.join(score, accounts.c.account_key == score.c.account_key)
        .outerjoin(deal, accounts.c.account_key == deal.c.account_key)
        .outerjoin(large, accounts.c.crm == large.c.crm)
    )
    return sa.select(
        accounts.c.crm,
        accounts.c.account_key,
        *(zero(deal.c[name]).label(name) for name in ("won", "lost", "won_recent", "won_amount", "pipeline")),
        large_from.label("large_from"),
        _stage(deal, large_from).label("stage"),
    ).select_from(joined)


def _stage(deal: sa.CTE, large_from: Number) -> Number:
    """The highest stage reached; two-way evidence may be of any time and with any contact."""
    return sa.case(
        (sa.and_(deal.c.won_amount > 0, deal.c.won_amount >= large_from), "Large deals"),
        (deal.c.won_recent >= 2, "Small deals"),
        (deal.c.won > 0, "Customer"),
        (tables.accounts.c.last_two_way_s.is_not(None), "User"),
        else_="Stranger",
    )


def _deals(context: Context) -> sa.CTE:
    deal, today = opportunities, context.as_of // DAY
    closed = sa.and_(deal.c.is_closed.is_(True), deal.c.close_day <= today)
    won = sa.and_(closed, deal.c.is_won.is_(True))
    recent = sa.and_(won, deal.c.close_day > today - context.method["lifecycle.days"])
    amount = exact(deal.c.amount)
    return (
        sa.select(
            deal.c.crm,
            deal.c.account_key,
            summed(won).label("won"),
            summed(sa.and_(closed, deal.c.is_won.is_not(True))).label("lost"),
            summed(recent).label("won_recent"),
            real(sa.func.sum(sa.case((recent, amount), else_=0))).label("won_amount"),
            real(sa.func.sum(sa.case((deal.c.is_closed.is_(False), amount), else_=0))).label("pipeline"),
        )
        .where(deal.c.account_key.is_not(None), zero(deal.c.created_s) <= context.as_of)
        .group_by(deal.c.crm, deal.c.account_key)
        .cte("deals")
    )


def exact(amount: Number) -> Number:
    """An amount whose sums do not hang on their order, so that equal totals are equal; 0 where there is none."""
    return sa.cast(zero(amount), Numeric(38, 6))


def _large(context: Context, deal: sa.CTE) -> sa.CTE:
    """The percentile of won amounts, per CRM, over the accounts that won anything."""
    share = num(context.method["lifecycle.large_percentile"])
    amount = sa.func.percentile_cont(share).within_group(deal.c.won_amount).label("percentile")
    return sa.select(deal.c.crm, amount).where(deal.c.won_amount > 0).group_by(deal.c.crm).cte("large")


def _large_from(context: Context, large: sa.CTE) -> Number:
    """Where Large deals begin: the configured amount (of the industry, if it has one), else the percentile; null = nothing won."""
    fixed = for_industry(context, "lifecycle.large_amount", accounts.c.industry)
    return sa.case((large.c.percentile.is_(None), sa.null()), (fixed > num(0), fixed), else_=large.c.percentile)


MODEL = Model(tables.account_deals, select, ("model.accounts", "model.opportunities", "scores.accounts"))
