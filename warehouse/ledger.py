"""The ledger: what was planned, sent, acknowledged and refused, per CRM record, and how each pipeline run ended.

`sync_state` holds what a CRM is known to have, and moves only when the CRM accepted a row. `sync_row` keeps each row
with its image before and after, so that a run can be undone. Payloads are JSON objects of output columns: a key that is
missing was never acknowledged, a null was acknowledged as blank. The tables carry no keys: they are written set-wise in
transactions, and DuckDB checks keys too eagerly for delete-and-insert.

The shape is owned by the migrations beside this module; `migrate` brings any older warehouse to the newest.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy import JSON, BigInteger, Column, Date, DateTime, Double, Integer, String, Table

from warehouse.duckdb import DuckDBWarehouse
from warehouse.errors import WarehouseUnusable
from warehouse.naming import LEDGER

MIGRATIONS: Final = Path(__file__).with_name("migrations")
RunStatus = Literal["running", "done", "failed", "interrupted"]

metadata = sa.MetaData()

pipeline_run = Table(
    "pipeline_run",
    metadata,
    Column("run_id", String),
    Column("as_of", DateTime, comment="UTC"),
    Column("started", DateTime, comment="UTC"),
    Column("finished", DateTime, comment="UTC; null while running"),
    Column("status", String, comment="running, done, failed, interrupted"),
    Column("message", String, comment="one line; empty when all went well"),
    Column("counts", JSON, comment="read, counted, dropped by reason, written, as the run reported them"),
    schema=LEDGER,
    comment="One row per pipeline run.",
)

sync_run = Table(
    "sync_run",
    metadata,
    Column("run_id", String, comment="also the id of the plan"),
    Column("crm", String),
    Column("as_of", Date, comment="of the figures the CRM holds after the push; null = none any more"),
    Column("planned_at", DateTime, comment="UTC"),
    Column("started", DateTime, comment="UTC, of the push"),
    Column("finished", DateTime, comment="UTC, of the push"),
    Column("status", String, comment="planned, superseded, pushing, done, failed, interrupted, settled"),
    Column("mode", String, comment="first, incremental, rebaseline, rollback"),
    Column("mapping_hash", String, comment="of the names of the fields in the CRM"),
    Column("target", String, comment="field prefix in the CRM, @ and the address of the org"),
    Column("approved_by", String),
    Column("reason", String, comment="why a guard was overridden; empty = it was not"),
    Column("counts", JSON, comment="per entity: rows, updates, unchanged, skipped, fields; after the push: updated, rejected"),
    Column("calls_used", BigInteger),
    Column("calls_left", BigInteger, comment="null = the CRM does not say"),
    Column("seconds", Double),
    Column("message", String),
    schema=LEDGER,
    comment="One row per plan and its push.",
)

sync_row = Table(
    "sync_row",
    metadata,
    Column("run_id", String),
    Column("crm", String),
    Column("entity", String),
    Column("position", BigInteger, comment="1, 2, ... within run and entity, ordered by parent"),
    Column("record_id", String),
    Column("parent_id", String),
    Column("operation", String, comment="update"),
    Column("status", String, comment="planned, sent, accepted, rejected, skipped, lost"),
    Column("code", String, comment="of the CRM, when rejected"),
    Column("message", String),
    Column("attempt", Integer, comment="1 at first, one more for each rejection in a row"),
    Column("fields", String, comment="columns sent, comma separated"),
    Column("before", JSON, comment="what the CRM was known to have; null = nothing was known"),
    Column("after", JSON, comment="what it has when it accepts; only the columns in `fields` are sent"),
    Column("changed_at", DateTime, comment="UTC, of the last change of status"),
    schema=LEDGER,
    comment="One row per planned record.",
)

sync_state = Table(
    "sync_state",
    metadata,
    Column("crm", String),
    Column("entity", String),
    Column("record_id", String),
    Column("target", String, comment="field prefix and org the payload was written to, as in sync_run"),
    Column("payload", JSON, comment="last acknowledged values"),
    Column("known", String, comment="columns in the payload, comma separated with a comma at both ends"),
    Column("hash", String, comment="md5 of the payload"),
    Column("run_id", String, comment="run that last moved it"),
    schema=LEDGER,
    comment="What each CRM record is known to hold.",
)

sync_quarantine = Table(
    "sync_quarantine",
    metadata,
    Column("crm", String),
    Column("entity", String),
    Column("record_id", String),
    Column("attempts", Integer, comment="rejections in a row; left out of plans from the configured number on"),
    Column("code", String),
    Column("message", String),
    Column("first_at", DateTime, comment="UTC"),
    Column("last_at", DateTime, comment="UTC"),
    Column("run_id", String, comment="run of the last rejection"),
    schema=LEDGER,
    comment="Records the CRM rejects; a record leaves when it is accepted.",
)

sync_verdict = Table(
    "sync_verdict",
    metadata,
    Column("run_id", String),
    Column("entity", String),
    Column("record_id", String),
    Column("accepted", sa.Boolean),
    Column("code", String),
    Column("message", String),
    schema=LEDGER,
    comment="The CRM's answers to the chunk in flight; emptied in the transaction that acknowledges them.",
)


def now() -> dt.datetime:
    """This instant as the ledger stores it: naive UTC, whole microseconds."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def migrate(warehouse: DuckDBWarehouse) -> None:
    """Bring the schema `ledger` to its newest shape; does nothing when it is there. Raises `WarehouseError`."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with warehouse.connection() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise WarehouseUnusable(f"the ledger in {warehouse.path} was made by a newer guanxi; install that version again") from error


def start_run(warehouse: DuckDBWarehouse, as_of: dt.datetime) -> str:
    """Open a pipeline run and give its id; runs that never ended (the process died) become `interrupted`."""
    run_id = uuid.uuid4().hex
    with warehouse.connection() as connection:
        connection.execute(
            sa.update(pipeline_run)
            .where(pipeline_run.c.status == "running")
            .values(status="interrupted", finished=now(), message="the process ended before the run did")
        )
        connection.execute(sa.insert(pipeline_run).values(run_id=run_id, as_of=as_of, started=now(), status="running", message=""))
    return run_id


def finish_run(
    warehouse: DuckDBWarehouse, run_id: str, status: RunStatus, message: str = "", counts: Mapping[str, Any] | None = None
) -> None:
    """Close a pipeline run with its numbers."""
    with warehouse.connection() as connection:
        connection.execute(
            sa.update(pipeline_run)
            .where(pipeline_run.c.run_id == run_id)
            .values(status=status, finished=now(), message=message, counts=dict(counts or {}))
        )


def recent_runs(warehouse: DuckDBWarehouse, limit: int = 10) -> Sequence[Mapping[str, Any]]:
    """The last pipeline runs, newest first, as mappings of the columns of `pipeline_run`."""
    return _rows(warehouse, sa.select(pipeline_run).order_by(pipeline_run.c.started.desc()).limit(limit))


def recent_syncs(warehouse: DuckDBWarehouse, limit: int = 10) -> Sequence[Mapping[str, Any]]:
    """The last plans and pushes, newest first, as mappings of the columns of `sync_run`."""
    return _rows(warehouse, sa.select(sync_run).order_by(sync_run.c.planned_at.desc()).limit(limit))


def quarantined(warehouse: DuckDBWarehouse, attempts: int) -> Sequence[Mapping[str, Any]]:
    """Records rejected at least `attempts` times in a row, with the CRM's last word on them."""
    table = sync_quarantine
    return _rows(warehouse, sa.select(table).where(table.c.attempts >= attempts).order_by(table.c.crm, table.c.entity, table.c.record_id))


def _rows(warehouse: DuckDBWarehouse, select: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
    with warehouse.connection() as connection:
        return [dict(row) for row in connection.execute(select).mappings()]
