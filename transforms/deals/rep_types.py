"""The type of each rep by what a year of activity went to: accounts, solutions for deals, or projects of closing them.

CRMs link few activities to a deal (captured mail mostly to none), so a rep whose share on deals reaches
`rep_types.deal_share` is of the deals' types, although most activity is on accounts.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.deals import tables
from transforms.deals.touches import KINDS, READS, touches
from transforms.functions import null
from transforms.scores.expressions import Number, num, real, rounded, since, summed, zero
from transforms.tables import users

DAYS = 365


def select(context: Context) -> sa.Select[Any]:
    """One row per active user (`deals.rep_types`)."""
    did = _did(context)
    joined = users.outerjoin(did, (did.c.crm == users.c.crm) & (did.c.user_id == users.c.user_id))
    return (
        sa.select(
            users.c.crm,
            users.c.user_id,
            *(_share(did, kind).label(f"{kind}_share") for kind in KINDS),
            zero(did.c.touches).label("touches"),
            _type(context, did).label("rep_type"),
        )
        .select_from(joined)
        .where(users.c.is_active, users.c.is_person, sa.literal(context.grade_individuals))
    )


def _did(context: Context) -> sa.CTE:
    one = touches(context)
    kinds = (summed(one.c.kind == kind).label(kind) for kind in KINDS)
    rows = sa.select(one.c.crm, one.c.user_id, sa.func.count().label("touches"), *kinds).where(one.c.at_s > since(context, DAYS))
    return rows.group_by(one.c.crm, one.c.user_id).cte("did")


def _share(did: sa.CTE, kind: str) -> Number:
    return rounded(num(100) * real(did.c[kind]) / real(did.c.touches), 1)


def _type(context: Context, did: sa.CTE) -> Number:
    method, on_deals = context.method, did.c.solution + did.c.project
    few = zero(did.c.touches) < method["rep_types.min_touches"]
    little = num(100) * real(on_deals) < num(method["rep_types.deal_share"]) * real(did.c.touches)
    return sa.case((few, null(sa.String)), (little, "account"), (did.c.project >= did.c.solution, "project"), else_="solution")


MODEL = Model(tables.rep_types, select, (*READS, "model.users"))
