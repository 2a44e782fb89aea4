"""Own relation resources 利用其他员工影响力: who of us can reach whom, in which department. Users who left reach nobody."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Numeric

from transforms.base import Context, Model
from transforms.maps import tables
from transforms.maps.links import on_map
from transforms.scores import tables as scores
from transforms.scores.expressions import rounded
from transforms.tables import people, users


def select(context: Context) -> sa.Select[Any]:
    """One row per contact and active user with two-way evidence (`maps.resources`)."""
    pair, key = scores.pairs, scores.key_persons
    order = (sa.cast(pair.c.intensity, Numeric(18, 6)).desc(), pair.c.last_s.desc(), pair.c.user_id)
    joined = (
        pair.join(people, people.c.person_key == pair.c.person_key)
        .join(users, users.c.user_key == pair.c.user_key)
        .outerjoin(key, key.c.person_key == pair.c.person_key)
    )
    return (
        sa.select(
            *(people.c[name] for name in ("crm", "account_key", "account_id")),
            people.c.department_name.label("department"),
            people.c.person_key,
            people.c.person_id,
            key.c.person_key.is_not(None).label("key_person"),
            pair.c.user_key,
            pair.c.user_id,
            sa.func.row_number().over(partition_by=pair.c.person_key, order_by=order).label("rank"),
            rounded(pair.c.closeness, 1).label("closeness"),
            pair.c.level,
            pair.c.last_two_way_s,
        )
        .select_from(joined)
        .where(on_map(people), users.c.is_active.is_(True), users.c.is_person.is_(True), pair.c.last_two_way_s.is_not(None))
    )


MODEL = Model(tables.resources, select, ("model.people", "model.users", "scores.pairs", "scores.key_persons"))
