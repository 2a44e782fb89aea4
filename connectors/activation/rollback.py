"""Rollback: a plan that gives the records a run wrote the values the CRM held before it.

It is built from the before-images of the rows the CRM accepted, and then a plan like any other: guarded, pushed, settled and
verified by the same code, and itself a run that can be rolled back. What was not known before (a first push) goes back to blank.

A record is left alone where what the run wrote is not what stands there: a later run of ours wrote it again, somebody changed
one of the values in the CRM since, or it is gone. Several runs are taken back newest first. A rollback that was
interrupted is started again and does what is left.

Deliberately absent: keeping the next run from writing the same figures again. Who rolls back mends their cause first.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.activation import plan as planning
from connectors.activation.acknowledge import REFUSED, ROW, STATE, Batch
from connectors.activation.compare import differences, missing
from connectors.activation.errors import PlanUnusable
from connectors.activation.payloads import field_of, parsed, payload_of
from connectors.activation.reports import EntityPlan, Plan
from connectors.activation.rows import planned, record_ids
from connectors.contract import Writer
from connectors.fields import Entity, column, writable
from connectors.rows import CONTROL
from warehouse import DuckDBWarehouse, ledger

RUN = ledger.sync_run


@dataclass(frozen=True)
class Undone:
    """The run to be taken back, with its objects and the columns compared in each."""

    run_id: str
    crm: str
    target: str
    columns: Mapping[Entity, Sequence[str]]


@dataclass(frozen=True)
class Left:
    """Records of one object that are left alone: how many we wrote again since, ids of those changed in the CRM, ids of those gone."""

    again: int = 0
    changed: Sequence[str] = ()
    gone: Sequence[str] = ()

    def __len__(self) -> int:
        return self.again + len(self.changed) + len(self.gone)

    def __str__(self) -> str:
        told = {
            "written since by a later run or rollback": self.again,
            "changed in the CRM since": len(self.changed),
            "gone": len(self.gone),
        }
        return ", ".join(f"{number:,} {what}" for what, number in told.items() if number)


def find(warehouse: DuckDBWarehouse, run_id: str) -> Undone:
    """A run that was pushed; raises `PlanUnusable` for any other."""
    with warehouse.connection() as connection:
        row = connection.execute(sa.select(RUN).where(RUN.c.run_id == run_id)).mappings().first()
    if row is None:
        raise PlanUnusable(f"there is no run {run_id}; `guanxi status` lists them under pushes, in the column plan")
    if row["status"] in ("planned", "superseded"):
        raise PlanUnusable(f"plan {run_id} was never pushed, there is nothing to roll back")
    return Undone(run_id, row["crm"], row["target"], {entity: counts["columns"] for entity, counts in row["counts"].items()})


def build(warehouse: DuckDBWarehouse, writer: Writer, undone: Undone, entities: Collection[Entity]) -> tuple[Plan, Mapping[Entity, Left]]:
    """Ask the CRM what it holds of the run's rows; store and return the plan, and what it leaves alone.

    Raises `PlanUnusable` when nothing can be taken back, `Unsettled`, and CrmError when the CRM cannot be asked.
    """
    named = {entity: columns for entity, columns in undone.columns.items() if entity in entities}
    batches = [Batch(undone.run_id, undone.crm, entity, undone.target, columns) for entity, columns in named.items()]
    left = {batch.entity: _left(warehouse, writer, batch) for batch in batches}
    plan_id = uuid.uuid4().hex[:12]
    with warehouse.connection() as connection:
        planning.make_room(connection, undone.crm)
        stored = {batch.entity: _store(connection, plan_id, batch, left[batch.entity]) for batch in batches}
        plan = Plan(plan_id, undone.crm, _as_of(connection, undone), undone.target, "rollback", stored)
        if not plan.updates:
            raise PlanUnusable(f"run {undone.run_id} of {undone.crm}: nothing to roll back{_because(left)}")
        planning.store_plan(connection, plan)
    return plan, left


def _because(left: Mapping[Entity, Left]) -> str:
    told = [f"{entity}: {records}" for entity, records in left.items() if len(records)]
    return f" ({'; '.join(told)})" if told else ""


def _standing(batch: Batch) -> sa.ColumnElement[bool]:
    """Accepted rows whose outcome is what the ledger knows of the record today."""
    outcome = sa.func.md5(sa.cast(ROW.c.after, sa.Text))
    same = sa.and_(STATE.c.record_id == ROW.c.record_id, STATE.c.target == batch.target, STATE.c.hash == outcome)
    return sa.and_(_accepted(batch), sa.exists().where(batch.records(STATE), same))


def _accepted(batch: Batch) -> sa.ColumnElement[bool]:
    return sa.and_(batch.rows, ROW.c.status == "accepted")


def _left(warehouse: DuckDBWarehouse, writer: Writer, batch: Batch) -> Left:
    wrote = planned(warehouse, batch.run_id, batch.entity, _standing(batch))
    with warehouse.connection() as connection:
        accepted = int(connection.scalar(sa.select(sa.func.count()).where(_accepted(batch))) or 0)
    if not wrote.num_rows:
        return Left(accepted)
    specs = writable(batch.entity, [name for name in wrote.column_names if name not in CONTROL])
    held = writer.read_back(batch.entity, record_ids(wrote), [column(spec) for spec in specs])
    changed, gone = pc.unique(differences(wrote, held, specs)["record_id"]), missing(wrote, held)
    return Left(accepted - wrote.num_rows, *([str(key) for key in ids.to_pylist()] for ids in (changed, gone)))


def _store(connection: sa.Connection, plan_id: str, batch: Batch, left: Left) -> EntityPlan:
    planning.store_rows(connection, plan_id, batch.crm, batch.entity, _images(batch, left))
    rows = int(connection.scalar(sa.select(sa.func.count()).where(batch.records(STATE))) or 0)
    updates, fields = planning.field_counts(connection, plan_id, batch.entity, batch.columns)
    return EntityPlan(
        rows=rows,
        updates=updates,
        unchanged=rows - updates - len(left),
        skipped=len(left),
        known=planning.was_pushed(connection, batch.crm, batch.entity),
        fields=fields,
        columns=batch.columns,
    )


def _images(batch: Batch, left: Left) -> sa.Select[Any]:
    """The run's rows turned round: what it left is what is there before, what was there before is to come back."""
    specs = writable(batch.entity, batch.columns)
    listed = sa.bindparam("left", [*left.changed, *left.gone], type_=sa.ARRAY(sa.String), unique=True)
    mine = sa.and_(_standing(batch), ROW.c.record_id.not_in(sa.select(sa.func.unnest(listed))))
    names = (ROW.c.record_id, ROW.c.parent_id, ROW.c.fields, ROW.c.after.label("before"))
    source = sa.select(*names, parsed(ROW.c.before, specs).label("parsed")).where(mine).subquery("source")
    attempts = sa.select(REFUSED.c.attempts).where(batch.records(REFUSED), REFUSED.c.record_id == source.c.record_id).scalar_subquery()
    return sa.select(
        sa.func.row_number().over(order_by=(source.c.parent_id, source.c.record_id)).label("position"),
        *(source.c[name] for name in ("record_id", "parent_id", "fields", "before")),
        (sa.func.coalesce(attempts, 0) + 1).label("attempt"),
        payload_of({column(spec): field_of(source.c.parsed, spec) for spec in specs}).label("after"),
    )


def _as_of(connection: sa.Connection, undone: Undone) -> str:
    """Of the push before it, whose figures come back; empty when there was none."""
    begun = sa.select(RUN.c.planned_at).where(RUN.c.run_id == undone.run_id).scalar_subquery()
    before = sa.select(RUN.c.as_of).where(RUN.c.crm == undone.crm, RUN.c.status == "done", RUN.c.planned_at < begun)
    as_of = connection.scalar(before.order_by(RUN.c.planned_at.desc()).limit(1))
    return as_of.isoformat() if as_of else ""
