"""How the figures of an open opportunity come about: its decision chain, the averages over it, and the win signal step by step."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import DAY
from transforms.explanation.asked import Asked, Section, date_of, day
from transforms.scores import tables as scores
from transforms.scores.expressions import since
from transforms.scores.opportunities import members
from transforms.scores.seats import ROLES
from transforms.tables import opportunities, opportunity_roles
from transforms.tables import people as known_people

Row = dict[str, Any]


def sections(asked: Asked) -> list[Section]:
    """The chain person by person, then every figure."""
    deal = asked.record(opportunities, opportunities.c.opportunity_id)
    score = asked.record(scores.opportunities, scores.opportunities.c.opportunity_id)
    chain = _chain(asked)
    lines = [*_averages(asked, score, chain), *_counts(asked, score, chain), *_win_signal(asked, deal, score), _horizon(asked, deal, score)]
    return [Section(asked.say("title_chain"), _people(asked, score, chain)), Section(asked.say("title_figures"), lines)]


def _chain(asked: Asked) -> list[Row]:
    one, person = members(asked.context), known_people
    rows = (
        sa.select(one, person.c.person_id, person.c.attitude, person.c.vote)
        .select_from(one.join(person, one.c.person_key == person.c.person_key))
        .where(one.c.crm == asked.crm, one.c.opportunity_id == asked.record_id)
        .order_by(one.c.effective.desc().nulls_last(), person.c.person_id)
    )
    return asked.rows(rows)


def _people(asked: Asked, score: Row, chain: Sequence[Row]) -> list[str]:
    say = asked.say
    if not chain:
        return [say("no_chain")]
    names = ("person", "roles", "closeness", "solution", "price", "vote", "two_way")
    table = asked.table("llrrrll", [tuple(say(f"head_{name}") for name in names), *(_person(asked, one) for one in chain)])
    notes = [] if score["own_roles"] else [say("chain_stands_in")]
    return [*table, *notes, say("chain_note", after=day(since(asked.context, asked.number("opportunity.days"))))]


def _person(asked: Asked, one: Row) -> tuple[str, ...]:
    say = asked.say
    stated = say("by_attitude") if one["attitude"] is not None else ""
    return (
        one["person_id"],
        say.labels("role", [role for role in ROLES if one[role]]),
        say.number(one["effective"]) + stated,
        *(say.judged(one[name]) for name in ("solution", "price")),
        say.label("vote", one["vote"]) + (say("vote_against") if one["veto"] else ""),
        say.yes(one["reached"]),
    )


def _averages(asked: Asked, score: Row, chain: Sequence[Row]) -> list[str]:
    lines = []
    for phrase, term, figure, decimals in (
        ("chain_closeness", "effective", "chain_closeness", 1),
        ("chain_solution", "solution", "chain_solution", 0),
        ("chain_price", "price", "chain_price", 0),
    ):
        known = [one[term] for one in chain if one[term] is not None]
        lines.append(asked.say(phrase, mean=asked.mean(known, score[figure], decimals), known=len(known), total=len(chain)))
    return lines


def _counts(asked: Asked, score: Row, chain: Sequence[Row]) -> list[str]:
    say = asked.say
    deciders = [one for one in chain if one["Decider"]]
    filled = [role for role in ROLES if any(one[role] for one in chain)]
    missing = [role for role in ROLES if role not in filled]
    users = _threads(asked)
    return [
        say("chain_roles", filled=len(filled), total=len(ROLES), missing=say.labels("role", missing)),
        say("deciders", reached=score["deciders_reached"], deciders=len(deciders)),
        say("veto", yes=say.yes(score["veto_against"])),
        say("threads", threads=score["threads"], users=say("comma").join(users[:5]) or say("none")),
    ]


def _threads(asked: Asked) -> list[str]:
    role, pair = opportunity_roles, scores.pairs
    recent = pair.c.last_two_way_s > since(asked.context, asked.number("opportunity.days"))
    rows = (
        sa.select(pair.c.user_id)
        .select_from(role.join(pair, role.c.person_key == pair.c.person_key))
        .where(role.c.crm == asked.crm, role.c.opportunity_id == asked.record_id, recent)
        .distinct()
    )
    return sorted(row["user_id"] for row in asked.rows(rows))


def _win_signal(asked: Asked, deal: Row, score: Row) -> list[str]:
    """Compelling event, rank, base, inside source: each step with what it does to the figure."""
    say, last = asked.say, asked.number("win_signal.last_rank")
    if deal["compelling_event"] is not True:
        return [say("win_no_event")]
    if deal["competitor_rank"] is not None and deal["competitor_rank"] > last:
        return [say("win_rank", rank=deal["competitor_rank"], last=last)]
    parts = [
        score["chain_closeness"],
        *(None if score[name] is None else (score[name] + 2) * 25 for name in ("chain_solution", "chain_price")),
    ]
    known = [part for part in parts if part is not None]
    if not known:
        return [say("win_unknown")]
    factor = 1 if deal["inside_source"] is True else asked.number("win_signal.no_inside_source")
    shown = [say.number(part, 2) for part in parts]
    base = sum(known) / len(known)
    rank = "" if deal["competitor_rank"] is None else str(deal["competitor_rank"])
    return [
        say("win_base", closeness=shown[0], solution=shown[1], price=shown[2], count=len(known), base=f"{base:.3f}"),
        say("win_steps", rank=rank or say("unknown"), last=last, factor=f"{factor:g}", source=say.yes(deal["inside_source"])),
        say("win_signal", base=f"{base:.3f}", factor=f"{factor:g}", signal=score["win_signal"]),
    ]


def _horizon(asked: Asked, deal: Row, score: Row) -> str:
    left = None if deal["close_day"] is None else deal["close_day"] - asked.context.as_of // DAY
    cuts = {name: asked.number(f"horizon.{name}_days") for name in ("quarter", "year", "far")}
    close = date_of(deal["close_day"]) or asked.say("unknown")
    horizon = asked.say.label("horizon", score["horizon"]) if score["horizon"] else asked.say("blank")
    return asked.say("horizon", horizon=horizon, date=close, left=asked.say("unknown") if left is None else left, **cuts)
