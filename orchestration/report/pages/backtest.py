"""What the log itself says about the score: closeness at past dates against what then happened, beside simpler figures."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from orchestration.report.blocks import Block, Note, Page, Picture, Section
from orchestration.report.facts import Facts, Row
from orchestration.report.listing import Columns, listing, percent
from orchestration.report.pictures.lines import Interval, agreement, intervals
from transforms.backtest.tables import calibration, chances, deals, ranking, runs, verdicts
from transforms.backtest.text import NAMES

NONE: Final = "The backtest was not computed yet; guanxi run does so once a month."


def page(facts: Facts) -> Page:
    """The page `backtest`."""
    found = facts.rows(sa.select(runs).order_by(runs.c.crm))
    lead = "Does the score tell who stays in contact? Computed once a month on the log itself; the future was hidden from the score."
    if not found:
        return Page("backtest", "Backtest", lead, [Section("Verdicts", "In plain words.", [Note(NONE, absent=True)])])
    return Page(
        "backtest", "Backtest", lead, [_verdicts(facts), _ranking(facts, found), _calibration(facts, found), _chances(facts), _deals(facts)]
    )


def _verdicts(facts: Facts) -> Section:
    columns: Columns = {"CRM": "crm", "Question": "question", "Answer": "answer", "In words": "sentence"}
    select = sa.select(verdicts).order_by(verdicts.c.crm, verdicts.c.position)
    return Section("Verdicts", "In plain words, with the figures they rest on.", [listing(facts, select, columns, NONE)])


def _ranking(facts: Facts, found: Sequence[Row]) -> Section:
    lead = (
        "Of one pair that stayed in contact and one that did not, how often each figure puts the right one first, of 100; 50 is chance. "
        "The thin line is the 95 % interval."
    )
    return Section("Ranking", lead, [_bars(facts, run) for run in found])


def _bars(facts: Facts, run: Row) -> Block:
    of = (ranking.c.crm == run["crm"]) & ranking.c.cut.is_(None) & ranking.c.auc.is_not(None)
    rows = {row["score"]: row for row in facts.rows(sa.select(ranking).where(of))}
    drawn = [
        Interval(words, 100 * row["auc_low"], 100 * row["auc"], 100 * row["auc_high"], score == "closeness")
        for score, words in NAMES.items()
        if (row := rows.get(score))
    ]
    if not drawn:
        return Note(f"{run['crm']}: too few pairs to tell.", absent=True)
    return Picture(f"{run['crm']}: {run['pairs']:,} pairs at {run['cuts']} past dates", intervals(drawn, 50, 100, "right of 100"))


def _calibration(facts: Facts, found: Sequence[Row]) -> Section:
    lead = "Chance of two-way contact in 90 days: told beforehand, from earlier dates alone, against what happened. On the line is right."
    return Section("Calibration", lead, [_curve(facts, run["crm"]) for run in found])


def _curve(facts: Facts, crm: str) -> Block:
    rows = facts.rows(sa.select(calibration).where(calibration.c.crm == crm, calibration.c.pairs > 0).order_by(calibration.c.chance_from))
    points = [(100 * row["told"], 100 * row["found"], float(row["pairs"])) for row in rows if row["told"] is not None]
    if not points:
        return Note(f"{crm}: the log is too young to tell chances.", absent=True)
    return Picture(
        f"{crm}: percent told and percent found, larger circles are more pairs", agreement(points, "told", "found", "calibration")
    )


def _chances(facts: Facts) -> Section:
    lead = "What a closeness means: the chance that a pair in contact in the last year is in two-way contact in the next 90 days."
    columns: Columns = {
        "CRM": "crm",
        "Closeness": lambda row: f"{row['closeness_from']:.0f} to {row['closeness_to']:.0f}",
        "Pairs": "pairs",
        "Chance": percent("chance"),
    }
    select = sa.select(chances).order_by(chances.c.crm, chances.c.closeness_from)
    return Section("Chance of contact", lead, [listing(facts, select, columns, NONE, 40)])


def _deals(facts: Facts) -> Section:
    lead = "Mean closeness to the account the day before a deal closed, won against lost ones of like age and amount; says nothing of why."
    columns: Columns = {
        "CRM": "crm",
        "Won": "won",
        "Lost": "lost",
        "Closeness, won": "closeness_won",
        "Closeness, lost": "closeness_lost",
        "Difference": lambda row: None if row["difference"] is None else f"{row['difference']:+.1f}",
        "95 % interval": lambda row: None if row["low"] is None else f"{row['low']:+.1f} to {row['high']:+.1f}",
    }
    whole = sa.select(deals).where(deals.c.age_band.is_(None), deals.c.amount_band.is_(None)).order_by(deals.c.crm)
    return Section("Won and lost deals", lead, [listing(facts, whole, columns, "Too few closed deals.")])
