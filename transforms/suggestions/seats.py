"""Candidates for seats nobody fills: a title or department that speaks for the seat, on an account where nobody is marked."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.enrichment.words import translated
from transforms.scores import tables as scores
from transforms.scores.expressions import num, zero
from transforms.scores.levels import ENGAGED
from transforms.suggestions.item import item
from transforms.suggestions.keywords import spoken_for
from transforms.suggestions.words import counted, word
from transforms.tables import accounts


def select(context: Context) -> sa.Select[Any]:
    """The best few candidates per missing seat."""
    ranked = _ranked(context)
    reason = sa.case(*((ranked.c.reason == name, word(context, name)) for name in ("both", "title", "department")))
    rows = item(
        "missing_seat",
        "account",
        ranked.c.crm,
        ranked.c.account_id,
        ranked.c.person_id,
        ranked.c.confidence,
        reason.concat(counted(context, "touches_365d", ranked.c.touches)),
        translated(context, ranked.c.name),
    )
    return rows.where(ranked.c.turn <= context.method["suggestions.candidates"])


def _ranked(context: Context) -> sa.CTE:
    found = _candidates(context)
    order = (found.c.confidence.desc(), found.c.effective.desc().nulls_last(), found.c.person_id)
    turn = sa.func.row_number().over(partition_by=(found.c.account_key, found.c.kind, found.c.match), order_by=order)
    return sa.select(*found.c, turn.label("turn")).cte("seats_ranked")


def _candidates(context: Context) -> sa.CTE:
    seat, spoken, score, touch = scores.seats, spoken_for(context), scores.people, scores.person_touches
    joined = (
        spoken.join(score, score.c.person_key == spoken.c.person_key)
        .join(seat, sa.and_(seat.c.account_key == score.c.account_key, seat.c.kind == spoken.c.kind, seat.c.match == spoken.c.match))
        .join(accounts, accounts.c.account_key == seat.c.account_key)
        .outerjoin(touch, touch.c.person_key == score.c.person_key)
    )
    reason = sa.case((spoken.c.title + spoken.c.department == 2, "both"), (spoken.c.title == 1, "title"), else_="department")
    method = context.method
    sure = sa.case(*((reason == name, num(method[f"suggestions.{name}"])) for name in ("both", "title", "department")))
    engaged = sa.case((score.c.level.in_(ENGAGED), num(method["suggestions.engaged"])), else_=num(0))
    return (
        sa.select(
            *(seat.c[name] for name in ("crm", "account_key", "kind", "match", "name")),
            accounts.c.account_id,
            score.c.person_id,
            score.c.effective_now.label("effective"),
            reason.label("reason"),
            (sure + engaged).label("confidence"),
            zero(touch.c.touches_365d).label("touches"),
        )
        .select_from(joined)
        .where(sa.not_(seat.c.filled))
        .cte("candidates")
    )


READS = ("model.people", "model.accounts", "scores.seats", "scores.people", "scores.person_touches")
