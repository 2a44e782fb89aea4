"""What the fork server has ready for `guanxi` commands: the modules a nightly run ends up with."""

from importlib import import_module

from quality import gx

for name in (
    "alembic.command",
    "connectors.salesforce.reader",
    "connectors.salesforce.writer",
    "dagster",
    "dlt.destinations.impl.duckdb.duck",
    "orchestration.cli",
    "orchestration.definitions",
    "orchestration.in_process",
):
    import_module(name)
gx.imported()
