"""The Dynamics half of `connectors.contract.Reader`: one extraction from login to report.

    definitions -> how each table is read -> all tables at once, through one gate -> activity parties -> what is gone
    -> one load with the new delta links -> report

Nothing reaches the warehouse before everything was read and counted, and rows and delta links arrive in one package, so a
run that ends anywhere is repeated from the last good extraction. Pages of a run that crashed are not used again: next links
are no snapshot, and a delta link begun anew costs less than finding out whether old pages still fit it.

Merged rows stay as they are, `merged` and naming their master; who they are now is for the transforms to say.
"""

import datetime as dt
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from connectors.contract import ExtractReport, ObjectReport, Probe, Progress, silent
from connectors.dynamics import probes
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.definitions import Catalog, catalog
from connectors.dynamics.deletes import id_table, vanished
from connectors.dynamics.parties import PartyRead, PartyReading, Whole
from connectors.dynamics.read import Following
from connectors.dynamics.settings import DynamicsSettings
from connectors.dynamics.specs import entered_columns, tables
from connectors.dynamics.state import ReadPlan, TableState, alarm, plan
from connectors.dynamics.tables import TableRead, TableReading
from connectors.dynamics.tracking import retention
from connectors.errors import RequestRejected
from connectors.landing.counts import deleted_rows, living_rows, unreadable_lines
from connectors.landing.load import Loader
from connectors.landing.reconcile import by_deleted
from connectors.landing.tables import Landed, Reconciliation
from warehouse import DuckDBWarehouse, raw_schema

NO_SUCH_PROPERTY: Final = "0x80060888"
CHOICES_TABLE: Final = "choices"


class DynamicsReader:
    """Reads one environment into `raw_<crm>`. `work_dir` holds what is on its way; one run at a time may use it.

    `prefix` names the columns people enter (`gx_attitude`) where `settings.map` does not.
    """

    def __init__(self, settings: DynamicsSettings, crm: str, prefix: str, work_dir: Path) -> None:
        self._settings = settings
        self._crm = crm
        self._specs = tables(prefix, settings.map)
        self._folder = Path(work_dir) / crm
        self.entered: Mapping[tuple[str, str], str] = entered_columns(prefix, settings.map)

    def extract(self, warehouse: DuckDBWarehouse, *, full_refresh: bool = False, progress: Progress = silent) -> ExtractReport:
        """Read what changed since the last committed extraction, all of it at first or with `full_refresh`.

        Raises `CrmError` or `WarehouseError`; rows and delta links then are those of the last good extraction.
        """
        try:
            return self._extract(warehouse, full_refresh, progress)
        except RequestRejected as error:
            if error.code != NO_SUCH_PROPERTY:
                raise
            progress("a column was taken away meanwhile; looking again at what is visible")
            return self._extract(warehouse, full_refresh, progress)

    def _extract(self, warehouse: DuckDBWarehouse, full_refresh: bool, progress: Progress) -> ExtractReport:
        began = time.monotonic()
        with DynamicsClient(self._settings) as client:
            found = catalog(client, self._specs)
            found.require()
            reports = _Extraction(client, warehouse, self._crm, self._folder, progress).extract(found, full_refresh)
            calls = client.calls
        skipped = {name: ObjectReport(name, mode="skipped", skipped=reason) for name, reason in found.absent.items()}
        return ExtractReport(self._crm, {**reports, **skipped}, calls, None, time.monotonic() - began)

    def probe(self) -> Sequence[Probe]:
        """Read-only checks for `guanxi doctor`; never raises for what the environment answers."""
        with DynamicsClient(self._settings) as client:
            return probes.probe(client, self._specs)


