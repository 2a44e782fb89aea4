"""Open deals: the win signal, the six lamps, how long they stand where they stand, what is known of the purchase, who works on them."""

from typing import Any, Final

import sqlalchemy as sa

from orchestration.report.blocks import Block, Chip, Note, Page, Picture, Section, Tiles
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import Columns, counted, flag, linked, listing, meter
from orchestration.report.pictures.bars import bars
from orchestration.report.pictures.lines import radar
from transforms.deals.tables import credits, factors, lamps, stages, team_types, work
from transforms.enrichment.tables import opportunity

NONE = "No open deal is scored yet: guanxi run."
NO_FACTOR = 'No deal has a factor: map fields of your org to them, e.g. "opportunity.Factor_1" = "Your_Field__c" in [crm.NAME.map].'
OF = "opportunity_id"
LAMPS: Final = ("advantage", "method", "signs", "relations", "enemy", "aim")
RADARS: Final = 6
FACTORS: Final = tuple(range(1, 9))


def page(facts: Facts) -> Page:
    """The page `deals`."""
    sections = [_lamps(facts), _stages(facts), _classes(facts), _factors(facts), _work(facts), _credits(facts), _types(facts)]
    return Page("deals", "Deals", "What speaks for each open deal, what is missing, and who works on it.", sections)


def _lamps(facts: Facts) -> Section:
    lead = "Six questions per deal: advantage, method, signs, relations, enemy known, aim. Green: lit; red: not; grey: nobody knows."
    tiles = facts.row(_totals())
    blocks: list[Block] = [_deals(facts)]
    if tiles.get("deals"):
        told = Tiles(
            [
                ("Open deals", tiles["deals"], "with figures"),
                ("Win signal known", tiles["known"], "blank without a compelling event"),
                ("Mean win signal", tiles["mean"], "of those known"),
                ("A veto against", tiles["veto"], "somebody with a veto is against us"),
            ]
        )
        blocks.insert(0, told)
    return Section("Six lamps", lead, blocks)


def _totals() -> sa.Select[Any]:
    table = opportunity.c
    return sa.select(
        sa.func.count().label("deals"),
        sa.func.count(table.win_signal).label("known"),
        sa.func.avg(table.win_signal).label("mean"),
        sa.func.sum(sa.cast(table.veto_against, sa.Integer)).label("veto"),
    )


def _deals(facts: Facts) -> Block:
    """One row per deal with its lamps, the largest first."""
    lit = [sa.func.max(sa.case((lamps.c.lamp == name, sa.cast(lamps.c.is_on, sa.Integer)))).label(name) for name in LAMPS]
    by_deal = sa.select(lamps.c.crm, lamps.c.opportunity_id, *lit).group_by(lamps.c.crm, lamps.c.opportunity_id).subquery()
    joined = stages.join(by_deal, (by_deal.c.crm == stages.c.crm) & (by_deal.c.opportunity_id == stages.c.opportunity_id))
    joined = joined.outerjoin(opportunity, (opportunity.c.crm == stages.c.crm) & (opportunity.c.record_id == stages.c.opportunity_id))
    select = sa.select(stages, *(by_deal.c[name] for name in LAMPS), opportunity.c.win_signal, opportunity.c.horizon).select_from(joined)
    columns: Columns = {
        "Deal": linked(facts, "opportunity", OF),
        "class": "deal_class",
        "amount": "amount",
        "stage": "stage",
        "Win Signal": meter("win_signal"),
        **{name: _lamp(name) for name in LAMPS},
        "Need Horizon": "horizon",
    }
    return listing(facts, select.order_by(stages.c.amount.desc().nulls_last(), stages.c.crm, stages.c.opportunity_id), columns, NONE, 30)


def _lamp(name: str) -> Any:
    def shown(row: Row) -> Chip | None:
        return None if row[name] is None else Chip("on", "good") if row[name] else Chip("off", "bad")

    return shown


def _stages(facts: Facts) -> Section:
    lead = "How long deals stand in their stage; slow ones are longer there than won deals used to take, or nobody answers for them."
    known = sa.case((stages.c.since != "at least", sa.cast(stages.c.days_in_stage, sa.Double)))
    mean = sa.cast(sa.func.round(sa.func.avg(known), 0), sa.BigInteger)
    slow = sa.func.sum(sa.cast(stages.c.is_slow, sa.Integer))
    grouped = sa.select(stages.c.crm, stages.c.stage, sa.func.count().label("deals"), mean.label("days"), slow.label("slow"))
    by_stage = grouped.group_by(stages.c.crm, stages.c.stage).order_by(stages.c.crm, sa.desc("deals"), stages.c.stage)
    told: Columns = {"CRM": "crm", "stage": "stage", "Deals": "deals", "Mean days, where known": "days", "Slow": "slow"}
    slowest = sa.select(stages).where(stages.c.is_slow.is_(True) | stages.c.has_one_owner.is_(False))
    columns: Columns = {
        "Deal": linked(facts, "opportunity", OF),
        "owner": linked(facts, "user", "owner_id"),
        "stage": "stage",
        "Days in stage": "days_in_stage",
        "Known since": "since",
        "Slow": flag("is_slow", "slow"),
        "Answered for": "has_one_owner",
        "Probability": meter("probability"),
    }
    ordered = slowest.order_by(stages.c.days_in_stage.desc().nulls_last(), stages.c.crm, stages.c.opportunity_id)
    blocks = [listing(facts, by_stage, told, NONE), listing(facts, ordered, columns, "No deal is slow, and somebody answers for each.", 15)]
    return Section("Stages", lead, blocks)


