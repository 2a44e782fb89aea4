"""Accounts by the five WHCSE elements: who matters, how they are covered, where we stand, by which strategy, how fresh it is."""

from typing import Any

import sqlalchemy as sa

from orchestration.report.blocks import Block, Note, Page, Picture, Section, Tiles
from orchestration.report.facts import Facts
from orchestration.report.listing import Columns, age, as_chip, chip, counted, flag, linked, listing, meter
from orchestration.report.pages.gaps import gaps, without
from orchestration.report.pictures.bars import bars
from transforms.coverage.tables import accounts as covered
from transforms.enrichment.tables import account
from transforms.history.tables import reviews
from transforms.maps.tables import competitor
from transforms.operation.tables import accounts as operated
from transforms.operation.tables import importance_ranks
from transforms.tables import accounts as known

NONE = "No account is scored yet: guanxi run."
OF = "account_id"


def page(facts: Facts) -> Page:
    """The page `accounts`."""
    sections = [_who(facts), _how(facts), _standing(facts), _strategy(facts), _evaluation(facts), gaps(facts)]
    return Page("accounts", "Accounts", "The five elements of running key accounts (WHCSE), each with what is still missing.", sections)


def _who(facts: Facts) -> Section:
    joined = account.join(known, (known.c.crm == account.c.crm) & (known.c.account_id == account.c.record_id))
    select = (
        sa.select(account, known.c.industry).select_from(joined).order_by(account.c.importance.desc(), account.c.crm, account.c.record_id)
    )
    columns: Columns = {
        "Account": linked(facts, "account"),
        "industry": "industry",
        "Importance": meter("importance"),
        "Key Account": flag("key_account", "key", "fair"),
        "Closeness": meter("closeness"),
        "Relationship Level": chip("relationship_level"),
        "Lifecycle Stage": chip("lifecycle_stage"),
    }
    totals: list[sa.ColumnElement[Any]] = [
        sa.func.count().label("all"),
        sa.func.sum(sa.cast(account.c.key_account, sa.Integer)).label("key"),
    ]
    row = facts.row(sa.select(*totals))
    tiles = Tiles([("Accounts", row.get("all", 0), "that get values"), ("Key accounts", row.get("key"), "the top fifth of each industry")])
    lead = "Importance adds up sales, potential, demonstration effect and what we can win and do, within the industry."
    return Section("Who: importance and key accounts", lead, [tiles, listing(facts, select, columns, NONE), *_against_sales(facts)])


def _against_sales(facts: Facts) -> list[Block]:
    """Where ranking by sales alone would mislead most."""
    rank = importance_ranks
    select = sa.select(rank).where(rank.c.gap != 0).order_by(sa.func.abs(rank.c.gap).desc(), rank.c.crm, rank.c.account_id)
    columns: Columns = {
        "Account": linked(facts, "account", OF),
        "industry": "industry",
        "Rank": lambda row: f"{row['rank']} of {row['of']}",
        "Rank by sales": "rank_by_sales",
        "Gap": lambda row: f"{row['gap']:+d}",
        "Key Account": flag("key_account", "key", "fair"),
        "Key by sales": flag("key_by_sales", "key", "plain"),
    }
    told = Note("Sales is yesterday: accounts whose rank would differ most if sales of two years alone counted (above 0: matters more).")
    return [told, listing(facts, select, columns, "No account ranks otherwise by sales alone.", 10)]


def _how(facts: Facts) -> Section:
    lead = "Whose account it is, how many of us and of our teams are in contact, in how many months of the last year."
    joined = covered.outerjoin(operated, (operated.c.crm == covered.c.crm) & (operated.c.account_id == covered.c.account_id))
    select = sa.select(covered, operated.c.owner_id, operated.c.owner_is_active).select_from(joined)
    columns: Columns = {
        "Account": linked(facts, "account", OF),
        "Importance": meter("importance"),
        "owner": linked(facts, "user", "owner_id"),
        "Owner active": lambda row: None if row["owner_is_active"] is None else as_chip("yes" if row["owner_is_active"] else "no"),
        "Users": "users",
        "Teams": "teams",
        "Months with contact": "rounds",
        "Contacts per department": "deep",
        "Departments": "broad",
        "Mutual": meter("mutual"),
    }
    ordered = select.order_by(covered.c.importance.desc(), covered.c.crm, covered.c.account_id)
    return Section("How: owners and teams", lead, [without(facts), listing(facts, ordered, columns, NONE, 15)])


