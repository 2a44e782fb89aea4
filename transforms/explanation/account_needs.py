"""What raises the figures of an account: the next level, the grade, the map, insight, life cycle and importance.

One line per condition not yet met, as everywhere in `needs`.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import sqlalchemy as sa

from transforms.explanation.asked import Asked
from transforms.scores import tables as scores
from transforms.scores.importance import DIMENSIONS
from transforms.scores.key_persons import FEATURES

LEVELS = ("None", "Initial", "Mid", "Strong")
Row = Mapping[str, Any]


def of_account(asked: Asked) -> list[str]:
    """Conditions of the next step of each figure that are not yet met."""
    account = asked.record(scores.accounts, scores.accounts.c.account_id)
    key = scores.key_persons
    persons = asked.rows(sa.select(key).where(key.c.account_key == account["account_key"]))
    return [
        *_next_level(asked, account),
        *_closeness(asked, persons),
        *_seats(asked, account, persons),
        *_insight(asked, persons),
        *([asked.say("need_second_user")] if account["our_people"] == 1 else ()),
        *_lifecycle(asked, account),
        *_importance(asked, account),
    ]


def _next_level(asked: Asked, account: Row) -> list[str]:
    """Conditions of the next Relationship_Level (method section 4)."""
    if account["level"] == LEVELS[-1]:
        return []
    target, now = LEVELS[LEVELS.index(account["level"]) + 1], account["closeness_now"]
    cut = asked.number(f"level.{target.lower()}")
    checks = [
        (asked.say("need_known"), not account["known"]),
        (asked.say("need_closeness", cut=cut, now=now), bool(account["known"]) and now < cut),
        *(_strong(asked, account) if target == "Strong" else ()),
    ]
    label = asked.say.label("account_level", target)
    return [asked.say("need", target=label, text=text) for text, missing in checks if missing]


def _strong(asked: Asked, account: Row) -> list[tuple[str, bool]]:
    shallow, say = account["targets"] - account["targets_deep"], asked.say
    return [
        (say("need_departments", now=account["departments_open"]), account["departments_open"] > 0),
        (say("need_none_against", now=account["negative_deciders"]), account["negative_deciders"] > 0),
        (say("need_target"), account["targets"] == 0),
        (say("need_influence", now=shallow), shallow > 0),
    ]


def _closeness(asked: Asked, persons: Sequence[Row]) -> list[str]:
    """Whose closeness holds the mean, and with it the grade, down."""
    best = asked.number("grade.excellent")
    low = sorted((one["effective_now"], one["person_id"]) for one in persons if one["effective_now"] is not None)
    return [asked.say("need_lowest", person=person, now=now) for now, person in low[:1] if now < best]


def _seats(asked: Asked, account: Row, persons: Sequence[Row]) -> list[str]:
    """Seats nobody holds and features nobody knows; each one filled adds the same to the map."""
    seat = scores.seats
    filled = [row["filled"] for row in asked.rows(sa.select(seat.c.filled).where(seat.c.account_key == account["account_key"]))]
    owed = FEATURES * max(account["key_persons"], 1)
    each = f"{100 / (len(filled) + owed):.1f}"
    lines = [("need_seats", filled.count(False)), ("need_features", owed - sum(one["features"] for one in persons))]
    return [asked.say(phrase, count=count, each=each) for phrase, count in lines if count]


def _insight(asked: Asked, persons: Sequence[Row]) -> list[str]:
    """Key persons that lack a feature, and those that lack a review."""
    whole = [one for one in persons if one["features"] == FEATURES]
    stale, days = sum(not one["insight"] for one in whole), asked.number("insight.days")
    lines = [("need_whole", len(persons) - len(whole)), ("need_review", stale)]
    return [asked.say(phrase, count=count, days=days) for phrase, count in lines if count]


def _lifecycle(asked: Asked, account: Row) -> list[str]:
    """What the next stage asks (method section 6); a large amount is a stage whatever the number of deals."""
    deal = scores.account_deals
    row = asked.one(sa.select(deal).where(deal.c.account_key == account["account_key"]))
    large = asked.say.number(row["large_from"], 2)
    won = {"now": row["won_recent"], "days": asked.number("lifecycle.days")}
    steps = {
        "Stranger": ("User", asked.say("need_contact")),
        "User": ("Customer", asked.say("need_won")),
        "Customer": ("Small deals", asked.say("need_more_won", **won)),
        "Small deals": ("Large deals", asked.say("need_amount", cut=large, now=asked.say.number(row["won_amount"], 2))),
    }
    if row["stage"] not in steps:
        return []
    target, text = steps[row["stage"]]
    return [asked.say("need", target=asked.say.label("stage", target), text=text)]


def _importance(asked: Asked, account: Row) -> list[str]:
    """The place that makes a key account, and the dimension with most points to gain."""
    table = scores.account_importance
    row = asked.one(sa.select(table).where(table.c.account_key == account["account_key"]))
    places = ceil(round(asked.number("importance.key_share") * row["of"], 6))
    weights = {name: 10 * asked.number(f"importance.weight_{name}") for name in DIMENSIONS}
    name = max(DIMENSIONS, key=lambda one: weights[one] * (10 - row[one]))
    now, most = (asked.say.number(weights[name] * points) for points in (row[name], 10))
    gain = asked.say("need_points", dimension=asked.say(f"dimension_{name}"), now=now, most=most)
    phrase = "need_place" if row["rank"] > places else "need_own_place"
    place = [] if row["key_account"] else [asked.say(phrase, places=places, of=row["of"], now=row["rank"], equal=row["equal"])]
    return [*place, *([gain] if row[name] < 10 else [])]
