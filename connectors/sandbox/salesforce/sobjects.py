"""`/sobjects`: describe, and single records by id or by external id."""

from typing import Any

from starlette.responses import Response

from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.api import Call, json_response
from connectors.sandbox.salesforce.cells import from_json
from connectors.sandbox.salesforce.describe import describe, global_describe, object_flags
from connectors.sandbox.salesforce.errors import SalesforceError, not_found
from connectors.sandbox.salesforce.metadata import SObject
from connectors.sandbox.salesforce.records import create_many, delete_many, key_field, update_many, upsert_many, visible
from connectors.sandbox.salesforce.shape import Record, records_of
from connectors.sandbox.salesforce.soql import compile_query
from connectors.sandbox.salesforce.verdicts import created_answer, refuse, upserted_answer


def all_objects(call: Call) -> dict[str, Any]:
    """GET /sobjects"""
    return global_describe(call.access.catalog, call.base)


def one_object(call: Call) -> dict[str, Any]:
    """GET /sobjects/X"""
    return {"objectDescribe": object_flags(visible(call.access, call.path("name")), call.base), "recentItems": []}


def describe_object(call: Call) -> dict[str, Any]:
    """GET /sobjects/X/describe"""
    return describe(visible(call.access, call.path("name")), call.access.catalog, call.base)


def create(call: Call) -> Response:
    """POST /sobjects/X"""
    verdicts = create_many(call.store, call.access, call.path("name"), from_json([call.json_object()]))
    return created_answer(verdicts.to_pylist()[0])


def read(call: Call) -> Record:
    """GET /sobjects/X/Id, optionally ?fields=A,B"""
    return read_one(call, visible(call.access, call.path("name")), call.path("id"), call.param("fields"))


def update(call: Call) -> None:
    """PATCH /sobjects/X/Id"""
    record = {**call.json_object(), "Id": call.path("id")}
    refuse(update_many(call.store, call.access, call.path("name"), from_json([record])).to_pylist()[0])


def delete(call: Call) -> None:
    """DELETE /sobjects/X/Id"""
    refuse(delete_many(call.store, call.access, call.path("name"), [call.path("id")]).to_pylist()[0])


def read_by_key(call: Call) -> Any:
    """GET /sobjects/X/Field/value; 300 and the addresses when several records carry the value"""
    declared, found = _by_key(call)
    if len(found) > 1:
        return json_response([f"{call.base}/sobjects/{declared.name}/{record_id}" for record_id in found], 300)
    return read_one(call, declared, found[0], call.param("fields"))


def delete_by_key(call: Call) -> None:
    """DELETE /sobjects/X/Field/value"""
    declared, found = _by_key(call)
    refuse(delete_many(call.store, call.access, declared.name, found[:1]).to_pylist()[0])


def upsert(call: Call) -> Response:
    """PATCH /sobjects/X/Field/value"""
    record = {**call.json_object(), call.path("field"): call.path("value")}
    verdicts = upsert_many(call.store, call.access, call.path("name"), from_json([record]), call.path("field"))
    return upserted_answer(verdicts.to_pylist()[0])


def read_one(call: Call, declared: SObject, record_id: str, fields: str | None) -> Record:
    """One record with the named fields, or all; 404 when it is not there or deleted."""
    known = ids.normal(record_id)
    names = fields.replace(" ", "") if fields else ",".join(declared.fields)
    if known is None or known[:3] != declared.key_prefix:
        raise not_found()
    compiled = compile_query(f"SELECT {names} FROM {declared.name} WHERE Id = '{known}'", call.access, all_rows=True)  # noqa: S608
    shown = records_of(call.store, compiled, call.store.arrow(compiled.record_sql, compiled.params), call.base)
    if not shown:
        raise not_found()
    if "IsDeleted" in declared.fields and call.store.read(f'select "IsDeleted" from "{declared.table}" where "Id" = ?', [known])[0][0]:  # noqa: S608
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=404)
    return shown[0]


def _by_key(call: Call) -> tuple[SObject, list[str]]:
    declared = visible(call.access, call.path("name"))
    key = key_field(declared, call.path("field"))
    live = ' and not "IsDeleted"' if "IsDeleted" in declared.fields else ""
    sql = f'select "Id" from "{declared.table}" where lower("{key.name}") = lower(?){live} order by 1'  # noqa: S608
    found = [str(row[0]) for row in call.store.read(sql, [call.path("value")])]
    if not found:
        raise not_found()
    return declared, found
