"""What raises the figures of a person, of a user and of an opportunity; of an account: `account_needs`.

One line per condition not yet met. Nothing here is advice on conduct: only which figure would have to change, and by how much.
"""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import sqlalchemy as sa

from transforms.explanation.asked import Asked
from transforms.history.account_ops import points_of
from transforms.history.tables import current_averages
from transforms.scores import tables as scores
from transforms.scores.opportunities import members
from transforms.tables import opportunities

GRADES = ("Poor", "Fair", "Good", "Excellent")
Row = Mapping[str, Any]


def of_person(asked: Asked) -> list[str]:
    """What lifts Closeness_Grade (where no attitude is entered) and Interaction_Level by one step, mends Rhythm, fills Confidence."""
    person = asked.record(scores.people, scores.people.c.person_id)
    found = asked.rows(sa.select(scores.person_touches).where(scores.person_touches.c.person_key == person["person_key"]))
    touches = (found or [dict.fromkeys(("two_way_days_365d", "meetings_365d", "contact_days_365d"), 0)])[0]
    steps = [*_next_grade(asked, person), *_next_level(asked, person, touches)]
    return [*steps, *_rhythm(asked, person), *_confidence(asked, person, touches)]


def _next_grade(asked: Asked, person: Row) -> list[str]:
    """Intensity missing for the next cut, beside what one meeting is worth."""
    now, grade = person["closeness_now"], person["grade"]
    if now is None or grade == GRADES[-1] or person["effective_now"] != now:
        return []
    target = GRADES[GRADES.index(grade) + 1]
    cut = asked.number(f"grade.{target.lower()}")
    kappa = asked.one(sa.select(scores.kappa.c.kappa).where(scores.kappa.c.crm == asked.crm, scores.kappa.c.instant == "now"))["kappa"]
    more = kappa * (log2(1 - now / 100) - log2(1 - cut / 100))
    return [
        asked.say(
            "need_grade",
            grade=asked.say.label("grade", target),
            cut=cut,
            now=now,
            more=f"{more:.1f}",
            minutes=asked.number("closeness.quality_minutes"),
            worth=f"{2 * asked.number('closeness.weight_meeting'):g}",
        )
    ]


def _next_level(asked: Asked, person: Row, touches: Row) -> list[str]:
    many, met = (asked.number(f"interaction_level.{name}") for name in ("multiple_days", "deep_meetings"))
    close = asked.number("interaction_level.deep_closeness")
    days, meetings, now = touches["two_way_days_365d"], touches["meetings_365d"], person["closeness_now"] or 0
    checks = {
        "No contact": [("Occasional", asked.say("need_contact"), True)],
        "Occasional": [("Multiple", asked.say("need_days", cut=many, now=days), True)],
        "Multiple": [
            ("Deep", asked.say("need_meetings", cut=met, now=meetings), meetings < met),
            ("Deep", asked.say("need_closeness", cut=close, now=now), now < close),
        ],
    }
    return _lines(asked, "level", checks.get(person["level"], ()))


def _rhythm(asked: Asked, person: Row) -> list[str]:
    if person["rhythm"] in (None, "In rhythm"):
        return []
    return [asked.say("need_rhythm", rhythm=asked.say.label("rhythm", "In rhythm"), now=asked.say.label("rhythm", person["rhythm"]))]


def _confidence(asked: Asked, person: Row, touches: Row) -> list[str]:
    """Captured mail and contact days that confidence lacks."""
    if person["confidence"] is None:
        return []
    full, now = asked.number("confidence.full_days"), touches["contact_days_365d"]
    checks = [(asked.say("need_capture"), not person["captured"]), (asked.say("need_full", cut=full, now=now), now < full)]
    return [text for text, missing in checks if missing]


def of_user(asked: Asked) -> list[str]:
    """Accounts missing for the next Rep_Grade, cumulative (an account at Strong is one at Mid or better, too); the lowest points."""
    user = asked.record(scores.users, scores.users.c.user_id)
    if user["grade"] is None and user["next_grade"] is None:
        return [asked.say("need_accounts", cut=asked.number("rep.min_accounts"), now=user["covered"]), *_operation(asked)]
    missing = [(user["next_grade"], asked.say(f"need_{band}", count=user[f"needs_{band}"]), True) for band in _wanted(user)]
    instead = [("Top", asked.say("need_expert"), True)] if user["next_grade"] == "Top" else []
    return [*_lines(asked, "rep_grade", [*missing, *instead]), *_operation(asked)]


def _operation(asked: Asked) -> list[str]:
    """The average whose movement earns the fewest points of Account_Ops_Score."""
    average, points = current_averages, points_of(asked.context).label("points")
    mine = (average.c.crm == asked.crm) & (average.c.view == "rep") & (average.c.record_id == asked.record_id)
    rows = asked.rows(sa.select(average.c.figure, points).where(mine, points.is_not(None)).order_by(points, average.c.figure).limit(1))
    return [asked.say("need_average", figure=asked.say(f"figure_{row['figure']}"), points=asked.say.number(row["points"])) for row in rows]


def _wanted(user: Row) -> list[str]:
    return [band for band in ("strong", "mid", "all") if user[f"needs_{band}"]]


def of_deal(asked: Asked) -> list[str]:
    """What holds the win signal down or leaves it blank, and the gaps of the chain."""
    deal = asked.record(opportunities, opportunities.c.opportunity_id)
    score = asked.record(scores.opportunities, scores.opportunities.c.opportunity_id)
    last, rank = asked.number("win_signal.last_rank"), deal["competitor_rank"]
    factor = f"{asked.number('win_signal.no_inside_source'):g}"
    deciders = asked.one(sa.select(sa.func.count().label("deciders")).select_from(_deciders(asked)))["deciders"]
    averages = [score[name] for name in ("chain_closeness", "chain_solution", "chain_price")]
    checks = [
        (asked.say("need_event"), deal["compelling_event"] is not True),
        (asked.say("need_rank", last=last, rank=rank), rank is not None and rank > last),
        (asked.say("need_source", factor=factor), deal["inside_source"] is not True),
        (asked.say("need_averages"), None in averages),
        (asked.say("need_roles", roles=asked.say.labels("role", (score["chain_missing"] or "").split(", "))), bool(score["chain_missing"])),
        (asked.say("need_veto"), score["veto_against"]),
        (asked.say("need_decider", now=score["deciders_reached"], deciders=deciders), score["deciders_reached"] < deciders),
        (asked.say("need_thread", now=score["threads"]), score["threads"] < 2),
    ]
    return [text for text, missing in checks if missing]


def _deciders(asked: Asked) -> sa.Subquery:
    one = members(asked.context)
    mine = (one.c.crm == asked.crm) & (one.c.opportunity_id == asked.record_id)
    return sa.select(one.c.person_key).where(mine, one.c.Decider.is_(True)).subquery("deciders")


def _lines(asked: Asked, group: str, checks: Sequence[tuple[str, str, bool]]) -> list[str]:
    return [asked.say("need", target=asked.say.label(group, target), text=text) for target, text, missing in checks if missing]
