"""Decision chain 决策链 of each open deal, seat by seat: who holds each buying role, and which nobody holds.

The people are those whose averages are on the deal (`scores.opportunities`): its contact roles, else the account's key persons.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.functions import null
from transforms.maps import tables
from transforms.scores import tables as scores
from transforms.scores.opportunities import members
from transforms.scores.seats import ROLES
from transforms.tables import people

OF_PERSON = ("attitude", "solution_acceptance", "price_acceptance", "vote")


def select(context: Context) -> sa.Select[Any]:
    """One row per seat and holder (`maps.decision_chain`)."""
    seat, score = _seats(members(context)), scores.people
    joined = seat.outerjoin(people, people.c.person_key == seat.c.person_key).outerjoin(score, score.c.person_key == seat.c.person_key)
    return sa.select(
        *(seat.c[name] for name in ("crm", "opportunity_id", "account_id", "position", "role", "filled", "person_key")),
        people.c.person_id,
        seat.c.own.label("on_deal"),
        seat.c.effective.label("closeness"),
        *(people.c[name] for name in OF_PERSON),
        seat.c.reached,
        seat.c.veto.label("veto_against"),
        score.c.strongest_user_id,
    ).select_from(joined)


def _seats(member: sa.CTE) -> sa.CTE:
    """The five roles of every deal with their holders, then the people who hold none."""
    deal, roles = scores.opportunities, enumerate(ROLES)
    return sa.union_all(*(_role(deal, member, position, role) for position, role in roles), _without(deal, member)).cte("seats")


def _role(deal: sa.Table, member: sa.CTE, position: int, role: str) -> sa.Select[Any]:
    holds = sa.and_(_same(deal, member), member.c[role])
    named = (sa.literal(position).label("position"), sa.literal(role).label("role"), member.c.person_key.is_not(None).label("filled"))
    return _row(deal, member, *named).select_from(deal.outerjoin(member, holds))


def _without(deal: sa.Table, member: sa.CTE) -> sa.Select[Any]:
    named = (sa.literal(len(ROLES)).label("position"), null(sa.String).label("role"), null(sa.Boolean).label("filled"))
    rows = _row(deal, member, *named).select_from(deal.join(member, _same(deal, member)))
    return rows.where(*(sa.not_(member.c[role]) for role in ROLES))


def _row(deal: sa.Table, member: sa.CTE, *named: sa.ColumnElement[Any]) -> sa.Select[Any]:
    keys = (deal.c.crm, deal.c.opportunity_id, deal.c.account_id)
    return sa.select(*keys, *named, *(member.c[name] for name in ("person_key", "own", "effective", "reached", "veto")))


def _same(deal: sa.Table, member: sa.CTE) -> sa.ColumnElement[bool]:
    return sa.and_(member.c.crm == deal.c.crm, member.c.opportunity_id == deal.c.opportunity_id)


MODEL = Model(
    tables.decision_chain,
    select,
    (
        "model.people",
        "model.opportunities",
        "model.opportunity_roles",
        "scores.opportunities",
        "scores.key_persons",
        "scores.people",
        "scores.person_touches",
    ),
)
