"""Which fields people enter a run could read, and in which column of the CRM.

A field that is hidden today was not cleared by anybody, and one that is read for the first time (shown to us at last, or mapped
to another column) was not edited today. Each snapshot says what its run read; one of an older version says nothing, and then
every field counts as read.
"""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy import String

from transforms.base import Context, Source
from transforms.functions import null
from transforms.history import tables
from transforms.history.store import day_of
from transforms.scores.expressions import Condition, Number
from transforms.staging.dynamics.entered import HOLDER as DYNAMICS
from transforms.staging.entered_fields import Holder
from transforms.staging.salesforce.entered import HOLDER as SALESFORCE

HOLDERS: Final[Mapping[str, Holder]] = {"salesforce": SALESFORCE, "dynamics": DYNAMICS}


def fields_of(source: Source) -> dict[tuple[str, str], str]:
    """(entity, field of contract 4.2) to the column it is read from, of those that are visible."""
    objects = {entity: name for entity, (name, _) in HOLDERS[source.kind].tables.items()}
    return {key: column for key, column in source.entered.items() if column in source.columns.get(objects.get(key[0], ""), ())}


def hidden_in(context: Context, entity: str, field: str) -> list[str]:
    """The CRMs in which a field cannot be read today."""
    return [source.crm for source in context.sources if (entity, field) in source.entered and (entity, field) not in fields_of(source)]


def told(context: Context, crm: Number) -> Number:
    """What a snapshot of today says of a CRM."""
    said = [
        (crm == source.crm, ";" + "".join(_term(*key, column) for key, column in sorted(fields_of(source).items())))
        for source in context.sources
    ]
    return sa.case(*said, else_=null(String)) if said else null(String)


def watched(context: Context) -> sa.CTE:
    """`crm, entity, field, watched`: whether a field was read before today, and the last time from the column it has today."""
    shot, row = tables.snapshots, _today(context)
    keys = (row.c.crm, row.c.entity, row.c.field)
    before = sa.and_(shot.c.crm == row.c.crm, shot.c.day < day_of(context))
    own, any_column = (sa.func.max(sa.case((_says(shot, row.c[name]), shot.c.day))) for name in ("term", "name"))
    same = sa.func.coalesce(own == any_column, False).label("watched")
    return sa.select(*keys, same).select_from(row.outerjoin(shot, before)).group_by(*keys).cte("watched")


def _says(shot: sa.Table, text: Number) -> Condition:
    return sa.or_(shot.c.fields_read.is_(None), sa.func.strpos(shot.c.fields_read, text) > 0)


def _today(context: Context) -> sa.FromClause:
    """Fields that can be read, with what a snapshot says of the field (`name`) and of its column (`term`)."""
    columns = [sa.column(name, String) for name in ("crm", "entity", "field", "name", "term")]
    rows = [
        (source.crm, entity, field, f";{entity}.{field}=", ";" + _term(entity, field, column))
        for source in context.sources
        for (entity, field), column in fields_of(source).items()
    ]
    if rows:
        return sa.values(*columns, name="fields_today").data(rows)
    return sa.select(*(null(String).label(column.name) for column in columns)).where(sa.false()).subquery("fields_today")


def _term(entity: str, field: str, column: str) -> str:
    return f"{entity}.{field}={column};"
