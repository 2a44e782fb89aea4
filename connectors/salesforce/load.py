"""Complete pages into the warehouse: a dlt source with one Arrow resource per object, loaded in one package.

Pages are imported as the Parquet files they are. The state of every object travels in the same package and counts only
when the package is complete, so a crash anywhere leaves the old cursors, and the next run repeats the load from them.
The work folder holds nothing that matters: it is emptied before and after, and the state is restored from the warehouse.

A first or full read replaces the table; later reads merge on Id, the newest SystemModstamp winning. Names stay as
Salesforce writes them. dlt's own incremental is absent on purpose: the window is in the query.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import dlt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from dlt.common.configuration.specs import RuntimeConfiguration
from dlt.common.runtime.telemetry import stop_telemetry
from dlt.extract import DltResource
from dlt.pipeline.exceptions import PipelineStepFailed

from connectors.salesforce.describe import VisibleObject
from connectors.salesforce.specs import ColumnKind
from connectors.salesforce.state import Mode, ObjectState
from warehouse import DuckDBWarehouse, raw_schema
from warehouse.errors import WarehouseError, WarehouseFull, WarehouseUnusable

COLUMNS_TABLE: Final = "extracted_columns"
_COLUMN_TYPES: Final[Mapping[ColumnKind, str]] = {
    "text": "text",
    "boolean": "bool",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamp",
}
_CONFIGURATION: Final[Mapping[str, Any]] = {
    "schema.naming": "direct",
    "load.truncate_staging_dataset": True,
    "load.delete_completed_jobs": True,
    "load.workers": 2,
}


@dataclass(frozen=True)
class Landed:
    """One object ready to load: its pages, rows whose mark changed, and the state that holds once it is loaded."""

    visible: VisibleObject
    mode: Mode
    pages: Sequence[Path]
    state: ObjectState
    marked: Any = field(default_factory=lambda: pa.array([], pa.string()))
    changed: pa.Table | None = None

    @property
    def name(self) -> str:
        """The object, and its table."""
        return self.visible.spec.name


class Loader:
    """Loads into `raw_<crm>` and knows the state of what was loaded. `folder` is scratch."""

    def __init__(self, warehouse: DuckDBWarehouse, crm: str, folder: Path) -> None:
        self._warehouse = warehouse
        self._crm = crm
        self._folder = folder
        _quieten()
        for key, value in _CONFIGURATION.items():
            dlt.config[key] = value

    def states(self) -> dict[str, ObjectState]:
        """State of each object as of the last committed load, from the warehouse."""
        with self._pipeline() as pipeline:
            pipeline.sync_destination()
            stored = pipeline.state.get("sources", {}).get(self._crm, {}).get("objects", {})
        return {name: ObjectState.load(value) for name, value in stored.items()}

    def load(self, objects: Sequence[Landed], *, first: bool) -> None:
        """Load all objects and move their states. Raises `WarehouseError`; the states then are the old ones."""
        with self._pipeline("truncate-and-insert" if first else "insert-from-staging") as pipeline:
            pipeline.run(self._source(objects))

    @contextmanager
    def _pipeline(self, replace_strategy: str | None = None) -> Iterator[dlt.Pipeline]:
        """A pipeline that knows nothing but what the warehouse tells it, on an empty folder that is emptied again."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with self._warehouse.native() as cursor, _one_line():
            destination = dlt.destinations.duckdb(cursor, replace_strategy=replace_strategy)
            folder = str(self._folder / "dlt")
            pipeline = dlt.pipeline(
                f"guanxi_{self._crm}", destination=destination, dataset_name=raw_schema(self._crm), pipelines_dir=folder
            )
            yield pipeline
        shutil.rmtree(self._folder, ignore_errors=True)

    def _source(self, objects: Sequence[Landed]) -> Any:
        @dlt.source(schema=dlt.Schema(self._crm), max_table_nesting=0)
        def salesforce() -> Sequence[DltResource]:
            return [*(_resource(landed, self._folder) for landed in objects), _columns_resource(objects)]

        return salesforce()


def _quieten() -> None:
    """No telemetry, and no warnings about hints. dlt starts both with its context, before any key could tell it not to."""
    context = dlt.current.run_context()
    stop_telemetry()
    context.initialize_runtime(RuntimeConfiguration(dlthub_telemetry=False, log_level="ERROR"))


def _resource(landed: Landed, folder: Path) -> DltResource:
    def rows() -> Iterator[Any]:
        dlt.current.source_state().setdefault("objects", {})[landed.name] = landed.state.dump()
        yield from (_imported(path) for path in _files(landed, folder))

    spec = landed.visible.spec
    return dlt.resource(
        rows,
        name=landed.name,
        primary_key=spec.primary_key,
        write_disposition="replace" if landed.mode == "full" else "merge",
        columns=_hints(landed),
    )


def _hints(landed: Landed) -> Any:
    hints: dict[str, dict[str, Any]] = {item.column.name: {"data_type": _COLUMN_TYPES[item.column.kind]} for item in landed.visible.columns}
    if landed.mode == "incremental":
        hints[landed.visible.spec.cursor]["dedup_sort"] = "desc"
    return hints


def _imported(path: Path) -> Any:
    return dlt.mark.with_file_import(str(path), "parquet", pq.read_metadata(path).num_rows)


def _files(landed: Landed, folder: Path) -> Sequence[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    pages = [_with_marks(path, landed.marked, folder) for path in landed.pages]
    if landed.changed is not None and landed.changed.num_rows:
        target = folder / f"{landed.name}-changed.parquet"
        pq.write_table(landed.changed, target)
        pages.append(target)
    return pages


def _with_marks(path: Path, marked: Any, folder: Path) -> Path:
    if not len(marked):
        return path
    table = pq.read_table(path)
    deleted = pc.or_(table.column("IsDeleted"), pc.is_in(table.column("Id"), value_set=marked))
    target = folder / f"marked-{path.name}"
    pq.write_table(table.set_column(table.column_names.index("IsDeleted"), "IsDeleted", deleted), target)
    return target


def _columns_resource(objects: Sequence[Landed]) -> DltResource:
    shown = [(landed.name, item.column.name, item.column.kind) for landed in objects for item in landed.visible.columns]
    names = ("object_name", "column_name", "data_type")
    table = pa.table({name: [row[index] for row in shown] for index, name in enumerate(names)})
    return dlt.resource([table], name=COLUMNS_TABLE, write_disposition="replace")


@contextmanager
def _one_line() -> Iterator[None]:
    """dlt's many-line failures as one `WarehouseError`."""
    try:
        yield
    except PipelineStepFailed as error:
        raise _fault(error) from error


def _fault(error: PipelineStepFailed) -> WarehouseError:
    text = " ".join(str(error.exception).split())
    if "No space left" in text or "could not write" in text.lower():
        return WarehouseFull("the disk that holds the warehouse is full; free space and run again, the last good extraction stands")
    return WarehouseUnusable(f"the extracted rows could not be loaded ({text[:300]}); the last good extraction stands")
