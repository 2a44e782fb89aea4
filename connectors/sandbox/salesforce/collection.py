"""sObject Collections: up to 200 records of any objects in one request, answered in order, all or none if wished."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.api import Call
from connectors.sandbox.salesforce.cells import from_json
from connectors.sandbox.salesforce.errors import SalesforceError, malformed_body
from connectors.sandbox.salesforce.records import OUTCOME, create_many, delete_many, together, update_many, upsert_many, visible
from connectors.sandbox.salesforce.shape import Record, records_of
from connectors.sandbox.salesforce.soql import compile_query
from connectors.sandbox.salesforce.verdicts import Verdict, row_result

MOST_RECORDS: Final = 200
MOST_READ: Final = 2_000
Rows = Sequence[Mapping[str, Any]]
Write = Callable[[str, Rows], pa.Table]


def create(call: Call) -> list[dict[str, Any]]:
    """POST /composite/sobjects"""
    rows, all_or_none = _body(call)
    return _by_type(call, rows, all_or_none, lambda name, some: create_many(call.store, call.access, name, from_json(some)))


def update(call: Call) -> list[dict[str, Any]]:
    """PATCH /composite/sobjects"""
    rows, all_or_none = _body(call)
    return _by_type(call, rows, all_or_none, lambda name, some: update_many(call.store, call.access, name, from_json(some)))


def upsert(call: Call) -> list[dict[str, Any]]:
    """PATCH /composite/sobjects/X/Field"""
    rows, all_or_none = _body(call)
    name, field = call.path("name"), call.path("field")
    verdicts = _written(call, all_or_none, lambda: upsert_many(call.store, call.access, name, from_json(rows), field))
    return [{**row_result(verdict), **({"created": verdict["created"]} if verdict["success"] else {})} for verdict in verdicts]


def delete(call: Call) -> list[dict[str, Any]]:
    """DELETE /composite/sobjects?ids=a,b&allOrNone="""
    listed = [item for item in (call.param("ids") or "").split(",") if item]
    _refuse_too_many(len(listed), MOST_RECORDS)
    rows = [{"attributes": {"type": _type_of(call, record_id)}, "Id": record_id} for record_id in listed]
    all_or_none = (call.param("allOrNone") or "false").lower() == "true"
    return _by_type(call, rows, all_or_none, lambda name, some: delete_many(call.store, call.access, name, [row["Id"] for row in some]))


def retrieve(call: Call) -> list[Record | None]:
    """GET /composite/sobjects/X?ids=&fields= and POST with the same in the body"""
    if call.request.method == "POST":
        body = call.json_object()
        return _retrieved(call, list(body.get("ids", [])), list(body.get("fields", [])), MOST_READ)
    return _retrieved(call, (call.param("ids") or "").split(","), (call.param("fields") or "").split(","), MOST_READ)


def _retrieved(call: Call, record_ids: list[str], fields: list[str], most: int) -> list[Record | None]:
    declared = visible(call.access, call.path("name"))
    _refuse_too_many(len(record_ids), most)
    known = [ids.normal(str(record_id)) for record_id in record_ids]
    wanted = ", ".join(f"'{record_id}'" for record_id in dict.fromkeys(known) if record_id)
    if not wanted:
        return [None for _ in known]
    text = f"SELECT {', '.join(map(str, fields))} FROM {declared.name} WHERE Id IN ({wanted})"  # noqa: S608
    compiled = compile_query(text, call.access)
    rows = call.store.arrow(compiled.record_sql, compiled.params)
    found = dict(zip(rows.column("__id").to_pylist(), records_of(call.store, compiled, rows, call.base), strict=True))
    return [found.get(record_id) for record_id in known]


def _body(call: Call) -> tuple[Rows, bool]:
    body = call.json_object()
    rows = body.get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise malformed_body("Cannot deserialize instance of a list of records from this JSON value")
    _refuse_too_many(len(rows), MOST_RECORDS)
    return [{**row, "attributes": row.get("attributes") or {}} for row in rows], bool(body.get("allOrNone", False))


def _refuse_too_many(count: int, most: int) -> None:
    if count > most:
        raise SalesforceError("LIMIT_EXCEEDED", f"Cannot have more than {most} records in one request")


def _by_type(call: Call, rows: Rows, all_or_none: bool, write: Write) -> list[dict[str, Any]]:
    """Write each object's rows together and put the verdicts back in order."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(str(row["attributes"].get("type", "")), []).append(place)
    _refuse_untyped(call, places)

    def work() -> pa.Table:
        written = [_placed(write(name, [rows[place] for place in at]), at) for name, at in places.items()]
        return pa.concat_tables([OUTCOME.empty_table(), *written]).sort_by("row")

    return [row_result(verdict) for verdict in _written(call, all_or_none, work)]


def _placed(verdicts: pa.Table, places: Sequence[int]) -> pa.Table:
    return verdicts.set_column(0, "row", pa.array(places, pa.int64())).cast(OUTCOME)


def _written(call: Call, all_or_none: bool, work: Callable[[], pa.Table]) -> list[Verdict]:
    verdicts = together(call.store, work) if all_or_none else work()
    return list(verdicts.to_pylist())


def _refuse_untyped(call: Call, places: Mapping[str, Sequence[int]]) -> None:
    for name in places:
        if call.access.sobject(name) is None:
            message = f"sObject type '{name}' is not supported." if name else "Each record must carry attributes.type"
            raise SalesforceError("INVALID_TYPE", message)


def _type_of(call: Call, record_id: str) -> str:
    declared = call.store.by_prefix(record_id)
    if declared is None:
        raise SalesforceError("MALFORMED_ID", f"malformed id {record_id}")
    return declared.name
