"""The same rows seen by the company, by each rep and by industry; views of single people only as far as `[grading]` allows them."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.tables import users


def in_views(context: Context, rows: sa.CTE, user: str, industry: str | None = None) -> sa.CTE:
    """`rows` with `view` and `record_id`, once per view they belong to: reps are active people, a blank industry has no view."""
    company = _viewed(rows, "company", sa.literal("", sa.String))
    views = [company]
    if context.grade_individuals:
        same = (users.c.crm == rows.c.crm) & (users.c.user_id == rows.c[user])
        here = sa.and_(users.c.is_active.is_(True), users.c.is_person.is_(True))
        views.append(_viewed(rows, "rep", rows.c[user]).join(users, same).where(here))
    if industry:
        views.append(_viewed(rows, "industry", rows.c[industry]).where(rows.c[industry].is_not(None)))
    return sa.union_all(*views).cte("viewed")


def _viewed(rows: sa.CTE, view: str, record_id: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(sa.literal(view, sa.String).label("view"), record_id.label("record_id"), *rows.c).select_from(rows)
