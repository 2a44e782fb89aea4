"""One table of account operation at a time: fill what it reads, build it, read it back without keys."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tests.transforms.scores.small_company import Company, context, key, rows, store
from transforms.base import Context, Model
from transforms.coverage import tables as coverage
from transforms.enrichment import tables as enrichment
from transforms.history import tables as history
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

__all__ = ["Company", "context", "of_accounts", "told"]

Row = Mapping[str, Any]


def told(warehouse: DuckDBWarehouse, model: Model, given: Context, *columns: str) -> list[tuple[Any, ...]]:
    """Build one table; the named columns of its rows as sorted tuples, days as text."""
    model.build(warehouse, given)
    found = [tuple(_plain(row[name]) for name in columns) for row in rows(warehouse, model.table)]
    return sorted(found, key=lambda row: [(value is not None, str(value)) for value in row])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def of_accounts(warehouse: DuckDBWarehouse, table: sa.Table, values: Mapping[str, Row]) -> None:
    """Rows of a score table by account."""
    store(warehouse, table, [{"account_id": name, "account_key": key(name), **row} for name, row in values.items()])


def of_people(warehouse: DuckDBWarehouse, table: sa.Table, values: Mapping[str, Row]) -> None:
    """Rows of a score table by person."""
    store(warehouse, table, [{"person_id": name, "person_key": key(name), "person_kind": "contact", **row} for name, row in values.items()])


def nothing(warehouse: DuckDBWarehouse, model: Model) -> None:
    """No scores, no coverage, no history: what a table reads beside the model of the CRM, empty."""
    every: Sequence[sa.MetaData] = (scores.metadata, enrichment.metadata, coverage.metadata, history.metadata, history.scored)
    declared = [table for metadata in every for table in metadata.sorted_tables]
    for table in (*declared, history.reviews):
        if table.fullname in model.reads:
            store(warehouse, table, [])
