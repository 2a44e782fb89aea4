"""Contacts who are active while their account has an open deal, and are in none of its contact roles.

The confidence of one deal is shared among the open deals of the account: the log does not say which of them it is about.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores import tables as scores
from transforms.scores.expressions import from_ratio, num, real, since
from transforms.suggestions.item import item
from transforms.suggestions.words import counted
from transforms.tables import opportunities, opportunity_roles


def select(context: Context) -> sa.Select[Any]:
    """The most active few per open deal."""
    ranked = _ranked(context)
    evidence = (
        counted(context, "touches_90d", ranked.c.touches_90d)
        .concat(counted(context, "days_90d", ranked.c.contact_days_90d))
        .concat(counted(context, "deals", ranked.c.deals))
    )
    active = from_ratio(real(ranked.c.touches_90d) / num(context.method["suggestions.min_touches"]))
    rows = item(
        "absent_from_roles",
        "opportunity",
        ranked.c.crm,
        ranked.c.opportunity_id,
        ranked.c.person_id,
        active / real(ranked.c.deals),
        evidence,
    )
    return rows.where(ranked.c.turn <= context.method["suggestions.candidates"])


def _ranked(context: Context) -> sa.CTE:
    deal, person, touch, role = _open(context), scores.people, scores.person_touches, opportunity_roles
    named = sa.and_(
        role.c.crm == deal.c.crm, role.c.opportunity_id == deal.c.opportunity_id, role.c.person_key == person.c.person_key
    )  # fmt: skip
    joined = (
        deal.join(person, sa.and_(person.c.account_key == deal.c.account_key, person.c.person_kind == "contact"))
        .join(touch, touch.c.person_key == person.c.person_key)
        .outerjoin(role, named)
    )
    order = (touch.c.touches_90d.desc(), touch.c.contact_days_90d.desc(), person.c.person_id)
    turn = sa.func.row_number().over(partition_by=(deal.c.crm, deal.c.opportunity_id), order_by=order).label("turn")
    return (
        sa.select(
            deal.c.crm,
            deal.c.opportunity_id,
            deal.c.deals,
            person.c.person_id,
            touch.c.touches_90d,
            touch.c.contact_days_90d,
            turn,
        )
        .select_from(joined)
        .where(
            role.c.person_key.is_(None),
            touch.c.touches_90d >= context.method["suggestions.min_touches"],
            touch.c.last_two_way_s > since(context, 90),
        )
        .cte("deals_ranked")
    )


def _open(context: Context) -> sa.CTE:
    """Open deals with how many the account has."""
    deal, scored = opportunities, scores.opportunities
    same = sa.and_(scored.c.crm == deal.c.crm, scored.c.opportunity_id == deal.c.opportunity_id)
    deals = sa.func.count().over(partition_by=deal.c.account_key).label("deals")
    rows = sa.select(deal.c.crm, deal.c.opportunity_id, deal.c.account_key, deals).join(scored, same)
    return rows.where(deal.c.account_key.is_not(None)).cte("open_deals")


READS = ("model.opportunities", "model.opportunity_roles", "scores.opportunities", "scores.people", "scores.person_touches")
