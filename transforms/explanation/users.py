"""How a user's grade comes about: every covered account in its band of the user's own view, and the ladder."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.explanation.asked import Asked, Section
from transforms.explanation.words import columns
from transforms.history.account_ops import points_of
from transforms.history.tables import current_averages
from transforms.scores import tables as scores
from transforms.scores.users import BANDS, GRADES
from transforms.tables import accounts

Row = dict[str, Any]
LEVELS = ("None", *BANDS)
COUNTED = ("strong", "mid", "all")


def sections(asked: Asked) -> list[Section]:
    """Covered accounts with their band and why no higher; the counts against every grade; people known."""
    user = asked.record(scores.users, scores.users.c.user_id)
    view = scores.views
    joined = view.join(accounts, view.c.account_key == accounts.c.account_key)
    mine = (view.c.crm == asked.crm) & (view.c.user_id == asked.record_id)
    rows = asked.rows(sa.select(view, accounts.c.industry).select_from(joined).where(mine))
    rows.sort(key=lambda one: (-LEVELS.index(one["level"]), -(one["closeness"] or 0), one["account_id"]))
    return [
        Section(asked.say("title_accounts"), _accounts(asked, rows)),
        Section(asked.say("title_ladder"), [*_ladder(asked, user), asked.say("people_known", people=user["people_known"])]),
        Section(asked.say("title_ops"), _operation(asked, user)),
    ]


def _accounts(asked: Asked, rows: Sequence[Row]) -> list[str]:
    say = asked.say
    if not rows:
        return [say("no_accounts")]
    names = ("account", "known", "closeness", "band", "why_no_higher")
    table = asked.table("lrrll", [tuple(say(f"head_{name}") for name in names), *(_account(asked, row) for row in rows)])
    return [*table, say("own_view")]


def _account(asked: Asked, row: Row) -> tuple[str, ...]:
    say = asked.say
    band = say.label("account_level", row["level"])
    return (row["account_id"], f"{row['known']}/{row['key_persons']}", say.number(row["closeness"]), band, _why(asked, row))


def _why(asked: Asked, row: Row) -> str:
    """What keeps the account out of the next band, in this user's view."""
    say = asked.say
    if row["level"] == LEVELS[-1]:
        return ""
    if row["known"] == 0:
        return say("why_nobody")
    target = LEVELS[LEVELS.index(row["level"]) + 1]
    cut = asked.context.method.of(row["industry"])[f"level.{target.lower()}"]
    if row["closeness"] < cut:
        return say("why_closeness", band=say.label("account_level", target), cut=cut)
    shallow = row["targets"] - row["targets_deep"]
    reasons = [
        (row["departments_open"], say("why_departments", count=row["departments_open"])),
        (row["negative_deciders"], say("why_against", count=row["negative_deciders"])),
        (row["targets"] == 0, say("why_no_target")),
        (shallow, say("why_shallow", count=shallow)),
    ]
    return say("comma").join(text for missing, text in reasons if missing)


def _ladder(asked: Asked, user: Row) -> list[str]:
    """What the user has, then every grade with what it asks and whether it is reached."""
    say = asked.say
    have = counted(user)
    head = ("", *(say(f"head_{name}") for name in COUNTED), say("head_reached"))
    mine = (say("has"), *(str(have[name]) for name in COUNTED), "")
    lines = columns("lrrrl", [head, mine, *(_step(asked, user, grade, have) for grade in GRADES)])
    least = asked.number("rep.min_accounts")
    bands = {name: user[f"accounts_{name}"] for name in ("initial", "mid", "strong")}
    return [
        say("rep_grade", grade=say.label("rep_grade", user["grade"]), covered=user["covered"], least=least, **bands),
        *lines,
        say("ladder_note", expert=say.yes(user["industry_expert"])),
        *([] if user["captured"] else [say("partial_log")]),
    ]


def counted(user: Row) -> dict[str, int]:
    """Accounts at Strong, at Mid or better, at Initial or better."""
    strong, mid, initial = (user[f"accounts_{name}"] for name in ("strong", "mid", "initial"))
    return {"strong": strong, "mid": strong + mid, "all": strong + mid + initial}


def _step(asked: Asked, user: Row, grade: str, have: dict[str, int]) -> tuple[str, ...]:
    say = asked.say
    needed = {name: int(asked.context.method.values.get(f"rep.{grade.lower()}_{name}", 0)) for name in COUNTED}
    reached = all(have[name] >= needed[name] for name in COUNTED)
    if grade == GRADES[-1]:
        senior = GRADES.index(user["grade"] or GRADES[0]) >= GRADES.index("Senior")
        reached = senior and (reached or user["industry_expert"] is True)
    return (say.label("rep_grade", grade), *(str(needed[name]) for name in COUNTED), say("met" if reached else "not_met"))


def _operation(asked: Asked, user: Row) -> list[str]:
    """The five averages with their changes, and the points each earns."""
    say, average = asked.say, current_averages
    mine = (average.c.crm == asked.crm) & (average.c.view == "rep") & (average.c.record_id == asked.record_id)
    rows = asked.rows(sa.select(average, points_of(asked.context).label("points")).where(mine).order_by(average.c.figure))
    if user["account_ops_score"] is None:
        return [say("ops_blank")]
    clip = asked.number("account_ops.clip")
    head = tuple(say(f"head_{name}") for name in ("average", "now", "quarter", "year", "points"))
    return [
        *columns("lrrrr", [head, *(_average(asked, row) for row in rows)]),
        say("ops_note", slope=f"{50 / clip:g}", clip=f"{clip:g}"),
        say("ops_score", score=user["account_ops_score"]),
    ]


def _average(asked: Asked, row: Row) -> tuple[str, ...]:
    say = asked.say
    now = say("of_accounts", value=say.number(row["value"], 2), known=row["known"], accounts=row["accounts"])
    changes = [
        say("unknown")
        if row[f"change_{lag}"] is None
        else say("change_of", value=f"{row[f'change_{lag}']:+.2f}", compared=row[f"compared_{lag}"])
        for lag in ("quarter", "year")
    ]
    return (say(f"figure_{row['figure']}"), now, *changes, say.number(row["points"]))
