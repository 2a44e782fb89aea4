"""Single rows, and what they are related to: `{set}({key})` and `{set}({key})/{property}`."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.dataverse.api import JSON_TYPE, Answer, Call, json_answer
from connectors.sandbox.dataverse.errors import NOT_SUPPORTED, DataverseError, no_such_property, no_such_record
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_options
from connectors.sandbox.dataverse.odata.scope import Scope
from connectors.sandbox.dataverse.odata.values import quoted
from connectors.sandbox.dataverse.pages import ALIAS, context, key_of, readable_set, scope_of
from connectors.sandbox.dataverse.paging import Cookie
from connectors.sandbox.dataverse.query import rows_answer
from connectors.sandbox.dataverse.render import Renderer
from connectors.sandbox.dataverse.schema_types import Table


def record(call: Call) -> Any:
    """GET {set}({key})"""
    table = readable_set(call)
    if table.activity_party:
        raise DataverseError(NOT_SUPPORTED, f"The 'Retrieve' method does not support entities of type '{table.logical_name}'.")
    return _retrieved(call, table, key_of(table, call.name("key")))


def member(call: Call) -> Any:
    """GET {set}({key})/{property}: a value, a related row or the rows of a collection."""
    table = readable_set(call)
    record_id, name = key_of(table, call.name("key")), call.name("property")
    scope = scope_of(call, table)
    if name in table.collections:
        return _children(call, scope, record_id, name)
    if name in table.navigation:
        return _parent(call, scope, record_id, name)
    return _value(call, scope, record_id, name)


def _retrieved(call: Call, table: Table, record_id: str) -> Answer:
    scope, options = scope_of(call, table), parse_options(call.options)
    first = quoted(json.dumps({"@odata.context": context(call, table, options, "/$entity")})[1:-1])
    sql = Renderer(call.preferences, call.root).row(scope, options, first=[first])
    found = call.store.read(f'select {sql}, versionnumber from "{table.logical_name}" {ALIAS} where {_only(scope, record_id)}')  # noqa: S608
    if not found:
        raise no_such_record(table.logical_name, record_id)
    call.work.rows_read += 1
    text, version = found[0]
    etag = f'W/"{version}"'
    if call.header("If-None-Match") == etag:
        return Answer(304)
    return Answer(200, text.encode(), {"Content-Type": JSON_TYPE, "ETag": etag, **call.preferences.headers})


def _only(scope: Scope, record_id: str) -> str:
    key = f'{ALIAS}."{scope.table.primary_id}" = {quoted(record_id)}'
    return f"{key} and {scope.access.row_filter(scope.table, ALIAS)}"


def _children(call: Call, scope: Scope, record_id: str, name: str) -> Answer:
    """The rows of a collection: those of the child table whose lookup points here."""
    _must_exist(call, scope, record_id)
    child_name, lookup_name = scope.table.collections[name]
    child = call.access.readable(child_name)
    lookup = child.attributes[lookup_name]
    kind = f" and {ALIAS}.\"{lookup.type_column}\" = '{scope.table.logical_name}'" if lookup.type_column else ""
    cookie = Cookie.parse(token) if (token := call.option("$skiptoken")) else None
    return rows_answer(call, scope_of(call, child), f'{ALIAS}."{lookup.column}" = {quoted(record_id)}{kind}', cookie)


def _parent(call: Call, scope: Scope, record_id: str, name: str) -> Any:
    for link in scope.single(name):
        key = f'select {link.alias}."{link.table.primary_id}" from "{link.table.logical_name}" {link.alias}'  # noqa: S608
        rows = f'from "{scope.table.logical_name}" {ALIAS} where {_only(scope, record_id)}'
        found = call.store.read(f"select ({key} where {link.join}) {rows}")
        if not found:
            raise no_such_record(scope.table.logical_name, record_id)
        if found[0][0] is not None:
            return _retrieved(call, link.table, found[0][0])
    return None


def _value(call: Call, scope: Scope, record_id: str, name: str) -> Answer | None:
    if name not in scope.table.columns:
        raise no_such_property(name, scope.table.logical_name)
    _must_exist(call, scope, record_id)
    options = tree.Options(select=(name,))
    sql = Renderer(call.preferences, call.root).row(scope, options)
    held = json.loads(call.store.read(f'select {sql} from "{scope.table.logical_name}" {ALIAS} where {_only(scope, record_id)}')[0][0])  # noqa: S608
    if held[name] is None:
        return None
    where = f"{call.root}$metadata#{scope.table.entity_set}({record_id})/{name}"
    return json_answer({"@odata.context": where, "value": held[name]})


def _must_exist(call: Call, scope: Scope, record_id: str) -> None:
    if not call.store.read(f'select 1 from "{scope.table.logical_name}" {ALIAS} where {_only(scope, record_id)}'):  # noqa: S608
        raise no_such_record(scope.table.logical_name, record_id)
