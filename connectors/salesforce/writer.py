"""Writing back to Salesforce: updates of existing records by Id, nothing else, with a verdict for every row.

Up to 2,000 rows go through sObject Collections, more through Bulk 2.0 ingest. Rows that met a lock, and rows nobody gave a
verdict on, are sent again a few times (bulk jobs halved each time); what is left then is a rejected row, as is a row whose
record vanished.
"""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from connectors.contract import Capabilities, Progress, silent
from connectors.fields import Entity, FieldSpec, api_name, writable
from connectors.results import RowResults
from connectors.rows import checked, few
from connectors.salesforce import bulk_ingest, collections, payload
from connectors.salesforce.bulk_ingest import NO_VERDICT
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.settings import SalesforceSettings

COLLECTIONS_ROWS: Final = 2_000
JOB_ROWS: Final = 500_000
ROUNDS: Final = 5
FIRST_PAUSE: Final = 0.2
SILENCE: Final[Mapping[str, Any]] = {"accepted": False, "code": NO_VERDICT, "message": "Salesforce gave no verdict on this row"}
AGAIN: Final = ("UNABLE_TO_LOCK_ROW", "API_TEMPORARILY_UNAVAILABLE", "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", NO_VERDICT)


class SalesforceWriter:
    """The writing side of one org, whose fields carry `prefix`. Close it, or use it in `with`."""

    capabilities = Capabilities(change_tracking=False, delete_log_days=15, max_update_batch=collections.MAX_RECORDS)

    def __init__(self, settings: SalesforceSettings, prefix: str = "GX") -> None:
        self.client = SalesforceClient(settings)
        self.prefix = prefix
        self._at_rest: set[Entity] = set()

    def update(self, entity: Entity, rows: pa.Table, *, progress: Progress = silent) -> RowResults:
        """Send `rows` as `connectors.contract.Writer` says; raises CrmError when the CRM cannot be asked.

        A column that is no output field, and a blank or repeated record id, raise `PermanentError` before the first call.
        """
        pending, specs = checked(entity, rows)
        self._at_rest.add(entity)
        settled = [RowResults.of([]).table]
        for attempt in range(ROUNDS):
            if not pending.num_rows:
                break
            if attempt:
                time.sleep(FIRST_PAUSE * 2**attempt)
            verdicts = self._send(entity, pending, specs, attempt, progress)
            again = pc.and_(pc.is_in(verdicts["code"], value_set=pa.array(AGAIN)), pa.scalar(attempt < ROUNDS - 1))
            settled.append(verdicts.filter(pc.invert(again)))
            pending = pending.filter(_among(pending["record_id"], verdicts["record_id"].filter(again)))
        return RowResults(pa.concat_tables(settled))

    def read_back(self, entity: Entity, record_ids: Sequence[str], fields: Sequence[str]) -> pa.Table:
        """Current values of those records that exist: record_id, then `fields` (lower case), typed; raises CrmError.

        The first look at an object waits for bulk updates of it that a process which died had handed over: what is read
        back then is final, so nobody sends those rows a second time.
        """
        if entity not in self._at_rest:
            bulk_ingest.await_unfinished(self.client, entity.capitalize())
            self._at_rest.add(entity)
        specs = writable(entity, fields)
        names = ["Id", *(api_name(spec, self.prefix) for spec in specs)]
        found = list(collections.retrieve(self.client, entity.capitalize(), record_ids, names))
        return payload.table(found, specs, self.prefix)

    def refusal(self, entity: Entity, fields: Sequence[str]) -> str:
        """Why these fields cannot be written, by the org's own describe; empty when they can."""
        sobject = entity.capitalize()
        described = self.client.get_json(f"sobjects/{sobject}/describe")
        open_fields = {item["name"]: bool(item["updateable"]) for item in described["fields"]}
        names = [api_name(spec, self.prefix) for spec in writable(entity, fields)]
        if missing := [name for name in names if name not in open_fields]:
            return f"{sobject}: {few(missing)} not there or not visible to us; run `guanxi provision` first"
        if not described.get("updateable", True) or any(not open_fields[name] for name in names):
            return f"{sobject}: no right to edit it or our fields in it; give the integration user Edit on both"
        return ""

    def calls_used(self) -> int:
        """API calls this writer has made."""
        return self.client.quota.ours

    def calls_left(self) -> int | None:
        """Calls the org has left today, None when it has not said."""
        return self.client.quota.left

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _send(self, entity: Entity, rows: pa.Table, specs: Sequence[FieldSpec], attempt: int, progress: Progress) -> pa.Table:
        sobject = entity.capitalize()
        if rows.num_rows <= COLLECTIONS_ROWS:
            results = collections.update(self.client, sobject, payload.records(rows, specs, self.prefix))
            return _complete(rows["record_id"], RowResults.of(results).table)
        most = max(COLLECTIONS_ROWS, JOB_ROWS if attempt == 0 else rows.num_rows // 2)
        cells = payload.cells(rows, specs, self.prefix)
        return _complete(rows["record_id"], bulk_ingest.update(self.client, sobject, cells, rows["parent_id"], most, progress))


def _complete(ids: Any, verdicts: pa.Table) -> pa.Table:
    """One verdict per row that was sent: strangers are dropped, of two the first counts, `NO_VERDICT` where there is none."""
    place = pc.index_in(ids, value_set=_flat(verdicts["record_id"]))
    found = verdicts.take(_flat(place.drop_null()))
    silent = ids.filter(pc.is_null(place))
    rest: dict[str, Any] = {name: pa.repeat(value, len(silent)) for name, value in SILENCE.items()}
    return pa.concat_tables([found, RowResults(pa.table({"record_id": silent, **rest})).table])


def _among(ids: Any, chosen: Any) -> Any:
    return pc.is_in(ids, value_set=_flat(chosen))


def _flat(values: Any) -> Any:
    return values.combine_chunks()
