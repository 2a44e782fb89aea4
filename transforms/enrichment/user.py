"""Fields of users (contract 4.1); no row at all when individuals are not to be graded."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.enrichment import tables
from transforms.enrichment.words import joined, text, translated, word
from transforms.scores import tables as scores
from transforms.scores.expressions import Number, as_date, num
from transforms.tables import users


def select(context: Context) -> sa.Select[Any]:
    """One row per active user who is a person (`enrichment.user`)."""
    score, fields = scores.users, _fields(context)
    columns = [fields[column.name].label(column.name) for column in tables.user.columns if column.name in fields]
    rows = sa.select(score.c.crm, score.c.user_id.label("record_id"), users.c.manager_id.label("parent_id"), *columns)
    rows = rows.select_from(score.join(users, score.c.user_key == users.c.user_key))
    return rows if context.grade_individuals else rows.where(sa.false())


def _fields(context: Context) -> dict[str, Number]:
    score = scores.users
    copied = ("accounts_initial", "accounts_mid", "accounts_strong", "account_ops_score", "people_known")
    return {name: score.c[name] for name in copied} | {
        "rep_grade": score.c.grade,
        "next_grade_needs": _needs(context),
        "scored_on": as_date(num(context.as_of)),
        "method_version": sa.literal(context.method.version),
    }


def _needs(context: Context) -> Number:
    """What is missing for the next grade, e.g. `Senior: 1 more at Strong, 2 more at Mid or better`, and that a log is partial."""
    score = scores.users
    comma = word(context, "comma")
    missing = [
        sa.case((score.c[f"needs_{band}"] > 0, comma.concat(text(score.c[f"needs_{band}"])).concat(word(context, f"at_{band}"))), else_="")
        for band in ("strong", "mid", "all")
    ]
    listed = sa.func.substr(joined(missing), 1 + len(", " if context.language == "en" else "，"))
    expert = sa.case((score.c.next_grade == "Top", word(context, "or_expert")), else_="")
    partial = sa.case((score.c.captured.is_(True), ""), else_=word(context, "partial"))
    whole = joined([partial, translated(context, score.c.next_grade), word(context, "colon"), listed, expert])
    return sa.case((score.c.next_grade.is_not(None), whole))


MODEL = Model(tables.user, select, ("model.users", "scores.users"))
