"""Leads and what became of them (incubation): conversion and time to it, by quarter of creation, for the company and each rep."""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.functions import utc_timestamp
from transforms.operation import tables
from transforms.operation.calendar import quarter_of
from transforms.operation.views import in_views
from transforms.scores.expressions import num, real, rounded, summed
from transforms.tables import leads


def select(context: Context) -> sa.Select[Any]:
    """One row per view, its record and quarter of creation (`operation.leads`)."""
    lead = in_views(context, _leads(context), "user_id")
    converted, disqualified = lead.c.status == "converted", lead.c.status == "disqualified"
    closed = summed(converted) + summed(disqualified)
    ratio = rounded(real(summed(converted)) / real(sa.func.nullif(closed, 0)), 3)
    keys = (lead.c.crm, lead.c.view, lead.c.record_id, lead.c.period_start)
    days = sa.func.percentile_cont(num(0.5)).within_group(sa.case((converted, lead.c.days)))
    return sa.select(
        *keys,
        sa.func.count().label("leads"),
        summed(converted).label("converted"),
        summed(disqualified).label("disqualified"),
        summed(lead.c.status == "open").label("open"),
        sa.case((closed >= context.method["operation.min_leads"], ratio)).label("conversion"),
        rounded(days, 1).label("median_days"),
    ).group_by(*keys)


def _leads(context: Context) -> sa.CTE:
    """Leads created by the as-of; one closed later is still open, one closed before its creation (imported) tells no time."""
    lead = leads
    later, took = lead.c.closed_s > context.as_of, lead.c.closed_s - lead.c.created_s
    return (
        sa.select(
            lead.c.crm,
            lead.c.owner_id.label("user_id"),
            quarter_of(utc_timestamp(lead.c.created_s)).label("period_start"),
            sa.case((later, "open"), else_=lead.c.status).label("status"),
            (real(sa.case((took >= 0, took))) / num(DAY)).label("days"),
        )
        .where(sa.or_(lead.c.created_s <= context.as_of, lead.c.created_s.is_(None)))
        .cte("created")
    )


MODEL = Model(tables.leads, select, ("model.leads", "model.users"))
