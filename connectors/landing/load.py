"""Complete pages into the warehouse: a dlt source with one Arrow resource per table, loaded in one package.

Pages are imported as the Parquet files they are, and a table nothing happened to is left out. The state of every table
travels in the same package and counts only when the package is complete, so a crash anywhere leaves the old state, and the
next run repeats the load from it. The work folder holds nothing that matters: it is emptied before and after, and the state
is restored from the warehouse.

A first or full read replaces the table; later reads merge on the primary key, the largest cursor winning. Names stay as
the CRM writes them. dlt's own incremental is absent on purpose: what changed is asked of the CRM.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.common.runtime.telemetry import stop_telemetry
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.extract import DltResource

from connectors.landing.faults import one_line
from connectors.landing.kinds import DLT_TYPES
from connectors.landing.prepare import prepared
from connectors.landing.retype import STAGING_SCHEMA, retype
from connectors.landing.tables import Landed
from warehouse import DuckDBWarehouse, raw_schema

COLUMNS_TABLE: Final = "extracted_columns"
NOTHING: Final[Mapping[str, pa.Table]] = MappingProxyType({})
_STATES: Final = "objects"
_CONFIGURATION: Final[Mapping[str, Any]] = {
    "schema.naming": "direct",
    "load.truncate_staging_dataset": True,
    "load.delete_completed_jobs": True,
    "load.workers": 2,
    "enable_runtime_trace": False,
}
_DESTINATION: Final[Mapping[str, Any]] = {
    "staging_config": None,
    "staging_dataset_name_layout": STAGING_SCHEMA,
    "supports_transactions": True,
}
"""dlt's own choices are no transactions, so that a load that breaks off between DELETE and INSERT leaves an empty table, and
the schema `raw_<crm>_staging`, which may be another CRM's."""


class Loader:
    """Loads into `raw_<crm>` and knows the state of what was loaded. `folder` is scratch. Close it."""

    def __init__(self, warehouse: DuckDBWarehouse, crm: str, folder: Path) -> None:
        self._warehouse = warehouse
        self._crm = crm
        self._folder = folder
        self._open = ExitStack()
        _quieten()
        for key, value in _CONFIGURATION.items():
            dlt.config[key] = value

    def states(self) -> dict[str, Mapping[str, Any]]:
        """State of each table as of the last committed load, from the warehouse."""
        self._pipeline = self._synchronized()
        return dict(self._pipeline.state.get("sources", {}).get(self._crm, {}).get(_STATES, {}))

    def load(self, tables: Sequence[Landed], *, first: bool, extra: Mapping[str, pa.Table] = NOTHING) -> None:
        """Load all tables and move their states, which were asked for before; each table of `extra`, by name, is replaced whole.

        Raises `WarehouseError`; rows and states then are the old ones.
        """
        dlt.config["destination.replace_strategy"] = "truncate-and-insert" if first else "insert-from-staging"
        with closing(self), one_line():
            retype(self._warehouse, self._crm, tables)
            self._pipeline.extract(self._source(tables, extra))
            self._pipeline.normalize()
            self._pipeline.load()

    def close(self) -> None:
        """Give the connection back and empty the folder."""
        self._open.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _synchronized(self) -> dlt.Pipeline:
        """A pipeline that knows nothing but what the warehouse tells it, on an empty folder."""
        self.close()
        # said outright, or dlt looks for each part of them in files and the environment, for every job
        connection = DuckDbCredentials(self._open.enter_context(self._warehouse.native())).resolve()
        destination = dlt.destinations.duckdb(connection, **_DESTINATION)
        folder = str(self._folder / "dlt")
        with one_line():
            pipeline = dlt.pipeline(
                f"guanxi_{self._crm}", destination=destination, dataset_name=raw_schema(self._crm), pipelines_dir=folder
            )
            pipeline.sync_destination()
        return pipeline

    def _source(self, tables: Sequence[Landed], extra: Mapping[str, pa.Table]) -> Any:
        @dlt.source(schema=dlt.Schema(self._crm), max_table_nesting=0)
        def crm() -> Sequence[DltResource]:
            moved = [self._resource(table) for table in tables if table.moves]
            return [*moved, self._known(tables), *(_replaced(name, [table]) for name, table in extra.items())]

        return crm()

    def _known(self, tables: Sequence[Landed]) -> Any:
        """What was visible, and with it the states of all tables, whether rows of them come or not."""

        def known() -> Iterator[pa.Table]:
            dlt.current.source_state().setdefault(_STATES, {}).update({table.name: dict(table.state) for table in tables})
            yield _columns(tables)

        return _replaced(COLUMNS_TABLE, known)

    def _resource(self, landed: Landed) -> DltResource:
        def rows() -> Iterator[Any]:
            yield from (_imported(path) for path in prepared(landed, self._warehouse, self._folder))

        return dlt.resource(
            rows,
            name=landed.name,
            primary_key=landed.primary_key,
            write_disposition="replace" if landed.mode == "full" else "merge",
            columns=_hints(landed),
        )


@cache
def _quieten() -> None:
    """No telemetry, and no log (stack traces with values of rows). dlt starts both with its context, before a key could tell it not to."""
    context = dlt.current.run_context()
    stop_telemetry()
    context.initialize_runtime(RuntimeConfiguration(dlthub_telemetry=False, log_level="CRITICAL"))


def _hints(landed: Landed) -> Any:
    hints: dict[str, dict[str, Any]] = {name: {"data_type": DLT_TYPES[kind]} for name, kind in landed.columns.items()}
    if landed.mode == "incremental":
        hints[landed.cursor]["dedup_sort"] = "desc"
    return hints


def _imported(path: Path) -> Any:
    return dlt.mark.with_file_import(str(path), "parquet", pq.read_metadata(path).num_rows)


def _columns(tables: Sequence[Landed]) -> pa.Table:
    """What was visible: object_name, column_name, data_type."""
    shown = [(landed.name, name, kind) for landed in tables for name, kind in landed.columns.items()]
    names = ("object_name", "column_name", "data_type")
    return pa.table({name: pa.array([row[index] for row in shown], pa.string()) for index, name in enumerate(names)})


def _replaced(name: str, tables: Any) -> Any:
    return dlt.resource(tables, name=name, write_disposition="replace")
