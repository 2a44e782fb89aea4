"""Forgetting: with `keep_days`, what was superseded before that time goes; what still stood on the oldest day kept stays."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from transforms.base import Context
from transforms.history import tables
from transforms.history.entered import KEYS
from transforms.history.store import date_of


def thin(connection: sa.Connection, context: Context, crms: Sequence[str]) -> None:
    """Delete what is older than `context.keep_days`; 0 keeps everything."""
    if not context.keep_days:
        return
    oldest = date_of(context, context.keep_days)
    for table in tables.versions.values():
        _superseded(connection, table, ("crm", "record_id"), "valid_from", oldest, crms)
        connection.execute(sa.delete(table).where(table.c.crm.in_(crms), table.c.valid_from <= oldest, table.c.ended.is_(True)))
    _superseded(connection, tables.entered, KEYS, "day", oldest, crms)
    for table in (tables.averages, tables.backfilled, tables.revisions, tables.snapshots):
        connection.execute(sa.delete(table).where(table.c.crm.in_(crms), table.c.day < oldest))


def _superseded(connection: sa.Connection, table: sa.Table, keys: Sequence[str], day: str, oldest: dt.date, crms: Sequence[str]) -> None:
    """Rows that a later row of the same key had replaced by `oldest`."""
    later = table.alias("later")
    same = sa.and_(*(later.c[key] == table.c[key] for key in keys))
    replaced = sa.exists().where(same, later.c[day] > table.c[day], later.c[day] <= oldest)
    connection.execute(sa.delete(table).where(table.c.crm.in_(crms), replaced))
