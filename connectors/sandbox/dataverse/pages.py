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
from connectors.sandbox.dataverse.schema_types import Table

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


def read_page(call: Call, scope: Scope, json_sql: str, where: str, order: str, size: int, skipped: int = 0) -> Page:
    """The first `size` rows that meet a condition, in order, after the skipped ones; `json_sql` makes the text of one.

    The keys of the page are found first, so that the other columns are read for its rows only.
    """
    table = scope.table
    rows, key = f'"{table.logical_name}" {ALIAS}', f'{ALIAS}."{table.primary_id}"'
    keys = f"select {key} from {rows} where {where} order by {order} limit {size + 1} offset {skipped}"  # noqa: S608
    page = f"select {json_sql} as j, row_number() over (order by {order}) as k, {key} as id from {rows} where {key} in ({keys})"  # noqa: S608
    sql = f"select string_agg(j, ',' order by k) filter (k <= {size}), count(*), max(id) filter (k = {size}) from ({page})"  # noqa: S608
    text, found, last = call.store.read(sql)[0]
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
