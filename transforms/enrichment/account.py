"""Fields of accounts (contract 4.1)."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment import tables
from transforms.enrichment.words import LENGTH, joined, text, translated, word
from transforms.scores import tables as scores
from transforms.scores.expressions import Number, as_date, grade, num, rounded
from transforms.tables import accounts

COPIED = (
    "solution_acceptance_avg",
    "price_acceptance_avg",
    "map_completeness",
    "insight_rate",
    "touches_90d",
    "contact_days_90d",
    "people_engaged",
    "departments_engaged",
    "our_people",
    "bus_factor",
    "confidence",
)


def select(context: Context) -> sa.Select[Any]:
    """One row per live account (`enrichment.account`)."""
    score, fields = scores.accounts, _fields(context)
    columns = [fields[column.name].label(column.name) for column in tables.account.columns if column.name in fields]
    return sa.select(score.c.crm, score.c.account_id.label("record_id"), accounts.c.parent_id, *columns).select_from(
        score.join(accounts, score.c.account_key == accounts.c.account_key)
        .join(scores.account_deals, score.c.account_key == scores.account_deals.c.account_key)
        .join(scores.account_importance, score.c.account_key == scores.account_importance.c.account_key)
    )


def _fields(context: Context) -> dict[str, Number]:
    score = scores.accounts
    return {name: score.c[name] for name in COPIED} | {
        "closeness": score.c.closeness_now,
        "closeness_grade": grade(context, score.c.closeness_now),
        "relationship_level": score.c.level,
        "missing_seats": _missing(context),
        "last_touch": as_date(score.c.last_s),
        "lifecycle_stage": scores.account_deals.c.stage,
        "importance": scores.account_importance.c.importance,
        "key_account": scores.account_importance.c.key_account,
        "trend_30d": rounded(score.c.closeness_now - score.c.closeness_month, 1),
        "trend_365d": rounded(score.c.closeness_now - score.c.closeness_year, 1),
        "why": _why(context),
        "scored_on": as_date(num(context.as_of)),
        "method_version": sa.literal(context.method.version),
    }


def _missing(context: Context) -> Number:
    """Roles, then departments; blank where every seat is filled."""
    score = scores.accounts
    roles = translated(context, score.c.missing_roles)
    both = sa.func.coalesce(roles.concat(", ").concat(score.c.missing_departments), roles, score.c.missing_departments)
    return sa.func.substr(both, 1, LENGTH)


def _why(context: Context) -> Number:
    """How many key persons are known, touches, our people and the last two-way date."""
    score = scores.accounts
    known = text(score.c.known).concat(word(context, "of")).concat(text(score.c.key_persons)).concat(word(context, "known"))
    two_way = word(context, "last_two_way").concat(text(as_date(score.c.last_two_way_s)))
    return joined(
        [
            sa.case((score.c.key_persons == 0, word(context, "no_persons")), else_=known),
            sa.case((sa.and_(score.c.key_persons > 0, ~score.c.key_entered), word(context, "no_key")), else_=""),
            word(context, "semicolon"),
            word(context, "touches").concat(text(score.c.touches_90d)).concat(word(context, "semicolon")),
            word(context, "users").concat(text(score.c.our_people)),
            sa.case((score.c.last_two_way_s.is_(None), word(context, "never_two_way")), else_=two_way),
            word(context, "stop"),
        ]
    )


MODEL = Model(tables.account, select, ("model.accounts", "scores.accounts", "scores.account_deals", "scores.account_importance"))
