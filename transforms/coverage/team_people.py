"""What each team 团队 is to each contact: a manager and the active users who answer to him or her, as one side of a relation."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.coverage import tables
from transforms.scores import tables as scores
from transforms.scores.expressions import from_ratio, rounded, since, summed, zero
from transforms.scores.levels import interaction_level
from transforms.scores.weights import counted
from transforms.tables import users


def members() -> sa.CTE:
    """`crm, team_id, user_key` of active users: reports, and the managers themselves."""
    worker = sa.and_(users.c.is_active.is_(True), users.c.is_person.is_(True))
    reports = sa.select(users.c.crm, users.c.manager_id.label("team_id"), users.c.user_key).where(worker, users.c.manager_id.is_not(None))
    led = reports.subquery("led")
    same = sa.and_(led.c.crm == users.c.crm, led.c.team_id == users.c.user_id)
    managers = sa.select(users.c.crm, users.c.user_id.label("team_id"), users.c.user_key).join(led, same).where(worker)
    return sa.union(reports, managers).cte("members")


def select(context: Context) -> sa.Select[Any]:
    """One row per team and contact (`coverage.team_people`)."""
    member = members()
    pair, touch = _pairs(context, member), _touches(context, member)
    same = sa.and_(touch.c.crm == pair.c.crm, touch.c.team_id == pair.c.team_id, touch.c.person_key == pair.c.person_key)
    counts = {name: zero(touch.c[name]) for name in ("touches_365d", "two_way_days_365d", "meetings_365d")}
    closeness = rounded(from_ratio(pair.c.ratio), 1)
    return sa.select(
        *(pair.c[name] for name in ("crm", "team_id", "account_key", "person_key", "users")),
        *(value.label(name) for name, value in counts.items()),
        pair.c.last_two_way_s,
        closeness.label("closeness"),
        interaction_level(context, counts["two_way_days_365d"], counts["meetings_365d"], closeness).label("level"),
    ).select_from(pair.outerjoin(touch, same))


def _pairs(context: Context, member: sa.CTE) -> sa.CTE:
    """The strongest users of each team per contact, as for our company."""
    pair = scores.pairs
    keys = (pair.c.crm, member.c.team_id, pair.c.account_key, pair.c.person_key)
    order = (pair.c.ratio_now.desc().nulls_last(), pair.c.user_key)
    turn = sa.func.row_number().over(partition_by=(pair.c.person_key, member.c.team_id), order_by=order).label("turn")
    ranked = (
        sa.select(*keys, pair.c.ratio_now, pair.c.last_two_way_s, turn)
        .join(member, member.c.user_key == pair.c.user_key)
        .where(pair.c.account_key.is_not(None))
        .cte("ranked")
    )
    strong = sa.case((ranked.c.turn <= context.method["closeness.top_users"], ranked.c.ratio_now))
    found = (ranked.c.crm, ranked.c.team_id, ranked.c.account_key, ranked.c.person_key)
    return (
        sa.select(
            *found,
            sa.func.sum(strong).label("ratio"),
            summed(ranked.c.last_two_way_s > since(context, 365)).label("users"),
            sa.func.max(ranked.c.last_two_way_s).label("last_two_way_s"),
        )
        .group_by(*found)
        .cte("team_pairs")
    )


def _touches(context: Context, member: sa.CTE) -> sa.CTE:
    """Distinct events and days of 365 days of each team with each contact."""
    row = counted(context)
    met = sa.case((row.c.channel == "meeting", row.c.event_key))
    keys = (row.c.crm, member.c.team_id, row.c.person_key)
    return (
        sa.select(
            *keys,
            sa.func.count(row.c.event_key.distinct()).label("touches_365d"),
            sa.func.count(sa.case((row.c.two_way.is_(True), row.c.day)).distinct()).label("two_way_days_365d"),
            sa.func.count(met.distinct()).label("meetings_365d"),
        )
        .join(member, member.c.user_key == row.c.user_key)
        .where(row.c.at_s > since(context, 365), row.c.account_key.is_not(None))
        .group_by(*keys)
        .cte("team_touches")
    )


MODEL = Model(tables.team_people, select, ("model.users", "model.interactions", "scores.pairs"))
