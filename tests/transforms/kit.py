"""What tests of the transforms share: raw Salesforce tables from a few readable lines, and the models run over them.

A world is written as one record per line, `<Object> <Id> Column=value ...`; what is not said is null, except for the
defaults below, which make an activity completed and a person a person. Columns and types are those the reader leaves.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from connectors.fields import EntityMap
from connectors.salesforce.specs import ObjectSpec, entered_columns, objects
from transforms.base import Context, Counting, Model, Source
from transforms.method import load
from transforms.registry_model import model_models
from transforms.tables import interactions, interactions_dropped, participants_dropped
from warehouse import DuckDBWarehouse, raw_schema

CRM = "sales_cloud"
AS_OF = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
SPECS = {spec.name: spec for spec in objects("GX", {})}
SQL_TYPES = {
    "text": "varchar",
    "boolean": "boolean",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamptz",
}
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "User": {"IsActive": "true", "UserType": "Standard"},
    "Task": {"Status": "Completed", "IsClosed": "true", "CompletedDateTime": "2026-05-04T10:00Z", "TaskSubtype": "Task"},
    "Event": {"StartDateTime": "2026-05-04T10:00Z", "DurationInMinutes": "30", "GroupEventType": "0"},
    "EmailMessage": {"MessageDate": "2026-05-04T10:00Z", "Status": "3"},
}
PEOPLE = """
User 005uma Name=Uma Email=uma@ours.example
User 005udo Name=Udo Email=udo@ours.example
User 005bot Name="Integration Bot" Username=integration@ours.example Email=bot@ours.example
Account 001acme Name=Acme OwnerId=005uma
Account 001beta Name=Beta OwnerId=005udo
Contact 003ann AccountId=001acme Email=ann@acme.example
Contact 003bob AccountId=001acme Email=bob@acme.example
Contact 003cat AccountId=001beta Email=cat@beta.example
Lead 00Qlea Email=lea@gamma.example Status=Open IsConverted=false
"""
"""The small company most cases play in."""

VERDICTS = (interactions, interactions_dropped, participants_dropped)
"""What becomes of every activity and of whoever took part."""

Row = dict[str, str]


@dataclass
class World:
    """Rows per Salesforce object, as text.

    `hidden`: columns (`Task.IsChild`) and objects (`TaskRelation`) not visible. `mapped`: entity, then entered field to the org's
    own field that is read in place of ours.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    mapped: EntityMap = field(default_factory=dict)

    @classmethod
    def of(cls, *texts: str, hidden: Iterable[str] = ()) -> "World":
        world = cls(hidden=set(hidden))
        for text in texts:
            for line in text.strip().splitlines():
                world.add_line(line)
        return world

    def add_line(self, line: str) -> None:
        words = shlex.split(line)
        if words:
            name, record_id, *cells = words
            self.add(name, record_id, **dict(cell.split("=", 1) for cell in cells))

    def add(self, object_name: str, record_id: str, **cells: str) -> None:
        row = {"Id": record_id, "IsDeleted": "false", "CreatedDate": "2026-05-01T08:00Z", **DEFAULTS.get(object_name, {}), **cells}
        unknown = set(row) - {column.name for column in self._specs()[object_name].columns} - {"IsDeleted"}
        assert not unknown, f"{object_name} has no {sorted(unknown)}"
        self.rows.setdefault(object_name, []).append(row)

    def load(self, warehouse: DuckDBWarehouse, crm: str = CRM) -> Source:
        """Create the raw tables and say what is visible."""
        with warehouse.native() as cursor:
            cursor.execute(f'drop schema if exists "{raw_schema(crm)}" cascade; create schema "{raw_schema(crm)}"')
            for name in SPECS:
                if name not in self.hidden:
                    _create(cursor, crm, name, self._columns(name), self.rows.get(name, []))
        columns = {name: list(self._columns(name)) for name in SPECS if name not in self.hidden}
        return Source(crm, "salesforce", columns, entered_columns("GX", self.mapped))

    def _specs(self) -> Mapping[str, ObjectSpec]:
        return {spec.name: spec for spec in objects("GX", self.mapped)} if self.mapped else SPECS

    def _columns(self, name: str) -> dict[str, str]:
        visible = (column for column in self._specs()[name].columns if f"{name}.{column.name}" not in self.hidden)
        return {column.name: SQL_TYPES[column.kind] for column in visible}


