"""The generated company gives every output field something to say: on the small one no field is constant.

That the twins of its records in Dynamics say the same, and as variously, is tested where they are compared.

`Scored_On` and `Method_Version` are the exception by nature: on a first run everything was scored on one day by one method.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.fields import METHOD_VERSION, OUTPUT, SCORED_ON, Entity, column
from tests.transforms.kit import build, build_model, context, load_sandbox, open_warehouse
from tests.transforms.staging.dynamics.twins import CRM, with_entered
from transforms.enrichment import tables as enrichment
from transforms.registry_scores import score_models
from warehouse import DuckDBWarehouse

SAME_ON_A_FIRST_RUN = {SCORED_ON, METHOD_VERSION}
TABLES = {table.name: table for table in enrichment.metadata.sorted_tables}


@pytest.fixture(scope="module")
def scored(sandbox_state: Callable[[str], Path]) -> Iterator[DuckDBWarehouse]:
    """The small company as Salesforce tells it, scored."""
    state = sandbox_state("small")
    with open_warehouse() as warehouse:
        source = with_entered(warehouse, load_sandbox(warehouse, state, CRM), state)
        build_model(warehouse, source)
        build(warehouse, score_models(), context([source]))
        yield warehouse


@pytest.mark.parametrize("entity", OUTPUT)
def test_no_output_field_is_constant(scored: DuckDBWarehouse, entity: Entity) -> None:
    table = TABLES[entity]
    values = sa.select(*(sa.func.count(table.c[column(spec)].distinct()).label(column(spec)) for spec in OUTPUT[entity]))
    (found,) = scored.arrow(values).to_pylist()
    assert {name for name, count in found.items() if count < 2} == SAME_ON_A_FIRST_RUN
