"""Bulk API 2.0 ingest: many updates as CSV jobs, one job at a time, with the verdicts read from the three result files.

create -> PUT the CSV -> UploadComplete -> poll -> successful, failed and unprocessed rows, matched by our own Id column.
`JobComplete` says nothing about rows, files come in any order, and rows beyond the day's batches are in none of them: those
get no verdict here, and the writer sends them again. In the CSV an empty cell is left as it is and `#N/A` blanks.

Jobs follow one another because Salesforce works on the batches of a job in parallel: rows of one parent must not meet in
two of them. Rows come sorted by parent and jobs are cut between parents.
"""

import io
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from connectors.contract import Progress
from connectors.errors import MissingPermission, RequestRejected, ServerBusy
from connectors.results import SCHEMA
from connectors.salesforce.client import SalesforceClient

MAX_BYTES: Final = 95_000_000
AT_WORK: Final = frozenset({"UploadComplete", "InProgress"})
DONE: Final = frozenset({"JobComplete", "Failed", "Aborted"})
PATIENCE_SECONDS: Final = 7_200.0
NO_VERDICT: Final = "NO_VERDICT"
UPLOADED_ALREADY: Final = "multiple contents"
LONGEST_WAIT: Final = 15.0
CSV_TYPE: Final = "text/csv; charset=UTF-8"


def update(client: SalesforceClient, sobject: str, cells: pa.Table, parents: Any, max_rows: int, progress: Progress) -> pa.Table:
    """Update records by CSV `cells` (text columns, first `Id`; null = leave as it is), at most about `max_rows` to a job.

    Returns the verdicts (record_id, accepted, code, message) in no order; rows without one are missing, or are there as
    `NO_VERDICT` with the reason, behind the verdicts. Raises CrmError.
    """
    verdicts = []
    for first, last in cuts(row_bytes(cells), parents, MAX_BYTES, max_rows):
        part = cells.slice(first, last - first)
        verdicts.append(_run_job(client, sobject, part, progress))
        progress(f"{sobject}: {last:,} of {cells.num_rows:,} rows sent in bulk")
    return pa.concat_tables([SCHEMA.empty_table(), *verdicts])


def await_unfinished(client: SalesforceClient, sobject: str) -> None:
    """Wait for updates of an object that this user handed over and nobody waits for any more: their sender died.

    Jobs that were never closed are left alone, Salesforce does not process them. A user who may not list jobs waits for none.
    Raises CrmError.
    """
    try:
        jobs = list(_jobs(client))
    except (MissingPermission, RequestRejected):
        return
    handed_over = [job for job in jobs if job["state"] in AT_WORK and (job["object"], job["operation"]) == (sobject, "update")]
    if not handed_over:
        return
    user = str(client.get_json("")["identity"]).rstrip("/").rpartition("/")[2]
    for job in handed_over:
        if job["createdById"][:15] == user[:15]:
            _wait(client, f"jobs/ingest/{job['id']}")


def _jobs(client: SalesforceClient) -> Iterator[dict[str, Any]]:
    answer = client.get_json("jobs/ingest", {"jobType": "V2Ingest"})
    yield from answer["records"]
    while not answer["done"]:
        answer = client.get_json(answer["nextRecordsUrl"])
        yield from answer["records"]


def row_bytes(cells: pa.Table) -> Any:
    """Size of each CSV row at most: text, quotes and doubled quotes, separators."""
    sizes = np.full(cells.num_rows, 2, dtype=np.int64)
    for values in cells.columns:
        length = pc.add(pc.binary_length(values), pc.count_substring(values, '"'))
        sizes += np.asarray(pc.fill_null(length, 0), dtype=np.int64) + 3
    return sizes


def cuts(sizes: Any, parents: Any, max_bytes: int, max_rows: int) -> Iterator[tuple[int, int]]:
    """Row ranges within both limits, cut where the parent changes (inside a parent only when it alone is too large)."""
    ends = np.cumsum(sizes)
    codes = parents.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    changes = np.flatnonzero(np.diff(codes)) + 1
    first = 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        most = min(int(np.searchsorted(ends, before + max_bytes, side="right")), first + max_rows)
        last = max(most, first + 1)
        if last < len(ends):
            between = changes[(changes > first) & (changes <= last)]
            last = int(between[-1]) if len(between) else last
        yield first, last
        first = last