@dataclass(frozen=True)
class _Extraction:
    """The steps of one extraction."""

    client: DynamicsClient
    warehouse: DuckDBWarehouse
    crm: str
    folder: Path
    progress: Progress

    def extract(self, found: Catalog, full_refresh: bool) -> Mapping[str, ObjectReport]:
        shutil.rmtree(self.folder, ignore_errors=True)
        with closing(Loader(self.warehouse, self.crm, self.folder / "load")) as loader:
            reports = self._extract(loader, found, full_refresh)
        shutil.rmtree(self.folder, ignore_errors=True)
        return reports

    def _extract(self, loader: Loader, found: Catalog, full_refresh: bool) -> Mapping[str, ObjectReport]:
        states = {name: TableState.load(stored) for name, stored in loader.states().items()}
        plans = self._plans(found, states, full_refresh)
        self._warn(plans)
        reads, parties = self._read(plans)
        landed = [*map(self._landed, reads), *map(self._landed_parties, parties)]
        self.progress("loading")
        loader.load(landed, first=not states, extra={CHOICES_TABLE: found.choices})
        done: list[TableRead | PartyRead] = [*reads, *parties]
        self._report_unreadable(done)
        return {item.name: self._report(item, read) for item, read in zip(landed, done, strict=True)}

    def _plans(self, found: Catalog, states: Mapping[str, TableState], full_refresh: bool) -> list[ReadPlan]:
        schema = raw_schema(self.crm)
        return [
            plan(item, states.get(item.name), self._host, self.warehouse.columns(schema, item.name), full_refresh) for item in found.tables
        ]

    def _warn(self, plans: Sequence[ReadPlan]) -> None:
        """Say so when the delta links were nearly lost."""
        if any(item.link for item in plans):
            keeps = retention(self.client)
            for line in filter(None, (alarm(item, self.client.server_now(), keeps) for item in plans)):
                self.progress(line)

    @property
    def _host(self) -> str:
        """With the port: a next link of the environment must be of both."""
        return urlsplit(self.client.settings.environment_url).netloc

    def _read(self, plans: Sequence[ReadPlan]) -> tuple[list[TableRead], list[PartyRead]]:
        """All tables side by side, each in a thread of its own, their ranges in a pool they share; then the parties."""
        totals = self._totals([item.name for item in plans if item.mode == "full"])
        own = [item for item in plans if item.strategy != "parties"]
        with Following(self.client) as following, ThreadPoolExecutor(2 * len(plans)) as threads:
            reading = TableReading(following, self.warehouse, self.crm, self.folder / "pages", self.progress)
            parties = self._party_reading(following, plans, totals)
            futures: list[Future[TableRead]] = [threads.submit(reading.read, item, totals.get(item.name, 0)) for item in own]
            early = {item.name: threads.submit(parties.whole, item) for item in own if parties and parties.wanted(item)} if parties else {}
            following.finish([*futures, *early.values()])
            reads = [future.result() for future in futures]
            wholes: dict[str, Whole] = {name: future.result() for name, future in early.items()}
            return reads, [parties.settle(self.warehouse, self.crm, wholes, reads)] if parties else []

    def _party_reading(self, following: Following, plans: Sequence[ReadPlan], totals: Mapping[str, int]) -> PartyReading | None:
        found = next((item for item in plans if item.strategy == "parties"), None)
        return PartyReading(following, self.folder / "pages", self.progress, found, totals) if found else None

    def _totals(self, names: Sequence[str]) -> Mapping[str, int]:
        """About how many rows each table has, up to a day old: for progress, and for the number of ranges."""
        if not names:
            return {}
        listed = ",".join(f'"{name}"' for name in names)
        try:
            answer = self.client.get_json("RetrieveTotalRecordCount(EntityNames=@names)", {"@names": f"[{listed}]"})
        except RequestRejected:
            return {}
        counts = answer["EntityRecordCountCollection"]
        return dict(zip(counts["Keys"], counts["Values"], strict=True))

    def _landed(self, read: TableRead) -> Landed:
        raw, whole = read.plan.visible.raw, read.plan.mode == "full"
        held = raw.held(read.pages.paths, keeps_raw=not whole)
        truth = by_deleted(self.warehouse, self.crm, held, id_table(read.gone), delta=read.fresh.paths)
        if whole and read.plan.state:
            truth = Reconciliation(truth.marked, vanished(self.warehouse, self.crm, raw, read.pages.paths))
        return held.landed(self._state(read.plan, read.link), truth)

    def _landed_parties(self, read: PartyRead) -> Landed:
        held = read.plan.visible.raw.held(read.pages.paths, keeps_raw=read.plan.mode == "incremental")
        return held.landed(self._state(read.plan, ""), read.truth)

    def _state(self, plan: ReadPlan, link: str) -> Mapping[str, object]:
        now = self.client.server_now() or dt.datetime.now(dt.UTC)
        return TableState(self._host, tuple(plan.visible.raw.columns), link, now if link else None).dump()

    def _report_unreadable(self, reads: Sequence[TableRead | PartyRead]) -> None:
        for read in reads:
            for line in unreadable_lines(read.plan.name, read.pages.notes):
                self.progress(line)

    def _report(self, landed: Landed, read: TableRead | PartyRead) -> ObjectReport:
        compared = (read.plan.strategy, read.plan.mode) == ("compared", "incremental")
        return ObjectReport(
            object_name=landed.name,
            rows=read.pages.rows,
            total=living_rows(self.warehouse, self.crm, landed),
            deleted=deleted_rows(landed),
            pages=len(read.pages.paths),
            seconds=read.seconds,
            mode="snapshot" if compared else read.plan.mode,
            hidden_columns=read.plan.visible.hidden,
        )
