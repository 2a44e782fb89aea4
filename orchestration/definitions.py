"""Everything Dagster sees, from one configuration: assets per step, a check per expectation, the nightly job, its schedules.

`defs` is what `dagster dev` loads (GUANXI_CONFIG, else ./guanxi.toml); `build` is what `guanxi run` uses, so both run the same.
"""

from itertools import starmap

import dagster as dg

from orchestration.assets.activation import activation_assets
from orchestration.assets.models import step_assets
from orchestration.assets.raw import raw_assets
from orchestration.checks import raw_checks, reconciliation, suite_checks
from orchestration.config import Configuration, load
from orchestration.nightly import JOB, schedule
from orchestration.resources import session_resource
from orchestration.session import Session
from orchestration.tables import models, steps, suites


def build(config: Configuration, session: Session | None = None) -> dg.Definitions:
    """All definitions of this configuration; with an open `session`, runs use that instead of opening one each."""
    crms = list(config.crms.values())
    built = models(config)
    return dg.Definitions(
        assets=[
            *map(raw_assets, crms),
            *starmap(step_assets, steps(config).items()),
            *(item for crm in crms for item in activation_assets(crm, built)),
        ],
        asset_checks=[
            *map(raw_checks, crms),
            *map(suite_checks, suites(built)),
            reconciliation(crms),
        ],
        jobs=[dg.define_asset_job(JOB, dg.AssetSelection.all(), description="Extract, build, check, plan, push, verify.")],
        schedules=[schedule(crm) for crm in crms],
        resources={"session": session or session_resource(config)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Loaded by Dagster; an unusable configuration shows as one line in the UI."""
    return build(load())
