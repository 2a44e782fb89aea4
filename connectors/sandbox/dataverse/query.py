"""Rows of an entity set: pages, counts, aggregates.

    address and options -> table and scope -> one SQL statement that gives the JSON of a page -> envelope with links

`$top` counts only without a page size; a count stops at 5,000, as the service's does. Deliberately absent: FetchXML, saved queries, `sql=`.
"""

from __future__ import annotations

from typing import Any, Final

from connectors.sandbox.dataverse.api import Answer, Call
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.aggregate import aggregate_sql
from connectors.sandbox.dataverse.odata.filters import filter_sql
from connectors.sandbox.dataverse.odata.parse import parse_apply, parse_options
from connectors.sandbox.dataverse.odata.scope import Scope
from connectors.sandbox.dataverse.pages import ALIAS, Page, context, enveloped, read_page, read_sorted, readable_set, scope_of
from connectors.sandbox.dataverse.paging import Cookie, next_link
from connectors.sandbox.dataverse.preferences import LARGEST_PAGE
from connectors.sandbox.dataverse.render import Renderer, order_sql
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.tracking import changes, count_changes
from connectors.sandbox.dataverse.walks import Place

_TOTAL: Final = "Microsoft.Dynamics.CRM.totalrecordcount"
_TEXT: Final = {"Content-Type": "text/plain"}


def collection(call: Call) -> Any:
    """GET {set}"""
    table = readable_set(call)
    cookie = Cookie.parse(token) if (token := call.option("$skiptoken")) else None
    if "$deltatoken" in call.options or call.preferences.track_changes or (cookie is not None and cookie.tracking):
        return changes(call, scope_of(call, table), cookie)
    if "$apply" in call.options:
        return _aggregated(call, table)
    return rows_answer(call, scope_of(call, table), "true", cookie)


def count(call: Call) -> Answer:
    """GET {set}/$count"""
    table = readable_set(call)
    if "$deltatoken" in call.options:
        return Answer(200, str(count_changes(call, table)).encode(), _TEXT)
    scope = scope_of(call, table)
    return Answer(200, str(_counted(call, scope, _where(scope, parse_options(call.options), "true"))[0]).encode(), _TEXT)


def rows_answer(call: Call, scope: Scope, condition: str, cookie: Cookie | None = None) -> Answer:
    """One page of the rows that meet a condition (SQL), with options of the request on top."""
    options = parse_options(call.options)
    where = _where(scope, options, condition)
    wished = call.preferences.page_rows
    paged = wished is not None or options.top is None
    size = (wished or LARGEST_PAGE) if paged else min(options.top or 0, LARGEST_PAGE)
    page = _page(call, scope, options, where, size, cookie, paged)
    envelope: dict[str, Any] = {"@odata.context": context(call, scope.table, options)}
    if options.count:
        envelope |= _counts(call, *_counted(call, scope, where))
    after = {}
    if paged and page.more:
        after["@odata.nextLink"] = next_link(call.incoming, _following(scope, options, cookie, page))
    return enveloped(call, envelope, page.rows, after)


def _following(scope: Scope, options: tree.Options, cookie: Cookie | None, page: Page) -> Cookie:
    """Without an order the walk follows the key; with one it counts pages, so rows that move are missed or come twice."""
    number = cookie.page if cookie else 1
    return Cookie(number + 1, "offset" if options.order else scope.table.primary_id, page.last or "")


def _page(call: Call, scope: Scope, options: tree.Options, where: str, size: int, cookie: Cookie | None, paged: bool) -> Page:
    json_sql = Renderer(call.preferences, call.root).row(scope, options)
    if options.order or (cookie is None and not (paged and options.filter)):
        skipped = (cookie.page - 1) * size if cookie else 0
        return read_sorted(call, scope, json_sql, where, order_sql(scope, options.order), size, skipped)
    return read_page(call, scope, json_sql, where, size, Place(cookie.last, cookie.page, size) if cookie else Place("", 1, size))


def _where(scope: Scope, options: tree.Options, condition: str) -> str:
    wanted = filter_sql(options.filter, scope) if options.filter else "true"
    return f"{condition} and {scope.access.row_filter(scope.table, ALIAS)} and {wanted}"


def _counted(call: Call, scope: Scope, where: str) -> tuple[int, bool]:
    """How many rows, at most 5,000; and whether there are more."""
    rows = f'select 1 from "{scope.table.logical_name}" {ALIAS} where {where} limit {LARGEST_PAGE + 1}'  # noqa: S608
    found = call.store.read(f"select count(*) from ({rows})")[0][0]  # noqa: S608
    return min(found, LARGEST_PAGE), found > LARGEST_PAGE


def _counts(call: Call, number: int, exceeded: bool) -> dict[str, Any]:
    asked = {f"@{_TOTAL}": number, f"@{_TOTAL}limitexceeded": exceeded} if call.preferences.wants(_TOTAL) else {}
    return {"@odata.count": number, **asked}


def _aggregated(call: Call, table: Table) -> Answer:
    scope = scope_of(call, table)
    statement = aggregate_sql(parse_apply(call.options["$apply"]), scope)
    text, found = call.store.read(f"select string_agg(j, ','), count(*) from ({statement})")[0]  # noqa: S608
    call.work.rows_read += found
    return enveloped(call, {"@odata.context": f"{call.root}$metadata#{table.entity_set}"}, text or "", {})
