"""What was extracted: one asset per raw object of a CRM, all of them filled by one extraction.

The reader runs its own dlt pipeline inside the step. Deliberately absent: dagster-dlt, which alters the live schema after
a run (a second run in one process fails), names tables by schema instead of dataset, and says nothing of empty objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from connectors.contract import ExtractReport, ObjectReport
from connectors.rows import few
from orchestration.assets import OWNERS
from orchestration.crms import Crm
from orchestration.faults import translated
from orchestration.session import Session
from warehouse import raw_schema

GROUP = "extract"


def raw_key(crm: str, object_name: str) -> dg.AssetKey:
    """Asset key of a raw object."""
    return dg.AssetKey([raw_schema(crm), object_name])


def raw_assets(crm: Crm) -> dg.AssetsDefinition:
    """The extraction of one CRM."""
    specs = [_spec(crm, name) for name in crm.kind.objects(crm)]

    @dg.multi_asset(name=f"extract_{crm.name}", specs=specs, pool=pool(crm))
    def extract(session: dg.ResourceParam[Session]) -> Iterator[dg.MaterializeResult[Any]]:
        report = _extract(session, crm)
        for name in crm.kind.objects(crm):
            found = report.objects.get(name, ObjectReport(name, mode="skipped", skipped="not in this org"))
            yield dg.MaterializeResult(asset_key=raw_key(crm.name, name), metadata=_metadata(report, found))

    return extract


def pool(crm: Crm) -> str:
    """Runs that call one CRM's API share a pool, so that they never do so at once."""
    return f"crm_{crm.name}_api"


def _spec(crm: Crm, object_name: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(crm.name, object_name),
        group_name=GROUP,
        description=f"{object_name} as {crm.name} sent it, under the CRM's own names.",
        kinds={crm.settings.kind, "dlt", "duckdb"},
        owners=OWNERS,
    )


def _extract(session: Session, crm: Crm) -> ExtractReport:
    with translated(session), session.timed(f"extract {crm.name}", GROUP, crm.name) as timed:
        before = session.visible(crm)
        report = crm.kind.reader(crm).extract(session.warehouse, full_refresh=session.full_refresh, progress=session.display.busy)
        timed.step.rows = sum(item.rows for item in report.objects.values())
        session.figures.extracts[crm.name] = report
        session.landed()
        session.figures.notes += newly_hidden(report, before)
    return report


def newly_hidden(report: ExtractReport, before: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A line for each object, or its columns, that the extraction `before` could read and this one could not."""
    for name, columns in before.items():
        found = report.objects.get(name)
        lost = [column for column in columns if found and column in found.hidden_columns]
        if lost or (found and found.skipped):
            what = f"{report.crm}: {name}: {few(lost)}" if lost else f"{report.crm}: {name}"
            yield f"{what} could be read last time, is hidden now and so unknown; if that was a slip, give the right back"


def _metadata(report: ExtractReport, found: ObjectReport) -> dict[str, Any]:
    return {
        "dagster/row_count": found.total,
        "rows read": found.rows,
        "deleted": found.deleted,
        "pages": found.pages,
        "seconds": round(found.seconds, 3),
        "rows per second": int(found.rows / found.seconds) if found.seconds else 0,
        "mode": found.mode,
        "left out because": found.skipped or "it was not",
        "hidden columns": ", ".join(found.hidden_columns) or "none",
        "calls used by the extraction": report.calls_used,
        "calls left": "unknown" if report.calls_left is None else report.calls_left,
    }