def _classes(facts: Facts) -> Section:
    lead = "Open deals by amount, from A (largest) to E."
    select = sa.select(stages.c.crm, stages.c.deal_class, sa.func.count().label("deals"), sa.func.sum(stages.c.amount).label("amount"))
    grouped = select.group_by(stages.c.crm, stages.c.deal_class).order_by(stages.c.crm, stages.c.deal_class.nulls_last())
    columns: Columns = {"CRM": "crm", "class": "deal_class", "Deals": "deals", "amount": "amount"}
    return Section("Deal classes", lead, [listing(facts, grouped, columns, NONE)])


def _factors(facts: Facts) -> Section:
    lead = "Eight factors of the purchase, 0-10 each, as people entered them; deals for which most is known."
    known = sa.func.count(factors.c.score)
    keys = (factors.c.crm, factors.c.opportunity_id)
    richest = facts.rows(sa.select(*keys).group_by(*keys).having(known > 0).order_by(known.desc(), *keys).limit(RADARS))
    drawn: list[Block] = [_radar(facts, row) for row in richest]
    return Section("Eight purchase factors", lead, drawn or [Note(NO_FACTOR, absent=True)])


def _radar(facts: Facts, deal: Row) -> Picture:
    of = (factors.c.crm == deal["crm"]) & (factors.c.opportunity_id == deal[OF])
    scores = {row["factor"]: row["score"] for row in facts.rows(sa.select(factors).where(of))}
    drawn = radar([f"factor {number}" for number in FACTORS], [scores.get(number) for number in FACTORS], "purchase factors of a deal")
    return Picture(facts.link(deal["crm"], "opportunity", deal[OF]), drawn)


def _work(facts: Facts) -> Section:
    lead = "Activity that regards a deal, by class of deal: what our people's time goes to. Hours only where durations are logged."
    deals, users = sa.func.count(sa.distinct(work.c.opportunity_id)), sa.func.count(sa.distinct(work.c.user_id))
    sums = [sa.func.sum(work.c[name]).label(name) for name in ("touches", "days", "hours")]
    select = sa.select(work.c.crm, work.c.deal_class, deals.label("deals"), users.label("users"), *sums)
    grouped = select.group_by(work.c.crm, work.c.deal_class).order_by(work.c.crm, work.c.deal_class.nulls_last())
    columns: Columns = {
        "CRM": "crm",
        "class": "deal_class",
        "Deals": "deals",
        "Users": "users",
        "Touches": "touches",
        "Days": "days",
        "Hours": "hours",
    }
    return Section("Work on deals", lead, [listing(facts, grouped, columns, "No activity regards a deal.")])


def _credits(facts: Facts) -> Section:
    lead = "A deal counts for its owner, and for the owner of its account if that is another: add up deals, never credits."
    twice = sa.case((credits.c.counted_twice.is_(True), "credited to two"), else_="credited to one")
    deal = sa.select(credits.c.crm, credits.c.opportunity_id, twice.label("how")).distinct().subquery()
    told = counted(facts, sa.select(deal.c.how, sa.func.count()).group_by(deal.c.how).order_by(deal.c.how))
    shown = [(how, float(number)) for how, number in told.items()]
    block = Picture("Open and lately won deals", bars(shown, "deals by credit")) if shown else Note(NONE, absent=True)
    return Section("Credit to two", lead, [block])


def _types(facts: Facts) -> Section:
    lead = "Account, solution and project people: a deal wants all three. Deals whose team lacks a type."
    select = sa.select(team_types).where(team_types.c.missing_types.is_not(None))
    columns: Columns = {
        "Deal": linked(facts, "opportunity", OF),
        "People": "people",
        "Without a type": "untyped",
        "Types present": "types",
        "Types missing": "missing_types",
    }
    why = "No team lacks a type." if facts.individual else "Not computed: [grading] individual = false."
    ordered = select.order_by(sa.func.length(team_types.c.missing_types).desc(), team_types.c.crm, team_types.c.opportunity_id)
    return Section("Rep types", lead, [listing(facts, ordered, columns, why, 15)])
