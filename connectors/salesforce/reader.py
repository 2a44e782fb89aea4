"""The Salesforce half of `connectors.contract.Reader`: one extraction from login to report.

describe -> plan per object (all, or what changed) -> all bulk jobs -> pages on disk -> deleted rows -> one dlt load -> report

Nothing reaches the warehouse before everything was read and counted. What a crashed run left on disk is used again.
"""

import re
import shutil
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from connectors.contract import ExtractReport, ObjectReport, Probe, Progress, silent
from connectors.errors import RequestRejected
from connectors.landing.counts import deleted_rows, living_rows, unreadable_lines
from connectors.landing.load import Loader
from connectors.landing.reconcile import by_ids, by_log
from connectors.landing.spool import Spool
from connectors.landing.tables import Landed, RawTable, Reconciliation
from connectors.salesforce import probes
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.deletes import ID_COLUMN, DeleteLog, ids_query, read_log, uses_log
from connectors.salesforce.describe import Catalog, catalog
from connectors.salesforce.quota import ensure_affordable
from connectors.salesforce.read import Pages, Read, Reading
from connectors.salesforce.rest import salesforce
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.specs import entered_columns, objects
from connectors.salesforce.state import ObjectState, ReadPlan, advanced, plan
from warehouse import DuckDBWarehouse, raw_schema

LOGS_AT_ONCE: Final = 4


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
        with closing(Loader(self.warehouse, self.crm, self.folder / "load")) as loader:
            reports = self._extract(loader, found, full_refresh)
        shutil.rmtree(self.folder, ignore_errors=True)
        return reports

    def _extract(self, loader: Loader, found: Catalog, full_refresh: bool) -> Mapping[str, ObjectReport]:
        states = {name: ObjectState.load(stored) for name, stored in loader.states().items()}
        stored = {item.spec.name: self.warehouse.columns(raw_schema(self.crm), item.spec.name) for item in found.objects}
        plans = [plan(item, states.get(item.spec.name), self._host, stored[item.spec.name], full_refresh) for item in found.objects]
        ensure_affordable(self.client, len(plans))
        pages = Reading(self.client, self.progress).run([self._read(item) for item in plans])
        logs = self._logs(plans, pages)
        living = self._living([item for item in plans if item.state and logs[item.name] is None and item.visible.spec.deletes != "none"])
        landed = [self._landed(item, pages[item.name], logs[item.name], living.get(item.name)) for item in plans]
        self.progress("loading")
        loader.load(landed, first=not states)
        for line in (line for name, item in pages.items() for line in unreadable_lines(name, item.notes)):
            self.progress(line)
        return {
            item.name: self._report(read, item, pages[item.name], item.name in living) for read, item in zip(plans, landed, strict=True)
        }

    @cached_property
    def _host(self) -> str:
        """Where we read and which org it is: a sandbox that is refreshed keeps its address and is another org."""
        org = re.search(r"/id/(\w+)/", str(self.client.get_json("").get("identity", "")))
        return f"{urlsplit(self.client.settings.instance_url).hostname} {org[1] if org else ''}".rstrip()

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
        held = _raw_table(item).held(pages.paths, keeps_raw=item.mode == "incremental")
        truth: Reconciliation | None = None
        deleted_to = pages.read_at
        if log:
            truth, deleted_to = by_log(self.warehouse, self.crm, held, log.entries), log.covered_to
        elif living:
            truth = by_ids(self.warehouse, self.crm, held, living.paths)
        return held.landed(advanced(item, pages.read_at, pages.newest, deleted_to, self._host).dump(), truth)

    def _report(self, read: ReadPlan, item: Landed, pages: Pages, listed: bool) -> ObjectReport:
        return ObjectReport(
            object_name=item.name,
            rows=pages.rows,
            total=living_rows(self.warehouse, self.crm, item),
            deleted=deleted_rows(item),
            pages=len(pages.paths),
            seconds=pages.seconds,
            mode="snapshot" if listed else item.mode,
            hidden_columns=read.visible.hidden,
        )


@dataclass(frozen=True)
class _LivingQuery:
    name: str

    def __call__(self, upper: object) -> str:
        return ids_query(self.name)


def _raw_table(item: ReadPlan) -> RawTable:
    spec = item.visible.spec
    columns = {shown.column.name: shown.column.kind for shown in item.visible.columns}
    return RawTable(item.name, columns, spec.primary_key, spec.cursor, "IsDeleted")
