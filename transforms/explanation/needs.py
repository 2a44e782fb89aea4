"""What raises the grade of a person, the level and the map of an account, the grade of a user, the win signal of an opportunity.

One line per condition not yet met. Nothing here is advice on conduct: only which figure would have to change, and by how much.
"""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import sqlalchemy as sa

from transforms.explanation.asked import Asked
from transforms.scores import tables as scores
from transforms.scores.key_persons import FEATURES
from transforms.tables import opportunities

LEVELS = ("None", "Initial", "Mid", "Strong")
GRADES = ("Poor", "Fair", "Good", "Excellent")
Row = Mapping[str, Any]


def of_person(asked: Asked) -> list[str]:
    """What lifts the person's Closeness_Grade (where no attitude is entered) and Interaction_Level by one step."""
    person = asked.record(scores.people, scores.people.c.person_id)
    found = asked.rows(sa.select(scores.person_touches).where(scores.person_touches.c.person_key == person["person_key"]))
    touches = (found or [{"two_way_days_365d": 0, "meetings_365d": 0}])[0]
    return [*_next_grade(asked, person), *_next_level(asked, person, touches)]


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


def of_account(asked: Asked) -> list[str]:
    """Conditions of the next Relationship_Level (method section 4) not yet met, and what fills the map."""
    account = asked.record(scores.accounts, scores.accounts.c.account_id)
    return [*_next_account_level(asked, account), *_seats(asked, account)]


def _next_account_level(asked: Asked, account: Row) -> list[str]:
    if account["level"] == LEVELS[-1]:
        return []
    target, now = LEVELS[LEVELS.index(account["level"]) + 1], account["closeness_now"]
    cut = asked.number(f"level.{target.lower()}")
    checks = [
        (target, asked.say("need_known"), not account["known"]),
        (target, asked.say("need_closeness", cut=cut, now=now), bool(account["known"]) and now < cut),
    ]
    return _lines(asked, "account_level", [*checks, *(_strong(asked, account) if target == "Strong" else ())])


def _strong(asked: Asked, account: Row) -> list[tuple[str, str, bool]]:
    shallow, say = account["targets"] - account["targets_deep"], asked.say
    return [
        ("Strong", say("need_departments", now=account["departments_open"]), account["departments_open"] > 0),
        ("Strong", say("need_none_against", now=account["negative_deciders"]), account["negative_deciders"] > 0),
        ("Strong", say("need_target"), account["targets"] == 0),
        ("Strong", say("need_influence", now=shallow), shallow > 0),
    ]


def _seats(asked: Asked, account: Row) -> list[str]:
    """Seats nobody holds and features nobody knows; each one filled adds the same to the map."""
    seat, key, mine = scores.seats, scores.key_persons, account["account_key"]
    filled = [row["filled"] for row in asked.rows(sa.select(seat.c.filled).where(seat.c.account_key == mine))]
    known = sum(one["features"] for one in asked.rows(sa.select(key.c.features).where(key.c.account_key == mine)))
    owed = FEATURES * max(account["key_persons"], 1)
    each = f"{100 / (len(filled) + owed):.1f}"
    lines = [("need_seats", filled.count(False)), ("need_features", owed - known)]
    return [asked.say(phrase, count=count, each=each) for phrase, count in lines if count]


def of_user(asked: Asked) -> list[str]:
    """Accounts missing for the next Rep_Grade, cumulative: an account at Strong is one at Mid or better, too."""
    user = asked.record(scores.users, scores.users.c.user_id)
    if user["grade"] is None and user["next_grade"] is None:
        return [asked.say("need_accounts", cut=asked.number("rep.min_accounts"), now=user["covered"])]
    missing = [(user["next_grade"], asked.say(f"need_{band}", count=user[f"needs_{band}"]), True) for band in _wanted(user)]
    instead = [("Top", asked.say("need_expert"), True)] if user["next_grade"] == "Top" else []
    return _lines(asked, "rep_grade", [*missing, *instead])


def _wanted(user: Row) -> list[str]:
    return [band for band in ("strong", "mid", "all") if user[f"needs_{band}"]]


def of_deal(asked: Asked) -> list[str]:
    """What holds the win signal down or leaves it blank, and the gaps of the chain."""
    deal = asked.record(opportunities, opportunities.c.opportunity_id)
    score = asked.record(scores.opportunities, scores.opportunities.c.opportunity_id)
    last, rank = asked.number("win_signal.last_rank"), deal["competitor_rank"]
    factor = f"{asked.number('win_signal.no_inside_source'):g}"
    averages = [score[name] for name in ("chain_closeness", "chain_solution", "chain_price")]
    checks = [
        (asked.say("need_event"), deal["compelling_event"] is not True),
        (asked.say("need_rank", last=last, rank=rank), rank is not None and rank > last),
        (asked.say("need_source", factor=factor), deal["inside_source"] is not True),
        (asked.say("need_averages"), None in averages),
        (asked.say("need_roles", roles=asked.say.labels("role", (score["chain_missing"] or "").split(", "))), bool(score["chain_missing"])),
        (asked.say("need_veto"), score["veto_against"]),
    ]
    return [text for text, missing in checks if missing]


def _lines(asked: Asked, group: str, checks: Sequence[tuple[str, str, bool]]) -> list[str]:
    return [asked.say("need", target=asked.say.label(group, target), text=text) for target, text, missing in checks if missing]
