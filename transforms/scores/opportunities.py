"""Open deals: the decision chain 决策链 and the win signal (method section 8).

Chain = the deal's contact roles, else the account's key persons. A role counts as filled by the person's Buying_Role or
by the contact role on the deal.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.scores import tables
from transforms.scores.expressions import Condition, Number, num, real, rounded, since, some, summed, zero
from transforms.scores.key_persons import holds
from transforms.scores.seats import ROLES
from transforms.tables import opportunities, opportunity_roles, people


def select(context: Context) -> sa.Select[Any]:
    """One row per open deal (`scores.opportunities`)."""
    deal, chain, threads = opportunities, _averages(context), _threads(context)
    same = (deal.c.crm == chain.c.crm) & (deal.c.opportunity_id == chain.c.opportunity_id)
    ours = (deal.c.crm == threads.c.crm) & (deal.c.opportunity_id == threads.c.opportunity_id)
    averages = ("chain_closeness", "chain_solution", "chain_price")
    return (
        sa.select(
            *(deal.c[name] for name in ("crm", "opportunity_id", "account_id")),
            zero(chain.c.chain).label("chain"),
            sa.func.coalesce(chain.c.own_roles, False).label("own_roles"),
            *(chain.c[name] for name in averages),
            _missing(chain).label("chain_missing"),
            zero(chain.c.deciders_reached).label("deciders_reached"),
            sa.func.coalesce(chain.c.veto_against, False).label("veto_against"),
            zero(threads.c.threads).label("threads"),
            _win_signal(context, *(chain.c[name] for name in averages)).label("win_signal"),
            _horizon(context).label("horizon"),
        )
        .select_from(deal.outerjoin(chain, same).outerjoin(threads, ours))
        .where(deal.c.is_closed.is_(False), zero(deal.c.created_s) <= context.as_of)
    )


def _roles(context: Context) -> sa.CTE:
    """Contact roles of open deals held by people that get values, with the buying role each stands for."""
    role, score = opportunity_roles, tables.people
    named = sa.func.lower(sa.func.trim(role.c.role))
    known = {name.lower(): name for name in ROLES} | dict(context.method["opportunity.roles"])
    buying = sa.case(*((named == text, name) for text, name in sorted(known.items())), else_=sa.null()).label("buying")
    joined = role.join(score, role.c.person_key == score.c.person_key)
    return sa.select(role.c.crm, role.c.opportunity_id, role.c.person_key, buying).select_from(joined).distinct().cte("roles")


def _chain(context: Context) -> sa.CTE:
    """One row per deal, person and role: contact roles, else key persons of the account."""
    role, key, deal = _roles(context), tables.key_persons, opportunities
    own = sa.select(role.c.crm, role.c.opportunity_id, role.c.person_key, role.c.buying, sa.true().label("own"))
    without = ~sa.exists().where(role.c.crm == deal.c.crm, role.c.opportunity_id == deal.c.opportunity_id)
    standing = (
        sa.select(
            deal.c.crm, deal.c.opportunity_id, key.c.person_key, sa.cast(sa.null(), sa.String).label("buying"), sa.false().label("own")
        )
        .select_from(deal.join(key, deal.c.account_key == key.c.account_key))
        .where(deal.c.is_closed.is_(False), without)
    )
    return sa.union_all(own, standing).cte("chain")


def members(context: Context) -> sa.CTE:
    """One row per deal and person, with the roles he or she fills."""
    chain, touch = _chain(context), tables.person_touches
    joined = (
        chain.join(people, chain.c.person_key == people.c.person_key)
        .join(tables.people, chain.c.person_key == tables.people.c.person_key)
        .outerjoin(touch, chain.c.person_key == touch.c.person_key)
    )
    keys = (chain.c.crm, chain.c.opportunity_id, chain.c.person_key)
    veto = sa.and_(people.c.vote.in_(("Veto", "Both")), people.c.attitude < 0)
    return (
        sa.select(
            *keys,
            some(chain.c.own).label("own"),
            *(some(_fills(chain, role)).label(role) for role in ROLES),
            sa.func.max(tables.people.c.effective_now).label("effective"),
            sa.func.max(real(people.c.solution_acceptance)).label("solution"),
            sa.func.max(real(people.c.price_acceptance)).label("price"),
            some(touch.c.last_two_way_s > since(context, context.method["opportunity.days"])).label("reached"),
            some(veto).label("veto"),
        )
        .select_from(joined)
        .group_by(*keys)
        .cte("chain_members")
    )


def _fills(chain: sa.CTE, role: str) -> Condition:
    return sa.or_(sa.func.coalesce(chain.c.buying == role, False), holds(role))


def _averages(context: Context) -> sa.CTE:
    one = members(context)
    return (
        sa.select(
            one.c.crm,
            one.c.opportunity_id,
            sa.func.count().label("chain"),
            some(one.c.own).label("own_roles"),
            rounded(sa.func.avg(one.c.effective), 1).label("chain_closeness"),
            rounded(sa.func.avg(one.c.solution), 2).label("chain_solution"),
            rounded(sa.func.avg(one.c.price), 2).label("chain_price"),
            *(some(one.c[role]).label(role) for role in ROLES),
            summed(sa.and_(one.c.Decider, one.c.reached)).label("deciders_reached"),
            some(one.c.veto).label("veto_against"),
        )
        .group_by(one.c.crm, one.c.opportunity_id)
        .cte("averages")
    )


def _missing(chain: sa.CTE) -> Number:
    """Roles nobody fills, comma separated; null when all are filled."""
    listed: Number = sa.literal("", sa.String)
    for role in ROLES:
        listed = listed.concat(sa.case((chain.c[role].is_(True), ""), else_=f", {role}"))
    return sa.func.nullif(sa.func.substr(listed, 3), "")


def _threads(context: Context) -> sa.CTE:
    """Our users with two-way evidence with the deal's contact roles."""
    role, pair = opportunity_roles, tables.pairs
    recent = pair.c.last_two_way_s > since(context, context.method["opportunity.days"])
    users = sa.func.count(pair.c.user_key.distinct()).label("threads")
    return (
        sa.select(role.c.crm, role.c.opportunity_id, users)
        .select_from(role.join(pair, role.c.person_key == pair.c.person_key))
        .where(recent)
        .group_by(role.c.crm, role.c.opportunity_id)
        .cte("threads")
    )


