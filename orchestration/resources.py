"""The session as a Dagster resource, for runs that the schedule or the UI starts: opened once per run in process."""

import atexit
import multiprocessing
import os
import sys
from collections.abc import Iterator

import dagster as dg

from orchestration.config import Configuration
from orchestration.instants import instant
from orchestration.nightly import CRM_TAG
from orchestration.session import Session, recorded

OPTIONS = {
    "as_of": dg.Field(str, default_value="", description="ISO date (00:00:00Z of it) or instant; empty = now"),
    "full_refresh": dg.Field(bool, default_value=False, description="read everything again instead of what changed"),
    "retries": dg.Field(int, default_value=2, description="how often a step that met a passing fault is tried again"),
    "retry_seconds": dg.Field(float, default_value=60.0, description="wait before a retry, unless the CRM named one"),
}


def session_resource(config: Configuration) -> dg.ResourceDefinition:
    """Opens the session when a run starts and closes it, with its numbers stored, when the run ends."""

    @dg.resource(config_schema=OPTIONS, description="One run: the open warehouse, the as-of, the figures.")
    def session(context: dg.InitResourceContext) -> Iterator[Session]:
        _end_quietly()
        options = dict(context.resource_config)
        crm = context.run.tags.get(CRM_TAG, "") if context.run else ""
        with recorded(config, instant(as_of) if (as_of := options.pop("as_of")) else None, crm) as opened:
            for name, value in options.items():
                setattr(opened, name, value)
            yield opened

    return session


def _end_quietly() -> None:
    """In a process that Dagster made for this run: DuckDB would end it with a page about types that Great Expectations keeps alive."""
    if multiprocessing.parent_process():
        atexit.register(_leave)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
