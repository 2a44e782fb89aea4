"""Contacts of other accounts who are related to an account, such as a director of two companies or a consultant.

A person belongs to one account, and every figure of the other one is without them; who looks for a way in wants to see them.
"""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.scores import tables as scores
from transforms.tables import account_contacts, people


def select(context: Context) -> sa.Select[Any]:
    """One row per account and live contact of another account (`maps.related`)."""
    relation, score, touch = account_contacts, scores.people, scores.person_touches
    joined = (
        relation.join(people, people.c.person_key == relation.c.person_key)
        .join(score, score.c.person_key == people.c.person_key)
        .outerjoin(touch, touch.c.person_key == people.c.person_key)
    )
    return (
        sa.select(
            *(relation.c[name] for name in ("crm", "account_key", "account_id", "person_key", "person_id", "roles")),
            *(people.c[name] for name in ("name", "title")),
            people.c.department_name.label("department"),
            people.c.account_id.label("own_account_id"),
            score.c.closeness_now.label("closeness"),
            score.c.effective_now.label("effective"),
            *(score.c[name] for name in ("grade", "level", "strongest_user_id")),
            touch.c.last_two_way_s,
        )
        .select_from(joined)
        .where(people.c.is_live.is_(True), people.c.person_kind == "contact")
    )


MODEL = Model(tables.related, select, ("model.account_contacts", "model.people", "scores.people", "scores.person_touches"))
