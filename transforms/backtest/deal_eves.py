"""How close we were to each account the day before one of its deals closed, by the pipeline's own selects.

Each deal gets a log of its own: the events of its account up to the day before, all moved by the same whole days so that
that day becomes the as-of. One scoring then serves every deal. The scale (kappa) and what is captured are today's, the same
for won and lost. Stated attitudes are left out: nobody knows what was entered then.
"""

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import BigInteger

from transforms.backtest import scratch, tables
from transforms.backtest.scratch import copied
from transforms.base import DAY, Context
from transforms.scores import pairs
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition, Number, from_ratio, num, real, since
from transforms.scores.log import EACH_CRM
from transforms.scores.people import summarised
from transforms.tables import interactions, opportunities
from warehouse import BACKTEST, DuckDBWarehouse

_scratch = sa.MetaData()
EVENTS: Final = copied(_scratch, interactions, "eve")
DEALS: Final = sa.Table(
    "eve_deals",
    _scratch,
    sa.Column("crm", sa.String),
    sa.Column("opportunity_id", sa.String),
    sa.Column("account_key", BigInteger),
    sa.Column("deal_key", BigInteger),
    sa.Column("close_day", BigInteger),
    sa.Column("won", sa.Boolean),
    sa.Column("age_band", BigInteger),
    sa.Column("amount_band", BigInteger),
    schema=BACKTEST,
)
PEOPLE_PER_DEAL: Final = 2**32
"""More than any person key of a run, so that deal and person make one number."""


FACTS, INTENSITY, PAIRS = (copied(_scratch, table, "eve") for table in (scores.pair_facts, scores.pair_intensity, scores.pairs))
EVE_LOG: Final = replace(EACH_CRM, interactions=EVENTS, facts=FACTS, intensity=INTENSITY, pairs=PAIRS)


def build(warehouse: DuckDBWarehouse, context: Context) -> int:
    """Fill `backtest.deal_eves`; returns its rows."""
    eve = replace(context, as_of=context.as_of // DAY * DAY)
    made = [
        (DEALS, deals(eve)),
        (EVENTS, events(eve)),
        (FACTS, pairs.facts(eve, EVE_LOG)),
        (INTENSITY, pairs.intensity(eve, EVE_LOG)),
        (PAIRS, pairs.select(eve, EVE_LOG)),
    ]
    scratch.build(warehouse, made)
    rows = warehouse.replace(tables.deal_eves, eves(eve))
    scratch.drop(warehouse, _scratch)
    return rows


def deals(context: Context) -> sa.Select[Any]:
    """Deals closed in the days looked at, numbered, with their bands of age and amount."""
    deal, today = opportunities, context.as_of // DAY
    age = deal.c.close_day - real(deal.c.created_s) / num(DAY)
    closed = sa.and_(deal.c.is_closed.is_(True), deal.c.close_day <= today, deal.c.account_key.is_not(None), age > num(0))
    recent = deal.c.close_day > today - context.method["backtest.deal_days"]
    key = sa.func.row_number().over(order_by=(deal.c.crm, deal.c.opportunity_id))
    return sa.select(
        *(deal.c[name] for name in ("crm", "opportunity_id", "account_key")),
        key.label("deal_key"),
        deal.c.close_day,
        deal.c.is_won.is_(True).label("won"),
        _age_band(context, age).label("age_band"),
        _amount_band(context).label("amount_band"),
    ).where(closed, recent)


def _age_band(context: Context, age: Number) -> Number:
    starts = sorted(context.method["backtest.age_bands"], reverse=True)
    return sa.case(*((age >= num(start), len(starts) - place) for place, start in enumerate(starts)), else_=0)


def _amount_band(context: Context) -> Number:
    """Thirds of the amounts of a CRM; 0 where there is none."""
    deal = opportunities
    some = deal.c.amount > num(0)
    band = sa.func.ntile(context.method["backtest.amount_bands"]).over(
        partition_by=(deal.c.crm, some), order_by=(deal.c.amount, deal.c.opportunity_id)
    )
    return sa.case((some, band), else_=0)


def events(context: Context) -> sa.Select[Any]:
    """The events of each deal's account up to the day before it closed, moved to end at the as-of."""
    log, deal = interactions, DEALS
    eve = (deal.c.close_day - 1) * DAY
    moved: dict[str, Number] = {
        "at_s": log.c.at_s + (context.as_of - eve),
        "day": log.c.day + (context.as_of // DAY - deal.c.close_day + 1),
        "person_key": deal.c.deal_key * PEOPLE_PER_DEAL + log.c.person_key,
        "account_key": deal.c.deal_key,
    }
    columns = [moved.get(column.name, column).label(column.name) for column in log.columns]
    of_account = sa.and_(log.c.account_key == deal.c.account_key, log.c.crm == deal.c.crm, log.c.at_s <= eve)
    return sa.select(*columns).select_from(log.join(deal, of_account)).where(log.c.person_kind == "contact")


def eves(context: Context) -> sa.Select[Any]:
    """`backtest.deal_eves`: the mean over the contacts that were engaged, as for an account without entered key persons."""
    person, pair = summarised(context, EVE_LOG), PAIRS
    engaged: Condition = sa.func.max(pair.c.last_two_way_s) > since(context, 365)
    who = sa.select(pair.c.person_key, pair.c.account_key.label("deal_key")).group_by(pair.c.person_key, pair.c.account_key).having(engaged)
    known = who.cte("engaged")
    close = (
        sa.select(known.c.deal_key, sa.func.count().label("people"), sa.func.avg(from_ratio(person.c.ratio_now)).label("closeness"))
        .select_from(known.join(person, person.c.person_key == known.c.person_key))
        .group_by(known.c.deal_key)
        .cte("close")
    )
    deal = DEALS
    kept = [deal.c[name] for name in ("crm", "opportunity_id", "account_key", "won", "age_band", "amount_band")]
    people = sa.func.coalesce(close.c.people, 0).label("people")
    return sa.select(*kept, people, close.c.closeness).select_from(deal.outerjoin(close, close.c.deal_key == deal.c.deal_key))
