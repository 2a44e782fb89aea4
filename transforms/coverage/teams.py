"""Which team of ours covers which account, and the account's level in the team's own view (method sections 3 and 4)."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.coverage import tables
from transforms.coverage.team_people import members
from transforms.scores import in_view
from transforms.scores.expressions import rounded, since, summed, zero
from transforms.scores.in_view import Viewer
from transforms.scores.levels import ENGAGED, relationship_level
from transforms.scores.weights import counted
from transforms.tables import accounts, people


def select(context: Context) -> sa.Select[Any]:
    """One row per account and team (`coverage.teams`)."""
    met, round_, viewer = _met(), _rounds(context), _viewer()
    key, reached, wanted = in_view.persons(context, viewer), in_view.departments_reached(context, viewer), in_view.departments_wanted()
    joined: sa.FromClause = met.join(accounts, accounts.c.account_key == met.c.account_key)
    for part in (round_, key, reached):
        joined = joined.outerjoin(part, sa.and_(part.c.account_key == met.c.account_key, part.c.team_id == met.c.team_id))
    joined = joined.outerjoin(wanted, wanted.c.account_key == met.c.account_key)
    closeness, strong = rounded(key.c.closeness, 1), in_view.strong(key, in_view.departments_open(reached, wanted))
    return (
        sa.select(
            *(accounts.c[name] for name in ("crm", "account_key", "account_id")),
            met.c.team_id,
            zero(round_.c.users).label("users"),
            *(met.c[name] for name in ("people", "departments")),
            zero(round_.c.rounds).label("rounds"),
            zero(round_.c.touches_365d).label("touches_365d"),
            met.c.last_two_way_s,
            zero(key.c.key_persons).label("key_persons"),
            zero(key.c.known).label("known"),
            closeness.label("closeness"),
            relationship_level(context, closeness, strong, accounts.c.industry).label("relationship_level"),
        )
        .select_from(joined)
        .where(accounts.c.is_live.is_(True))
    )


def _met() -> sa.CTE:
    team = tables.team_people
    engaged = sa.and_(team.c.level.in_(ENGAGED), people.c.is_live.is_(True))
    keys = (team.c.account_key, team.c.team_id)
    return (
        sa.select(
            *keys,
            summed(engaged).label("people"),
            sa.func.count(sa.case((engaged, people.c.department_name)).distinct()).label("departments"),
            sa.func.max(team.c.last_two_way_s).label("last_two_way_s"),
        )
        .join(people, people.c.person_key == team.c.person_key)
        .group_by(*keys)
        .cte("met")
    )


def _rounds(context: Context) -> sa.CTE:
    """Months, distinct events and users of 365 days of each team with each account."""
    row, member = counted(context), members()
    keys = (row.c.account_key, member.c.team_id)
    return (
        sa.select(
            *keys,
            sa.func.count(sa.func.date_trunc("month", row.c.at).distinct()).label("rounds"),
            sa.func.count(row.c.event_key.distinct()).label("touches_365d"),
            sa.func.count(sa.case((row.c.two_way.is_(True), row.c.user_key)).distinct()).label("users"),
        )
        .join(member, member.c.user_key == row.c.user_key)
        .where(row.c.at_s > since(context, 365))
        .group_by(*keys)
        .cte("rounds")
    )


def _viewer() -> Viewer:
    """A team covers the accounts of which it knows somebody; without own contact nobody is known."""
    team = tables.team_people
    return Viewer("team_id", sa.select(team.c.account_key, team.c.team_id).distinct().subquery("known_by"), team)


MODEL = Model(
    tables.teams,
    select,
    (
        "model.accounts",
        "model.people",
        "model.users",
        "model.interactions",
        "scores.key_persons",
        "scores.seats",
        "coverage.team_people",
    ),
)