def to_csv(cells: pa.Table) -> bytes:
    """The table as the CSV Salesforce wants: header, LF, every text quoted, null as the empty cell."""
    sink = io.BytesIO()
    csv.write_csv(cells, sink, csv.WriteOptions(quoting_style="all_valid"))
    return sink.getvalue()


def _run_job(client: SalesforceClient, sobject: str, part: pa.Table, progress: Progress) -> pa.Table:
    job = client.post_json("jobs/ingest", {"object": sobject, "operation": "update", "contentType": "CSV", "lineEnding": "LF"})
    path = f"jobs/ingest/{job['id']}"
    _hand_over(client, path, to_csv(part))
    ended = _wait(client, path)
    verdicts = [_accepted(client, path), _rejected(client, path)]
    if ended["state"] != "JobComplete":
        reason = f"bulk job {job['id']} ended as {ended['state']}: {ended.get('errorMessage') or 'no reason given'}"
        progress(f"{sobject}: {reason}")
        verdicts.append(_silent(part["Id"].combine_chunks(), reason))
    return pa.concat_tables(verdicts)


def _hand_over(client: SalesforceClient, path: str, content: bytes) -> None:
    """Upload and close. Where an answer was lost, the second try is refused because of the first: that is no failure."""
    try:
        client.put(f"{path}/batches", content, CSV_TYPE)
    except RequestRejected as refusal:
        if UPLOADED_ALREADY not in str(refusal).lower():
            raise
    try:
        client.patch_json(path, {"state": "UploadComplete"})
    except RequestRejected:
        if client.get_json(path)["state"] not in AT_WORK | DONE:
            raise


def _wait(client: SalesforceClient, path: str) -> dict[str, Any]:
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.05
    while (info := dict(client.get_json(path)))["state"] not in DONE:
        if time.monotonic() > deadline:
            raise ServerBusy(f"{client.url(path)}: the job has not ended after {PATIENCE_SECONDS / 3600:.0f} hours; run again later")
        time.sleep(pause)
        pause = min(pause * 1.6, LONGEST_WAIT)
    return info


def _accepted(client: SalesforceClient, path: str) -> pa.Table:
    ids = _column(_results(client, f"{path}/successfulResults", ["Id"]), "Id")
    blank = pa.repeat("", len(ids))
    return pa.table([ids, pa.repeat(True, len(ids)), blank, blank], schema=SCHEMA)


def _rejected(client: SalesforceClient, path: str) -> pa.Table:
    rows = _results(client, f"{path}/failedResults", ["Id", "sf__Error"])
    ids, errors = _column(rows, "Id"), pc.fill_null(_column(rows, "sf__Error"), "UNKNOWN")
    parts = pc.split_pattern(errors, ":", max_splits=1)
    code = pc.list_element(parts, 0)
    message = pc.replace_substring_regex(pc.replace_substring_regex(errors, "^[^:]*:?", ""), ":[^:]*--$", "")
    return pa.table([ids, pa.repeat(False, len(ids)), code, pc.utf8_trim_whitespace(message)], schema=SCHEMA)


def _silent(ids: Any, reason: str) -> pa.Table:
    """Why rows of a job that broke off have no verdict; of rows that have one, theirs comes first and counts."""
    same = [pa.repeat(value, len(ids)) for value in (False, NO_VERDICT, reason)]
    return pa.table([ids, *same], schema=SCHEMA)


def _results(client: SalesforceClient, path: str, names: Sequence[str]) -> pa.Table:
    body = client.request("GET", path, headers={"Accept": "text/csv"}, expects="csv").content
    if not body.strip():
        return pa.table({name: pa.array([], pa.string()) for name in names})
    converting = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=list(names), strings_can_be_null=False)
    try:
        return csv.read_csv(io.BytesIO(body), csv.ReadOptions(), csv.ParseOptions(newlines_in_values=True), converting)
    except (ValueError, pa.ArrowKeyError) as error:
        raise ServerBusy(f"{client.url(path)}: the results cannot be read as CSV, probably cut; run again") from error


def _column(rows: pa.Table, name: str) -> Any:
    return rows[name].combine_chunks()
