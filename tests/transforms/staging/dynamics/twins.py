"""One company in two warehouses: what its Salesforce org tells and what its Dynamics environment tells about the same records.

The Dynamics rows take the Salesforce ids of their twins before anything is computed, so that ties break alike and rows can
be compared as they are. Activities are counted with everybody; before the scores, whoever lives in one CRM only is taken
out of the model, and people whose two logs differ because they share a mail with somebody only one CRM knows.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.transforms.kit import build, build_model, context, load_sandbox, open_warehouse
from tests.transforms.staging.dynamics.kit import load_environment
from transforms.base import Source
from transforms.enrichment import tables as enrichment
from transforms.registry_scores import score_models
from transforms.scores import tables as scores
from transforms.tables import interactions
from warehouse import DuckDBWarehouse, raw_schema

CRM = "crm"
KEYS = ("crm", "event_id", "event_key", "user_key", "person_key", "account_key")
RECORDS = {"users": "user_id", "accounts": "account_id", "people": "person_id", "opportunities": "opportunity_id"}
OTHERS = {
    "account_members": ("account_id", "user_id"),
    "opportunity_roles": ("opportunity_id", "person_id"),
    "interactions": ("person_id",),
}


@dataclass(frozen=True)
class Twins:
    """Both warehouses, scored, with the twins alone in their models."""

    salesforce: DuckDBWarehouse
    dynamics: DuckDBWarehouse

    def close(self) -> None:
        self.salesforce.close()
        self.dynamics.close()


def twins_of(state: Path) -> Twins:
    """Both, from the rows of a generated state."""
    salesforce, dynamics = open_warehouse(), open_warehouse()
    return Twins(
        scored(salesforce, with_entered(salesforce, load_sandbox(salesforce, state, CRM), state), state),
        scored(dynamics, renamed(dynamics, load_environment(dynamics, state, CRM), state), state),
    )


def scored(warehouse: DuckDBWarehouse, source: Source, state: Path) -> DuckDBWarehouse:
    """Everything from raw tables to enrichment, with the twins alone from the model on."""
    build_model(warehouse, source)
    _keep_twins(warehouse, state)
    build(warehouse, score_models(), context([source]))
    return warehouse


def with_entered(warehouse: DuckDBWarehouse, source: Source, state: Path) -> Source:
    """Salesforce's rows with what people entered, as after provisioning."""
    columns = {name: list(visible) for name, visible in source.columns.items()}
    with warehouse.native() as cursor:
        cursor.execute(f"attach '{state / 'salesforce.duckdb'}' as org (read_only)")
        for name in ("Account", "Contact", "Lead", "Opportunity", "User"):
            names = _names(cursor, "org", f"_entered_{name}")[1:]
            table = f'"{raw_schema(source.crm)}"."{name}"'
            cursor.execute(f'create or replace table {table} as select t.*, e.* exclude ("Id") from {table} t '
                           f'left join org.main."_entered_{name}" e using ("Id")')  # fmt: skip
            columns[name] += names
        cursor.execute("detach org")
    return Source(source.crm, source.kind, columns, source.entered)


def renamed(warehouse: DuckDBWarehouse, source: Source, state: Path) -> Source:
    """Dynamics' rows with the Salesforce ids of those that have a twin."""
    with warehouse.native() as cursor:
        cursor.execute(f"attach '{state / 'dataverse.duckdb'}' as environment (read_only)")
        cursor.execute("create or replace temp table twin as select id, salesforce_id from environment.main._truth_twins")
        cursor.execute("detach environment")
        for name, columns in source.columns.items():
            ids = [column for column in columns if column.endswith(("id", "_value"))]
            given = {column: f'coalesce((select salesforce_id from twin where id = t."{column}"), t."{column}")' for column in ids}
            table = f'"{raw_schema(source.crm)}"."{name}"'
            replaced = ", ".join(f'{cell} as "{column}"' for column, cell in given.items())
            cursor.execute(f"create or replace table {table} as select * replace ({replaced}) from {table} t")
    return source


def _keep_twins(warehouse: DuckDBWarehouse, state: Path) -> None:
    """Take everybody else out of the model."""
    with warehouse.native() as cursor:
        cursor.execute(f"attach '{state / 'dataverse.duckdb'}' as environment (read_only)")
        alike = "\"table\" not in ('contact', 'lead') or same_log"
        cursor.execute(f"create or replace temp table alike as select salesforce_id as id from environment.main._truth_twins where {alike}")
        cursor.execute("detach environment")
        for name, columns in {**{table: (key,) for table, key in RECORDS.items()}, **OTHERS}.items():
            told = " or ".join(f"{column} not in (select id from alike)" for column in columns)
            cursor.execute(f"delete from model.{name} where {told}")


def _names(cursor: Any, catalog: str, table: str) -> list[str]:
    found = cursor.execute("select column_name from duckdb_columns() where database_name = ? and table_name = ?", [catalog, table])
    return [name for (name,) in found.fetchall()]


def told(warehouse: DuckDBWarehouse) -> dict[str, Any]:
    """All that is compared: interactions, pairs, and each table of output fields."""
    return {
        "interactions": facts(warehouse, interactions, KEYS),
        "pairs": facts(warehouse, scores.pairs, KEYS),
        **{table.name: facts(warehouse, table) for table in enrichment.metadata.sorted_tables},
    }


def facts(warehouse: DuckDBWarehouse, table: sa.Table, without: Iterable[str] = ()) -> Counter[tuple[Any, ...]]:
    """The rows of a table without some columns; sums to nine decimals, because their order of adding is free."""
    left_out = set(without)
    columns = [column for column in table.columns if column.name not in left_out]
    rounded = (sa.func.round(column, 9).label(column.name) if isinstance(column.type, sa.Double) else column for column in columns)
    return Counter(tuple(row.values()) for row in warehouse.arrow(sa.select(*rounded)).to_pylist())
