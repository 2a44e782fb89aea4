"""Contact and Lead fields of contract 4.1, one person after the other."""

from itertools import pairwise
from math import prod
from statistics import median
from typing import Any

from tests.transforms.oracle.evidence import DAY, Evidence, Row, day_of, ids, last, mean, rounded

ENGAGED = ("Occasional", "Multiple", "Deep")
GRADES = ("Poor", "Fair", "Good", "Excellent")


def step(log: Evidence, value: float) -> int:
    """Grades above Poor."""
    return sum(value >= log.method[f"grade.{name.lower()}"] for name in GRADES[1:])


def grade(log: Evidence, value: float | None) -> str | None:
    return None if value is None else GRADES[step(log, value)]


def stated(log: Evidence, person: Row) -> float | None:
    return None if person["attitude"] is None else float(log.method["attitude.points"][person["attitude"] + 2])


def closeness(log: Evidence, person: Row) -> float | None:
    """100 * (1 - prod over the strongest users (1 - S/100))."""
    name = person["person_id"]
    pairs = [log.pair[user, name] for user in {row["user_id"] for row in log.of_person[name]}]
    top = sorted(pairs, reverse=True)[: log.method["closeness.top_users"]]
    return rounded(100 * (1 - prod(1 - value / 100 for value in top)), 1) if pairs else None


def effective(log: Evidence, person: Row) -> float | None:
    judged = stated(log, person)
    return closeness(log, person) if judged is None else judged


def level(log: Evidence, person: Row) -> str:
    return log.level(log.of_person[person["person_id"]], closeness(log, person))


def strongest(log: Evidence, person: Row) -> str | None:
    pairs = [
        (round(log.intensity[user["user_id"], person["person_id"]], 6), last(log.of_pair[user["user_id"], person["person_id"]]) or 0, user)
        for user in sorted(log.world.users, key=lambda one: str(one["user_id"]))
        if user["is_active"] and user["is_person"] and (user["user_id"], person["person_id"]) in log.pair
    ]
    return max(pairs, key=lambda one: one[:2])[2]["user_id"] if pairs else None


def rhythm(log: Evidence, rows: list[Row]) -> str | None:
    days = sorted({row["at_s"] // DAY for row in rows})
    if len(days) < log.method["rhythm.min_contact_days"]:
        return None
    ratio = (log.at // DAY - days[-1]) / median(after - before for before, after in pairwise(days))
    for cut, label in (("late", "In rhythm"), ("cooling", "Late"), ("lapsed", "Cooling")):
        if ratio <= log.method[f"rhythm.{cut}"]:
            return label
    return "Lapsed"


def reciprocity(log: Evidence, person: Row) -> float | None:
    sides = [log.sides(pair) for pair in log.pair if pair[1] == person["person_id"]]
    out, back = sum(one[0] for one in sides), sum(one[1] for one in sides)
    return rounded(100 * min(out, back) / max(out, back), 1)


def stated_gap(log: Evidence, person: Row) -> str | None:
    judged, seen = stated(log, person), closeness(log, person)
    if judged is None or seen is None:
        return None
    apart = step(log, judged) - step(log, seen)
    return "Agree" if abs(apart) <= 1 else "Stated higher" if apart > 0 else "Observed higher"


def confidence(log: Evidence, rows: list[Row]) -> float | None:
    """Capture, evidence and freshness in tenths 4, 4 and 2."""
    if not rows:
        return None
    year, number = log.within(rows, 365), log.method
    users = {row["user_id"] for row in year}
    capture = mean(float(log.captured(user)) for user in users) or 0
    evidence = min(len({row["at_s"] // DAY for row in year}) / number["confidence.full_days"], 1)
    fresh, stale = number["confidence.fresh_days"], number["confidence.stale_days"]
    age = (log.at - max(row["at_s"] for row in log.rows)) / DAY
    freshness = min(max((stale - age) / (stale - fresh), 0), 1)
    parts = {"capture": capture, "evidence": evidence, "freshness": freshness}
    return rounded(100 * sum(number[f"confidence.{name}"] * part for name, part in parts.items()), 1)


def trend(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else rounded(now - then, 1)


def fields(log: Evidence, month: Evidence, year_ago: Evidence, person: Row) -> dict[str, Any]:
    """Every field of one person at `log.at`; `month` and `year_ago` are the same log 30 and 365 days earlier."""
    rows = log.of_person[person["person_id"]]
    year, quarter = log.within(rows, 365), log.within(rows, 90)
    mails = [row for row in year if row["channel"] == "email"]
    inbound = ids(row for row in mails if row["direction"] == "in")
    seen = any(log.captured(user) for user in {row["user_id"] for row in year})
    days = len({row["at_s"] // DAY for row in quarter})
    now = closeness(log, person)
    return {
        "closeness": now,
        "closeness_grade": grade(log, effective(log, person)),
        "interaction_level": level(log, person),
        "touches_90d": ids(quarter),
        "touches_365d": ids(year),
        "contact_days_90d": days,
        "frequency": rounded(days / 3, 2),
        "first_touch": day_of(min((row["at_s"] for row in rows), default=None)),
        "last_touch": day_of(last(rows)),
        "last_two_way": day_of(last(row for row in rows if row["two_way"])),
        "meetings_365d": ids(row for row in year if row["channel"] == "meeting"),
        "calls_365d": ids(row for row in year if row["channel"] == "call"),
        "emails_out_365d": ids(row for row in mails if row["direction"] == "out"),
        "emails_in_365d": inbound if seen or inbound or not year else None,
        "known_by": len(log.users_in_touch(rows, 365)),
        "strongest_user": strongest(log, person),
        "reciprocity": reciprocity(log, person) if seen else None,
        "rhythm": rhythm(log, rows),
        "trend_30d": trend(now, closeness(month, person)),
        "trend_365d": trend(now, closeness(year_ago, person)),
        "stated_gap": stated_gap(log, person),
        "confidence": confidence(log, rows),
        "scored_on": day_of(log.at),
    }
