"""Change tracking: a full walk that ends in a delta link, and what a delta link gives: changed rows by version, then deletes.

A token is a row version and the instant it was given out; it dies after the organisation's `expirechangetrackingindays`. A delta is
bounded when its first page is read, so its pages lose nothing. The token of a *walk* of several pages is stamped with its last page (by a
switch: its first): rows that change behind the walk's back are then in neither the walk nor the delta, the loss users of the real service
report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from connectors.sandbox.dataverse.api import Answer, Call
from connectors.sandbox.dataverse.errors import CHANGE_TRACKING_OFF, EXPIRED_VERSION_STAMP, INVALID_ARGUMENT, DataverseError, QueryError
from connectors.sandbox.dataverse.odata.parse import parse_options
from connectors.sandbox.dataverse.odata.scope import Scope
from connectors.sandbox.dataverse.odata.values import quoted
from connectors.sandbox.dataverse.pages import ALIAS, context, enveloped, read_page, read_sorted
from connectors.sandbox.dataverse.paging import Cookie, delta_link, next_link
from connectors.sandbox.dataverse.preferences import LARGEST_PAGE
from connectors.sandbox.dataverse.render import Renderer
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.walks import Place

_STAMP: Final = "%m/%d/%Y %H:%M:%S"
_FORBIDDEN: Final = ("$filter", "$orderby", "$expand", "$top")
_EXPIRED: Final = "Version stamp associated with the client has expired. Please perform a full sync."
_ROWS, _DELETES = "versionnumber", "deletedversion"


@dataclass(frozen=True)
class Token:
    """Everything up to `version` is known to the client, who was told so at `at` (naive UTC)."""

    version: int
    at: datetime

    @classmethod
    def parse(cls, text: str) -> Self:
        """A `$deltatoken`; raises DataverseError (400) when it is none."""
        version, _, stamp = text.partition("!")
        try:
            return cls(int(version), datetime.strptime(stamp, _STAMP))
        except ValueError as error:
            raise DataverseError(INVALID_ARGUMENT, "Invalid delta token.") from error

    def __str__(self) -> str:
        return f"{self.version}!{self.at.strftime(_STAMP)}"


def changes(call: Call, scope: Scope, cookie: Cookie | None) -> Answer:
    """One page of the full walk or, with a `$deltatoken`, of the changes since; raises DataverseError."""
    _check(call, scope.table)
    if (token := call.option("$deltatoken")) is not None:
        return _delta(call, scope, _live(call, Token.parse(token)))
    if cookie is not None and cookie.column in (_ROWS, _DELETES):
        return _delta_page(call, scope, cookie)
    return _walk(call, scope, cookie)


def count_changes(call: Call, table: Table) -> int:
    """How many rows and deletes a delta link would give."""
    _check(call, table)
    since = _live(call, Token.parse(call.options["$deltatoken"])).version
    rows = f'select count(*) from "{table.logical_name}" where versionnumber > {since}'  # noqa: S608
    deletes = f"select count(*) from _deleted where \"table\" = '{table.logical_name}' and versionnumber > {since}"  # noqa: S608
    return int(call.store.read(f"select ({rows}) + ({deletes})")[0][0])


def _check(call: Call, table: Table) -> None:
    if not table.change_tracking:
        raise DataverseError(CHANGE_TRACKING_OFF, f"Entity {table.logical_name} isn't enabled for change tracking.")
    if not call.access.restrictions.organization_read:
        raise call.access.missing(f"prvRead{table.logical_name.capitalize()}", table)
    if used := [name for name in _FORBIDDEN if name in call.options]:
        raise QueryError(f'The "{used[0]}" query parameter isn\'t supported when Change Tracking is enabled.')


def _live(call: Call, token: Token) -> Token:
    days = call.store.read("select expirechangetrackingindays from organization")[0][0]
    if call.store.clock.now() - token.at > timedelta(days=days):
        raise DataverseError(EXPIRED_VERSION_STAMP, _EXPIRED)
    return token


def _version(call: Call, table: Table) -> int:
    """The last version this table's committed rows and deletes carry."""
    rows = f'select max(versionnumber) from "{table.logical_name}"'  # noqa: S608
    deletes = f"select max(versionnumber) from _deleted where \"table\" = '{table.logical_name}'"  # noqa: S608
    return int(call.store.read(f"select greatest(coalesce(({rows}), 0), coalesce(({deletes}), 0))")[0][0])


