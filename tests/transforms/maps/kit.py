"""A small company written down by hand, with some tables of maps, coverage or suggestions built, and read back without keys."""

from typing import Any

import sqlalchemy as sa

from tests.transforms.scores.small_company import Company, rows
from transforms.base import Context
from transforms.registry_maps import map_models
from transforms.registry_scores import score_models
from warehouse import DuckDBWarehouse

__all__ = ["Company", "built", "told"]

MODELS = [*score_models(), *map_models([])]


def built(warehouse: DuckDBWarehouse, company: Company, given: Context, *tables: sa.Table) -> None:
    """Fill the model and build these tables with all they need."""
    company.fill(warehouse)
    reads = {model.name: model.reads for model in MODELS}
    needed = {table.fullname for table in tables}
    while more := {name for one in needed for name in reads.get(one, ())} - needed:
        needed |= more
    for model in MODELS:
        if model.name in needed:
            model.build(warehouse, given)


def told(warehouse: DuckDBWarehouse, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
    """The named columns of all rows, sorted."""
    return sorted((tuple(row[name] for name in columns) for row in rows(warehouse, table)), key=str)
