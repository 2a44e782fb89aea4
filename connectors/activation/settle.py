"""Settle: after a push that died or failed half-way, find out what the CRM took, so that nothing is written twice.

Rows are marked `sent` before they leave. Those still `sent` have no verdict: they are read back, and where the CRM holds
what was sent the row is acknowledged as if it had answered; the others are `lost` and come back with the next plan.
Called before planning; costs no CRM call when nothing is open.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.activation.acknowledge import ROW, Batch, acknowledge, apply_verdicts
from connectors.activation.compare import differences, missing
from connectors.activation.reports import SettleReport
from connectors.activation.rows import planned, record_ids
from connectors.contract import Writer
from connectors.fields import column, writable
from connectors.results import RowResults
from warehouse import DuckDBWarehouse, ledger

RUN = ledger.sync_run


def run(warehouse: DuckDBWarehouse, crm: str, writer: Writer) -> SettleReport:
    """Settle every unfinished push of one CRM; raises CrmError when the CRM cannot be asked."""
    accepted = lost = 0
    for batch in list(_open_batches(warehouse, crm)):
        apply_verdicts(warehouse, batch)
        taken, gone = _ask(warehouse, batch, writer)
        accepted, lost = accepted + taken, lost + gone
    with warehouse.connection() as connection:
        ended = {"status": "settled", "finished": ledger.now()}
        connection.execute(sa.update(RUN).where(RUN.c.crm == crm, RUN.c.status.in_(("pushing", "interrupted"))).values(ended))
    return SettleReport(accepted, lost)


def _open_batches(warehouse: DuckDBWarehouse, crm: str) -> Iterator[Batch]:
    sent = sa.select(ROW.c.run_id, ROW.c.entity).where(ROW.c.crm == crm, ROW.c.status == "sent").distinct().subquery()
    stored = sa.select(sent.c.run_id, sent.c.entity, RUN.c.target, RUN.c.counts).join(RUN, RUN.c.run_id == sent.c.run_id)
    with warehouse.connection() as connection:
        for run_id, entity, target, counts in connection.execute(stored.order_by(RUN.c.planned_at)):
            yield Batch(run_id, crm, entity, target, counts[entity]["columns"])


def _ask(warehouse: DuckDBWarehouse, batch: Batch, writer: Writer) -> tuple[int, int]:
    sent = planned(warehouse, batch.run_id, batch.entity, ROW.c.status == "sent")
    if not sent.num_rows:
        return 0, 0
    specs = writable(batch.entity, [name for name in sent.column_names if name in batch.columns])
    held = writer.read_back(batch.entity, record_ids(sent), [column(spec) for spec in specs])
    unlike = pa.concat_arrays([*differences(sent, held, specs)["record_id"].chunks, *missing(sent, held).chunks, pa.array([], pa.string())])
    taken = sent["record_id"].filter(pc.invert(pc.is_in(sent["record_id"], value_set=unlike)))
    acknowledge(warehouse, batch, _accepted(taken))
    return len(taken), _drop_rest(warehouse, batch)


def _accepted(ids: Any) -> RowResults:
    blank = pa.repeat("", len(ids))
    return RowResults(pa.table({"record_id": ids, "accepted": pa.repeat(True, len(ids)), "code": blank, "message": blank}))


def _drop_rest(warehouse: DuckDBWarehouse, batch: Batch) -> int:
    rest = sa.and_(batch.rows, ROW.c.status == "sent")
    with warehouse.connection() as connection:
        count = int(connection.scalar(sa.select(sa.func.count()).select_from(ROW).where(rest)) or 0)
        connection.execute(sa.update(ROW).where(rest).values(status="lost", changed_at=ledger.now()))
    return count
