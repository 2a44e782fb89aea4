"""How an account stands as a customer: the stage of its life cycle with dates, and its importance dimension by dimension."""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY
from transforms.explanation.asked import Asked, Section, date_of, day
from transforms.explanation.words import columns
from transforms.scores import tables as scores
from transforms.scores.expressions import Number
from transforms.scores.importance import DIMENSIONS, ranked_figures
from transforms.tables import interactions, opportunities


def lifecycle(asked: Asked, key: int) -> Section:
    """The stage, the date of each step that was reached, and the won deals it rests on."""
    say, deals = asked.say, asked.one(sa.select(scores.account_deals).where(scores.account_deals.c.account_key == key))
    won, today = _won(asked, key), asked.context.as_of // DAY
    after = today - asked.number("lifecycle.days")
    first = won[0]["close_day"] if won else None
    lines = [
        say("stage", stage=say.label("stage", deals["stage"])),
        say("stage_user", date=_two_way_since(asked, key) or say("never")),
        say("stage_customer", date=date_of(first) or say("never"), won=deals["won"]),
        say("stage_recent", won=deals["won_recent"], after=date_of(after), amount=say.number(deals["won_amount"], 2)),
        say("stage_large" if deals["large_from"] is not None else "stage_large_none", amount=say.number(deals["large_from"], 2)),
    ]
    recent = [(str(date_of(deal["close_day"])), say.number(deal["amount"], 2)) for deal in won if deal["close_day"] > after]
    heading = (say("head_won"), say("head_amount"))
    return Section(say("title_lifecycle"), [*lines, *(asked.table("lr", [heading, *recent]) if recent else ())])


def _won(asked: Asked, key: int) -> list[dict[str, Any]]:
    deal = opportunities
    past = (deal.c.close_day <= asked.context.as_of // DAY) & (sa.func.coalesce(deal.c.created_s, 0) <= asked.context.as_of)
    closed = deal.c.is_closed.is_(True) & deal.c.is_won.is_(True)
    rows = sa.select(deal.c.close_day, deal.c.amount).where(deal.c.account_key == key, closed, past)
    return asked.rows(rows.order_by(deal.c.close_day, deal.c.opportunity_id))


def _two_way_since(asked: Asked, key: int) -> Any:
    log = interactions
    evidence = (log.c.account_key == key) & log.c.two_way.is_(True) & (log.c.at_s <= asked.context.as_of)
    return day(asked.one(sa.select(sa.func.min(log.c.at_s).label("at_s")).where(evidence))["at_s"])


def importance(asked: Asked, key: int) -> Section:
    """Four dimensions: the figure, its place in the industry (or what people entered), 0-10, weight and points."""
    say, rank = asked.say, asked.one(sa.select(scores.account_importance).where(scores.account_importance.c.account_key == key))
    figure = ranked_figures(asked.context)
    own = asked.one(sa.select(figure).where(figure.c.account_key == key))
    names = ("dimension", "figure", "place", "score", "weight", "points")
    table = columns("lrlrrr", [tuple(say(f"head_{name}") for name in names), *(_dimension(asked, own, rank, name) for name in DIMENSIONS)])
    place = {**{name: rank[name] for name in ("rank", "equal", "of")}, "industry": own["industry"] or say("no_industry")}
    share = asked.number("importance.key_share")
    return Section(
        say("title_importance"),
        [
            *table,
            say("importance", importance=rank["importance"]),
            say("key_account", yes=say.yes(rank["key_account"]), share=f"{100 * share:g}", **place),
        ],
    )


def _dimension(asked: Asked, own: dict[str, Any], rank: dict[str, Any], name: str) -> tuple[str, ...]:
    say, weight, entered = asked.say, asked.number(f"importance.weight_{name}"), own.get(f"entered_{name}")
    if entered is not None:
        place = say("place_entered")
    elif own[name] is None:
        place = say("place_unknown")
    else:
        place = say("place_ranked", **_place(asked, own, name))
    shown = say.number(own[name], 3 if name == "can_win" else 2) if entered is None else say.number(entered)
    points = 10 * weight * rank[name]
    return (say(f"dimension_{name}"), shown, place, f"{rank[name]:.3f}", f"{10 * weight:g}", f"{points:.3f}")


def _place(asked: Asked, own: dict[str, Any], name: str) -> dict[str, int]:
    """How many of the industry's known figures lie below, are equal, and there are."""
    figure = ranked_figures(asked.context)
    value = figure.c[name]
    counted = {"below": sa.case((value < own[name], 1)), "equal": sa.case((value == own[name], 1)), "known": value}
    counts: list[Number] = [sa.func.count(each).label(label) for label, each in counted.items()]
    return asked.one(sa.select(*counts).where(figure.c.crm == own["crm"], figure.c.industry == own["industry"]))
