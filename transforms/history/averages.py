"""Averages over accounts in every view, with their change over a month, a quarter 环比 and a year 同比.

A change compares the accounts of today's view that were known then and are known now with themselves: an account that was
won, lost or handed over in between moves nobody's trend. Plain differences of two days can be taken from
`history.averages`. The levels are those of our company (contract 4.1), whoever the view belongs to.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.history import tables
from transforms.history.tables import LAGS
from transforms.scores.expressions import Number, rounded, some
from transforms.tables import account_members, accounts, users


def select(context: Context) -> sa.Select[Any]:
    """One row per view, its record and figure (`scores.averages`)."""
    figure, scope = tables.account_figures, _scope(context)
    keys = (scope.c.crm, scope.c.view, scope.c.record_id, figure.c.figure)
    changes = [column for lag in LAGS for column in _change(figure, lag)]
    return (
        sa.select(
            *keys,
            rounded(sa.func.avg(figure.c.now), 2).label("value"),
            sa.func.count(figure.c.now).label("known"),
            sa.func.count().label("accounts"),
            *changes,
            _recomputed(figure).label("recomputed"),
        )
        .select_from(scope.join(figure, scope.c.account_key == figure.c.account_key))
        .group_by(*keys)
    )


def _change(figure: sa.Table, lag: str) -> tuple[sa.Label[Any], sa.Label[Any]]:
    difference = figure.c.now - figure.c[lag]
    return rounded(sa.func.avg(difference), 2).label(f"change_{lag}"), sa.func.count(difference).label(f"compared_{lag}")


def _recomputed(figure: sa.Table) -> Number:
    """Lags with an earlier value that no run computed at its time."""
    listed: Number = sa.literal("", sa.String)
    for lag in LAGS:
        used = some(sa.and_(figure.c[f"recomputed_{lag}"], figure.c[lag].is_not(None)))
        listed = listed.concat(sa.case((used, f", {lag}"), else_=""))
    return sa.func.nullif(sa.func.substr(listed, 3), "")


def _scope(context: Context) -> sa.CTE:
    """Which accounts each view is over; views of people only as far as `[grading]` allows them."""
    members = _members()
    rep = sa.select(members.c.crm, sa.literal("rep"), members.c.user_id, members.c.account_key)
    industry = sa.select(
        accounts.c.crm, sa.literal("industry").label("view"), accounts.c.industry.label("record_id"), accounts.c.account_key
    ).where(accounts.c.industry.is_not(None))
    company = sa.select(accounts.c.crm, sa.literal("company"), sa.literal(""), accounts.c.account_key)
    people = ([rep] if context.grade_individuals else []) + ([_teams(context, members)] if context.team_averages else [])
    return sa.union_all(industry, company, *people).cte("scope")


def _members() -> sa.CTE:
    """Accounts that active people cover."""
    joined = account_members.join(users, account_members.c.user_key == users.c.user_key)
    return (
        sa.select(account_members.c.crm, account_members.c.user_id, users.c.manager_id, account_members.c.account_key)
        .select_from(joined)
        .where(users.c.is_active.is_(True), users.c.is_person.is_(True))
        .distinct()
        .cte("members")
    )


def _teams(context: Context, members: sa.CTE) -> sa.Select[Any]:
    """Each account of a manager, or of somebody who reports to him or her, once; teams as large as `scores.teams` asks for."""
    active = sa.and_(users.c.manager_id.is_not(None), users.c.is_active.is_(True), users.c.is_person.is_(True))
    boss = (
        sa.select(users.c.crm, users.c.manager_id)
        .where(active)
        .group_by(users.c.crm, users.c.manager_id)
        .having(sa.func.count() >= context.method["team.min_people"])
        .cte("boss")
    )
    own = sa.and_(members.c.crm == boss.c.crm, sa.or_(members.c.user_id == boss.c.manager_id, members.c.manager_id == boss.c.manager_id))
    return (
        sa.select(boss.c.crm, sa.literal("team"), boss.c.manager_id, members.c.account_key).select_from(boss.join(members, own)).distinct()
    )


MODEL = Model(tables.current_averages, select, ("model.account_members", "model.accounts", "model.users", "scores.account_figures"))