def _walk(call: Call, scope: Scope, cookie: Cookie | None) -> Answer:
    """A page of everything, by key; the version is read before the rows, so that nothing falls between."""
    table, options = scope.table, parse_options(call.options)
    version = _version(call, table)
    last, _, first_version = cookie.last.partition(" ") if cookie else ("", "", str(version))
    size = call.preferences.page_rows or LARGEST_PAGE
    json_sql = Renderer(call.preferences, call.root).row(scope, options)
    if cookie:
        page = read_page(call, scope, json_sql, "true", size, Place(last, cookie.page, size))
    else:
        page = read_sorted(call, scope, json_sql, "true", f'{ALIAS}."{table.primary_id}"', size)
    if page.more:
        following = Cookie((cookie.page if cookie else 1) + 1, table.primary_id, f"{page.last} {first_version}", tracking=True)
        links = {"@odata.nextLink": next_link(call.incoming, following)}
    else:
        links = _end(call, int(first_version) if call.api.stamp_first_page else version)
    return enveloped(call, {"@odata.context": context(call, table, options)}, page.rows, links)


def _end(call: Call, version: int) -> dict[str, str]:
    return {"@odata.deltaLink": delta_link(call.incoming, str(Token(version, call.store.clock.now())))}


def _delta(call: Call, scope: Scope, token: Token) -> Answer:
    """The first page of a delta, which sets its bound."""
    upto = max(token.version, _version(call, scope.table))
    return _delta_page(call, scope, Cookie(1, _ROWS, f"{token.version}-{upto}-{token.version}", tracking=True))


def _delta_page(call: Call, scope: Scope, cookie: Cookie) -> Answer:
    """Changes after the cookie's place: rows, then deletes, each by version, up to the bound."""
    options, size = parse_options(call.options), call.preferences.page_rows or LARGEST_PAGE
    since, upto, after = map(int, cookie.last.split("-"))
    json_sql = Renderer(call.preferences, call.root).row(scope, options)
    in_rows = cookie.column == _ROWS
    first = _changed(scope.table, json_sql, after if in_rows else upto, upto, size)
    second = _deleted(call, scope.table, since if in_rows else after, upto, size)
    sql = (
        f"select string_agg(j, ',' order by k) filter (k <= {size}), count(*), max(phase) filter (k = {size}), max(v) filter (k = {size})"  # noqa: S608
        f" from (select j, phase, v, row_number() over (order by phase, v) as k from ({first} union all {second}))"
    )
    rows, found, phase, last = call.store.read(sql)[0]
    call.work.rows_read += min(found, size)
    if found > size:
        following = Cookie(cookie.page + 1, (_ROWS, _DELETES)[phase], f"{since}-{upto}-{last}", tracking=True)
        links = {"@odata.nextLink": next_link(call.incoming, following)}
    else:
        links = _end(call, upto)
    return enveloped(call, {"@odata.context": context(call, scope.table, options, "/$delta")}, rows or "", links)


def _changed(table: Table, json_sql: str, after: int, upto: int, size: int) -> str:
    """New and changed rows, phase 0."""
    where = f"versionnumber between {after + 1} and {upto} order by versionnumber limit {size + 1}"
    rows = f'select {ALIAS}.* from "{table.logical_name}" {ALIAS} where {where}'  # noqa: S608
    return f"(select {json_sql} as j, 0 as phase, versionnumber as v from ({rows}) {ALIAS})"  # noqa: S608


def _deleted(call: Call, table: Table, after: int, upto: int, size: int) -> str:
    """Deletes, phase 1: what was gone before the client ever saw it is among them."""
    head = quoted(f'{{"@odata.context":"{call.root}$metadata#{table.entity_set}/$deletedEntity","id":"')
    where = f"\"table\" = '{table.logical_name}' and versionnumber between {after + 1} and {upto}"
    entity = f"""{head} || id || '","reason":"deleted"}}'"""
    return f"(select {entity} as j, 1 as phase, versionnumber as v from _deleted where {where} order by v limit {size + 1})"  # noqa: S608
