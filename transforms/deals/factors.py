"""The eight purchase factors of open deals, one row each, ready to draw as a radar; none where no field is mapped for them."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.deals import tables
from transforms.deals.classes import is_open
from transforms.tables import FACTORS, opportunities


def select(context: Context) -> sa.Select[Any]:
    """One row per factor and open deal of which one factor at least is entered (`deals.factors`)."""
    rows = (_rows(context, number, name) for number, name in enumerate(FACTORS, start=1))
    return sa.select(sa.union_all(*rows).subquery("factor"))


def _rows(context: Context, number: int, name: str) -> sa.Select[Any]:
    deal = opportunities.c
    any_entered = sa.func.coalesce(*(deal[factor] for factor in FACTORS)).is_not(None)
    columns = (deal.crm, deal.opportunity_id, sa.literal(number).label("factor"), deal[name].label("score"))
    return sa.select(*columns).where(is_open(context), any_entered)


MODEL = Model(tables.factors, select, ("model.opportunities",))
