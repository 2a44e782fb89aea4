"""Publishers and solutions are rows like others; these are the rules for making them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import duckdb

from connectors.sandbox.dataverse.access import Access
from connectors.sandbox.dataverse.drafts import Draft
from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError
from connectors.sandbox.dataverse.schema_setup import PUBLISHER, SOLUTION
from connectors.sandbox.dataverse.schema_types import Table

DUPLICATE_NAME: Final = "0x80040237"
_PREFIX: Final = re.compile(r"(?!mscrm)[a-z][a-z0-9]{1,7}")
_CUSTOMIZED: Final = (PUBLISHER.logical_name, SOLUTION.logical_name)


def check_solution_rows(
    cursor: duckdb.DuckDBPyConnection, access: Access, table: Table, drafts: Sequence[Draft], *, creating: bool
) -> None:
    """Check rows of the two tables before they are written; other tables pass.

    Raises:
        DataverseError: no right to customize (403), a prefix that cannot be, a name missing or taken, no publisher.
    """
    if table.logical_name not in _CUSTOMIZED:
        return
    access.check_customizer()
    for draft in drafts:
        prefix = draft.cells.get("customizationprefix")
        if prefix is not None and not _PREFIX.fullmatch(prefix):
            raise DataverseError(
                INVALID_ARGUMENT, f"The customization prefix '{prefix}' is not valid: 2 to 8 letters and digits, no capitals."
            )
        if creating:
            _check_new(cursor, table, draft)


def _check_new(cursor: duckdb.DuckDBPyConnection, table: Table, draft: Draft) -> None:
    needed = ["uniquename", "friendlyname", *(["_publisherid_value"] if table.logical_name == SOLUTION.logical_name else [])]
    if missing := next((name for name in needed if not draft.cells.get(name)), None):
        raise DataverseError(INVALID_ARGUMENT, f"The required column '{missing}' of a {table.logical_name} is missing.")
    taken = f'select 1 from "{table.logical_name}" where lower(uniquename) = lower(?)'  # noqa: S608
    if cursor.execute(taken, [draft.cells["uniquename"]]).fetchall():
        raise DataverseError(DUPLICATE_NAME, f"A {table.logical_name} named '{draft.cells['uniquename']}' exists already.", status=412)
