"""The six lamps 六有 of each open deal: each on, off, or unknown where nothing is known of it.

    advantage 有优势   our place among the competitors is deals.advantage_rank or better
    method 有办法      a value proposition is entered; none entered = unknown, it may be in somebody's head
    signs 有迹象       a compelling event, or a source inside
    relations 有关系   the decision chain's closeness is Good, a decider is reached, and nobody with a veto is against
    enemy 有敌人       the competitor is named, or ranked; neither = unknown
    aim 有目标         an amount, and a close date that is not past

Conditions are taken with their unknown parts: an unknown part leaves a lamp unknown, unless the others settle it.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from transforms.base import DAY, Context, Model
from transforms.deals import tables
from transforms.deals.classes import is_open
from transforms.functions import null
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number, num
from transforms.tables import accounts, opportunities

UNKNOWN: Final = "unknown"


class Lamp(NamedTuple):
    """Whether it is on, and the fields that say so."""

    is_on: Number
    evidence: Mapping[str, Number]


def select(context: Context) -> sa.Select[Any]:
    """One row per open deal and lamp (`deals.lamps`)."""
    return sa.select(sa.union_all(*(_rows(context, name, lamp) for name, lamp in _lamps(context).items())).subquery("lamp"))


def _lamps(context: Context) -> dict[str, Lamp]:
    deal, account, chain = opportunities.c, accounts.c, scores.opportunities.c
    rank, value, rival = _number(deal.competitor_rank), _entered(deal.value_proposition), _entered(account.competitor_main)
    signs = {"Compelling_Event": _yes(deal.compelling_event), "Inside_Source": _yes(deal.inside_source)}
    relations = {
        "Chain_Closeness": _number(chain.chain_closeness),
        "Deciders_Reached": _number(chain.deciders_reached),
        "Veto_Against": _yes(chain.veto_against),
    }
    return {
        "advantage": Lamp(deal.competitor_rank <= context.method["deals.advantage_rank"], {"Competitor_Rank": rank}),
        "method": Lamp(_or_unknown(value.is_not(None)), {"Value_Proposition": value}),
        "signs": Lamp(sa.or_(deal.compelling_event, deal.inside_source), signs),
        "relations": Lamp(_has_relations(context), relations),
        "enemy": Lamp(
            _or_unknown(sa.or_(rival.is_not(None), deal.competitor_rank.is_not(None))), {"Competitor_Main": rival, "Competitor_Rank": rank}
        ),
        "aim": Lamp(_has_aim(context), {"Amount": _whole(deal.amount), "Close date": _date(deal.close_day)}),
    }


def _has_relations(context: Context) -> Number:
    chain = scores.opportunities.c
    close = chain.chain_closeness >= num(context.method["grade.good"])
    return sa.case((chain.chain > 0, sa.and_(close, chain.deciders_reached > 0, sa.not_(chain.veto_against))), else_=null(sa.Boolean))


def _has_aim(context: Context) -> Condition:
    return sa.and_(opportunities.c.amount > 0, opportunities.c.close_day >= context.as_of // DAY)


def _or_unknown(condition: Condition) -> Number:
    return sa.case((condition, sa.true()), else_=null(sa.Boolean))


def _rows(context: Context, name: str, lamp: Lamp) -> sa.Select[Any]:
    deal, chain = opportunities, scores.opportunities
    joined = deal.join(chain, (chain.c.crm == deal.c.crm) & (chain.c.opportunity_id == deal.c.opportunity_id)).outerjoin(
        accounts, accounts.c.account_key == deal.c.account_key
    )
    keys = (deal.c.crm, deal.c.opportunity_id)
    columns = (sa.literal(name).label("lamp"), lamp.is_on.label("is_on"), _told(lamp.evidence).label("evidence"))
    return sa.select(*keys, *columns).select_from(joined).where(is_open(context))


def _told(evidence: Mapping[str, Number]) -> Number:
    """`Compelling_Event yes, Inside_Source unknown`."""
    parts = [sa.literal(f"{name} ").concat(sa.func.coalesce(value, UNKNOWN)) for name, value in evidence.items()]
    return sa.func.concat_ws(", ", *parts, type_=sa.String)


def _yes(value: sa.ColumnElement[Any]) -> Number:
    return sa.case((value.is_(True), "yes"), (value.is_(False), "no"), else_=null(sa.String))


def _number(value: sa.ColumnElement[Any]) -> Number:
    return sa.cast(value, sa.String)


def _whole(value: sa.ColumnElement[Any]) -> Number:
    return sa.cast(sa.cast(value, sa.BigInteger), sa.String)


def _date(day: sa.ColumnElement[Any]) -> Number:
    return sa.cast(sa.literal_column("date '1970-01-01'", sa.Date) + sa.cast(day, sa.Integer), sa.String)


def _entered(text: sa.ColumnElement[Any]) -> Number:
    """That a text is there; never the text, which may name people."""
    return sa.case((sa.func.trim(text) != "", "entered"), else_=null(sa.String))


MODEL = Model(tables.lamps, select, ("model.accounts", "model.opportunities", "scores.opportunities"))
