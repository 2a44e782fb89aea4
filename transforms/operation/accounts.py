"""What each account lacks to be run: an owner who is here, a plan, key persons, a fresh evaluation (ESP+).

Strategy is what is entered about how to win: key departments, the main competitor, the plan, and the value proposition of open
deals. When it was entered before we first looked, its age is unknown and not held against anybody.
"""

from typing import Any, Final

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.history import tables as history
from transforms.history.store import day_of
from transforms.operation import tables
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number, summed, zero
from transforms.tables import account_members, accounts, opportunities, users

STRATEGY: Final = ("key_departments", "competitor_main", "plan")
EVALUATION: Final = ("importance", "closeness")


def select(context: Context) -> sa.Select[Any]:
    """One row per account that gets values (`operation.accounts`)."""
    owner, team, edit, late, key, rank = _owners(), _teams(), _edits(), _overdue(), _key_people(), scores.account_importance
    joined: sa.FromClause = accounts.join(rank, rank.c.account_key == accounts.c.account_key)
    joined = joined.outerjoin(owner, (owner.c.crm == accounts.c.crm) & (owner.c.user_id == accounts.c.owner_id))
    joined = joined.outerjoin(late, (late.c.crm == accounts.c.crm) & (late.c.record_id == accounts.c.account_id))
    for part in (team, edit, key):
        joined = joined.outerjoin(part, part.c.account_key == accounts.c.account_key)
    has_owner, plan, people, overdue = owner.c.user_id.is_not(None), _has_plan(context), zero(key.c.people), zero(late.c.days)
    lacks = (owner.c.is_active.is_not(True), plan.is_(False), people == 0, overdue > 0)
    return sa.select(
        *(accounts.c[name] for name in ("crm", "account_key", "account_id", "owner_id")),
        *(rank.c[name] for name in ("importance", "key_account")),
        has_owner.label("has_owner"),
        owner.c.is_active.label("owner_is_active"),
        zero(team.c.users).label("team_users"),
        plan.label("has_plan"),
        people.label("key_people_entered"),
        (day_of(context) - edit.c.day).label("strategy_days"),
        overdue.label("evaluation_overdue_days"),
        sum((_one(lack) for lack in lacks), sa.literal(0)).label("missing"),
    ).select_from(joined)


def _one(condition: Condition) -> Number:
    return sa.case((condition, 1), else_=0)


def _has_plan(context: Context) -> Number:
    """Null in a CRM that has no field for it."""
    mapped = [source.crm for source in context.sources if ("account", "plan") in source.entered]
    entered = sa.func.coalesce(sa.func.trim(accounts.c.plan), "") != ""
    return sa.case((accounts.c.crm.in_(mapped), entered), else_=sa.null())


def _owners() -> sa.CTE:
    return sa.select(users.c.crm, users.c.user_id, users.c.is_active).where(users.c.is_person.is_(True)).cte("owners")


def _teams() -> sa.CTE:
    member = account_members
    working = sa.and_(users.c.is_active.is_(True), users.c.is_person.is_(True))
    count = sa.func.count(member.c.user_key.distinct()).label("users")
    joined = member.join(users, users.c.user_key == member.c.user_key)
    return sa.select(member.c.account_key, count).select_from(joined).where(working).group_by(member.c.account_key).cte("covering")


def _key_people() -> sa.CTE:
    key = scores.key_persons
    return sa.select(key.c.account_key, summed(key.c.entered).label("people")).group_by(key.c.account_key).cte("key_people")


def _edits() -> sa.CTE:
    """The last edit of a strategy field of each account, or of one of its open deals."""
    edit, deal = history.edits, opportunities
    of_account = (
        sa.select(accounts.c.account_key, edit.c.day)
        .join(edit, (edit.c.crm == accounts.c.crm) & (edit.c.record_id == accounts.c.account_id))
        .where(edit.c.entity == "account", edit.c.field.in_(STRATEGY))
    )
    of_deal = (
        sa.select(deal.c.account_key, edit.c.day)
        .join(edit, (edit.c.crm == deal.c.crm) & (edit.c.record_id == deal.c.opportunity_id))
        .where(edit.c.entity == "opportunity", edit.c.field == "value_proposition", deal.c.is_closed.is_(False))
    )
    each = sa.union_all(of_account, of_deal).subquery("strategy_edit")
    return sa.select(each.c.account_key, sa.func.max(each.c.day).label("day")).group_by(each.c.account_key).cte("strategy_edits")


def _overdue() -> sa.CTE:
    review = history.reviews
    longest = sa.func.max(review.c.days_overdue).label("days")
    rows = sa.select(review.c.crm, review.c.record_id, longest).where(review.c.topic.in_(EVALUATION))
    return rows.group_by(review.c.crm, review.c.record_id).cte("overdue")


READS = (
    *("model.accounts", "model.account_members", "model.opportunities", "model.users"),
    *("scores.account_importance", "scores.edits", "scores.key_persons", "history.reviews"),
)
MODEL = Model(tables.accounts, select, READS)
