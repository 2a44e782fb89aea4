"""How the figures of a contact or lead come about, one line per figure with its terms."""

from typing import Any

import sqlalchemy as sa

from transforms.base import DAY
from transforms.explanation import contact
from transforms.explanation.asked import Asked, Section, date_of
from transforms.scores import tables as scores
from transforms.scores.expressions import since
from transforms.tables import interactions
from transforms.tables import people as known_people

CUTS = {"excellent": "Excellent", "good": "Good", "fair": "Fair"}
COUNTS = ("two_way_days_365d", "meetings_365d", "contact_days_90d", "contact_days_365d", "contact_days")


def sections(asked: Asked) -> list[Section]:
    """One section; the pairs behind the closeness follow it."""
    person = _person(asked)
    lines = [_grade, _level, _frequency, _reciprocity, _rhythm, _gap, _confidence]
    figures = [*(line(asked, person) for line in lines), *trends(asked, person)]
    return [Section(asked.say("title_figures"), figures), Section(asked.say("title_contact"), _contact(asked, person))]


def _contact(asked: Asked, person: dict[str, Any]) -> list[str]:
    """The counts, the activities behind the dates, and our users in touch."""
    column, key = "person_key", person["person_key"]
    return [
        contact.counts(asked, column, key),
        *contact.dates(asked, column, key, "first_touch", "last_touch", "last_two_way"),
        contact.named(asked, "contact_known_by", contact.users(asked, column, key)),
        *([asked.say("contact_strongest", user=person["strongest_user_id"])] if person["strongest_user_id"] else ()),
    ]


def _person(asked: Asked) -> dict[str, Any]:
    """Scores, what people entered, counts of contact, and both sides of the person's pairs."""
    person = asked.record(scores.people, scores.people.c.person_id)
    key = person["person_key"]
    touch = asked.rows(sa.select(scores.person_touches).where(scores.person_touches.c.person_key == key))
    entered = asked.one(sa.select(known_people.c.attitude).where(known_people.c.person_key == key))
    none = dict.fromkeys(COUNTS, 0) | {"usual_gap": None, "last_day": None}
    return person | (touch[0] if touch else none) | entered | _sides(asked, key)


def _sides(asked: Asked, key: int) -> dict[str, Any]:
    """Over the person's pairs: X_out, X_in, users in touch within 365 days and those of them whose inbound mail is captured."""
    pair, capture = scores.pairs, scores.user_capture
    recent = pair.c.last_s > since(asked.context, 365)
    return asked.one(
        sa.select(
            sa.func.coalesce(sa.func.sum(pair.c.x_out), 0.0).label("x_out"),
            sa.func.coalesce(sa.func.sum(pair.c.x_in), 0.0).label("x_in"),
            sa.func.count(sa.case((recent, 1))).label("users"),
            sa.func.count(sa.case((recent & capture.c.captured.is_(True), 1))).label("users_captured"),
        )
        .select_from(pair.outerjoin(capture, pair.c.user_key == capture.c.user_key))
        .where(pair.c.person_key == key)
    )


def _grade(asked: Asked, person: dict[str, Any]) -> str:
    cuts = {name: asked.number(f"grade.{name}") for name in CUTS}
    label = asked.say.label("grade", person["grade"])
    if person["attitude"] is not None:
        points = asked.say.number(person["effective_now"])
        return asked.say("grade_stated", grade=label, attitude=asked.say.judged(person["attitude"]), points=points, **cuts)
    if person["closeness_now"] is None:
        return asked.say("grade_unknown")
    return asked.say("grade_observed", grade=label, closeness=person["closeness_now"], **cuts)


def _level(asked: Asked, person: dict[str, Any]) -> str:
    numbers = {name: asked.number(f"interaction_level.{name}") for name in ("multiple_days", "deep_meetings", "deep_closeness")}
    return asked.say(
        "level",
        level=asked.say.label("level", person["level"]),
        days=person["two_way_days_365d"],
        meetings=person["meetings_365d"],
        closeness=asked.say.number(person["closeness_now"]),
        **numbers,
    )


def _frequency(asked: Asked, person: dict[str, Any]) -> str:
    days = person["contact_days_90d"]
    return asked.say("frequency", days=days, frequency=asked.say.number(days / 3, 2))


def _reciprocity(asked: Asked, person: dict[str, Any]) -> str:
    if person["reciprocity"] is None:
        return asked.say("reciprocity_blank", users=person["users"])
    low, high = sorted((person["x_out"], person["x_in"]))
    return asked.say("reciprocity", low=f"{low:.3f}", high=f"{high:.3f}", reciprocity=person["reciprocity"])


def _rhythm(asked: Asked, person: dict[str, Any]) -> str:
    least = asked.number("rhythm.min_contact_days")
    if person["rhythm"] is None:
        return asked.say("rhythm_blank", days=person["contact_days"], least=least)
    silence = asked.context.as_of // DAY - person["last_day"]
    return asked.say(
        "rhythm",
        rhythm=asked.say.label("rhythm", person["rhythm"]),
        days=person["contact_days"],
        gap=f"{person['usual_gap']:g}",
        silence=silence,
        last=date_of(person["last_day"]),
        ratio=f"{silence / person['usual_gap']:.2f}",
        **{name: f"{asked.number(f'rhythm.{name}'):g}" for name in ("late", "cooling", "lapsed")},
    )


def _gap(asked: Asked, person: dict[str, Any]) -> str:
    if person["stated_gap"] is None:
        return asked.say("gap_blank")
    stated, observed = person["effective_now"], person["closeness_now"]
    return asked.say(
        "gap",
        gap=asked.say.label("gap", person["stated_gap"]),
        stated=asked.say.number(stated),
        stated_grade=asked.say.label("grade", graded(asked, stated)),
        observed=asked.say.number(observed),
        observed_grade=asked.say.label("grade", graded(asked, observed)),
        limit=asked.number("stated_gap.grades"),
    )


def graded(asked: Asked, closeness: float) -> str:
    """The grade of a closeness."""
    return next((label for name, label in CUTS.items() if closeness >= asked.number(f"grade.{name}")), "Poor")


def _confidence(asked: Asked, person: dict[str, Any]) -> str:
    if person["confidence"] is None:
        return asked.say("confidence_blank")
    log = interactions
    newest = asked.one(sa.select(sa.func.max(log.c.at_s).label("at_s")).where(log.c.crm == asked.crm, log.c.at_s <= asked.context.as_of))
    weights = {name: asked.number(f"confidence.{name}") for name in ("capture", "evidence", "freshness")}
    return asked.say(
        "confidence",
        confidence=person["confidence"],
        captured=person["users_captured"],
        users=person["users"],
        days=person["contact_days_365d"],
        full=asked.number("confidence.full_days"),
        age=f"{(asked.context.as_of - newest['at_s']) / DAY:.1f}",
        fresh=asked.number("confidence.fresh_days"),
        stale=asked.number("confidence.stale_days"),
        **weights,
    )


def trends(asked: Asked, row: dict[str, Any]) -> list[str]:
    """Closeness now minus closeness then, of a person or an account."""
    now, lines = row["closeness_now"], []
    for name, days in (("month", 30), ("year", 365)):
        then = row[f"closeness_{name}"]
        if now is None or then is None:
            lines.append(asked.say("trend_blank", days=days))
        else:
            lines.append(asked.say("trend", days=days, now=now, then=then, trend=f"{now - then:+.1f}"))
    return lines
