"""Accounts in contact for which nobody has listed key departments: the default list stands in, and may be the wrong one."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.functions import null
from transforms.scores import tables as scores
from transforms.scores.expressions import num
from transforms.scores.levels import ENGAGED
from transforms.suggestions.item import item
from transforms.suggestions.words import counted
from transforms.tables import accounts, people


def select(context: Context) -> sa.Select[Any]:
    """One row per such account, with the departments of its engaged contacts."""
    there = _engaged()
    evidence = counted(context, "engaged", there.c.people).concat(counted(context, "departments", there.c.departments))
    rows = item(
        "no_key_departments",
        "account",
        accounts.c.crm,
        accounts.c.account_id,
        null(sa.String),
        num(context.method["suggestions.no_list"]),
        evidence,
        there.c.names,
    )
    blank = sa.func.coalesce(sa.func.trim(accounts.c.key_departments), "") == ""
    return rows.select_from(accounts.join(there, there.c.account_key == accounts.c.account_key)).where(accounts.c.is_live.is_(True), blank)


def _engaged() -> sa.CTE:
    """Engaged contacts of each account by department."""
    score = scores.people
    each = (
        sa.select(people.c.account_key, people.c.department_name.label("name"), sa.func.count().label("people"))
        .join(score, score.c.person_key == people.c.person_key)
        .where(people.c.person_kind == "contact", people.c.account_key.is_not(None), score.c.level.in_(ENGAGED))
        .group_by(people.c.account_key, people.c.department_name)
        .subquery("each_department")
    )
    names = sa.func.string_agg(each.c.name, sa.literal(", ")).aggregate_order_by(each.c.name).label("names")
    counts = (sa.cast(sa.func.sum(each.c.people), sa.BigInteger).label("people"), sa.func.count(each.c.name).label("departments"))
    return sa.select(each.c.account_key, *counts, names).group_by(each.c.account_key).cte("engaged_there")


READS = ("model.accounts", "model.people", "scores.people")
