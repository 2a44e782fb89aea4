"""A small company written down by hand, whose events may regard a deal: `2026-05-01T10:00 meeting anna -> kim deal=d1`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tests.transforms.maps.kit import told
from tests.transforms.scores.small_company import Company, key, store
from transforms.base import Context
from transforms.interactions.tables import activities
from transforms.registry_deals import deal_models
from transforms.registry_scores import score_models
from warehouse import DuckDBWarehouse

__all__ = ["Company", "built", "by_deal", "told"]

MODELS = [*score_models(), *deal_models()]


def built(warehouse: DuckDBWarehouse, company: Company, given: Context, *tables: sa.Table) -> None:
    """Fill the model and build these tables with all they need."""
    company.fill(warehouse)
    store(warehouse, activities, list(_activities(company)))
    reads = {model.name: model.reads for model in MODELS}
    needed = {table.fullname for table in tables}
    while more := {name for one in needed for name in reads.get(one, ())} - needed:
        needed |= more
    for model in MODELS:
        if model.name in needed:
            model.build(warehouse, given)


def _activities(company: Company) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(company.events):
        event = _option(line, "id") or f"e{number}"
        yield {"event_id": event, "event_key": key(event), "regarding_id": _option(line, "deal")}


def _option(line: str, name: str) -> str | None:
    found = re.search(rf" {name}=(\S+)", line)
    return found and found[1]


def by_deal(warehouse: DuckDBWarehouse, table: sa.Table, columns: Sequence[str], *more: str) -> dict[Any, tuple[Any, ...]]:
    """The named columns of each row by deal, or by deal and `more` keys."""
    keys = 1 + len(more)
    found = told(warehouse, table, "opportunity_id", *more, *columns)
    return {row[0] if keys == 1 else row[:keys]: row[keys:] for row in found}
