"""Imported by a fork server: the modules a nightly run and the commands that look at it end up with."""

import atexit
import os
from importlib import import_module

from orchestration.cli import collect_seldom
from quality import gx

collect_seldom()
for name in (
    "alembic.command",
    "connectors.dynamics.reader",
    "connectors.dynamics.writer",
    "connectors.salesforce.reader",
    "connectors.salesforce.writer",
    "dagster",
    "dagster._core.execution.execute_in_process",
    "dagster._core.instance.runs.run_domain",
    "dlt.destinations.impl.duckdb.duck",
    "networkx",
    "orchestration.definitions",
    "orchestration.event_log",
    "orchestration.in_process",
    "orchestration.summary",
):
    import_module(name)
gx.imported()
# The fork server has nothing to tidy up, and DuckDB would print a page about types that Great Expectations keeps alive.
atexit.register(os._exit, 0)
