"""The own view of each user on the accounts he or she covers (method section 4): only pairs (this user, person) count."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.scores import in_view, tables
from transforms.scores.expressions import rounded, zero
from transforms.scores.in_view import Viewer
from transforms.scores.levels import relationship_level
from transforms.tables import account_members, accounts, users


def select(context: Context) -> sa.Select[Any]:
    """One row per covered live account and active user (`scores.views`)."""
    member, viewer = _members(), Viewer("user_key", account_members, tables.pairs)
    person, reached, wanted = in_view.persons(context, viewer), in_view.departments_reached(context, viewer), in_view.departments_wanted()
    joined: sa.FromClause = member
    for part in (person, reached):
        joined = joined.outerjoin(part, sa.and_(member.c.account_key == part.c.account_key, member.c.user_key == part.c.user_key))
    joined = joined.outerjoin(wanted, member.c.account_key == wanted.c.account_key)
    closeness, departments_open = rounded(person.c.closeness, 1), in_view.departments_open(reached, wanted)
    strong = in_view.strong(person, departments_open)
    return sa.select(
        *(member.c[name] for name in ("crm", "account_key", "account_id", "user_key", "user_id")),
        zero(person.c.key_persons).label("key_persons"),
        zero(person.c.known).label("known"),
        closeness.label("closeness"),
        relationship_level(context, closeness, strong, member.c.industry).label("level"),
        departments_open.label("departments_open"),
        *(zero(person.c[name]).label(name) for name in ("negative_deciders", "targets", "targets_deep")),
    ).select_from(joined)


def _members() -> sa.CTE:
    """Who covers what: owners and team members that are active people, of accounts that get values."""
    joined = account_members.join(users, account_members.c.user_key == users.c.user_key)
    joined = joined.join(accounts, account_members.c.account_key == accounts.c.account_key)
    names = ("crm", "account_key", "account_id", "user_key", "user_id")
    return (
        sa.select(*(account_members.c[name] for name in names), accounts.c.industry)
        .select_from(joined)
        .where(users.c.is_active.is_(True), users.c.is_person.is_(True), accounts.c.is_live.is_(True))
        .distinct()
        .cte("members")
    )


MODEL = Model(
    tables.views,
    select,
    (
        "model.account_members",
        "model.accounts",
        "model.people",
        "model.users",
        "scores.key_persons",
        "scores.pairs",
        "scores.seats",
    ),
)
