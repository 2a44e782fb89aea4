"""The required seats of each account's map: five buying roles and its key departments; who fills them, and is one engaged."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import tables
from transforms.scores.departments import key_departments, people_departments
from transforms.scores.expressions import some
from transforms.scores.key_persons import holds
from transforms.scores.levels import ENGAGED
from transforms.tables import accounts, people

ROLES = ("Gatekeeper", "Buyer", "User", "Decider", "Influencer")


def select(context: Context) -> sa.Select[Any]:
    """One row per live account and required seat (`scores.seats`)."""
    return sa.select(sa.union_all(*(_role(position, name) for position, name in enumerate(ROLES)), _departments(context)).subquery("seats"))


def _role(position: int, name: str) -> sa.Select[Any]:
    score = tables.people
    holders = (
        sa.select(people.c.account_key, some(score.c.level.in_(ENGAGED)).label("engaged"))
        .select_from(people.join(score, people.c.person_key == score.c.person_key))
        .where(people.c.person_kind == "contact", holds(name))
        .group_by(people.c.account_key)
        .subquery(f"holders_{name.lower()}")
    )
    return (
        sa.select(
            accounts.c.crm,
            accounts.c.account_key,
            sa.literal("role").label("kind"),
            sa.literal(position).label("position"),
            sa.literal(name).label("name"),
            sa.literal(name).label("match"),
            holders.c.account_key.is_not(None).label("filled"),
            sa.func.coalesce(holders.c.engaged, False).label("engaged"),
        )
        .select_from(accounts.outerjoin(holders, accounts.c.account_key == holders.c.account_key))
        .where(accounts.c.is_live.is_(True))
    )


def _departments(context: Context) -> sa.Select[Any]:
    wanted, staff, score = key_departments(context), people_departments(context), tables.people
    holders = (
        sa.select(staff.c.account_key, staff.c.match, some(score.c.level.in_(ENGAGED)).label("engaged"))
        .select_from(staff.join(score, staff.c.person_key == score.c.person_key))
        .group_by(staff.c.account_key, staff.c.match)
        .cte("department_holders")
    )
    order = sa.func.row_number().over(partition_by=wanted.c.account_key, order_by=wanted.c.name) + len(ROLES)
    both = (wanted.c.account_key == holders.c.account_key) & (wanted.c.match == holders.c.match)
    return sa.select(
        wanted.c.crm,
        wanted.c.account_key,
        sa.literal("department").label("kind"),
        order.label("position"),
        wanted.c.name,
        wanted.c.match,
        holders.c.account_key.is_not(None).label("filled"),
        sa.func.coalesce(holders.c.engaged, False).label("engaged"),
    ).select_from(wanted.outerjoin(holders, both))


MODEL = Model(tables.seats, select, ("model.accounts", "model.people", "scores.people"))
