"""The nightly job, one schedule per CRM, and what a run of one CRM selects.

A CRM's run extracts that CRM, rebuilds every table from all landed data, and writes that CRM. Each CRM runs on its own,
so one that fails neither hides nor stops another.
"""

from collections.abc import Sequence

import dagster as dg

from orchestration.assets.activation import activation_key
from orchestration.assets.raw import raw_key
from orchestration.crms import Crm

JOB = "nightly"
WRITING = ("push", "verify")


def selection(crm: Crm, tables: Sequence[dg.AssetKey], *, dry_run: bool = False) -> list[dg.AssetKey]:
    """What a run of `crm` materializes; a dry run leaves out what writes to the CRM."""
    steps = ("plan",) if dry_run else ("plan", *WRITING)
    raw = [raw_key(crm.name, name) for name in crm.kind.objects(crm)]
    return [*raw, *tables, *(activation_key(crm.name, step) for step in steps)]


def schedule(crm: Crm, tables: Sequence[dg.AssetKey]) -> dg.ScheduleDefinition:
    """Starts the job for one CRM, at its own cron line in UTC."""
    wanted = selection(crm, tables)

    def request(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(asset_selection=wanted, tags={"crm": crm.name})

    return dg.ScheduleDefinition(
        name=f"nightly_{crm.name}",
        job_name=JOB,
        cron_schedule=crm.schedule,
        execution_timezone="UTC",
        execution_fn=request,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The nightly run of {crm.name}.",
    )