def _standing(facts: Facts) -> Section:
    lead = "Where people entered how a contact stands towards the main competitor, our closeness is compared with the competitor's."
    single = sa.select(competitor.c.crm, competitor.c.account_id, competitor.c.standing).distinct().subquery()
    told = counted(facts, sa.select(single.c.standing, sa.func.count()).group_by(single.c.standing).order_by(single.c.standing))
    behind = sa.select(
        *(competitor.c[name] for name in ("crm", OF, "competitor_closeness", "our_closeness", "standing", "worst_rank"))
    ).distinct()
    gap = competitor.c.our_closeness - competitor.c.competitor_closeness
    columns: Columns = {
        "Account": linked(facts, "account", OF),
        "Ours": meter("our_closeness"),
        "Competitor": meter("competitor_closeness"),
        "Standing": chip("standing"),
        "Worst rank in a deal": "worst_rank",
    }
    select = behind.add_columns(gap.label("gap")).where(competitor.c.standing == "behind").order_by("gap", competitor.c.crm, OF)
    blocks: list[Block] = [listing(facts, select, columns, "Nobody entered how contacts stand towards the competitor.", 10)]
    if told:
        items = [(facts.say(word), float(number)) for word, number in told.items()]
        blocks.insert(0, Picture("Accounts by standing", bars(items, "accounts by standing")))
    return Section("Customer map: our place and the competitor's", lead, blocks)


def _strategy(facts: Facts) -> Section:
    lead = "Strategy is what people enter: plan, key departments, main competitor, value proposition. Here is how old the last edit is."
    select = sa.select(operated).order_by(operated.c.strategy_days.desc().nulls_first(), operated.c.importance.desc(), operated.c.crm, OF)
    columns: Columns = {
        "Account": linked(facts, "account", OF),
        "Importance": meter("importance"),
        "Last edit seen": lambda row: age(row["strategy_days"]) or "none seen",
        "Plan": "has_plan",
        "Key persons entered": "key_people_entered",
    }
    key = select.where(operated.c.key_account.is_(True))
    return Section("Strategy: what is entered, and how old it is", lead, [listing(facts, key, columns, "No key account yet.", 15)])


def _evaluation(facts: Facts) -> Section:
    lead = (
        "Importance, closeness and the needs behind each open deal are to be reviewed regularly; a two-way contact or an edit is a review."
    )
    late = reviews.c.days_overdue > 0
    by_topic = sa.select(reviews.c.topic, sa.func.sum(sa.cast(late, sa.Integer))).group_by(reviews.c.topic).order_by(reviews.c.topic)
    columns: Columns = {
        "Record": lambda row: facts.link(row["crm"], "opportunity" if row["topic"] == "needs" else "account", row["record_id"]),
        "Topic": lambda row: as_chip(row["topic"]),
        "owner": linked(facts, "user", "owner_id"),
        "Last review": "last_review",
        "Due": "due",
        "Overdue": lambda row: age(row["days_overdue"]),
    }
    tiles: list[Block] = []
    if told := counted(facts, by_topic):
        tiles = [Tiles([(topic, number, "reviews overdue") for topic, number in told.items()])]
    select = sa.select(reviews).where(late).order_by(reviews.c.days_overdue.desc(), reviews.c.crm, reviews.c.record_id)
    return Section("Evaluation: reviews that are overdue", lead, [*tiles, listing(facts, select, columns, "No review is overdue.", 15)])
