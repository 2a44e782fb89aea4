"""Which part of a run is fresh and which is not: one closing line per CRM, with the day of the figures it holds otherwise."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from warehouse import DuckDBWarehouse
from warehouse.ledger import sync_run

if TYPE_CHECKING:
    from orchestration.session import Session

NOT_STARTED = "NOT fresh: its run did not start"


def as_of_held(warehouse: DuckDBWarehouse) -> Mapping[str, dt.date]:
    """By CRM: the as-of of its last push that came to its end, which are the figures it holds."""
    done = sa.select(sync_run.c.crm, sync_run.c.as_of).where(sync_run.c.status == "done").order_by(sync_run.c.planned_at)
    with warehouse.connection() as connection:
        return {str(crm): as_of for crm, as_of in connection.execute(done)}


def closing(session: "Session", crm: str, *, dry_run: bool) -> str:
    """The line for a CRM a run was of, while its warehouse is open."""
    figures = session.figures.only("", crm)
    if figures.failed:
        state = f"NOT fresh: {figures.message}"
    elif dry_run:
        state = "not written, this was a dry run"
    elif crm in figures.waiting:
        state = f"not written, plan {figures.waiting[crm]} waits for approval"
    else:
        return f"{crm}: fresh, {figures.written:,} rows written"
    held = as_of_held(session.warehouse).get(crm)
    return f"{crm}: {state}; " + (f"figures in the CRM are those of {held}" if held else "the CRM holds no figures yet")
