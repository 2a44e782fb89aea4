"""Planned rows out of the ledger as Arrow, typed as the writer wants them."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.activation.payloads import field_of, parsed
from connectors.fields import Entity, arrow_type, column, writable
from connectors.rows import CONTROL
from warehouse import DuckDBWarehouse, ledger

NO_ROWS: Final = pa.table({name: pa.array([], pa.list_(pa.string()) if name == "changed" else pa.string()) for name in CONTROL})


def planned(warehouse: DuckDBWarehouse, run_id: str, entity: Entity, where: sa.ColumnElement[bool]) -> pa.Table:
    """Rows of a run in plan order: record_id, parent_id, changed (list), then every column some row sends, typed."""
    rows = ledger.sync_row
    mine = sa.and_(rows.c.run_id == run_id, rows.c.entity == entity, where)
    specs = writable(entity, _sent_columns(warehouse, mine))
    if not specs:
        return NO_ROWS
    keys = (rows.c.record_id, rows.c.parent_id, rows.c.fields, rows.c.position)
    source = sa.select(*keys, parsed(rows.c.after, specs).label("parsed")).where(mine).subquery("source")
    values = [field_of(source.c.parsed, spec).label(column(spec)) for spec in specs]
    found = warehouse.arrow(sa.select(*(source.c[key.name] for key in keys), *values)).sort_by("position")
    columns: dict[str, Any] = {
        "record_id": found["record_id"],
        "parent_id": found["parent_id"],
        "changed": pc.split_pattern(found["fields"], ","),
    }
    columns |= {column(spec): found[column(spec)].cast(arrow_type(spec)) for spec in specs}
    return pa.table(columns)


def record_ids(rows: pa.Table) -> list[str]:
    """The record ids of a table of rows, in order."""
    return [str(record_id) for record_id in rows["record_id"].to_pylist()]


def _sent_columns(warehouse: DuckDBWarehouse, mine: sa.ColumnElement[bool]) -> list[str]:
    with warehouse.connection() as connection:
        lists = connection.scalars(sa.select(ledger.sync_row.c.fields).where(mine).distinct())
        return sorted({name for names in lists for name in names.split(",")})
