"""Run a suite: on a frame with Great Expectations while the table is small, as SQL above `FRAME_ROWS`.

Both give the same outcomes; a frame of a large table would cost more memory than the whole run may use.
"""

from dataclasses import replace

from quality import gx, sql
from quality.expectations import Outcome, Suite, columns_of
from warehouse import DuckDBWarehouse

FRAME_ROWS = 100_000


def run_suite(suite: Suite, warehouse: DuckDBWarehouse, frame_rows: int = FRAME_ROWS, crm: str = "") -> list[Outcome]:
    """One outcome per expectation, in the suite's order. Expectations on columns that are not there come back as not checkable.

    `crm`: judge only the rows of this CRM, in a table that tells them apart.
    """
    there = set(warehouse.columns(suite.schema, suite.table))
    checkable = [item for item in suite.expectations if there.issuperset(columns_of(item.rule)) and there]
    judged = replace(suite, expectations=checkable, crm=crm if sql.CRM in there else "")
    found = {outcome.expectation.id: outcome for outcome in _run(judged, warehouse, frame_rows)} if checkable else {}
    return [found.get(item.id) or Outcome(item, None, 0, detail=_absent(suite, there)) for item in suite.expectations]


def _run(suite: Suite, warehouse: DuckDBWarehouse, frame_rows: int) -> list[Outcome]:
    rows = sql.count(suite, warehouse)
    run = gx.run if 0 < rows <= frame_rows else sql.run
    return run(suite, warehouse, rows)


def _absent(suite: Suite, there: set[str]) -> str:
    return f"a column it needs is not in {suite.name}" if there else f"there is no table {suite.name}"
