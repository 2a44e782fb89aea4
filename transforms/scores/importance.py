"""Importance of accounts and key accounts 综合积分 (method section 7).

Four dimensions of 0-10, weighed as the industry has it: what people entered, else a percentile rank within the industry
of the same CRM. Ranks are mid-ranks, so that equal accounts get equal scores and a lone account stands in the middle.
Equal accounts are key together, unless they are more than fit and more than half of the industry: most accounts of a CRM have
neither deals nor entered numbers, and the many of whom nothing is known are nobody's key accounts.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, for_industry, num, real, rounded
from transforms.tables import accounts

DIMENSIONS = ("sales", "potential", "demonstration", "can_win")


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values (`scores.account_importance`)."""
    scored = _scored(context)
    group = (scored.c.crm, scored.c.industry)
    rank = sa.func.rank().over(partition_by=group, order_by=scored.c.importance.desc())
    equal, of = sa.func.count().over(partition_by=(*group, scored.c.importance)), sa.func.count().over(partition_by=group)
    names = ("crm", "account_key", *DIMENSIONS, "importance")
    return sa.select(
        *(scored.c[name] for name in names),
        rank.label("rank"),
        equal.label("equal"),
        of.label("of"),
        among_best(context, scored.c.industry, rank, equal, of).label("key_account"),
    )


def among_best(context: Context, industry: Number, rank: Number, equal: Number, of: Number) -> Condition:
    """Whether a place, shared by `equal` accounts, is among the best of its industry."""
    places = sa.func.ceil(rounded(for_industry(context, "importance.key_share", industry) * real(of), 6))
    return sa.and_(real(rank) <= places, real(rank + equal - 1) <= sa.func.greatest(places, real(of) / num(2)))


def _scored(context: Context) -> sa.CTE:
    figures = ranked_figures(context)
    unknown = num(context.method["importance.unknown"])
    score = {name: _percentile(figures, name) for name in DIMENSIONS}
    entered = {name: real(figures.c[f"entered_{name}"]) for name in DIMENSIONS[1:]}
    dimension = {name: sa.func.coalesce(*([entered[name]] if name in entered else []), score[name], unknown) for name in DIMENSIONS}
    weight = {name: for_industry(context, f"importance.weight_{name}", figures.c.industry) for name in DIMENSIONS}
    total = sum((num(10) * weight[name] * value for name, value in dimension.items()), num(0))
    return sa.select(
        figures.c.crm,
        figures.c.account_key,
        figures.c.industry,
        *(value.label(name) for name, value in dimension.items()),
        rounded(total, 1).label("importance"),
    ).cte("scored")


def _percentile(figures: sa.CTE, name: str) -> Number:
    """0-10: the share of the industry's accounts below, half of the equal ones included; null for an unknown figure."""
    value, group = figures.c[name], (figures.c.crm, figures.c.industry)
    below = sa.func.rank().over(partition_by=group, order_by=value.asc().nulls_last()) - 1
    equal = sa.func.count().over(partition_by=(*group, value))
    known = sa.func.count(value).over(partition_by=group)
    return sa.case((value.is_not(None), num(10) * (real(below) + real(equal) / num(2)) / real(known)))


def ranked_figures(context: Context) -> sa.CTE:
    """The figures that are ranked, and what people entered."""
    deal = tables.account_deals
    closed = deal.c.won + deal.c.lost
    mean = real(sa.func.sum(deal.c.won).over(partition_by=deal.c.crm)) / real(
        sa.func.nullif(sa.func.sum(closed).over(partition_by=deal.c.crm), 0)
    )
    shrink = num(context.method["importance.shrink"])
    return (
        sa.select(
            accounts.c.crm,
            accounts.c.account_key,
            sa.func.coalesce(accounts.c.industry, "").label("industry"),
            deal.c.won_amount.label("sales"),
            deal.c.pipeline.label("potential"),
            accounts.c.employees.label("demonstration"),
            rounded((real(deal.c.won) + shrink * mean) / sa.func.nullif(real(closed) + shrink, num(0)), 9).label("can_win"),
            *(accounts.c[name].label(f"entered_{name}") for name in DIMENSIONS[1:]),
        )
        .select_from(accounts.join(deal, accounts.c.account_key == deal.c.account_key))
        .cte("figures")
    )


MODEL = Model(tables.account_importance, select, ("model.accounts", "scores.account_deals"))
