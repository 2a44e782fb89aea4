"""Lines of the customer map: who answers to whom, who influences whom. A line to oneself or out of the account is none."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.scores import tables as scores
from transforms.scores.expressions import Condition
from transforms.tables import people

LINES = {"reporting": "reports_to_id", "influence": "influenced_by_id"}


def select(context: Context) -> sa.Select[Any]:
    """One row per line (`maps.links`)."""
    return sa.select(sa.union_all(*(_line(kind, column) for kind, column in LINES.items())).subquery("lines"))


def on_map(person: sa.FromClause) -> Condition:
    """Whether a row of the people of the model is drawn: a live contact of an account."""
    return sa.and_(person.c.is_live.is_(True), person.c.person_kind == "contact", person.c.account_key.is_not(None))


def _line(kind: str, column: str) -> sa.Select[Any]:
    above, below = people.alias("above"), people.alias("below")
    near, far = scores.people.alias("above_score"), scores.people.alias("below_score")
    same = sa.and_(above.c.crm == below.c.crm, above.c.person_id == below.c[column], above.c.account_key == below.c.account_key)
    joined = (
        below.join(above, same)
        .join(near, near.c.person_key == above.c.person_key)
        .join(far, far.c.person_key == below.c.person_key)
    )  # fmt: skip
    return (
        sa.select(
            *(below.c[name] for name in ("crm", "account_key", "account_id")),
            sa.literal(kind).label("kind"),
            above.c.person_key.label("from_key"),
            above.c.person_id.label("from_id"),
            below.c.person_key.label("to_key"),
            below.c.person_id.label("to_id"),
            near.c.effective_now.label("from_closeness"),
            far.c.effective_now.label("to_closeness"),
        )
        .select_from(joined)
        .where(on_map(above), on_map(below), above.c.person_key != below.c.person_key)
    )


MODEL = Model(tables.links, select, ("model.people", "scores.people"))
