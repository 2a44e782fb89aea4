"""The Salesforce half of `connectors.contract.Reader`: one extraction from login to report.

describe -> plan per object (all, or what changed) -> all bulk jobs -> pages on disk -> deleted rows -> one dlt load -> report

Nothing reaches the warehouse before everything was read and counted. What a crashed run left on disk is used again.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from connectors.contract import ExtractReport, ObjectReport, Probe, Progress
from connectors.errors import RequestRejected
from connectors.salesforce import probes
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.deletes import ID_COLUMN, DeleteLog, ids_query, read_log, uses_log
from connectors.salesforce.describe import Catalog, catalog
from connectors.salesforce.load import Landed, Loader
from connectors.salesforce.quota import ensure_affordable
from connectors.salesforce.read import Pages, Read, Reading
from connectors.salesforce.reconcile import Held, Reconciliation, by_ids, by_log
from connectors.salesforce.rest import salesforce
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.specs import entered_columns, objects
from connectors.salesforce.spool import Spool
from connectors.salesforce.state import ReadPlan, advanced, plan
from warehouse import DuckDBWarehouse, raw_schema

LOGS_AT_ONCE: Final = 4


def silent(line: str) -> None:
    """Progress nobody watches."""


class SalesforceReader:
    """Reads one org into `raw_<crm>`. `work_dir` holds what is on its way; one run at a time may use it.

    `prefix` names the fields people enter (`GX_Attitude__c`) where `settings.map` does not.
    """

    def __init__(self, settings: SalesforceSettings, crm: str, prefix: str, work_dir: Path) -> None:
        self._settings = settings
        self._crm = crm
        self._specs = objects(prefix, settings.map)
        self._folder = Path(work_dir) / crm
        self.entered: Mapping[tuple[str, str], str] = entered_columns(prefix, settings.map)

    def extract(self, warehouse: DuckDBWarehouse, *, full_refresh: bool = False, progress: Progress = silent) -> ExtractReport:
        """Read what changed since the last committed extraction, all of it at first or with `full_refresh`.

        Raises `CrmError` or `WarehouseError`; the raw tables and cursors then are those of the last good extraction, and
        pages already fetched are used by the next run.
        """
        try:
            return self._extract(warehouse, full_refresh, progress)
        except RequestRejected as error:
            if error.code != "INVALID_FIELD":
                raise
            progress("a field was hidden meanwhile; looking again at what is visible")
            return self._extract(warehouse, full_refresh, progress)

    def _extract(self, warehouse: DuckDBWarehouse, full_refresh: bool, progress: Progress) -> ExtractReport:
        began = time.monotonic()
        with SalesforceClient(self._settings) as client:
            found = catalog(salesforce(client), self._specs)
            found.require()
            run = _Extraction(client, warehouse, self._crm, self._folder, progress)
            reports = run.extract(found, full_refresh)
        skipped = {name: ObjectReport(name, mode="skipped", skipped=reason) for name, reason in found.absent.items()}
        return ExtractReport(self._crm, {**reports, **skipped}, client.quota.ours, client.quota.left, time.monotonic() - began)

    def probe(self) -> Sequence[Probe]:
        """Read-only checks for `guanxi doctor`; never raises for what the org answers."""
        with SalesforceClient(self._settings) as client:
            return probes.probe(client, self._specs)


@dataclass(frozen=True)
class _Extraction:
    """The steps of one extraction."""

    client: SalesforceClient
    warehouse: DuckDBWarehouse
    crm: str
    folder: Path
    progress: Progress

    def extract(self, found: Catalog, full_refresh: bool) -> Mapping[str, ObjectReport]:
        loader = Loader(self.warehouse, self.crm, self.folder / "load")
        states = loader.states()
        stored = {item.spec.name: self.warehouse.columns(raw_schema(self.crm), item.spec.name) for item in found.objects}
        plans = [plan(item, states.get(item.spec.name), self._host, stored[item.spec.name], full_refresh) for item in found.objects]
        ensure_affordable(self.client, len(plans))
        pages = Reading(self.client, self.progress).run([self._read(item) for item in plans])
        logs = self._logs(plans, pages)
        living = self._living([item for item in plans if item.state and logs[item.name] is None and item.visible.spec.deletes != "none"])
        landed = [self._landed(item, pages[item.name], logs[item.name], living.get(item.name)) for item in plans]
        self.progress("loading")
        loader.load(landed, first=not states)
        self._report_unreadable(pages)
        reports = {item.name: self._report(item, pages[item.name], item.name in living) for item in landed}
        shutil.rmtree(self.folder, ignore_errors=True)
        return reports

    @property
    def _host(self) -> str:
        return urlsplit(self.client.settings.instance_url).hostname or ""

    def _read(self, item: ReadPlan) -> Read:
        return Read(item.name, item.query, item.visible.columns, item.visible.spec.cursor, Spool(self.folder / "spool" / item.name))

    def _logs(self, plans: Sequence[ReadPlan], pages: Mapping[str, Pages]) -> Mapping[str, DeleteLog | None]:
        """The delete log of each object, None where there is none or it cannot be trusted."""
        asked = [item for item in plans if uses_log(item)]
        rest = salesforce(self.client)
        with ThreadPoolExecutor(LOGS_AT_ONCE) as pool:
            logs = list(pool.map(lambda item: read_log(rest, item, pages[item.name].read_at), asked))
        return {item.name: None for item in plans} | {item.name: log for item, log in zip(asked, logs, strict=True)}

    def _living(self, plans: Sequence[ReadPlan]) -> Mapping[str, Pages]:
        """Lists of all living ids, never a list left by an earlier run: it must be younger than the rows it judges."""
        folder = self.folder / "living"
        shutil.rmtree(folder, ignore_errors=True)
        reads = [Read(item.name, _LivingQuery(item.name), [ID_COLUMN], "", Spool(folder / item.name)) for item in plans]
        return Reading(self.client, silent).run(reads)

    def _landed(self, item: ReadPlan, pages: Pages, log: DeleteLog | None, living: Pages | None) -> Landed:
        held = Held(item.name, pages.paths, item.visible.names, keeps_raw=item.mode == "incremental")
        truth: Reconciliation | None = None
        deleted_to = pages.read_at
        if log:
            truth, deleted_to = by_log(self.warehouse, self.crm, held, log), log.covered_to
        elif living:
            truth = by_ids(self.warehouse, self.crm, held, living.paths)
        state = advanced(item, pages.read_at, pages.newest, deleted_to, self._host)
        if truth is None:
            return Landed(item.visible, item.mode, pages.paths, state)
        return Landed(item.visible, item.mode, pages.paths, state, truth.marked, truth.changed)

    def _report_unreadable(self, pages: Mapping[str, Pages]) -> None:
        for name, item in pages.items():
            for column in sorted({column for note in item.notes for column in note.unreadable}):
                count = sum(note.unreadable.get(column, 0) for note in item.notes)
                self.progress(f"{name}: {count:,} values of {column} are not of its type and were left blank")

    def _report(self, item: Landed, pages: Pages, listed: bool) -> ObjectReport:
        deletable = "IsDeleted" in item.visible.names
        return ObjectReport(
            object_name=item.name,
            rows=pages.rows,
            total=self._living_rows(item.name, deletable),
            deleted=_deleted(item) if deletable else 0,
            pages=len(pages.paths),
            seconds=pages.seconds,
            mode="snapshot" if listed else item.mode,
            hidden_columns=item.visible.hidden,
        )

    def _living_rows(self, name: str, deletable: bool) -> int:
        table = sa.table(name, sa.column("IsDeleted"), schema=raw_schema(self.crm))
        count = sa.select(sa.func.count()).select_from(table)
        with self.warehouse.connection() as connection:
            return int(connection.scalar(count.where(sa.not_(table.c.IsDeleted)) if deletable else count) or 0)


@dataclass(frozen=True)
class _LivingQuery:
    name: str

    def __call__(self, upper: object) -> str:
        return ids_query(self.name)


def _deleted(item: Landed) -> int:
    """Rows of this run that are marked as deleted, by whatever way they were found."""
    tables = [pq.read_table(path, columns=["IsDeleted"]) for path in item.pages] + ([item.changed] if item.changed is not None else [])
    return len(item.marked) + sum(pc.sum(table.column("IsDeleted")).as_py() or 0 for table in tables)