def _win_signal(context: Context, closeness: Number, solution: Number, price: Number) -> Number:
    """Mean of the known chain averages on 0-100; blank without a compelling event or any known average."""
    method, deal = context.method, opportunities
    parts = [closeness, (solution + num(2)) * num(25), (price + num(2)) * num(25)]
    known = sum((sa.case((part.is_not(None), 1), else_=0) for part in parts), sa.literal(0))
    base = sum((zero(part) for part in parts), num(0)) / real(sa.func.nullif(known, 0))
    factor = sa.case((deal.c.inside_source.is_(True), num(1)), else_=num(method["win_signal.no_inside_source"]))
    return sa.case(
        (deal.c.compelling_event.is_not(True), sa.null()),
        (deal.c.competitor_rank > method["win_signal.last_rank"], num(0)),
        else_=rounded(base * factor, 1),
    )


def _horizon(context: Context) -> Number:
    """From the close date; an overdue deal is of the nearest horizon."""
    method, left = context.method, opportunities.c.close_day - context.as_of // DAY
    return sa.case(
        (left <= method["horizon.quarter_days"], "0-3 months"),
        (left <= method["horizon.year_days"], "3-12 months"),
        (left <= method["horizon.far_days"], "1-3 years"),
        else_=sa.null(),
    )


MODEL = Model(
    tables.opportunities,
    select,
    (
        "model.opportunities",
        "model.opportunity_roles",
        "model.people",
        "scores.key_persons",
        "scores.pairs",
        "scores.people",
        "scores.person_touches",
    ),
)
