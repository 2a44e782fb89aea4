"""The stage of each open deal: since when, whether that is long, and whether somebody answers for it.

Since when comes from the CRM; where it does not say, from the runs that watched the stage, and before a run saw it change
the time is a lower bound. A CRM keeps no times of the stages that won deals went through, so a stage is slow by a share of
the days that the middle won deal took altogether.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger

from transforms.base import DAY, Context
from transforms.deals import tables
from transforms.deals.classes import classes, is_open, lately_closed
from transforms.functions import null
from transforms.history import tables as history
from transforms.history.entered import KEYS
from transforms.history.store import Timely, day_of, newest
from transforms.scores.expressions import Condition, Number, num, real, rounded
from transforms.tables import opportunities, users

BOUND = "at least"


def select(context: Context) -> sa.Select[Any]:
    """One row per open deal (`deals.stages`)."""
    deal, size, watch, cycle = opportunities, classes(context), _watched(context), _won_cycles(context)
    owner = sa.and_(users.c.crm == deal.c.crm, users.c.user_id == deal.c.owner_id, users.c.is_active, users.c.is_person)
    joined = (
        deal.join(size, (size.c.crm == deal.c.crm) & (size.c.opportunity_id == deal.c.opportunity_id))
        .outerjoin(users, owner)
        .outerjoin(watch, _same_stage(watch))
        .outerjoin(cycle, cycle.c.crm == deal.c.crm)
    )
    days, since = _time(context, watch)
    slow_after = sa.func.coalesce(cycle.c.slow_after, num(context.method["deals.slow_days"]))
    return (
        sa.select(
            *(deal.c[name] for name in ("crm", "opportunity_id", "owner_id", "account_id")),
            users.c.user_id.is_not(None).label("has_one_owner"),
            *(deal.c[name] for name in ("stage", "probability", "amount")),
            size.c.deal_class,
            days.label("days_in_stage"),
            since.label("since"),
            slow_after.label("slow_after"),
            _is_slow(context, days, since, slow_after).label("is_slow"),
        )
        .select_from(joined)
        .where(is_open(context))
    )


def _watched(context: Context) -> sa.Subquery:
    """The stage each deal has on record, and the day from which on."""
    entry = history.entered
    until = sa.and_(entry.c.entity == "opportunity", entry.c.field == "stage", entry.c.day <= day_of(context))
    return newest(entry, KEYS, "day", until).subquery("watch")


def _same_stage(watch: sa.Subquery) -> Condition:
    deal = opportunities.c
    return sa.and_(watch.c.crm == deal.crm, watch.c.record_id == deal.opportunity_id, watch.c.value == deal.stage)


def _time(context: Context, watch: sa.Subquery) -> tuple[Number, Number]:
    """Days in the stage, and who says so."""
    deal = opportunities.c
    told = sa.and_(deal.stage_since_s.is_not(None), deal.stage_since_s <= context.as_of)
    counted = sa.func.coalesce(sa.cast(day_of(context) - watch.c.day, BigInteger), 0)
    days = sa.case((deal.stage.is_(None), null(BigInteger)), (told, _days_since(context, deal.stage_since_s)), else_=counted)
    since = sa.case((deal.stage.is_(None), null(sa.String)), (told, "crm"), (watch.c.edited.is_(True), "seen"), else_=BOUND)
    return days, since


def _days_since(context: Context, seconds: Number) -> Number:
    """UTC days from an instant to the as-of."""
    return sa.cast(context.as_of // DAY - sa.func.floor(real(seconds) / num(DAY)), BigInteger)


def _is_slow(context: Context, days: Number, since: Number, slow_after: Number) -> Number:
    """A lower bound settles it only beyond the cut; a deal younger than the cut cannot be slow."""
    within = sa.or_(since != BOUND, _days_since(context, opportunities.c.created_s) <= slow_after)
    return sa.case((days.is_(None), null(sa.Boolean)), (days > slow_after, sa.true()), (within, sa.false()), else_=null(sa.Boolean))


def _won_cycles(context: Context) -> sa.CTE:
    """A share of the median days from creation to close of lately won deals, where there are enough."""
    deal, method = opportunities, context.method
    took = real(deal.c.close_day) - sa.func.floor(real(deal.c.created_s) / num(DAY))
    middle = sa.func.percentile_cont(num(0.5)).within_group(took)
    return (
        sa.select(deal.c.crm, rounded(num(method["deals.slow_share"]) * middle, 1).label("slow_after"))
        .where(lately_closed(context), deal.c.is_won.is_(True), took >= 0)
        .group_by(deal.c.crm)
        .having(sa.func.count() >= method["deals.slow_min_won"])
        .cte("won_cycles")
    )


MODEL = Timely(tables.stages, select, ("model.opportunities", "model.users", "history.entered"))
