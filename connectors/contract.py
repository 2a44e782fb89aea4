"""What every CRM connector offers, as Protocols with capability flags; the contract tests run against each of them.

A connector reads (`Reader`: CRM objects to `raw_<crm>` tables), writes back (`Writer`: updates of existing records, by
id, nothing else) and provisions (`Provisioner`: the fields of contract section 4). The pipeline sees only this.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import pyarrow as pa

from connectors.fields import Entity, FieldSpec
from warehouse import DuckDBWarehouse

Progress = Callable[[str], None]
"""Called with one plain line, e.g. "Task: 20,000 of 120,000 rows"; never with personal data."""


def silent(line: str) -> None:
    """The progress of those whom nobody watches."""


@dataclass(frozen=True)
class Capabilities:
    """What a connector can do; an unsupported request fails before the first call."""

    change_tracking: bool
    delete_log_days: int | None
    max_update_batch: int


@dataclass(frozen=True)
class ObjectReport:
    """How one object was extracted. `rows` were read from the CRM in this run, `total` are in the raw table now and not deleted."""

    object_name: str
    rows: int = 0
    total: int = 0
    deleted: int = 0
    pages: int = 0
    seconds: float = 0.0
    mode: Literal["full", "incremental", "snapshot", "skipped"] = "full"
    skipped: str = ""
    hidden_columns: Sequence[str] = ()


@dataclass(frozen=True)
class ExtractReport:
    """All objects of one extraction; calls are API requests counted against the CRM's daily quota."""

    crm: str
    objects: Mapping[str, ObjectReport]
    calls_used: int = 0
    calls_left: int | None = None
    seconds: float = 0.0


class Reader(Protocol):
    """Brings the CRM's objects into the warehouse schema `raw_<crm>`, complete or not at all."""

    def extract(self, warehouse: DuckDBWarehouse, *, full_refresh: bool = False, progress: Progress = ...) -> ExtractReport:
        """Read what changed since the last committed extraction (everything at first, or with `full_refresh`).

        Leaves, beside one raw table per object, `raw_<crm>.extracted_columns (object_name, column_name, data_type)`: the
        columns visible today. A hidden or missing one is absent there and must be treated as unknown.
        Raises CrmError; after any error the raw tables and the cursors are those of the last good extraction.
        """


@dataclass(frozen=True)
class RowResult:
    """The CRM's word on one row: accepted, or rejected with its own code and message."""

    record_id: str
    accepted: bool
    code: str = ""
    message: str = ""


class Writer(Protocol):
    """Updates existing records by id. Never creates: a record that vanished comes back as a rejected row."""

    capabilities: Capabilities

    def update(self, entity: Entity, rows: pa.Table, *, progress: Progress = ...) -> Sequence[RowResult]:
        """Send `rows` (column `record_id`, then one column per output field, by its name in contract 4.1 lower case).

        A null is an explicit blank. Optional columns: `parent_id` (rows of one parent are never in two requests in flight)
        and `changed` (list of column names: only these are sent for that row, the CRM keeps its values of the others).
        One result per row, matched by id; a row without a verdict comes back rejected with code `NO_VERDICT`. Raises CrmError.
        """

    def read_back(self, entity: Entity, record_ids: Sequence[str], fields: Sequence[str]) -> pa.Table:
        """Current values in the CRM, columns as in `update`."""

    def refusal(self, entity: Entity, fields: Sequence[str]) -> str:
        """Why `fields` of `entity` cannot be written (a missing right or field), empty when they can. One line, read only."""

    def calls_used(self) -> int:
        """API calls made so far by this connection."""

    def calls_left(self) -> int | None:
        """API calls left today, None when the CRM does not say."""


@dataclass(frozen=True)
class ProvisionStep:
    """One thing to create or grant; `done` when it is there already."""

    kind: Literal["publisher", "solution", "field", "permission_set", "field_permission", "assignment", "object_permission"]
    name: str
    done: bool
    detail: str = ""


class Provisioner(Protocol):
    """Creates fields and rights, idempotently; never deletes or changes what is there."""

    def plan(self, specs: Sequence[FieldSpec]) -> Sequence[ProvisionStep]:
        """What is there and what is missing."""

    def apply(self, specs: Sequence[FieldSpec], *, progress: Progress = ...) -> Sequence[ProvisionStep]:
        """Create what is missing; returns the steps taken."""


@dataclass(frozen=True)
class Probe:
    """One line of `guanxi doctor`."""

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""
    fatal: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)
