"""Identity of outside people and of our users: records of different CRMs with the same address."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from transforms.base import Context, Model, Source
from transforms.identity import tables
from transforms.identity.addresses import Carried, edges, of_people, of_users
from transforms.identity.groups import grouped, identified, when_joined
from transforms.staging.shapes import staging_table
from transforms.tables import people, users


def people_rows(context: Context) -> sa.Select[Any]:
    """`identity.people`."""
    return _rows(context, people, "person", of_people(context))


def user_rows(context: Context) -> sa.Select[Any]:
    """`identity.users`."""
    return _rows(context, users, "user", of_users(context))


def _rows(context: Context, records: sa.Table, entity: str, carried: Carried) -> sa.Select[Any]:
    edge = edges(carried, context).cte("edge")
    group, address = grouped(edge, records, f"{entity}_key"), _addresses(edge)
    columns, joined = identified(records, entity, group)
    joined = joined.outerjoin(address, address.c.record_key == group.c.record_key)
    columns["evidence"] = sa.case((group.c.record_key.is_not(None), "same address"), else_="single")
    columns["address"] = when_joined(group, address.c.address)
    return sa.select(*(cell.label(name) for name, cell in columns.items())).select_from(joined)


def _addresses(edge: sa.CTE) -> sa.CTE:
    """The address that joins each record; of several the first by alphabet."""
    ends = sa.union_all(sa.select(edge.c.record_key, edge.c.address), sa.select(edge.c.other_key, edge.c.address)).subquery("ends")
    return sa.select(ends.c.record_key, sa.func.min(ends.c.address).label("address")).group_by(ends.c.record_key).cte("joining")


def people_model(sources: Sequence[Source]) -> Model:
    """`identity.people` of these CRMs."""
    staged = (staging_table(source.crm, "person_addresses").fullname for source in sources)
    return Model(tables.people, people_rows, (*staged, "model.people", "model.users"))


USERS = Model(tables.users, user_rows, ("model.users",))
