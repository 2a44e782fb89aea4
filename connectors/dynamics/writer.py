"""Writing back to a Dynamics 365 environment: updates of existing rows by id, nothing else, with a verdict for every row.

definitions (what a choice, a lookup is called here) -> texts of all rows -> UpdateMultiple in lanes, or `$batch` where a table
has none or rows are few. A row that vanished comes back rejected; a value people entered is never sent; business logic of the
environment and its duplicate detection stay as they are: none of the headers that pass them by is used.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

import pyarrow as pa

from connectors.contract import Capabilities, Progress, silent
from connectors.dynamics import batch, inventory, multiple, payload, privileges
from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.column_metadata import TABLES
from connectors.dynamics.inventory import FoundColumn
from connectors.dynamics.payload import Target
from connectors.dynamics.settings import DynamicsSettings
from connectors.dynamics.specs import logical_name
from connectors.errors import PermanentError
from connectors.fields import Entity, FieldSpec, column, writable
from connectors.results import RowResults
from connectors.rows import checked, few

READ_ROWS: Final = 400
"""Ids that fit in one address."""
READERS: Final = 8


class DynamicsWriter:
    """The writing side of one environment, whose columns carry `prefix`. Close it, or use it in `with`."""

    capabilities = Capabilities(change_tracking=True, delete_log_days=None, max_update_batch=multiple.MOST_ROWS)

    def __init__(self, settings: DynamicsSettings, prefix: str = "GX") -> None:
        self.client = DynamicsClient(settings)
        self.prefix = prefix.lower()
        self._columns: dict[Entity, dict[str, FoundColumn]] = {}
        self._bindings: dict[Entity, dict[str, str]] = {}
        self._sizes: dict[Entity, multiple.Size] = {}

    def update(self, entity: Entity, rows: pa.Table, *, progress: Progress = silent) -> RowResults:
        """Send `rows` as `connectors.contract.Writer` says; raises CrmError when the CRM cannot be asked.

        A column that is no output field or is not there, and a blank or repeated record id, raise `PermanentError` before
        the first write.
        """
        rows, specs = checked(entity, rows)
        if not rows.num_rows:
            return RowResults.of([])
        target = self._target(entity, specs)
        made = payload.bodies(rows, specs, target)
        if made.num_rows <= batch.MOST_ROWS:
            return RowResults(batch.update(self.client, target, made))
        done = _counting(entity, made.num_rows, progress)
        return RowResults(multiple.update(self.client, target, made, self._size(entity), done))

    def read_back(self, entity: Entity, record_ids: Sequence[str], fields: Sequence[str]) -> pa.Table:
        """Current values of those records that exist: record_id, then `fields` (lower case), typed; raises CrmError."""
        specs = writable(entity, fields)
        target = self._target(entity, specs)
        pieces = [record_ids[start : start + READ_ROWS] for start in range(0, len(record_ids), READ_ROWS)]
        with ThreadPoolExecutor(READERS) as pool:
            found = list(pool.map(lambda ids: payload.table(self._read(target, ids, specs), specs, target), pieces))
        return pa.concat_tables([payload.table([], specs, target), *found])

    def refusal(self, entity: Entity, fields: Sequence[str]) -> str:
        """Why these fields cannot be written, by definitions and privileges of today; empty when they can."""
        table, specs = TABLES[entity].logical_name, writable(entity, fields)
        self._columns[entity] = inventory.columns(self.client, [table])[table]
        if complaint := self._unfit(entity, specs):
            return complaint
        if missing := privileges.missing(self.client, [privileges.WRITES[entity]]):
            return f"{table}: no right to edit it; give the application user's role {missing[0]} for the organisation"
        secured = {item.metadata_id: item.name for item in self._found(entity, specs) if item.secured}
        if closed := privileges.unwritable(self.client, list(secured)) if secured else []:
            return f"{table}: {few([secured[item] for item in closed])} under column security; add a profile that may update"
        return ""

    def calls_used(self) -> int:
        """API calls this writer has made."""
        return self.client.calls

    def calls_left(self) -> int | None:
        """Dataverse does not say."""
        return None

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _target(self, entity: Entity, specs: Sequence[FieldSpec]) -> Target:
        """What the fields are called in this environment; raises `PermanentError` for one that is not there."""
        table = TABLES[entity].logical_name
        if entity not in self._columns or self._unfit(entity, specs):
            self._columns[entity] = inventory.columns(self.client, [table])[table]
        if complaint := self._unfit(entity, specs):
            raise PermanentError(f"{complaint}; nothing was sent")
        lookups = [spec for spec in specs if spec.kind == "lookup"]
        if lookups and entity not in self._bindings:
            self._bindings[entity] = dict(inventory.bindings(self.client, table))
        found = dict(zip((column(spec) for spec in specs), self._found(entity, specs), strict=True))
        options = {column(spec): _options(spec, found[column(spec)]) for spec in specs if spec.values}
        return Target(entity, self.prefix, options, {column(spec): self._bindings[entity][found[column(spec)].name] for spec in lookups})

    def _unfit(self, entity: Entity, specs: Sequence[FieldSpec]) -> str:
        """Which columns are not there or cannot hold their field; empty when all can."""
        table, columns = TABLES[entity].logical_name, self._columns[entity]
        names = {logical_name(spec, self.prefix): spec for spec in specs}
        if missing := [name for name in names if name not in columns]:
            return f"{table}: {few(missing)} not there; run `guanxi provision` first"
        for name, spec in names.items():
            if reason := inventory.mismatch(spec, columns[name]) or ("" if columns[name].updatable else "cannot be updated"):
                return f"{table}: {name} {reason}"
        return ""

    def _found(self, entity: Entity, specs: Sequence[FieldSpec]) -> list[FoundColumn]:
        return [self._columns[entity][logical_name(spec, self.prefix)] for spec in specs]

    def _size(self, entity: Entity) -> multiple.Size:
        """Rows per request of this table; one without UpdateMultiple takes no more than a batch."""
        if entity not in self._sizes:
            takes_many = inventory.supports_update_multiple(self.client, TABLES[entity].logical_name)
            self._sizes[entity] = multiple.Size() if takes_many else multiple.Size(batch.MOST_ROWS, batch.MOST_ROWS)
        return self._sizes[entity]

    def _read(self, target: Target, ids: Sequence[str], specs: Sequence[FieldSpec]) -> list[dict[str, object]]:
        key = target.table.primary_id
        listed = ",".join(inventory.quoted(record_id) for record_id in ids)
        wanted = f"Microsoft.Dynamics.CRM.In(PropertyName='{key}',PropertyValues=[{listed}])"
        selected = ",".join([key, *(target.selected(spec) for spec in specs)])
        rows: list[dict[str, object]] = self.client.get_json(target.table.entity_set, {"$select": selected, "$filter": wanted})["value"]
        return rows


def _options(spec: FieldSpec, found: FoundColumn) -> list[int]:
    """Numbers of the choices in the contract's order; all are there, or the column was found unfit."""
    return [value for place in range(len(spec.values)) if (value := found.option(place)) is not None]


def _counting(entity: Entity, total: int, progress: Progress) -> multiple.Done:
    settled, lock = 0, threading.Lock()

    def done(rows: int) -> None:
        nonlocal settled
        with lock:
            settled += rows
            progress(f"{entity}: {settled:,} of {total:,} rows settled")

    return done
