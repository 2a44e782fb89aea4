"""SOQL over REST: `/query`, `/queryAll` and the pages that follow; the same for the Tooling API."""

import re
from typing import Any, Final

from connectors.sandbox.salesforce.api import Call
from connectors.sandbox.salesforce.cursors import Result
from connectors.sandbox.salesforce.errors import SalesforceError
from connectors.sandbox.salesforce.shape import records_of
from connectors.sandbox.salesforce.soql import Dialect, compile_query

PAGE_ROWS: Final = 2_000
SMALLEST_PAGE: Final = 200
_BATCH_SIZE: Final = re.compile(r"batchSize=(\d+)")
_LOCATOR: Final = re.compile(r"(\w{18})-(\d+)")


def query(call: Call) -> dict[str, Any]:
    """GET /query?q="""
    return _run(call, all_rows=False)


def query_all(call: Call) -> dict[str, Any]:
    """GET /queryAll?q=: with deleted rows and archived activities."""
    return _run(call, all_rows=True)


def tooling_query(call: Call) -> dict[str, Any]:
    """GET /tooling/query?q="""
    return _run(call, all_rows=False, dialect="tooling")


def query_more(call: Call) -> dict[str, Any]:
    """GET /query/<locator>-<first row>"""
    match = _LOCATOR.fullmatch(call.path("locator"))
    if match is None:
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    first = int(match[2])
    return _answer(call, call.api.cursors.more(match[1], first, _wished_rows(call)), first)


def _run(call: Call, *, all_rows: bool, dialect: Dialect = "rest") -> dict[str, Any]:
    text = call.param("q")
    if not text:
        raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
    compiled = compile_query(text, call.access, all_rows=all_rows, dialect=dialect)
    if compiled.kind == "count":
        counted = call.store.read(compiled.record_sql, compiled.params)[0][0]
        return {"totalSize": counted, "done": True, "records": []}
    result = call.api.cursors.run(compiled, _wished_rows(call) or PAGE_ROWS)
    if compiled.kind == "aggregate" and result.locator:
        text = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
        raise SalesforceError("EXCEEDED_ID_LIMIT", text)
    return _answer(call, result, 0)


def _wished_rows(call: Call) -> int | None:
    match = _BATCH_SIZE.search(call.request.headers.get("sforce-query-options", ""))
    return min(PAGE_ROWS, max(SMALLEST_PAGE, int(match[1]))) if match else None


def _answer(call: Call, result: Result, first: int) -> dict[str, Any]:
    shown = records_of(call.store, result.compiled, result.page, call.base)
    after = first + len(shown)
    answer: dict[str, Any] = {"totalSize": result.total, "done": after >= result.total}
    if not answer["done"]:
        answer["nextRecordsUrl"] = f"{call.base}/query/{result.locator}-{after}"
    return {**answer, "records": shown}
