"""A warehouse with enrichment tables one can fill, and a CRM that is a dictionary: the boundary, for the logic above it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from connectors.activation import plan, push, settle
from connectors.activation.reports import Plan, PushReport
from connectors.activation.settings import ActivationSettings
from connectors.contract import Capabilities, RowResult
from connectors.errors import Unreachable
from connectors.fields import OUTPUT, SCORED_ON, Entity, arrow_type, column, writable
from warehouse import DuckDBWarehouse, ledger

CRM = "sales_cloud"
TODAY = date(2026, 6, 1)
TYPES = {"number": sa.Double, "integer": sa.BigInteger, "date": sa.Date, "boolean": sa.Boolean}


def enrichment_table(entity: Entity, names: Collection[str]) -> sa.Table:
    fields = (sa.Column(column(spec), TYPES.get(spec.kind, sa.String)) for spec in OUTPUT[entity] if column(spec) in names)
    keys = (sa.Column(name, sa.String) for name in ("crm", "record_id", "parent_id"))
    return sa.Table(entity, sa.MetaData(), *keys, *fields, schema="enrichment")


@dataclass
class FakeCrm:
    """Implements `connectors.contract.Writer`. `refuse` maps a record id to the code it is rejected with."""

    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    dies_after: int | None = None
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(False, None, 200))

    def update(self, entity: Entity, rows: pa.Table, *, progress: Callable[[str], None] = print) -> Sequence[RowResult]:
        results = [self._take(row) for row in rows.to_pylist()]
        return results[::-1]

    def _take(self, row: Mapping[str, Any]) -> RowResult:
        if self.dies_after is not None and len(self.sent) >= self.dies_after:
            raise Unreachable("the CRM does not answer")
        values = {name: row[name] for name in row["changed"]}
        self.sent.append((row["record_id"], values))
        if row["record_id"] in self.refuse:
            return RowResult(row["record_id"], False, self.refuse[row["record_id"]], "refused")
        self.held.setdefault(row["record_id"], {}).update(values)
        return RowResult(row["record_id"], True)

    def read_back(self, entity: Entity, record_ids: Sequence[str], fields: Sequence[str]) -> pa.Table:
        schema = pa.schema([("record_id", pa.string()), *((column(spec), arrow_type(spec)) for spec in writable(entity, fields))])
        there = [record_id for record_id in record_ids if record_id in self.held]
        return pa.Table.from_pylist([{"record_id": key, **{name: self.held[key].get(name) for name in fields}} for key in there], schema)

    def refusal(self, entity: Entity, fields: Sequence[str]) -> str:
        return self.refusals.get(entity, "")

    def calls_used(self) -> int:
        return len(self.sent)

    def calls_left(self) -> int | None:
        return None


class Bench:
    """One warehouse, its enrichment tables and a fake CRM, with the steps of writing back as short calls."""

    def __init__(self, warehouse: DuckDBWarehouse) -> None:
        self.warehouse = warehouse
        self.crm = FakeCrm()
        self.settings = ActivationSettings()
        self.tables: dict[Entity, sa.Table] = {}

    def put(self, rows: Sequence[Mapping[str, Any]], entity: Entity = "contact", *, wide: bool = False) -> None:
        """Replace the enrichment rows of an object: in the columns named so far, or in all it has (`wide`); others of a row are null."""
        before = self.tables.get(entity)
        names = {column(spec) for spec in OUTPUT[entity]} if wide else {SCORED_ON, *(before.c.keys() if before is not None else ())}
        table = self.tables[entity] = enrichment_table(entity, names.union(*rows))
        with self.warehouse.connection() as connection:
            table.drop(connection, checkfirst=True)
            table.create(connection)
        types = {column(spec): arrow_type(spec) for spec in OUTPUT[entity] if column(spec) in table.c}
        schema = pa.schema([*((name, pa.string()) for name in ("crm", "record_id", "parent_id")), *types.items()])
        self.warehouse.write(table, pa.Table.from_pylist([{"crm": CRM, "parent_id": "a", **row} for row in rows], schema))

    def plan(self, as_of: date = TODAY, target: str = "GX") -> Plan:
        return plan.build(self.warehouse, CRM, self.tables, as_of, self.settings, target)

    def push(self, made: Plan | None = None, **options: Any) -> PushReport:
        return push.run(self.warehouse, self.crm, (made or self.plan()).plan_id, self.settings, **options)

    def settle(self) -> tuple[int, int]:
        report = settle.run(self.warehouse, CRM, self.crm)
        return report.accepted, report.lost

    def rows(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        with self.warehouse.connection() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).where(*conditions)).mappings()]


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse file with the tables of the ledger and no row, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "w.duckdb"
    with DuckDBWarehouse(path) as warehouse:
        ledger.migrate(warehouse)
    return path


@pytest.fixture
def bench(empty_ledger: Path, tmp_path: Path) -> Iterator[Bench]:
    with DuckDBWarehouse(shutil.copy(empty_ledger, tmp_path / "w.duckdb")) as warehouse:
        yield Bench(warehouse)


@pytest.fixture
def contact() -> Callable[..., dict[str, Any]]:
    """A contact as the transforms would compute it; keyword arguments change it."""

    def make(record_id: str = "003A", **changes: Any) -> dict[str, Any]:
        usual = {
            "closeness": 50.0,
            "closeness_grade": "Good",
            "touches_90d": 4,
            "frequency": 1.33,
            "last_touch": date(2026, 5, 20),
            "trend_30d": 2.0,
            "why": "4 touches in 90 days",
            "method_version": "m1",
        }
        return {"record_id": record_id, **usual, **changes}

    return make


@pytest.fixture(scope="session")
def bench_type() -> type[Bench]:
    """For property tests, which need a new bench for every example."""
    return Bench
