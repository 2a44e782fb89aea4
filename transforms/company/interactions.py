"""The joint log of what several CRMs know: interactions by identity, those that repeat what another CRM tells marked."""

from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model
from transforms.company import tables
from transforms.identity import tables as identity
from transforms.interactions.tables import activities
from transforms.tables import interactions

Cell = sa.ColumnElement[Any]


def select(context: Context) -> sa.Select[Any]:
    """`company.interactions`."""
    log, repeat = interactions, tables.repeats
    stands, origin = _stand_ins(), _origins()
    joined, columns = _with_identities()
    pair = (repeat.c.user_key == identity.users.c.identity_key, repeat.c.person_key == identity.people.c.identity_key)
    joined = (
        joined.outerjoin(stands, stands.c.event_key == log.c.event_key)
        .outerjoin(repeat, sa.and_(repeat.c.event_key == log.c.event_key, *pair))
        .outerjoin(origin, origin.c.event_key == repeat.c.first_key)
    )
    columns |= {
        "event_key": sa.func.coalesce(stands.c.first_key, log.c.event_key),
        "logged_crm": log.c.crm,
        "repeats": origin.c.name,
        "repeat_by": repeat.c.repeat_by,
    }
    shared = sa.or_(identity.people.c.records > 1, identity.accounts.c.records > 1)
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined).where(shared)


def _with_identities() -> tuple[sa.Join, dict[str, Cell]]:
    log, person, user, account = interactions, identity.people, identity.users, identity.accounts
    joined = (
        log.join(person, person.c.person_key == log.c.person_key)
        .join(user, user.c.user_key == log.c.user_key)
        .outerjoin(account, account.c.account_key == log.c.account_key)
    )
    columns: dict[str, Cell] = {column.name: column for column in log.columns}
    columns["crm"] = sa.literal(tables.EVERY_CRM)
    for name, who in (("user", user), ("person", person), ("account", account)):
        columns |= {f"{name}_id": who.c.identity_id, f"{name}_key": who.c.identity_key}
    return joined, columns


def _stand_ins() -> sa.CTE:
    """The event that counts for each event of which a second CRM holds a record."""
    repeat = tables.repeats
    first = sa.func.min(repeat.c.first_key).label("first_key")
    return sa.select(repeat.c.event_key, first).group_by(repeat.c.event_key).cte("stands_in")


def _origins() -> sa.CTE:
    """What the records that count are called."""
    name = sa.func.concat(activities.c.crm, ":", activities.c.event_id, type_=sa.String).label("name")
    return sa.select(activities.c.event_key, name).where(activities.c.event_key.in_(sa.select(tables.repeats.c.first_key))).cte("origin")


_IDENTITIES = ("identity.people", "identity.users", "identity.accounts")
MODEL = Model(tables.interactions, select, ("model.interactions", "model.int_activities", "company.repeats", *_IDENTITIES))