def _create(cursor: Any, crm: str, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    if not rows:
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        cursor.execute(f'create table "{raw_schema(crm)}"."{name}" ({declared})')
        return
    texts = {column: pa.array([row.get(column) for row in rows], pa.string()) for column in columns}
    cursor.register("typed", pa.table(texts))
    casts = ", ".join(f'cast(nullif("{column}", \'\') as {kind}) as "{column}"' for column, kind in columns.items())
    cursor.execute(f'create table "{raw_schema(crm)}"."{name}" as select {casts} from typed')
    cursor.unregister("typed")


def open_warehouse() -> DuckDBWarehouse:
    """A warehouse in memory."""
    return DuckDBWarehouse(":memory:")


def context(sources: Sequence[Source], as_of: int = AS_OF, rules: Counting | None = None, **method: Any) -> Context:
    """The shipped method, with keyword overrides as a nested table."""
    return Context(as_of, load(method), sources, rules or Counting())


def build(warehouse: DuckDBWarehouse, models: Sequence[Model], given: Context) -> dict[str, int]:
    """Run models in order; rows per table."""
    return {model.name: model.build(warehouse, given) for model in models}


def needed(models: Sequence[Model], *tables: sa.Table) -> list[Model]:
    """The models that lead to some tables, in order."""
    wanted, kept = {f"{table.schema}.{table.name}" for table in tables}, list[Model]()
    for model in reversed(models):
        if model.name in wanted:
            wanted |= set(model.reads)
            kept.append(model)
    return kept[::-1]


def build_model(
    warehouse: DuckDBWarehouse, source: Source, as_of: int = AS_OF, only: Sequence[sa.Table] = (), **method: Any
) -> dict[str, int]:
    """Everything from the raw tables of one CRM to the interactions, or `only` what some tables need."""
    models = model_models([source])
    return build(warehouse, needed(models, *only) if only else models, context([source], as_of, **method))


def rows(warehouse: DuckDBWarehouse, table: sa.Table, *columns: str) -> list[dict[str, Any]]:
    """A table as dicts, all columns or the named ones, sorted."""
    picked = [table.c[name] for name in columns] or list(table.c)
    found = warehouse.arrow(sa.select(*picked)).to_pylist()
    return sorted(found, key=lambda row: [str(value) for value in row.values()])


def modelled(*texts: str, hidden: Iterable[str] = (), as_of: int = AS_OF, only: Sequence[sa.Table] = (), **method: Any) -> DuckDBWarehouse:
    """A warehouse with the model of the small company plus `texts`."""
    warehouse = open_warehouse()
    build_model(warehouse, World.of(PEOPLE, *texts, hidden=hidden).load(warehouse), as_of, only, **method)
    return warehouse


SUBJECT_KINDS = {"call:": "call", "email:": "email", "meeting:": "meeting", "canceled:": "cancelled", "cancelled:": "cancelled"}


def load_sandbox(warehouse: DuckDBWarehouse, state: Path, crm: str = CRM) -> Source:
    """The rows of a generated org (its state folder) as the reader would leave them: no subjects, only visible columns."""
    with warehouse.native() as cursor:
        cursor.execute(f"attach '{state / 'salesforce.duckdb'}' as org (read_only)")
        cursor.execute(f'drop schema if exists "{raw_schema(crm)}" cascade; create schema "{raw_schema(crm)}"')
        columns = {name: _copy(cursor, crm, name) for name in SPECS}
        cursor.execute("detach org")
    return Source(crm, "salesforce", columns, entered_columns("GX", {}))


def _copy(cursor: Any, crm: str, name: str) -> list[str]:
    found = cursor.execute(
        "select column_name from information_schema.columns where table_catalog = 'org' and table_schema = 'main' and table_name = ?",
        [name],
    ).fetchall()
    there = {row[0] for row in found}
    kept = {column.name: column.kind for column in SPECS[name].columns if column.selected in there}
    cells = ", ".join(f'{_cell(column, kind)} as "{column}"' for column, kind in kept.items())
    cursor.execute(f'create table "{raw_schema(crm)}"."{name}" as select {cells} from org.main."{name}"')
    return list(kept)


def _cell(column: str, kind: str) -> str:
    if column == "SubjectKind":
        whens = " ".join(f"when starts_with(lower(\"Subject\"), '{start}') then '{meaning}'" for start, meaning in SUBJECT_KINDS.items())
        return f"case {whens} end"
    return f"\"{column}\" at time zone 'UTC'" if kind == "datetime" else f'"{column}"'


def sandbox_table(state: Path, name: str) -> list[dict[str, Any]]:
    """A side table of a generated org, such as `_truth_traps`."""
    with duckdb.connect(str(state / "salesforce.duckdb"), read_only=True) as connection:
        return connection.sql(f"select * from {name}").to_arrow_table().to_pylist()
