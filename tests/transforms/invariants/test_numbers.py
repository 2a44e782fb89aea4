"""Every number the method allows can be computed with: no table fails at the lowest or at the highest of all bounds at once."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest

from tests.transforms.kit import build, needed
from tests.transforms.oracle.test_random import company
from tests.transforms.scores.small_company import context
from transforms.enrichment import tables as enrichment
from transforms.method import entries
from transforms.method_rules import CENTURY, WHOLE
from transforms.operation import tables as operation
from transforms.registry import all_models
from warehouse import MODEL, DuckDBWarehouse

SHARES = {key for shares in WHOLE for key in shares}
TABLES = (
    *(enrichment.contact, enrichment.lead, enrichment.account, enrichment.opportunity),
    *(operation.importance_ranks, operation.lifecycle_years, operation.funnel, operation.moat),
)
Entry = Mapping[str, Any]


def lowest(entry: Entry) -> float:
    return float(entry.get("minimum", 0))


def highest(entry: Entry) -> float:
    return float(entry.get("maximum", CENTURY if entry.get("unit") == "days" else 1000 * entry["value"]))


@pytest.mark.parametrize("bound", [lowest, highest])
def test_no_table_fails_at_the_bounds_of_the_numbers(warehouse: DuckDBWarehouse, bound: Callable[[Entry], float]) -> None:
    numbers = {key: entry for key, entry in entries().items() if type(entry["value"]) in (int, float) and key not in SHARES}
    company(Random(3)).fill(warehouse)
    models = [model for model in needed(all_models([]), *TABLES) if model.table.schema != MODEL]
    build(warehouse, models, context(method={key: bound(entry) for key, entry in numbers.items()}))
