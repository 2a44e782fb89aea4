"""Verify: read back a sample of what a push wrote (all of it, when little) and compare value by value.

A difference means that something in the CRM changed our value (a trigger, a rule) or that a field is hidden from us.
"""

import sqlalchemy as sa

from connectors.activation.acknowledge import ROW
from connectors.activation.compare import differences, missing
from connectors.activation.reports import Difference, VerifyReport
from connectors.activation.rows import planned, record_ids
from connectors.contract import Writer
from connectors.fields import Entity, column, writable
from connectors.rows import CONTROL
from warehouse import DuckDBWarehouse

SAMPLE = 200


def run(warehouse: DuckDBWarehouse, writer: Writer, plan_id: str, *, sample: int = SAMPLE) -> VerifyReport:
    """Read back up to `sample` accepted rows per object of one push; raises CrmError when the CRM cannot be asked."""
    checked, found, gone = 0, list[Difference](), list[str]()
    for entity in _entities(warehouse, plan_id):
        sent = planned(warehouse, plan_id, entity, _sampled(plan_id, entity, sample))
        specs = writable(entity, [name for name in sent.column_names if name not in CONTROL])
        held = writer.read_back(entity, record_ids(sent), [column(spec) for spec in specs])
        checked += sent.num_rows
        found += [Difference(entity, *row.values()) for row in differences(sent, held, specs).to_pylist()]
        gone += [str(record_id) for record_id in missing(sent, held).to_pylist()]
    return VerifyReport(plan_id, checked, found, gone)


def _entities(warehouse: DuckDBWarehouse, plan_id: str) -> list[Entity]:
    with warehouse.connection() as connection:
        accepted = sa.select(ROW.c.entity).where(ROW.c.run_id == plan_id, ROW.c.status == "accepted").distinct()
        return list(connection.scalars(accepted.order_by(ROW.c.entity)))


def _sampled(plan_id: str, entity: Entity, sample: int) -> sa.ColumnElement[bool]:
    """A sample that is the same each time: the rows whose hashed ids come first."""
    accepted = sa.and_(ROW.c.run_id == plan_id, ROW.c.entity == entity, ROW.c.status == "accepted")
    chosen = sa.select(ROW.c.record_id).where(accepted).order_by(sa.func.md5(ROW.c.record_id)).limit(sample)
    return sa.and_(accepted, ROW.c.record_id.in_(chosen))
