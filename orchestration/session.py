"""What one run shares: the configuration, the one open warehouse, the as-of instant, the progress line and the figures.

A session is opened once per run (as a Dagster resource, or by the console script) and closed at its end, whatever
happened; closing stores the run's numbers in the ledger and gives the warehouse file back.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from orchestration.config import Configuration
from orchestration.crms import Crm
from orchestration.figures import Figures, Step, Timed
from orchestration.progress import Display, Silent
from orchestration.tables import is_staged, source
from transforms.base import Context, Model, Source
from transforms.registry import all_models
from warehouse import ENRICHMENT, MODEL, SCORES, STAGING, DuckDBWarehouse, ledger, raw_schema
from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from connectors.contract import Writer


@dataclass
class Session:
    """One run, of one CRM (`crm`, its name) or of all that are configured (empty).

    `retries` and `retry_seconds`: how a step that met a passing fault is tried again (by default it is not: the connectors
    have tried for a while, and a person waits).
    """

    config: Configuration
    warehouse: DuckDBWarehouse
    as_of: dt.datetime
    crm: str = ""
    run_id: str = ""
    full_refresh: bool = False
    retries: int = 0
    retry_seconds: float = 0.0
    display: Display = field(default_factory=Silent)
    figures: Figures = field(default_factory=Figures)
    _models: dict[str, Model] = field(default_factory=dict)
    _staged: list[Source] = field(default_factory=list)
    _writers: dict[str, "Writer"] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Close the connections; the warehouse belongs to who opened it."""
        self._open.close()

    def writer(self, crm: Crm) -> "Writer":
        """The writing side of a CRM, opened on its first use in the run."""
        if crm.name not in self._writers:
            self._writers[crm.name] = self._open.enter_context(crm.kind.writer(crm))
        return self._writers[crm.name]

    def timed(self, name: str, group: str, crm: str = "") -> Timed:
        """Times a step (`crm`: that concerns this one alone) and keeps its fault."""
        return Timed(self.figures, Step(name, group, crm=crm), self.display)

    def context(self) -> Context:
        """What models get: the CRMs that are staged, one that never was has no rows yet."""
        self._staged = self._staged or [found for found in self._landed() if is_staged(self.warehouse, found)]
        return self._context(self._staged)

    def build(self, name: str) -> int:
        """Build one table (`schema.name`) from what the CRMs show today; returns its rows."""
        self._models = self._models or {model.name: model for model in all_models(self._landed())}
        model = self._models[name]
        if model.table.schema != STAGING:
            return model.build(self.warehouse, self.context())
        self._staged = []
        return model.build(self.warehouse, self._context([]))

    def is_current(self) -> bool:
        """Whether model, scores and fields have the shape this version builds; after an upgrade they have it from the next run on."""
        built = (model.table for model in all_models(self._landed()) if model.table.schema in (MODEL, SCORES, ENRICHMENT))
        return all(list(self.warehouse.columns(str(table.schema), table.name)) == list(table.c.keys()) for table in built)

    def landed(self) -> None:
        """Called when a CRM was extracted: it may show other columns than before."""
        self._models = {}

    def _context(self, sources: Sequence[Source]) -> Context:
        return Context(
            as_of=int(self.as_of.timestamp()),
            method=self.config.method,
            sources=sources,
            counting=self.config.counting.rules(),
            grade_individuals=self.config.grading.individual,
            team_averages=self.config.grading.teams,
            across_crms=self.config.identity.across_crms,
            language="zh" if self.config.output.labels == "zh" else "en",
            crm=self.crm,
            run_id=self.run_id,
            keep_days=self.config.history.keep_days,
        )

    def _landed(self) -> list[Source]:
        return [source(crm, self.visible(crm)) for crm in self.config.crms.values()]

    def visible(self, crm: Crm) -> dict[str, list[str]]:
        """The columns of each object that the last extraction of a CRM could read."""
        schema = raw_schema(crm.name)
        if not self.warehouse.columns(schema, "extracted_columns"):
            return {}
        table = sa.table("extracted_columns", sa.column("object_name"), sa.column("column_name"), schema=schema)
        visible: dict[str, list[str]] = {}
        with self.warehouse.connection() as connection:
            for object_name, column_name in connection.execute(sa.select(table.c.object_name, table.c.column_name)):
                visible.setdefault(str(object_name), []).append(str(column_name))
        return visible


@contextmanager
def opened(config: Configuration, as_of: dt.datetime | None = None, crm: str = "") -> Iterator[Session]:
    """A session over the configured warehouse that records nothing; raises `WarehouseError`."""
    with DuckDBWarehouse(config.warehouse_file, memory_limit=config.warehouse_memory) as warehouse:
        ledger.migrate(warehouse)
        with closing(Session(config, warehouse, as_of or dt.datetime.now(dt.UTC), crm)) as session:
            yield session


@contextmanager
def recorded(config: Configuration, as_of: dt.datetime | None = None, crm: str = "") -> Iterator[Session]:
    """A session that is a pipeline run of the ledger: opened as running, closed with its numbers."""
    with opened(config, as_of, crm) as session:
        session.run_id = ledger.start_run(session.warehouse, session.as_of.astimezone(dt.UTC).replace(tzinfo=None))
        status: ledger.RunStatus = "interrupted"
        try:
            yield session
            status = "failed" if session.figures.failed else "done"
        finally:
            _finish(session, status)


def _finish(session: Session, status: "ledger.RunStatus") -> None:
    """Store the run's numbers; where the warehouse takes nothing any more, the next run closes this one."""
    counts = {"crms": session.crm or ", ".join(session.config.crms), **session.figures.counts()}
    with suppress(WarehouseError):
        ledger.finish_run(session.warehouse, session.run_id, status, session.figures.message, counts)
