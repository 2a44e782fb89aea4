"""The operation tables, declared. Unknown is null; days, quarters and months are in UTC and end at the as-of."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Integer, String, Table

from warehouse import OPERATION

metadata = sa.MetaData()

STEPS = ("calls", "meetings", "interested", "won")
LIFECYCLE = ("Stranger", "User", "Customer", "Small deals", "Large deals")


def _account() -> list[Column[Any]]:
    return [Column("crm", String), Column("account_key", BigInteger), Column("account_id", String)]


def _counts(**comments: str) -> list[Column[Any]]:
    return [Column(name, BigInteger, comment=comment or None) for name, comment in comments.items()]


def _view(views: str) -> list[Column[Any]]:
    return [
        Column("crm", String),
        Column("view", String, comment=f"{views}; reps only where individuals may be graded"),
        Column("record_id", String, comment="of the user, or the industry; empty for the company"),
    ]


accounts = Table(
    "accounts",
    metadata,
    *_account(),
    Column("owner_id", String),
    Column("importance", Double),
    Column("key_account", Boolean),
    Column("has_owner", Boolean, comment="the owner is one of our users and a person"),
    Column("owner_is_active", Boolean, comment="null = no owner"),
    Column("team_users", BigInteger, comment="active people who cover the account, its owner included"),
    Column("has_plan", Boolean, comment="something is entered in the field mapped for the plan; null = no field is mapped"),
    Column("key_people_entered", BigInteger, comment="contacts marked as key persons, by a buying role or by a vote"),
    Column("strategy_days", BigInteger, comment="age in days of the last edit of a strategy field we saw; null = none seen"),
    Column("evaluation_overdue_days", BigInteger, comment="of the review of importance or closeness, the longer one; 0 = fresh"),
    Column("missing", BigInteger, comment="how many of active owner, plan (where mapped), key persons and fresh evaluation"),
    schema=OPERATION,
    comment="What each live account lacks to be run: owner, plan, key persons, fresh evaluation.",
)

importance_ranks = Table(
    "importance_ranks",
    metadata,
    *_account(),
    Column("industry", String),
    Column("importance", Double),
    Column("won_amount", Double, comment="within lifecycle.days"),
    *_counts(
        rank="place by importance within the industry of the CRM, equal ones share it",
        rank_by_sales="place by won amount alone",
        gap="rank_by_sales - rank: above 0 = matters more than sales alone say",
        of="accounts of the industry",
    ),
    Column("key_account", Boolean),
    Column("key_by_sales", Boolean, comment="would be one of as many key accounts if won amount alone counted"),
    schema=OPERATION,
    comment="Importance against sales alone: sales is yesterday.",
)

funnel = Table(
    "funnel",
    metadata,
    *_view("company, rep or industry"),
    Column("period_start", Date, comment="first day of a quarter, the running one included"),
    Column("place", Integer, comment="order of the step, from 0"),
    Column(
        "step",
        String,
        comment="calls (counted events of any channel), meetings (a meeting among them), interested (a deal was open), won (a deal was)",
    ),
    Column("accounts", BigInteger, comment="distinct accounts with it in the quarter; a rep's events and deals are his or her own"),
    Column("ratio", Double, comment="to the step before, three decimals; null = nothing there; above 1 where deals run without meetings"),
    schema=OPERATION,
    comment="The funnel of each quarter: accounts called on, met, interested, won.",
)

lifecycle_steps = Table(
    "lifecycle_steps",
    metadata,
    *_account(),
    Column("place", Integer, comment="order of the stage, from 0"),
    Column("stage", String, comment=", ".join(LIFECYCLE)),
    Column("since", Date, comment="first day at this stage or a higher one; null for Stranger, the beginning of which nobody knows"),
    schema=OPERATION,
    comment="When each live account first reached each stage of the life cycle, by log and won deals; Large deals by today's amount.",
)

lifecycle_years = Table(
    "lifecycle_years",
    metadata,
    Column("crm", String),
    Column("year", Integer),
    Column("place", Integer, comment="order of the stage, from 0"),
    Column("stage", String),
    Column("next_stage", String),
    *_counts(
        accounts="live accounts that stood at the stage in the year: reached it by the end, and no higher one before the year",
        moved="of those that reached a higher one in the year",
    ),
    Column("ratio", Double, comment="moved / accounts, three decimals"),
    schema=OPERATION,
    comment="Conversion between the stages of the life cycle, year by year; the running year so far.",
)

leads = Table(
    "leads",
    metadata,
    *_view("company or rep"),
    Column("period_start", Date, comment="first day of the quarter in which the leads were created; null = unknown"),
    *_counts(leads="", converted="", disqualified="", open="neither by the as-of"),
    Column("conversion", Double, comment="converted / closed, three decimals; null below operation.min_leads closed ones"),
    Column("median_days", Double, comment="from creation to conversion; null = none known"),
    schema=OPERATION,
    comment="Leads and what became of them, by quarter of creation.",
)

weekly = Table(
    "weekly",
    metadata,
    Column("crm", String),
    Column("user_id", String, comment="active owner of the record, of the contact's account; the user; null = nobody"),
    Column("record_type", String, comment="account, contact, lead, opportunity or user"),
    Column("record_id", String),
    Column("is_next", Boolean, comment="false: happened in the last operation.week_days; true: comes in the next ones"),
    Column(
        "what",
        String,
        comment="level, grade, lifecycle, interaction, rep_grade, win_signal, single_threaded (from history); cold, first_two_way, stage, "
        "won, lost, overdue; next: cools, closes, review",
    ),
    Column("before", String, comment="value before; null = not known, or there was none"),
    Column("after", String, comment="value now, topic of a review"),
    Column("day", Date, comment="on which it changed, or will"),
    schema=OPERATION,
    comment="Weekly sheet of each rep: what changed on the accounts, people and deals he or she owns, and what comes next.",
)

pay_shares = Table(
    "pay_shares",
    metadata,
    Column("crm", String),
    Column("user_id", String),
    *(Column(f"{name}_share", Double, comment=f"of 100: pay.{name}") for name in ("base", "sales", "operation")),
    Column("account_ops_score", Double, comment="null = no improvement is known"),
    Column("operation_points", Double, comment="operation_share * account_ops_score / 100, one decimal"),
    schema=OPERATION,
    comment="Shares of pay as arithmetic, one row per graded user; no pay is read, computed or written.",
)

moat = Table(
    "moat",
    metadata,
    Column("crm", String),
    Column("month_end", Date, comment="last day of a month that is over"),
    *_counts(
        people_known="outside people with two-way contact in the twelve months up to it",
        people_new="of those never known before this month",
        people_back="of those not known the month before, but earlier",
        people_lapsed="known the month before and no longer",
        accounts_engaged="accounts with such contact",
        departments_engaged="departments of accounts with such contact, as today's contacts belong to them",
        pairs_two_way="pairs of one of us and one of them with such contact",
        users="of us with such contact",
        interactions="counted events of the month",
    ),
    schema=OPERATION,
    comment="The moat: size and growth of recorded relations, month by month, from the log itself.",
)
