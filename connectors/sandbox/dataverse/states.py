"""State and status reason belong together: a reason alone must fit the row's state, a state alone brings its first reason.

There is no SetState call any more; a PATCH of `statecode` and `statuscode` does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import duckdb

from connectors.sandbox.dataverse.drafts import Cells, Draft
from connectors.sandbox.dataverse.errors import DataverseError
from connectors.sandbox.dataverse.schema_types import Attribute, Table

BAD_REASON: Final = "0x80048408"
COMPLETED: Final = 1


def settled(cursor: duckdb.DuckDBPyConnection, table: Table, drafts: Sequence[Draft], *, creating: bool) -> list[Draft]:
    """The drafts with state and reason that fit; raises DataverseError (0x80048408) for a pair that does not."""
    state, reason = table.attributes.get("statecode"), table.attributes.get("statuscode")
    if state is None or reason is None:
        return list(drafts)
    held = {} if creating else _held(cursor, table, [draft.id for draft in drafts if _reason_only(draft.cells)])
    default = 0 if state.default is None else int(state.default)
    return [replace(draft, cells=_fitting(table, reason, draft.cells, held.get(draft.id, default))) for draft in drafts]


def _reason_only(cells: Cells) -> bool:
    return cells.get("statuscode") is not None and cells.get("statecode") is None


def _held(cursor: duckdb.DuckDBPyConnection, table: Table, ids: Sequence[str]) -> Mapping[str, int]:
    """The present states of rows."""
    sql = f'select "{table.primary_id}", statecode from "{table.logical_name}" where "{table.primary_id}" in (select unnest(?::varchar[]))'  # noqa: S608
    return dict(cursor.execute(sql, [list(ids)]).fetchall()) if ids else {}


def _fitting(table: Table, reason: Attribute, cells: Cells, held: int) -> Cells:
    given = {name: value for name, value in cells.items() if value is not None or name not in ("statecode", "statuscode")}
    if "statuscode" in given:
        _check(table, reason, given["statuscode"], given.get("statecode", held))
    elif "statecode" in given:
        given["statuscode"] = next(option.value for option in reason.options if option.state == given["statecode"])
    return given


def _check(table: Table, reason: Attribute, value: int, state: int) -> None:
    if not any(option.value == value and option.state == state for option in reason.options):
        label = next((option.label for option in table.attributes["statecode"].options if option.value == state), str(state))
        where = f"{table.logical_name.capitalize()}State.{label}"
        raise DataverseError(BAD_REASON, f"{value} is not a valid status code for state code {where} on {table.logical_name}.")
