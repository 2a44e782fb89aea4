"""The nightly job, one schedule per CRM, and what a run of one CRM selects.

A CRM's run extracts and stages that CRM, rebuilds every table of all CRMs over what the others have staged, judges that
CRM's rows, and writes that CRM. Each runs on its own, so one that fails, or brings bad rows, neither hides nor stops another.
"""

import dagster as dg

from orchestration.assets.activation import activation_key
from orchestration.assets.models import table_key
from orchestration.assets.raw import raw_key
from orchestration.config import Configuration
from orchestration.crms import Crm
from orchestration.tables import of_run

JOB = "nightly"
WRITING = ("push", "verify")
CRM_TAG = "crm"
"""Names the CRM a run is of; a run without it is of all."""


def selection(config: Configuration, crm: Crm, *, dry_run: bool = False) -> list[dg.AssetKey]:
    """What a run of `crm` materializes; a dry run leaves out what writes to the CRM."""
    steps = ("plan",) if dry_run else ("plan", *WRITING)
    raw = [raw_key(crm.name, name) for name in crm.kind.objects(crm)]
    tables = [table_key(model.name) for model in of_run(config, crm)]
    return [*raw, *tables, *(activation_key(crm.name, step) for step in steps)]


def schedule(config: Configuration, crm: Crm) -> dg.ScheduleDefinition:
    """Starts the job for one CRM, at its own cron line in UTC."""
    wanted = selection(config, crm)

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
