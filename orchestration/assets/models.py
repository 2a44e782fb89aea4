"""Every table built in the warehouse: one asset per model, grouped by step, its columns taken from the declared table."""

from collections.abc import Sequence
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


def model_assets(models: Sequence[Model]) -> list[dg.AssetsDefinition]:
    """One asset per model."""
    return [_asset(model) for model in models]


def _asset(model: Model) -> dg.AssetsDefinition:
    @dg.asset(
        key=table_key(model.name),
        deps=[table_key(name) for name in model.reads],
        group_name=str(model.table.schema),
        description=model.table.comment or _described(model),
        kinds={"duckdb", "sqlalchemy"},
        owners=OWNERS,
        metadata={"dagster/column_schema": column_schema(model.table), "dagster/table_name": model.name},
    )
    def build(session: dg.ResourceParam[Session]) -> dg.MaterializeResult[Any]:
        with translated(session), session.timed(model.name, str(model.table.schema)) as timed:
            timed.step.rows = session.build(model.name)
        return dg.MaterializeResult(
            metadata={"dagster/row_count": timed.step.rows, "seconds": round(timed.step.seconds, 3), "rows per second": timed.step.rate}
        )

    return build


def column_schema(table: sa.Table) -> dg.TableSchema:
    """The declared columns with types and comments; a column that is written to a CRM says what its field says."""
    told = meanings(table.schema, table.name)
    return dg.TableSchema([dg.TableColumn(item.name, str(item.type), item.comment or told.get(item.name)) for item in table.columns])


def _described(model: Model) -> str:
    return f"{model.table.name.replace('_', ' ')}, built from {', '.join(model.reads)}"
