"""The nightly job, one schedule per CRM, and what a run selects.

A run extracts and stages its CRMs, rebuilds every table of all CRMs over what the others have staged, judges the rows of its CRMs,
and writes them. On the schedules each CRM runs on its own: one that fails, or brings bad rows, neither hides nor stops another.
"""

from collections.abc import Sequence

import dagster as dg

from orchestration.assets.activation import activation_key
from orchestration.assets.models import table_key
from orchestration.assets.raw import raw_key
from orchestration.crms import Crm
from orchestration.tables import of_run

JOB = "nightly"
WRITING = ("push", "verify")
CRM_TAG = "crm"
"""Names the CRM a run is of; a run without it is of all."""


def selection(crms: Sequence[Crm], *, read: bool = True, dry_run: bool = False) -> list[dg.AssetKey]:
    """What a run of `crms` materializes; without `read` it starts from what is landed, a dry run leaves out what writes to a CRM."""
    steps = ("plan",) if dry_run else ("plan", *WRITING)
    raw = [raw_key(crm.name, name) for crm in crms for name in crm.kind.objects(crm)] if read else []
    tables = [table_key(model.name) for model in of_run(crms)]
    return [*raw, *tables, *(activation_key(crm.name, step) for crm in crms for step in steps)]


def schedule(crm: Crm) -> dg.ScheduleDefinition:
    """Starts the job for one CRM, at its own cron line in UTC."""
    wanted = selection([crm])

    def request(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(asset_selection=wanted, tags={CRM_TAG: crm.name})

    return dg.ScheduleDefinition(
        name=f"nightly_{crm.name}",
        job_name=JOB,
        cron_schedule=crm.schedule,
        execution_timezone="UTC",
        execution_fn=request,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The nightly run of {crm.name}.",
    )
