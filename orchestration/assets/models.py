"""Every table built in the warehouse: one asset per model, its columns taken from the declared table, one op per step.

A step is what one schema holds (in `staging`: one CRM of it). Its tables are built one after the other in one op, because
what Dagster does for an op costs more than most of our tables do; each still is an asset that can be built by itself.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
import sqlalchemy as sa

from connectors.fields import meanings
from orchestration.assets import OWNERS
from orchestration.faults import translated
from orchestration.session import Session
from transforms.base import Model


def table_key(name: str) -> dg.AssetKey:
    """Asset key of the table `schema.table`."""
    return dg.AssetKey(name.split(".", 1))


def step_assets(name: str, models: Sequence[Model]) -> dg.AssetsDefinition:
    """The models of one step, in the order of building."""

    @dg.multi_asset(name=name, specs=[_spec(model) for model in models], can_subset=True)
    def build(context: dg.AssetExecutionContext, session: dg.ResourceParam[Session]) -> Iterator[dg.MaterializeResult[Any]]:
        for model in models:
            if table_key(model.name) in context.selected_asset_keys:
                yield _build(session, model)

    return build


def _build(session: Session, model: Model) -> dg.MaterializeResult[Any]:
    with translated(session), session.timed(model.name, str(model.table.schema)) as timed:
        timed.step.rows = session.build(model.name)
    seconds, rate = round(timed.step.seconds, 3), timed.step.rate
    metadata = {"dagster/row_count": timed.step.rows, "seconds": seconds, "rows per second": rate}
    return dg.MaterializeResult(asset_key=table_key(model.name), metadata=metadata)


def _spec(model: Model) -> dg.AssetSpec:
    return dg.AssetSpec(
        table_key(model.name),
        deps=[table_key(name) for name in model.reads],
        group_name=str(model.table.schema),
        description=model.table.comment or _described(model),
        kinds={"duckdb", "sqlalchemy"},
        owners=OWNERS,
        metadata={"dagster/column_schema": column_schema(model.table), "dagster/table_name": model.name},
        skippable=True,
    )


def column_schema(table: sa.Table) -> dg.TableSchema:
    """The declared columns with types and comments; a column that is written to a CRM says what its field says."""
    told = meanings(table.schema, table.name)
    return dg.TableSchema([dg.TableColumn(item.name, str(item.type), item.comment or told.get(item.name)) for item in table.columns])


def _described(model: Model) -> str:
    return f"{model.table.name.replace('_', ' ')}, built from {', '.join(model.reads)}"
