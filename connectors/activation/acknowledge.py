"""Acknowledge: the ledger learns the CRM's word on the rows of one chunk, all of it in one transaction.

State moves for accepted rows only, matched by record id. A rejection adds to the record's attempts, an acceptance clears
them. Verdicts are stored first: should the process die in between, `settle` finds and applies them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from connectors.contract import RowResult
from connectors.fields import Entity
from connectors.results import RowResults
from warehouse import DuckDBWarehouse, ledger

ROW, STATE, REFUSED, VERDICT = ledger.sync_row, ledger.sync_state, ledger.sync_quarantine, ledger.sync_verdict


@dataclass(frozen=True)
class Batch:
    """The rows of one object in one run, and what the ledger needs to know to move their state."""

    run_id: str
    crm: str
    entity: Entity
    target: str
    columns: Sequence[str]

    @property
    def rows(self) -> sa.ColumnElement[bool]:
        """The condition on `ledger.sync_row`."""
        return sa.and_(ROW.c.run_id == self.run_id, ROW.c.entity == self.entity)

    @property
    def verdicts(self) -> sa.ColumnElement[bool]:
        """The condition on `ledger.sync_verdict`."""
        return sa.and_(VERDICT.c.run_id == self.run_id, VERDICT.c.entity == self.entity)

    def records(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """The condition on a table of this CRM and object."""
        return sa.and_(table.c.crm == self.crm, table.c.entity == self.entity)


def acknowledge(warehouse: DuckDBWarehouse, batch: Batch, results: Sequence[RowResult]) -> None:
    """Store the verdicts of one chunk and move the ledger by them; rows without a verdict stay `sent`."""
    verdicts = RowResults.of(results).table
    run = pa.repeat(batch.run_id, verdicts.num_rows)
    entity = pa.repeat(batch.entity, verdicts.num_rows)
    warehouse.write(VERDICT, verdicts.append_column("run_id", run).append_column("entity", entity))
    apply_verdicts(warehouse, batch)


def apply_verdicts(warehouse: DuckDBWarehouse, batch: Batch) -> None:
    """Move rows, state and attempts by the stored verdicts of a batch, and empty them."""
    with warehouse.connection() as connection:
        for statement in (_mark_rows(batch), *_move_state(batch), *_count_attempts(batch)):
            connection.execute(statement)
        connection.execute(sa.delete(VERDICT).where(batch.verdicts))


def _mark_rows(batch: Batch) -> sa.Update:
    status = sa.case((VERDICT.c.accepted, "accepted"), else_="rejected")
    values = {"status": status, "code": VERDICT.c.code, "message": VERDICT.c.message, "changed_at": ledger.now()}
    waiting = sa.and_(batch.rows, batch.verdicts, ROW.c.record_id == VERDICT.c.record_id, ROW.c.status == "sent")
    return sa.update(ROW).where(waiting).values(values)


def _ids(batch: Batch, *, accepted: bool) -> sa.Select[Any]:
    return sa.select(VERDICT.c.record_id).where(batch.verdicts, VERDICT.c.accepted == sa.literal(accepted))


def _move_state(batch: Batch) -> Iterator[sa.Delete | sa.Insert]:
    accepted = _ids(batch, accepted=True)
    yield sa.delete(STATE).where(batch.records(STATE), STATE.c.record_id.in_(accepted))
    new = {
        "crm": ROW.c.crm,
        "entity": ROW.c.entity,
        "record_id": ROW.c.record_id,
        "target": sa.literal(batch.target),
        "payload": ROW.c.after,
        "known": sa.literal(f",{','.join(batch.columns)},"),
        "hash": sa.func.md5(sa.cast(ROW.c.after, sa.Text)),
        "run_id": ROW.c.run_id,
    }
    yield sa.insert(STATE).from_select(list(new), sa.select(*new.values()).where(batch.rows, ROW.c.record_id.in_(accepted)))


def _count_attempts(batch: Batch) -> Iterator[sa.Delete | sa.Update | sa.Insert]:
    yield sa.delete(REFUSED).where(batch.records(REFUSED), REFUSED.c.record_id.in_(_ids(batch, accepted=True)))
    rejected = sa.and_(batch.rows, ROW.c.record_id.in_(_ids(batch, accepted=False)))
    last = {"attempts": ROW.c.attempt, "code": ROW.c.code, "message": ROW.c.message, "last_at": ROW.c.changed_at, "run_id": ROW.c.run_id}
    again = sa.and_(batch.records(REFUSED), REFUSED.c.record_id == ROW.c.record_id)
    yield sa.update(REFUSED).where(rejected, again).values(last)
    new = {"crm": ROW.c.crm, "entity": ROW.c.entity, "record_id": ROW.c.record_id, "first_at": ROW.c.changed_at, **last}
    seen = sa.select(REFUSED.c.record_id).where(batch.records(REFUSED))
    yield sa.insert(REFUSED).from_select(list(new), sa.select(*new.values()).where(rejected, ROW.c.record_id.not_in(seen)))
