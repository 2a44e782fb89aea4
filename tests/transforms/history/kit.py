"""Days written down by hand: what enrichment would say of a few records, put on record day by day, and read back."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from tests.transforms.scores.small_company import CRM, Company, by_id, context, key, rows, score, store
from transforms import tables as model
from transforms.base import Context
from transforms.enrichment import tables as enrichment
from transforms.enrichment import user
from transforms.history import averages as averages_of
from transforms.history import figures, tables
from transforms.history.record import MODEL
from transforms.history.store import as_of, ensure
from transforms.registry_history import history_models
from transforms.scores import tables as scores
from transforms.scores import users
from warehouse import DuckDBWarehouse

Row = Mapping[str, Any]
STAMPS = ("valid_from", "run_id", "ended", "scored_on")


@cache
def _bare() -> str:
    """Statements that make every table recording reads, without rows, and drop history."""
    dialect = DuckDBWarehouse(":memory:").engine.dialect
    read = [table for metadata in (model.metadata, enrichment.metadata, scores.metadata, tables.scored) for table in metadata.sorted_tables]
    dropped = [sa.schema.DropTable(table, if_exists=True) for table in (*read, *tables.metadata.sorted_tables, tables.reviews)]
    return ";".join(str(statement.compile(dialect=dialect)) for statement in (*dropped, *map(sa.schema.CreateTable, read)))


def empty(warehouse: DuckDBWarehouse) -> None:
    """Every table that recording reads, without rows, and one user, so that there is a CRM; no history."""
    with warehouse.native() as cursor:
        cursor.execute(_bare())
    store(warehouse, model.users, [{"user_id": "anna", "user_key": 1}])


def computed(warehouse: DuckDBWarehouse, entity: str = "contact", **records: Row) -> None:
    """What enrichment says of these records, and of no other."""
    filled = [{"record_id": record, **values} for record, values in records.items()]
    store(warehouse, enrichment.metadata.tables[f"enrichment.{entity}"], filled)


def record(warehouse: DuckDBWarehouse, day: str, **options: Any) -> int:
    """Put a day on record; the CRMs recorded."""
    return MODEL.build(warehouse, context(day, **options))


def stood_once(warehouse: DuckDBWarehouse, day: str, accounts: Mapping[str, Row]) -> None:
    """A day of these accounts as recording leaves it, written without a run."""
    ensure(warehouse)
    date = {"crm": CRM, "run_id": day}
    of_day = [{"record_id": name, "valid_from": dt.date.fromisoformat(day), "ended": False, **row} for name, row in accounts.items()]
    for table, rows_of in ((tables.snapshots, [{"day": dt.date.fromisoformat(day)}]), (tables.versions["account"], of_day)):
        if rows_of:
            warehouse.write(table, pa.Table.from_pylist([date | row for row in rows_of]))


def compared(warehouse: DuckDBWarehouse, day: str, now: Mapping[str, Row], **options: Any) -> dict[str, dict[str, Any]]:
    """Averages and users of a day on which accounts show `now`; enrichment of users by id. History must reach back far enough."""
    given = context(day, **options)
    accounts = [{"account_id": name, "account_key": key(name), "closeness_now": row.get("closeness"), **row} for name, row in now.items()]
    store(warehouse, scores.metadata.tables["scores.accounts"], accounts)
    for one in (figures.model([]), averages_of.MODEL, users.MODEL, user.MODEL):
        one.build(warehouse, given)
    return by_id(warehouse, enrichment.user)


def covered(warehouse: DuckDBWarehouse, people: Mapping[str, Row], accounts: Mapping[str, Row], *members: str) -> None:
    """Who covers what: users and accounts by id with what differs from the defaults, and lines of `account user`."""
    company = Company(users=people, accounts=accounts, members=members)
    company.fill(warehouse)


def run(warehouse: DuckDBWarehouse, company: Company, day: str, **options: Any) -> Context:
    """A whole run: fill the model, score, put on record."""
    given = context(day, **options)
    score(warehouse, company, given)
    for one in history_models():
        one.build(warehouse, given)
    return given


def stood(warehouse: DuckDBWarehouse, day: str, entity: str = "contact") -> dict[str, dict[str, Any]]:
    """The fields of every record as of a day, without stamps."""
    found = as_of(warehouse, entity, dt.date.fromisoformat(day)).to_pylist()
    return {row["record_id"]: {name: value for name, value in row.items() if name not in STAMPS} for row in found}


def says(warehouse: DuckDBWarehouse, entity: str = "contact") -> dict[str, dict[str, Any]]:
    """The same of the enrichment table as it is."""
    found = by_id(warehouse, enrichment.metadata.tables[f"enrichment.{entity}"])
    return {key: {name: value for name, value in row.items() if name not in STAMPS} for key, row in found.items()}


def dated(warehouse: DuckDBWarehouse, *columns: str, entity: str = "contact") -> list[tuple[Any, ...]]:
    """Rows of `history.<entity>`: record, day, then the columns; in that order."""
    return listed(warehouse, tables.versions[entity], "record_id", "valid_from", *columns)


def listed(warehouse: DuckDBWarehouse, table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
    """A table as sorted tuples, days as text."""
    found = [tuple(_plain(row[name]) for name in columns) for row in rows(warehouse, table)]
    return sorted(found, key=str)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def averages(warehouse: DuckDBWarehouse, view: str, record_id: str, table: sa.Table = tables.current_averages) -> dict[str, Row]:
    """The five figures of one view by name."""
    return {row["figure"]: row for row in rows(warehouse, table) if (row["view"], row["record_id"]) == (view, record_id)}
