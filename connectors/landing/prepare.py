"""Page files as they are loaded: rows that turned out to be deleted are marked, and each row comes once.

A full load replaces the table, and nothing merges there; yet a row may come in two pages, when it changed while the pages
were read. The row with the largest cursor stays, of equal ones that of the later page. Files that need neither are loaded
as they are.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.landing.tables import Landed
from warehouse import DuckDBWarehouse

_SUPERSEDED: Final = """
with pages as (
    select "{key}" as id, "{cursor}" as version, filename, file_row_number as place, list_position($files, filename) as page
    from read_parquet($files, filename = true, file_row_number = true)),
twice as (select id from pages group by id having count(*) > 1),
losers as (
    select filename, place from pages semi join twice using (id)
    qualify row_number() over (partition by id order by version desc nulls last, page desc, place) > 1)
select filename, list(place) from losers group by filename
"""


def prepared(landed: Landed, warehouse: DuckDBWarehouse, folder: Path) -> Iterator[Path]:
    """The files to load, in order, at least one; changed copies are written to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    superseded = _superseded(landed, warehouse) if landed.mode == "full" and len(landed.pages) > 1 else {}
    for path in landed.pages:
        yield _page(path, landed, superseded.get(str(path)), folder)
    if landed.changed is not None and landed.changed.num_rows:
        yield _written(landed.changed.cast(landed.schema), folder / f"{landed.name}-changed.parquet")
    if not landed.pages:
        yield _written(landed.schema.empty_table(), folder / f"{landed.name}-none.parquet")


def _superseded(landed: Landed, warehouse: DuckDBWarehouse) -> Mapping[str, Any]:
    """By file, the places of rows a better one stands for elsewhere."""
    query = _SUPERSEDED.format(key=landed.primary_key, cursor=landed.cursor)
    with warehouse.native() as cursor:
        return dict(cursor.execute(query, {"files": [str(path) for path in landed.pages]}).fetchall())


def _page(path: Path, landed: Landed, dropped: Any, folder: Path) -> Path:
    if not len(landed.marked) and dropped is None:
        return path
    table = pq.read_table(path)
    if len(landed.marked):
        gone = pc.is_in(table.column(landed.primary_key), value_set=landed.marked)
        deleted = pc.or_(table.column(landed.deleted), gone)
        table = table.set_column(table.column_names.index(landed.deleted), landed.deleted, deleted)
    if dropped is not None:
        table = table.take(np.setdiff1d(np.arange(table.num_rows), dropped))
    return _written(table, folder / f"{landed.name}-{path.name}")


def _written(table: pa.Table, target: Path) -> Path:
    pq.write_table(table, target)
    return target
