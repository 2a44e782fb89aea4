"""How the figures of an account come about: its key persons and their features, averages, map, level, breadth, standing."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.explanation import contact
from transforms.explanation.asked import Asked, Section, day
from transforms.explanation.people import CUTS, graded, trends
from transforms.explanation.standing import importance, lifecycle
from transforms.scores import tables as scores
from transforms.scores.expressions import since
from transforms.scores.key_persons import FEATURES
from transforms.scores.levels import ENGAGED
from transforms.tables import people

Rows = Sequence[dict[str, Any]]


def sections(asked: Asked) -> list[Section]:
    """Key persons, what is computed from them, who is in touch, life cycle and importance."""
    account = asked.record(scores.accounts, scores.accounts.c.account_id)
    key = account["account_key"]
    persons = asked.rows(sa.select(scores.key_persons).where(scores.key_persons.c.account_key == key))
    persons.sort(key=lambda one: (-(one["effective_now"] if one["effective_now"] is not None else -1), one["person_id"]))
    seats = asked.rows(sa.select(scores.seats).where(scores.seats.c.account_key == key).order_by(scores.seats.c.position))
    lines = [*_averages(asked, account, persons), *_level(asked, account), *_map(asked, account, persons, seats)]
    return [
        Section(asked.say("title_key_persons"), _key_persons(asked, account, persons)),
        Section(asked.say("title_figures"), [*lines, *_breadth(asked, account), *_confidence(asked, account, persons)]),
        Section(asked.say("title_contact"), _contact(asked, key)),
        lifecycle(asked, key),
        importance(asked, key),
    ]


def _contact(asked: Asked, key: int) -> list[str]:
    return [contact.counts(asked, "account_key", key), *contact.dates(asked, "account_key", key, "last_touch")]


def _key_persons(asked: Asked, account: dict[str, Any], persons: Rows) -> list[str]:
    """One line per key person with the seven features."""
    say = asked.say
    names = ("person", "closeness", "solution", "price", "votes", "reporting", "influence", "features", "counted_in")
    if not persons:
        return [say("no_key_persons")]
    table = asked.table("lrrrlllrl", [tuple(say(f"head_{name}") for name in names), *(_key_person(asked, one) for one in persons)])
    notes = [] if account["key_entered"] else [say("standing_in")]
    return [*table, *notes, say("key_persons_note", attitude=say("by_attitude"))]


def _key_person(asked: Asked, one: dict[str, Any]) -> tuple[str, ...]:
    say = asked.say
    stated = say("by_attitude") if one["attitude"] is not None else ""
    lines = [say.known(one[f"knows_{name}"]) for name in ("veto", "reporting", "influence")]
    asks = say("deep_yes" if one["deep"] else "deep_no") if one["target"] else ""
    against = say("decider_against") if one["decider"] and (one["attitude"] or 0) < 0 else ""
    return (
        one["person_id"],
        say.number(one["effective_now"]) + stated,
        *(say.judged(one[name]) for name in ("solution_acceptance", "price_acceptance")),
        *lines,
        f"{one['features']}/{FEATURES}",
        " ".join(part for part in (asks, against, say("insight_yes") if one["insight"] else "") if part),
    )


def _averages(asked: Asked, account: dict[str, Any], persons: Rows) -> list[str]:
    figures = (
        ("average_closeness", "effective_now", "closeness_now", 1),
        ("average_solution", "solution_acceptance", "solution_acceptance_avg", 0),
        ("average_price", "price_acceptance", "price_acceptance_avg", 0),
    )
    lines = []
    for phrase, term, figure, decimals in figures:
        known = [one[term] for one in persons if one[term] is not None]
        shown = asked.mean(known, account[figure], decimals)
        lines.append(asked.say(phrase, mean=shown, known=len(known), total=len(persons)))
    cuts = {name: asked.number(f"grade.{name}") for name in CUTS}
    now = account["closeness_now"]
    grade = [] if now is None else [asked.say("account_grade", grade=asked.say.label("grade", graded(asked, now)), closeness=now, **cuts)]
    return [*lines, *grade, *trends(asked, account)]


def _level(asked: Asked, account: dict[str, Any]) -> list[str]:
    """The level with its cuts, and the further conditions of Strong, each met or not."""
    cuts = {name: asked.number(f"level.{name}") for name in ("initial", "mid", "strong")}
    closeness = asked.say.number(account["closeness_now"])
    label = asked.say.label("account_level", account["level"])
    return [asked.say("account_level", level=label, closeness=closeness, **cuts), *strong(asked, account)]


def strong(asked: Asked, row: dict[str, Any]) -> list[str]:
    """Conditions of Strong beside closeness; of an account, or of one in a user's own view."""
    shallow = row["targets"] - row["targets_deep"]
    lines = (
        ("strong_departments", row["departments_open"] == 0, {"open": row["departments_open"]}),
        ("strong_against", row["negative_deciders"] == 0, {"against": row["negative_deciders"]}),
        ("strong_influence", row["targets"] > 0 and shallow == 0, {"deep": row["targets_deep"], "targets": row["targets"]}),
    )
    return [asked.say(phrase, met=asked.say("met" if fulfilled else "not_met"), **blanks) for phrase, fulfilled, blanks in lines]


