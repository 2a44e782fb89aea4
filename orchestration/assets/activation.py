"""Writing back, per CRM: `plan` (what would change), `push` (send it), `verify` (read a sample back).

Planning first settles what an earlier push left open. The guard is a blocking check of the plan: when it trips, nothing
is sent. A push is never retried as a step (its plan is used up); the next run's plan has what is missing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from connectors.activation.reports import Plan, PushReport
from orchestration import writeback
from orchestration.assets import OWNERS
from orchestration.assets.models import table_key
from orchestration.assets.raw import pool
from orchestration.crms import Crm
from orchestration.faults import translated
from orchestration.session import Session
from orchestration.tables import enrichment
from transforms.base import Model
from transforms.tables import interactions_dropped

GROUP = "activation"
GUARD, ACCEPTED, HELD = "guard", "accepted", "held"


def activation_key(crm: str, step: str) -> dg.AssetKey:
    """Asset key of a step of writing back."""
    return dg.AssetKey([f"{GROUP}_{crm}", step])


def activation_assets(crm: Crm, built: Sequence[Model]) -> list[dg.AssetsDefinition]:
    """Plan, push and verify of one CRM."""
    return [_plan_asset(crm, built), _push_asset(crm), _verify_asset(crm)]


def _plan_asset(crm: Crm, built: Sequence[Model]) -> dg.AssetsDefinition:
    key = activation_key(crm.name, "plan")

    @dg.asset(
        key=key,
        deps=[*(table_key(table.fullname) for table in enrichment(built).values()), table_key(interactions_dropped.fullname)],
        check_specs=[dg.AssetCheckSpec(GUARD, asset=key, blocking=True, description="the plan is not too big and its keys are whole")],
        description=f"What would change in {crm.name}, against what it last acknowledged. Touches nothing but the ledger.",
        group_name=GROUP,
        kinds={crm.settings.kind},
        owners=OWNERS,
        pool=pool(crm),
    )
    def plan(session: dg.ResourceParam[Session]) -> Iterator[dg.MaterializeResult[Any]]:
        with translated(session):
            made = writeback.plan(session, crm, enrichment(built))
        objections = writeback.objections(session, made)
        yield dg.MaterializeResult(metadata=_plan_metadata(made), check_results=[_check(GUARD, key, objections)])

    return plan


def _push_asset(crm: Crm) -> dg.AssetsDefinition:
    key = activation_key(crm.name, "push")

    @dg.asset(
        key=key,
        deps=[activation_key(crm.name, "plan")],
        check_specs=[dg.AssetCheckSpec(ACCEPTED, asset=key, blocking=True, description="no more rows were rejected than configured")],
        description=f"The plan, sent to {crm.name}; the ledger moves by what the CRM says of each row.",
        group_name=GROUP,
        kinds={crm.settings.kind},
        owners=OWNERS,
        pool=pool(crm),
    )
    def send(session: dg.ResourceParam[Session]) -> Iterator[dg.MaterializeResult[Any]]:
        with translated(session, again=False):
            waiting = writeback.waiting(session, crm)
            report = None if waiting else writeback.push(session, crm, writeback.open_plan(session, crm))
        refused = writeback.rejections(session, report) if report else ()
        yield dg.MaterializeResult(metadata=_push_metadata(report, waiting), check_results=[_check(ACCEPTED, key, refused)])

    return send


def _verify_asset(crm: Crm) -> dg.AssetsDefinition:
    key = activation_key(crm.name, "verify")

    @dg.asset(
        key=key,
        deps=[activation_key(crm.name, "push")],
        check_specs=[dg.AssetCheckSpec(HELD, asset=key, description="the CRM holds what it acknowledged")],
        description=f"A sample of what {crm.name} acknowledged, read back and compared.",
        group_name=GROUP,
        kinds={crm.settings.kind},
        owners=OWNERS,
        pool=pool(crm),
    )
    def read_back(session: dg.ResourceParam[Session]) -> Iterator[dg.MaterializeResult[Any]]:
        with translated(session):
            report = writeback.verify(session, crm)
        metadata = {"records checked": report.checked, "values that differ": len(report.differences), "records gone": len(report.missing)}
        held = _check(HELD, key, writeback.differences(session, crm, report), serious=False)
        yield dg.MaterializeResult(metadata=metadata, check_results=[held])

    return read_back


def _check(name: str, key: dg.AssetKey, faults: Sequence[str], *, serious: bool = True) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if serious else dg.AssetCheckSeverity.WARN
    told = "; ".join(faults) or None
    return dg.AssetCheckResult(passed=not faults, check_name=name, asset_key=key, severity=severity, description=told)


def _plan_metadata(made: Plan) -> dict[str, Any]:
    names = ("rows", "updates", "unchanged", "skipped")
    columns = [dg.TableColumn("entity"), *(dg.TableColumn(name, "int") for name in names)]
    rows = [dg.TableRecord({"entity": entity, **{name: getattr(item, name) for name in names}}) for entity, item in made.entities.items()]
    changes = {f"{entity}.{name}": number for entity, item in made.entities.items() for name, number in item.fields.items() if number}
    return {
        "plan": made.plan_id,
        "mode": made.mode,
        "objects": dg.MetadataValue.table(rows, dg.TableSchema(columns)),
        "fields that change, in rows": dg.MetadataValue.json(changes),
    }


def _push_metadata(report: PushReport | None, waiting: str) -> dict[str, Any]:
    if report is None:
        return {"waits for approval": waiting}
    return {name: "unknown" if value is None else value for name, value in report.numbers().items()}
