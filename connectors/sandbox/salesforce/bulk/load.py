"""Runs one ingest job: uploaded CSV in, records changed in one set-based write, three result sheets out.

upload -> fates (fault rules, the day's batches) -> records.* -> successful: sf__Id, sf__Created, the row
                                                                 failed: sf__Id, sf__Error, the row       (shuffled)
                                                                 unprocessed: the row
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from connectors.sandbox.salesforce import records
from connectors.sandbox.salesforce.api import Api
from connectors.sandbox.salesforce.bulk.job import Job
from connectors.sandbox.salesforce.bulk.sheet import write_sheet
from connectors.sandbox.salesforce.bulk.spoil import LOCKED, Fates, Mask, Spoils, batches, fates
from connectors.sandbox.salesforce.bulk.upload import read_upload
from connectors.sandbox.salesforce.cells import from_csv
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.limits import BATCHES

_VERDICTS = """
    CREATE TABLE verdicts AS
    SELECT p._position, o.success, o.id, o.created,
        o.code || ':' || o.message || ':' || array_to_string(coalesce(o.fields, []), ',') || '--' AS error
    FROM outcome AS o JOIN processed AS p ON p.row = o.row
    UNION ALL
    SELECT _position, false, _id, false, ? FROM locked
"""
_RESULT = (
    "SELECT {own}, g.* EXCLUDE (_position) FROM given AS g JOIN verdicts AS v USING (_position)"
    " WHERE v.success = {success} ORDER BY hash(_position + 13), _position"
)
_SHEETS = {
    "successful": _RESULT.format(own='v.id AS "sf__Id", v.created AS "sf__Created"', success="true"),
    "failed": _RESULT.format(own='v.id AS "sf__Id", v.error AS "sf__Error"', success="false"),
    "unprocessed": "SELECT g.* EXCLUDE (_position) FROM given AS g JOIN skipped USING (_position) ORDER BY hash(_position), _position",
}


def load(api: Api, job: Job, upload: Path, spoils: Spoils) -> None:
    """Process a closed job and fill its sheets and counts.

    Raises:
        SalesforceError: the file or its header is wrong, so no row was processed.
    """
    rows = read_upload(upload, job.dialect)
    _check_header(job, rows)
    found = fates(rows.num_rows, spoils, _take_batches(api, rows.num_rows))
    outcome = _apply(api, job, rows.filter(pa.array(found.processed)))
    with duckdb.connect() as connection:
        _stage(connection, rows, found, outcome)
        for name, sql in _SHEETS.items():
            job.sheets[name] = write_sheet(connection, sql, [], job.dialect, job.folder / f"{name}.csv")
    job.failed = job.sheets["failed"].rows
    job.processed = job.failed + job.sheets["successful"].rows


def _check_header(job: Job, rows: pa.Table) -> None:
    needed = {"insert": None, "upsert": job.external_id}.get(job.operation, "Id")
    if needed and needed.lower() not in (name.lower() for name in rows.column_names):
        raise SalesforceError("InvalidBatch", f"Field name not found : {needed}")


def _take_batches(api: Api, rows: int) -> int:
    """Use up the day's batches; returns how many of the wanted ones there were."""
    left = api.limits.maximum[BATCHES] - api.limits.used[BATCHES]
    taken = max(0, min(batches(rows), left))
    if taken:
        api.limits.use(BATCHES, taken)
    return taken


def _apply(api: Api, job: Job, rows: pa.Table) -> pa.Table:
    """One verdict per row, by row number: `records.OUTCOME`."""
    store, access, cells = api.store, api.access, from_csv(rows)
    if job.operation in ("delete", "hardDelete"):
        return records.delete_many(
            store, access, job.object, [str(identity) for identity in _ids(rows).to_pylist()], hard=job.operation == "hardDelete"
        )
    if job.operation == "upsert":
        return records.upsert_many(store, access, job.object, cells, str(job.external_id))
    write = records.update_many if job.operation == "update" else records.create_many
    return write(store, access, job.object, cells)


def _stage(connection: duckdb.DuckDBPyConnection, rows: pa.Table, found: Fates, outcome: pa.Table) -> None:
    """The rows by position, and what became of each."""
    connection.register("given", rows.append_column("_position", pa.array(np.arange(rows.num_rows))))
    connection.register("outcome", outcome)
    processed = _positions(found.processed)
    connection.register("processed", processed.append_column("row", pa.array(np.arange(processed.num_rows))))
    connection.register("locked", _positions(found.locked).append_column("_id", _ids(rows.filter(pa.array(found.locked)))))
    connection.register("skipped", _positions(found.skipped))
    connection.execute(_VERDICTS, [LOCKED])


def _ids(rows: pa.Table) -> pa.ChunkedArray[Any]:
    """The Id column in any letter case; nulls when there is none."""
    name = next((name for name in rows.column_names if name.lower() == "id"), None)
    return rows.column(name) if name else pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])


def _positions(mask: Mask) -> pa.Table:
    return pa.table({"_position": pa.array(np.flatnonzero(mask))})
