"""What every answer with rows is made of: the table of the address, the scope of its options, the texts of a page, the envelope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.sandbox.dataverse.api import JSON_TYPE, Answer, Call
from connectors.sandbox.dataverse.errors import NO_SUCH_ATTRIBUTE_KEY, QueryError
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_key
from connectors.sandbox.dataverse.odata.scope import Scope
from connectors.sandbox.dataverse.odata.values import quoted
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.walks import Place, RowIds, Walk

ALIAS: Final = "t"


@dataclass(frozen=True)
class Page:
    """JSON texts of rows joined by commas, how many, and the key of the last; `more` says that others follow."""

    rows: str
    count: int
    last: str | None
    more: bool


def readable_set(call: Call) -> Table:
    """The table of the address; raises QueryError (404) or DataverseError (403)."""
    table = call.access.table_of_set(call.name("set"))
    call.access.check(table, "Read")
    return table


def key_of(table: Table, text: str) -> str:
    """The id in an address, lower case; raises QueryError for anything else than a GUID, alone or by the key's name."""
    key = parse_key(text)
    if not isinstance(key, tree.Literal):
        if list(key) != [table.primary_id] or not isinstance(found := key[table.primary_id], tree.Literal):
            raise QueryError(f"The specified key properties are not defined for entity '{table.logical_name}'.", NO_SUCH_ATTRIBUTE_KEY)
        key = found
    if key.kind != "guid":
        raise QueryError(f"Invalid value '{text}' for the key of entity '{table.logical_name}': a GUID is expected.")
    return str(key.value)


def scope_of(call: Call, table: Table) -> Scope:
    """The outermost scope of a request."""
    aliases = {name: value for name, value in call.options.items() if name.startswith("@")}
    return Scope(call.access, table, ALIAS, aliases)


def read_page(call: Call, scope: Scope, json_sql: str, where: str, size: int, place: Place) -> Page:
    """A page of a walk by key: the rows after a place that meet a condition; `json_sql` makes the text of one."""
    store, walk = call.store, _walk(scope, where)
    writes = store.writes
    if not scope.table.view and writes % 2 == 0:
        page = _rows(call, scope, json_sql, walk.key, size, call.api.walks.following(walk, place, size + 1))
        if store.writes == writes:
            return page
    return read_sorted(call, scope, json_sql, f"{where} and {walk.key} > {quoted(place.last)}", walk.key, size)


def read_sorted(call: Call, scope: Scope, json_sql: str, where: str, order: str, size: int, skipped: int = 0) -> Page:
    """The first rows that meet a condition, in an order, after the skipped ones.

    They are found first, so that the other columns are read for them only.
    """
    walk = _walk(scope, where)
    name = walk.key if scope.table.view else "rowid"
    found = f"select {name} from {walk.rows} where {where} order by {order} limit {size + 1} offset {skipped}"  # noqa: S608
    if scope.table.view:
        return _page(call, scope, json_sql, order, size, f"{walk.key} in ({found})")
    return _rows(call, scope, json_sql, order, size, call.store.numbers(found))


def _walk(scope: Scope, where: str) -> Walk:
    return Walk(f'"{scope.table.logical_name}" {ALIAS}', where, f'{ALIAS}."{scope.table.primary_id}"')


def _rows(call: Call, scope: Scope, json_sql: str, order: str, size: int, rows: RowIds) -> Page:
    """The page of these rows; between the least and the greatest row id whole blocks of others are skipped unread."""
    if not len(rows):
        return Page("", 0, None, False)
    where = f"{ALIAS}.rowid between {rows.min()} and {rows.max()} and {ALIAS}.rowid in (select value from chosen)"  # noqa: S608
    return _page(call, scope, json_sql, order, size, where, rows)


def _page(call: Call, scope: Scope, json_sql: str, order: str, size: int, where: str, chosen: RowIds | None = None) -> Page:
    walk = _walk(scope, where)
    page = f"select {json_sql} as j, row_number() over (order by {order}) as k, {walk.key} as id from {walk.rows} where {where}"  # noqa: S608
    sql = f"select string_agg(j, ',' order by k) filter (k <= {size}), count(*), max(id) filter (k = {size}) from ({page})"  # noqa: S608
    text, found, last = call.store.read(sql, chosen=chosen)[0]
    shown = min(found, size)
    call.work.rows_read += shown
    return Page(text or "", shown, last, found > size)


def enveloped(call: Call, before: Mapping[str, Any], rows: str, after: Mapping[str, Any]) -> Answer:
    """A collection's JSON around the texts of its rows."""
    head, tail = json.dumps(before, separators=(",", ":"))[:-1], json.dumps(after, separators=(",", ":"))[1:]
    body = f'{head},"value":[{rows}]{"," if after else ""}{tail}'
    return Answer(200, body.encode(), {"Content-Type": JSON_TYPE, **call.preferences.headers})


def context(call: Call, table: Table, options: tree.Options, suffix: str = "") -> str:
    """The address that describes the answer's shape."""
    shown = [*options.select, *(f"{item.name}({','.join(item.options.select)})" for item in options.expand)]
    return f"{call.root}$metadata#{table.entity_set}{'(' + ','.join(shown) + ')' if shown else ''}{suffix}"
