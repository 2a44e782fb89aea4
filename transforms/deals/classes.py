"""Which deals are open at the as-of, and the class A to E of each by its amount.

A class begins at its configured amount; where none is configured, at a percentile of the amounts of the deals that are
open or closed lately in the same CRM, so that a company that configures nothing has classes of its own scale.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from transforms.base import DAY, Context
from transforms.functions import null
from transforms.scores.expressions import Condition, Number, num, zero
from transforms.tables import opportunities

LETTERS: Final = ("A", "B", "C", "D")
LAST: Final = "E"


def created(context: Context) -> Condition:
    """Deals that are there at the as-of."""
    return zero(opportunities.c.created_s) <= context.as_of


def is_open(context: Context) -> Condition:
    """Deals that are there and not closed."""
    return sa.and_(opportunities.c.is_closed.is_(False), created(context))


def lately_closed(context: Context) -> Condition:
    """Deals closed within `lifecycle.days`, up to the as-of."""
    deal, today = opportunities.c, context.as_of // DAY
    return sa.and_(deal.is_closed.is_(True), deal.close_day <= today, deal.close_day > today - context.method["lifecycle.days"])


def classes(context: Context) -> sa.CTE:
    """`crm, opportunity_id, deal_class` of every deal; null without an amount."""
    deal = opportunities
    cuts, percentiles = _cuts(context)
    reached = [(deal.c.amount >= cut, letter) for cut, letter in zip(cuts, LETTERS, strict=True)]
    deal_class = sa.case((deal.c.amount.is_(None), null(sa.String)), *reached, else_=LAST).label("deal_class")
    joined = deal.outerjoin(percentiles, percentiles.c.crm == deal.c.crm)
    return sa.select(deal.c.crm, deal.c.opportunity_id, deal_class).select_from(joined).where(created(context)).cte("classes")


def _cuts(context: Context) -> tuple[Sequence[Number], sa.CTE]:
    """The lowest amounts of A to D, and the percentiles they may come from."""
    percentiles = _percentiles(context)
    amounts: Sequence[float] = context.method["deals.class_amounts"]
    cuts = [num(amount) if amount else percentiles.c[letter] for amount, letter in zip(amounts, LETTERS, strict=True)]
    return cuts, percentiles


def _percentiles(context: Context) -> sa.CTE:
    deal, shares = opportunities, context.method["deals.class_percentiles"]
    cuts: list[sa.ColumnElement[Any]] = [
        sa.func.percentile_cont(num(share)).within_group(deal.c.amount).label(letter) for share, letter in zip(shares, LETTERS, strict=True)
    ]
    compared = sa.and_(created(context), sa.or_(is_open(context), lately_closed(context)), deal.c.amount > 0)
    return sa.select(deal.c.crm, *cuts).where(compared).group_by(deal.c.crm).cte("percentiles")
