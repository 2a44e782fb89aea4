"""Our people: grades and what is missing for the next, the week's changes, hand-over, pay shares; only averages where nobody is graded."""

from typing import Final

import sqlalchemy as sa

from orchestration.report.blocks import Block, Note, Page, Picture, Section
from orchestration.report.facts import Facts
from orchestration.report.listing import Columns, chip, counted, linked, listing, meter
from orchestration.report.pictures.bars import bars
from transforms.coverage.tables import handover
from transforms.deals.tables import rep_types
from transforms.enrichment.tables import user
from transforms.operation.tables import pay_shares, weekly
from transforms.scores.tables import teams

OFF: Final = "Figures on single people are switched off: [grading] individual = false."
NOTICE: Final = (
    "These figures judge people at work. Read docs/grading.md before they are put to use: the EU AI Act (Annex III, 4 b) and works "
    "councils may have a say, and a log shows neither private phones nor corridors."
)
WEEK: Final = "No run saw a change in the last seven days; a first run has nothing to compare with."
GRADES: Final = ("Top", "Senior", "Intermediate", "Junior", "Novice", "unknown")


def page(facts: Facts) -> Page:
    """The page `people`."""
    personal = [_grades(facts), _handover(facts), _pay(facts)] if facts.individual else [_switched_off()]
    lead = "Who of us holds which relationships, and what changed this week."
    return Page("people", "People", lead, [personal[0], _week(facts), *personal[1:], _teams(facts)])


def _switched_off() -> Section:
    return Section("Rep grades", "Grades, types and pay shares are figures on single people.", [Note(OFF, absent=True)])


def _grades(facts: Facts) -> Section:
    lead = "By the levels of the accounts a user covers, in the user's own view; blank where too few accounts or no mail are seen."
    told = counted(facts, sa.select(user.c.rep_grade, sa.func.count()).group_by(user.c.rep_grade))
    joined = user.outerjoin(rep_types, (rep_types.c.crm == user.c.crm) & (rep_types.c.user_id == user.c.record_id))
    select = sa.select(user, rep_types.c.rep_type).select_from(joined)
    columns: Columns = {
        "User": linked(facts, "user"),
        "Rep Grade": chip("rep_grade"),
        "Accounts Strong": "accounts_strong",
        "Accounts Mid": "accounts_mid",
        "Accounts Initial": "accounts_initial",
        "People Known": "people_known",
        "Account Operation Score": meter("account_ops_score"),
        "Rep type": chip("rep_type"),
        "Next Grade Needs": "next_grade_needs",
    }
    order = (user.c.accounts_strong.desc(), user.c.accounts_mid.desc(), user.c.accounts_initial.desc(), user.c.crm, user.c.record_id)
    blocks: list[Block] = [Note(NOTICE), listing(facts, select.order_by(*order), columns, "Nobody is graded yet: guanxi run.", 40)]
    if told:
        shown = [(facts.say(grade), float(told[grade])) for grade in GRADES if grade in told]
        blocks.insert(1, Picture("Users by grade", bars(shown, "users by grade")))
    return Section("Rep grades", lead, blocks)


def _week(facts: Facts) -> Section:
    lead = "What changed in seven days on accounts, people and deals, and what comes next; every row: operation.weekly."
    columns: Columns = {
        "Day": "day",
        "Record": lambda row: facts.link(row["crm"], row["record_type"], row["record_id"]),
        "Of": "record_type",
        "What": lambda row: facts.say(row["what"]),
        "Before": chip("before"),
        "After": chip("after"),
    }
    if facts.individual:
        columns = {"User": linked(facts, "user", "user_id"), **columns}
    table = weekly if facts.individual else weekly.select().where(weekly.c.record_type != "user").subquery()
    order = (table.c.crm, table.c.user_id, table.c.day, table.c.record_id, table.c.what)
    done = sa.select(table).where(table.c.is_next.is_(False)).order_by(table.c.day.desc(), *order)
    coming = sa.select(table).where(table.c.is_next.is_(True)).order_by(table.c.day, *order)
    nothing = "Nothing is due in the next days."
    return Section(
        "Weekly sheet", lead, [listing(facts, done, columns, WEEK, 30), Note("Next:"), listing(facts, coming, columns, nothing, 20)]
    )


def _handover(facts: Facts) -> Section:
    lead = "People whom one user alone, of all active ones, has two-way contact with: what would leave with that user."
    people, key = sa.func.count(), sa.func.sum(sa.cast(handover.c.key_person, sa.Integer))
    accounts, without = sa.func.count(sa.distinct(handover.c.account_id)), sa.func.count() - sa.func.count(handover.c.substitute_id)
    keys = (handover.c.crm, handover.c.user_id, handover.c.is_active)
    counts = (people.label("people"), key.label("key"), accounts.label("accounts"), without.label("without"))
    columns: Columns = {
        "User": linked(facts, "user", "user_id"),
        "Active": "is_active",
        "People known alone": "people",
        "Key persons": "key",
        "Accounts": "accounts",
        "Nobody near to take over": "without",
    }
    select = sa.select(*keys, *counts).group_by(*keys).order_by(handover.c.is_active, sa.desc("people"), *keys)
    return Section("Hand-over", lead, [listing(facts, select, columns, "Nobody is known by one of us alone.")])


def _pay(facts: Facts) -> Section:
    lead = "Arithmetic only: what 10 % for account operation would come to at this score. No pay is read, computed or written."
    columns: Columns = {
        "User": linked(facts, "user", "user_id"),
        "Base": "base_share",
        "Sales": "sales_share",
        "Operation": "operation_share",
        "Account Operation Score": meter("account_ops_score"),
        "Points of operation": "operation_points",
    }
    ordered = sa.select(pay_shares).order_by(pay_shares.c.operation_points.desc().nulls_last(), pay_shares.c.crm, pay_shares.c.user_id)
    return Section("Pay shares", lead, [listing(facts, ordered, columns, "No score of account operation is known yet.")])


def _teams(facts: Facts) -> Section:
    lead = "Means per person of teams that are large enough to single nobody out."
    columns: Columns = {
        "Manager's team": linked(facts, "user", "manager_id"),
        "People": "people",
        "Mail captured": "captured",
        "Accounts covered": "covered",
        "Accounts Strong": "accounts_strong",
        "Accounts Mid": "accounts_mid",
        "Accounts Initial": "accounts_initial",
        "People Known": "people_known",
    }
    why = "No team is large enough, or [grading] aggregates = false."
    return Section("Teams", lead, [listing(facts, sa.select(teams).order_by(teams.c.crm, teams.c.manager_id), columns, why)])
