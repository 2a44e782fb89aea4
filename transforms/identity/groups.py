"""From evidence about two records to groups: evidence is followed to its end, and what would join too much joins nothing.

A group may hold one record of each CRM. Where the evidence leads from one record of a CRM to another of the same CRM, none
of the group's records is joined: nobody can say which of them is meant.
"""

from typing import Any

import sqlalchemy as sa

from transforms.functions import null

Cell = sa.ColumnElement[Any]


def grouped(edges: sa.CTE, records: sa.Table, key: str) -> sa.CTE:
    """`record_key`, `identity_key` (its smallest record), `records`, `crms` of the records that are joined to another."""
    ways = sa.union_all(sa.select(edges.c.record_key, edges.c.other_key), sa.select(edges.c.other_key, edges.c.record_key)).cte("ways")
    walk = sa.select(ways.c.record_key, ways.c.other_key).cte("walk", recursive=True)
    walk = walk.union(sa.select(walk.c.record_key, ways.c.other_key).join(ways, ways.c.record_key == walk.c.other_key))
    smallest = sa.func.least(walk.c.record_key, sa.func.min(walk.c.other_key)).label("identity_key")
    member = sa.select(walk.c.record_key, smallest).group_by(walk.c.record_key).cte("member")
    crms = sa.func.string_agg(records.c.crm, sa.literal(", ")).aggregate_order_by(records.c.crm).label("crms")
    whole = (
        sa.select(member.c.identity_key, sa.func.count().label("records"), crms)
        .join(records, records.c[key] == member.c.record_key)
        .group_by(member.c.identity_key)
        .having(sa.func.count() == sa.func.count(records.c.crm.distinct()))
        .cte("whole")
    )
    return sa.select(member.c.record_key, *whole.c).join(whole, whole.c.identity_key == member.c.identity_key).cte("grouped")


def identified(records: sa.Table, entity: str, group: sa.CTE) -> tuple[dict[str, Cell], sa.FromClause]:
    """The columns that say who each record is, and the tables they come from."""
    key, name = f"{entity}_key", f"{entity}_id"
    first = records.alias("smallest")
    joined = records.outerjoin(group, group.c.record_key == records.c[key]).outerjoin(first, first.c[key] == group.c.identity_key)
    identity_id = sa.func.concat(
        sa.func.coalesce(first.c.crm, records.c.crm), ":", sa.func.coalesce(first.c[name], records.c[name]), type_=sa.String
    )
    columns = {
        "crm": records.c.crm,
        name: records.c[name],
        key: records.c[key],
        "identity_key": sa.func.coalesce(group.c.identity_key, records.c[key]),
        "identity_id": identity_id,
        "records": sa.func.coalesce(group.c.records, 1),
        "crms": sa.func.coalesce(group.c.crms, records.c.crm),
    }
    return columns, joined


def when_joined(group: sa.CTE, value: Cell) -> Cell:
    """`value` for records that are joined to another, else unknown."""
    return sa.case((group.c.record_key.is_not(None), value), else_=null(value.type))
