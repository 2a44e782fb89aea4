"""What raises the grade of a person, the level of an account and the grade of a user, one line per condition not yet met."""

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import sqlalchemy as sa

from transforms.base import Context
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

LEVELS = ("None", "Initial", "Mid", "Strong")
GRADES = ("Poor", "Fair", "Good", "Excellent")


def person_needs(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Sequence[str]:
    """What lifts the person's Closeness_Grade (where no attitude is entered) and Interaction_Level by one step."""
    person = _row(warehouse, scores.people, scores.people.c.person_id, crm, record_id)
    found = warehouse.arrow(sa.select(scores.person_touches).where(scores.person_touches.c.person_key == person["person_key"]))
    touches = (found.to_pylist() or [{"two_way_days_365d": 0, "meetings_365d": 0}])[0]
    kappa = _row(warehouse, scores.kappa, scores.kappa.c.instant, crm, "now")["kappa"]
    return [*_next_grade(context, person, kappa), *_next_level(context, person, touches)]


def _next_grade(context: Context, person: Mapping[str, Any], kappa: float) -> list[str]:
    """Intensity missing for the next cut, beside what one meeting is worth."""
    now, grade = person["closeness_now"], person["grade"]
    if now is None or grade == GRADES[-1] or person["effective_now"] != now:
        return []
    target = GRADES[GRADES.index(grade) + 1]
    cut, method = context.method[f"grade.{target.lower()}"], context.method
    more = kappa * (log2(1 - now / 100) - log2(1 - cut / 100))
    worth = 2 * method["closeness.weight_meeting"]
    meeting = f"a meeting of {method['closeness.quality_minutes']} minutes with this person alone adds about {worth:g} on its day"
    return [f"{target}: closeness {cut} (now {now}), that is {more:.1f} more intensity; {meeting}"]


def _next_level(context: Context, person: Mapping[str, Any], touches: Mapping[str, Any]) -> list[str]:
    many, met = (context.method[f"interaction_level.{name}"] for name in ("multiple_days", "deep_meetings"))
    close = context.method["interaction_level.deep_closeness"]
    days, meetings, now = touches["two_way_days_365d"], touches["meetings_365d"], person["closeness_now"] or 0
    checks = {
        "No contact": [("Occasional", "a meeting, a connected call or an inbound mail", True)],
        "Occasional": [("Multiple", f"days of two-way contact in 365 days: {many} (now {days})", True)],
        "Multiple": [
            ("Deep", f"meetings in 365 days: {met} (now {meetings})", meetings < met),
            ("Deep", f"closeness {close} (now {now})", now < close),
        ],
    }
    return [f"{level}: {text}" for level, text, missing in checks.get(person["level"], ()) if missing]


def account_needs(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Sequence[str]:
    """Conditions of the next Relationship_Level (method section 4) that the account does not meet."""
    account = _row(warehouse, scores.accounts, scores.accounts.c.account_id, crm, record_id)
    if account["level"] == LEVELS[-1]:
        return ()
    target = LEVELS[LEVELS.index(account["level"]) + 1]
    cut = context.method[f"level.{target.lower()}"]
    checks = [("a key person whose closeness is known", not account["known"])]
    checks.append((f"closeness {cut} (now {account['closeness_now']})", bool(account["known"]) and account["closeness_now"] < cut))
    if target == "Strong":
        checks += _strong(account)
    return [f"{target}: {text}" for text, missing in checks if missing]


def _strong(account: Mapping[str, Any]) -> list[tuple[str, bool]]:
    shallow = account["targets"] - account["targets_deep"]
    return [
        (f"key departments without an engaged person: 0 (now {account['departments_open']})", account["departments_open"] > 0),
        (f"deciders with a negative attitude: 0 (now {account['negative_deciders']})", account["negative_deciders"] > 0),
        ("a key person entered who holds a vote or decides", account["targets"] == 0),
        (f"voters, else deciders, without deep influence: 0 (now {shallow})", shallow > 0),
    ]


def user_needs(warehouse: DuckDBWarehouse, context: Context, crm: str, record_id: str) -> Sequence[str]:
    """Accounts missing for the next Rep_Grade, cumulative: an account at Strong is one at Mid or better, too."""
    user = _row(warehouse, scores.users, scores.users.c.user_id, crm, record_id)
    if user["grade"] is None:
        return [f"A grade: accounts covered as owner or on the account team: {context.method['rep.min_accounts']} (now {user['covered']})"]
    labels = {"strong": "Strong", "mid": "Mid or better", "all": "Initial or better"}
    missing = [f"accounts at {text}: {user[f'needs_{band}']} more" for band, text in labels.items() if user[f"needs_{band}"]]
    instead = ["or Industry Expert = yes in place of all these"] if user["next_grade"] == "Top" else []
    return [f"{user['next_grade']}: {text}" for text in (*missing, *instead)]


def _row(warehouse: DuckDBWarehouse, table: sa.Table, identity: sa.Column[str], crm: str, record_id: str) -> Mapping[str, Any]:
    found = sa.select(table).where(table.c.crm == crm, identity == record_id)
    row: Mapping[str, Any] = warehouse.arrow(found).to_pylist()[0]
    return row
