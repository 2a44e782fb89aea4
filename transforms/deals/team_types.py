"""Which rep types the team of each open deal has, and which it lacks. Team: who worked on it, its owner, who covers its account."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.deals import tables
from transforms.deals.classes import is_open
from transforms.deals.touches import KINDS
from transforms.scores.expressions import Number, summed
from transforms.tables import account_members, opportunities


def select(context: Context) -> sa.Select[Any]:
    """One row per open deal (`deals.team_types`)."""
    deal, team = opportunities, _teams(context)
    kind = tables.rep_types
    joined = deal.outerjoin(team, (team.c.crm == deal.c.crm) & (team.c.opportunity_id == deal.c.opportunity_id))
    joined = joined.outerjoin(kind, (kind.c.crm == team.c.crm) & (kind.c.user_id == team.c.user_id))
    there = {name: sa.func.coalesce(sa.func.bool_or(kind.c.rep_type == name), sa.false()) for name in KINDS}
    return (
        sa.select(
            *_keys(),
            sa.func.count(kind.c.user_id).label("people"),
            summed(kind.c.user_id.is_not(None) & kind.c.rep_type.is_(None)).label("untyped"),
            _listed(there).label("types"),
            _listed({name: sa.not_(condition) for name, condition in there.items()}).label("missing_types"),
        )
        .select_from(joined)
        .where(is_open(context), sa.literal(context.grade_individuals))
        .group_by(*_keys())
    )


def _keys() -> tuple[sa.Column[Any], ...]:
    return opportunities.c.crm, opportunities.c.opportunity_id


def _teams(context: Context) -> sa.CTE:
    """Deal and user, once each, whoever the user is; those that have a row in `deals.rep_types` are counted."""
    deal, member, work = opportunities, account_members, tables.work
    covers = sa.select(*_keys(), member.c.user_id).join(member, member.c.account_key == deal.c.account_key)
    return sa.union(
        sa.select(work.c.crm, work.c.opportunity_id, work.c.user_id).where(work.c.is_open),
        sa.select(*_keys(), deal.c.owner_id.label("user_id")).where(is_open(context)),
        covers.where(is_open(context)),
    ).cte("team")


def _listed(named: Mapping[str, Number]) -> Number:
    """The names that hold, comma separated; null where none does."""
    parts = [sa.case((condition, name), else_=sa.null()) for name, condition in named.items()]
    return sa.func.nullif(sa.func.concat_ws(", ", *parts, type_=sa.String), "")


MODEL = Model(tables.team_types, select, ("model.account_members", "model.opportunities", "deals.rep_types", "deals.work"))
