"""Push: a stored plan goes to the CRM in chunks, and the ledger moves by what the CRM says of each row.

guard -> rights -> mark a chunk `sent` -> Writer.update -> acknowledge -> next chunk. Updates only: a record that vanished
is a rejected row. Whatever stops a push half-way (also kill -9) leaves rows `sent`, which `settle` clears up before the
next plan. Rejected rows come again with later plans, until there were too many rejections in a row (`quarantine`).
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.activation import guard, numbers
from connectors.activation.acknowledge import ROW, Batch, acknowledge
from connectors.activation.plan import load
from connectors.activation.reports import EntityPlan, EntityPush, Plan, PushReport
from connectors.activation.rows import planned
from connectors.activation.settings import ActivationSettings
from connectors.contract import Progress, RowResult, Writer, silent
from connectors.errors import CrmError, MissingPermission
from connectors.fields import Entity
from connectors.results import RowResults
from warehouse import DuckDBWarehouse, ledger

CHUNK_ROWS = 50_000
RUN = ledger.sync_run


def run(
    warehouse: DuckDBWarehouse,
    writer: Writer,
    plan_id: str,
    settings: ActivationSettings,
    *,
    override: str = "",
    approved_by: str = "",
    dry_run: bool = False,
    progress: Progress = silent,
) -> PushReport:
    """Write one stored plan to its CRM and report the numbers of `activation.md` point 12.

    `override`: a person's reason for pushing a plan the guard finds too big. `dry_run`: guard and rights are checked,
    nothing is sent, the plan stays. Raises `PlanUnusable`, `GuardTripped`, `MissingPermission` before the first write, any
    other CrmError with the ledger true to what was acknowledged. Look at `PushReport.ok` for the reject rate.
    """
    clock = time.monotonic()
    plan = load(warehouse, plan_id)
    guard.check(plan, settings, override)
    refusals = _refusals(writer, plan)
    if dry_run:
        return PushReport(plan_id, plan.crm, _planned_only(plan, refusals), settings.max_reject_rate, True, calls_left=writer.calls_left())
    used = writer.calls_used()
    _set_run(warehouse, plan_id, status="pushing", started=ledger.now(), reason=override, approved_by=approved_by)
    with _noting_the_end(warehouse, plan_id):
        _push(warehouse, writer, plan, refusals, progress)
    counts = numbers.entities(warehouse, plan, refusals)
    report = PushReport(
        plan_id,
        plan.crm,
        counts,
        settings.max_reject_rate,
        quarantined=numbers.quarantined(warehouse, plan.crm),
        calls_used=writer.calls_used() - used,
        calls_left=writer.calls_left(),
        seconds=round(time.monotonic() - clock, 3),
    )
    _close(warehouse, plan, report)
    return report


def _refusals(writer: Writer, plan: Plan) -> Mapping[Entity, str]:
    """Objects that cannot be written and why. Without the right to edit users they are left out, all others must work."""
    found: dict[Entity, str] = {}
    for entity, counts in plan.entities.items():
        if counts.updates and (reason := writer.refusal(entity, [name for name, rows in counts.fields.items() if rows])):
            found[entity] = reason
    fatal = [reason for entity, reason in found.items() if entity != "user"]
    if fatal:
        others = f" ({len(fatal) - 1} more objects cannot be written either)" if fatal[1:] else ""
        raise MissingPermission(f"{fatal[0]}; nothing was written{others}")
    return found


def _planned_only(plan: Plan, refusals: Mapping[Entity, str]) -> dict[Entity, EntityPush]:
    return {
        entity: EntityPush(counts.updates, 0, counts.unchanged, counts.skipped, reason=refusals.get(entity, ""))
        for entity, counts in plan.entities.items()
    }


def _push(warehouse: DuckDBWarehouse, writer: Writer, plan: Plan, refusals: Mapping[Entity, str], progress: Progress) -> None:
    for entity, counts in plan.entities.items():
        batch = Batch(plan.plan_id, plan.crm, entity, plan.target, counts.columns)
        if entity in refusals:
            _mark(warehouse, batch, "skipped", 1, counts.updates)
            continue
        for first, last in _chunks(counts):
            progress(f"{entity}: {first - 1:,} of {counts.updates:,} rows sent")
            _send(warehouse, writer, batch, first, last)


def _chunks(counts: EntityPlan) -> Iterator[tuple[int, int]]:
    for first in range(1, counts.updates + 1, CHUNK_ROWS):
        yield first, min(first + CHUNK_ROWS - 1, counts.updates)


def _send(warehouse: DuckDBWarehouse, writer: Writer, batch: Batch, first: int, last: int) -> None:
    rows = planned(warehouse, batch.run_id, batch.entity, ROW.c.position.between(first, last))
    _mark(warehouse, batch, "sent", first, last)
    results = writer.update(batch.entity, rows)
    acknowledge(warehouse, batch, _without_missing_rights(results) if batch.entity == "user" else results)
    if batch.entity == "user":
        _mark(warehouse, batch, "skipped", first, last, ROW.c.status == "sent")


def _without_missing_rights(results: Sequence[RowResult]) -> RowResults:
    """Describe does not tell whether other people's user records may be edited; the first attempt does."""
    table = RowResults.of(results).table
    return RowResults(table.filter(pc.invert(pc.starts_with(table["code"], "INSUFFICIENT_ACCESS"))))


def _mark(warehouse: DuckDBWarehouse, batch: Batch, status: str, first: int, last: int, only: sa.ColumnElement[bool] | None = None) -> None:
    with warehouse.connection() as connection:
        where = sa.and_(batch.rows, ROW.c.position.between(first, last), sa.true() if only is None else only)
        connection.execute(sa.update(ROW).where(where).values(status=status, changed_at=ledger.now()))


@contextmanager
def _noting_the_end(warehouse: DuckDBWarehouse, run_id: str) -> Iterator[None]:
    try:
        yield
    except CrmError as error:
        _set_run(warehouse, run_id, status="interrupted", finished=ledger.now(), message=str(error))
        raise


def _close(warehouse: DuckDBWarehouse, plan: Plan, report: PushReport) -> None:
    planned_counts = {entity: asdict(counts) for entity, counts in plan.entities.items()}
    pushed_counts = {entity: asdict(counts) for entity, counts in report.entities.items()}
    _set_run(
        warehouse,
        plan.plan_id,
        status="done" if report.ok else "failed",
        finished=ledger.now(),
        message="" if report.ok else f"{report.reject_rate:.1%} of the rows were rejected",
        counts={entity: {**counts, **pushed_counts[entity]} for entity, counts in planned_counts.items()},
        calls_used=report.calls_used,
        calls_left=report.calls_left,
        seconds=report.seconds,
    )


def _set_run(warehouse: DuckDBWarehouse, run_id: str, **values: Any) -> None:
    with warehouse.connection() as connection:
        connection.execute(sa.update(RUN).where(RUN.c.run_id == run_id).values(values))
