"""Imported by a fork server: the modules a nightly run and the commands that look at it end up with."""

import atexit
import gc
import os
from importlib import import_module

from quality import gx

gc.disable()
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
    "orchestration.cli",
    "orchestration.definitions",
    "orchestration.event_log",
    "orchestration.in_process",
    "orchestration.summary",
):
    import_module(name)
gx.imported()
# What is imported stays: the collector need not look through it in every command.
gc.freeze()
gc.enable()
# The fork server has nothing to tidy up, and DuckDB would print a page about types that Great Expectations keeps alive.
atexit.register(os._exit, 0)
