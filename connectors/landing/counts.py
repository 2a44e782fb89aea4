"""What a load did, in numbers for the report."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from connectors.landing.pages import PageNote
from connectors.landing.tables import Landed, RawTable
from warehouse import DuckDBWarehouse, raw_schema


def living_rows(warehouse: DuckDBWarehouse, crm: str, table: RawTable) -> int:
    """Rows of the raw table that are not marked as deleted."""
    raw = sa.table(table.name, sa.column(table.deleted), schema=raw_schema(crm))
    count = sa.select(sa.func.count()).select_from(raw)
    with warehouse.connection() as connection:
        return int(connection.scalar(count.where(sa.not_(raw.c[table.deleted])) if table.deleted in table.columns else count) or 0)


def deleted_rows(landed: Landed) -> int:
    """Rows of this run that are marked as deleted, by whatever way they were found."""
    if landed.deleted not in landed.columns:
        return 0
    tables = [pq.read_table(path, columns=[landed.deleted]) for path in landed.pages]
    tables += [landed.changed] if landed.changed is not None else []
    return len(pc.unique(landed.marked)) + sum(pc.sum(table.column(landed.deleted)).as_py() or 0 for table in tables)


def unreadable_lines(name: str, notes: Iterable[PageNote]) -> Iterator[str]:
    """A line for each column of the table with values that were not of its type."""
    counts: Counter[str] = Counter()
    for note in notes:
        counts.update(note.unreadable)
    for column, count in sorted(counts.items()):
        yield f"{name}: {count:,} values of {column} are not of its type and were left blank"
