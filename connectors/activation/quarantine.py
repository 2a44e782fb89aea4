"""Quarantine: records the CRM rejected too often in a row are left out of plans for a while, and the ways out of it.

Out comes a record when the CRM accepts it, when it is no record to be written any more (deleted, merged, closed), and for one
attempt a week after the last one or when a person asks for it: a lock or a rule that was in the way may be gone, and nobody tells us.
A changed payload is no way out: figures move nearly every night, and the record would be sent and rejected for ever.
"""

import datetime as dt
from typing import Final

import sqlalchemy as sa

from connectors.activation.reports import MAX_ATTEMPTS
from connectors.fields import Entity
from warehouse import DuckDBWarehouse, ledger

REFUSED: Final = ledger.sync_quarantine
REST: Final = dt.timedelta(days=7)


def left_out() -> sa.ColumnElement[bool]:
    """The condition on `ledger.sync_quarantine` for records that are not planned now."""
    return sa.and_(REFUSED.c.attempts >= MAX_ATTEMPTS, REFUSED.c.last_at > ledger.now() - REST)


def release(warehouse: DuckDBWarehouse, crm: str) -> None:
    """Give every quarantined record of a CRM one more attempt."""
    with warehouse.connection() as connection:
        held = sa.and_(REFUSED.c.crm == crm, REFUSED.c.attempts >= MAX_ATTEMPTS)
        connection.execute(sa.update(REFUSED).where(held).values(attempts=MAX_ATTEMPTS - 1))


def forget(connection: sa.Connection, crm: str, entity: Entity, table: sa.Table) -> None:
    """Let go of records that have no row in the enrichment table any more."""
    there = sa.select(table.c.record_id).where(table.c.crm == crm, table.c.record_id.is_not(None))
    connection.execute(sa.delete(REFUSED).where(REFUSED.c.crm == crm, REFUSED.c.entity == entity, REFUSED.c.record_id.not_in(there)))