def _map(asked: Asked, account: dict[str, Any], persons: Rows, seats: Rows) -> list[str]:
    """Seats one by one, then completeness and insight rate as sums."""
    say, owed = asked.say, FEATURES * max(len(persons), 1)
    known, insights = sum(one["features"] for one in persons), sum(one["insight"] for one in persons)
    filled, total, lines = {}, {}, []
    for kind in ("role", "department"):
        names = {side: [seat["name"] for seat in seats if seat["kind"] == kind and seat["filled"] is side] for side in (True, False)}
        filled[kind], total[kind] = len(names[True]), len(names[True]) + len(names[False])
        lines.append(say(f"seats_{kind}", filled=filled[kind], total=total[kind], **_named(asked, kind, names)))
    return [
        *lines,
        say("features", known=known, owed=owed, persons=max(len(persons), 1), each=FEATURES),
        say(
            "completeness",
            roles=filled["role"],
            departments=filled["department"],
            features=known,
            all_roles=total["role"],
            all_departments=total["department"],
            owed=owed,
            completeness=account["map_completeness"],
        ),
        say("insight_blank") if not persons else _insight(asked, insights, len(persons), account["insight_rate"]),
    ]


def _named(asked: Asked, kind: str, names: dict[bool, list[str]]) -> dict[str, str]:
    return {"held": asked.say.labels(kind, names[True]), "missing": asked.say.labels(kind, names[False])}


def _insight(asked: Asked, insights: int, persons: int, rate: float) -> str:
    days = asked.number("insight.days")
    return asked.say("insight", insights=insights, persons=persons, rate=rate, after=day(since(asked.context, days)), days=days)


def _breadth(asked: Asked, account: dict[str, Any]) -> list[str]:
    """Who of the account is in touch, in which departments, and how much hangs on one of our users."""
    say, key = asked.say, account["account_key"]
    person = scores.people
    engaged = (
        sa.select(person.c.person_id, people.c.department_name)
        .select_from(person.join(people, person.c.person_key == people.c.person_key))
        .where(person.c.account_key == key, person.c.person_kind == "contact", person.c.level.in_(ENGAGED))
    )
    found = asked.rows(engaged)
    departments = sorted({one["department_name"] for one in found} - {None})
    line = say("breadth", people=len(found), departments=len(departments), names=say.labels("department", departments))
    return [line, contact.named(asked, "contact_our_people", contact.users(asked, "account_key", key)), _bus_factor(asked, account)]


def _bus_factor(asked: Asked, account: dict[str, Any]) -> str:
    pair = scores.pairs
    held = sa.func.sum(pair.c.intensity).label("held")
    rows = asked.rows(
        sa.select(pair.c.user_id, held)
        .where(pair.c.account_key == account["account_key"])
        .group_by(pair.c.user_id)
        .order_by(held.desc(), pair.c.user_id)
    )
    if account["bus_factor"] is None:
        return asked.say("bus_factor_blank")
    total = sum(row["held"] for row in rows)
    figures = {"held": f"{rows[0]['held']:.3f}", "total": f"{total:.3f}", "factor": account["bus_factor"]}
    return asked.say("bus_factor", user=rows[0]["user_id"], users=len(rows), **figures)


def _confidence(asked: Asked, account: dict[str, Any], persons: Rows) -> list[str]:
    shown = asked.mean([one["confidence"] for one in persons], account["confidence"], 1)
    return [asked.say("account_confidence", mean=shown)]
