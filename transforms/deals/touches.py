"""What each counted event was for, by user: the account, a solution for a deal, or the project of closing one.

    account    regards no deal
    project    regards a deal, and somebody on it decides or buys, or the deal is open and at rep_types.probability or more
    solution   regards a deal otherwise

Somebody decides or buys by the buying role on the contact or by the contact role on that deal. The probability of a deal is
today's, so it tells nothing of deals that are closed. Events with leads count only where they regard a deal.
"""

from typing import Final

import sqlalchemy as sa

from transforms.base import Context
from transforms.interactions.tables import activities
from transforms.scores.expressions import Condition, some
from transforms.scores.key_persons import holds
from transforms.scores.seats import ROLES
from transforms.scores.weights import counted
from transforms.tables import opportunities, opportunity_roles, people

KINDS: Final = ("account", "solution", "project")
PURCHASE_ROLES: Final = ("Decider", "Buyer")
READS: Final = ("model.int_activities", "model.interactions", "model.opportunities", "model.opportunity_roles", "model.people")


def touches(context: Context) -> sa.CTE:
    """One row per user and counted event: the event's columns, `opportunity_id` (null = regards no deal) and `kind`."""
    row, deal, role = counted(context), opportunities, _purchasers(context)
    joined = (
        row.join(activities, activities.c.event_key == row.c.event_key)
        .join(people, people.c.person_key == row.c.person_key)
        .outerjoin(deal, (deal.c.crm == row.c.crm) & (deal.c.opportunity_id == activities.c.regarding_id))
        .outerjoin(role, _same(role, deal) & (role.c.person_key == row.c.person_key))
    )
    keys = (*(row.c[name] for name in ("crm", "user_id", "event_key", "at_s", "day", "at", "minutes")), deal.c.opportunity_id)
    buys = some(sa.or_(*(holds(name) for name in PURCHASE_ROLES), role.c.person_key.is_not(None)))
    late = some(deal.c.is_closed.is_(False) & (deal.c.probability >= context.method["rep_types.probability"]))
    kind = sa.case((deal.c.opportunity_id.is_(None), "account"), (sa.or_(buys, late), "project"), else_="solution")
    told = sa.or_(row.c.account_key.is_not(None), deal.c.opportunity_id.is_not(None))
    return sa.select(*keys, kind.label("kind")).select_from(joined).where(told).group_by(*keys).cte("touches")


def _purchasers(context: Context) -> sa.CTE:
    """Who decides or buys on a deal, by the contact role there."""
    role = opportunity_roles
    named = {name.lower(): name for name in ROLES} | dict(context.method["opportunity.roles"])
    texts = sorted(text for text, name in named.items() if name in PURCHASE_ROLES)
    rows = sa.select(role.c.crm, role.c.opportunity_id, role.c.person_key).where(sa.func.lower(sa.func.trim(role.c.role)).in_(texts))
    return rows.distinct().cte("purchasers")


def _same(role: sa.CTE, deal: sa.Table) -> Condition:
    return sa.and_(role.c.crm == deal.c.crm, role.c.opportunity_id == deal.c.opportunity_id)
