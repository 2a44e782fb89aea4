"""What follows from written rows: amounts in base currency, the owner's unit, an activity's end and parties, a connection's other half.

The ids just written are in the temp table `_touched(id)`; the rules run on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb

from connectors.sandbox.dataverse.connections import mirror, remirror
from connectors.sandbox.dataverse.drafts import Draft
from connectors.sandbox.dataverse.parties import put_parties
from connectors.sandbox.dataverse.schema_records import CONNECTION
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.dataverse.states import COMPLETED
from connectors.sandbox.dataverse.store import Store

TOUCHED: Final = "(select id from _touched)"


def follow(cursor: duckdb.DuckDBPyConnection, store: Store, table: Table, drafts: Sequence[Draft], *, creating: bool) -> None:
    """Run the rules of a table on rows just written."""
    written = {column for draft in drafts for column in draft.cells}
    rules = [*_base_amounts(table, written), *_owning_unit(table, written), *_end(store, table, written)]
    mirrored = table.logical_name == CONNECTION.logical_name
    if rules or mirrored:
        cursor.execute("create or replace temp table _touched as select unnest(?::varchar[]) as id", [[draft.id for draft in drafts]])
    for sql in rules:
        cursor.execute(f'update "{table.logical_name}" set {sql} and "{table.primary_id}" in {TOUCHED}')  # noqa: S608
    if table.is_activity:
        put_parties(cursor, store, table, drafts, creating=creating)
    if mirrored:
        (mirror if creating else remirror)(cursor, store, TOUCHED)


def _base_amounts(table: Table, written: set[str]) -> list[str]:
    """Amounts in the organisation's currency."""
    rate = "coalesce(exchangerate, 1)" if "exchangerate" in table.columns else "1"
    amounts = [name for name in sorted(written) if f"{name}_base" in table.columns]
    return [f'"{name}_base" = round("{name}" / {rate}, 2) where true' for name in amounts]


def _owning_unit(table: Table, written: set[str]) -> list[str]:
    if "_ownerid_value" not in written or "owningbusinessunit" not in table.attributes:
        return []
    units = (
        "select systemuserid as id, _businessunitid_value as unit from systemuser union all select teamid, _businessunitid_value from team"
    )
    return [f"_owningbusinessunit_value = (select unit from ({units}) where id = _ownerid_value) where true"]  # noqa: S608


def _end(store: Store, table: Table, written: set[str]) -> list[str]:
    """A completed activity has ended, now unless it says when."""
    if not table.is_activity or "statecode" not in written:
        return []
    now = store.stamp().isoformat(sep=" ")
    return [f"actualend = timestamp '{now}' where statecode = {COMPLETED} and actualend is null"]
