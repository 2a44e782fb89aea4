"""Writes that go wrong on purpose, as fault rules (see `connectors.sandbox.faults`) ask for.

deadlock      the transaction is chosen as a victim (SQL 1205); the same request again may pass. `object` is the table
sql_timeout   a write of more than `value` rows takes too long, a smaller one passes (use `times` 0). `object` is the table
poison_row    a write that touches a row is refused by custom code, which does not say which row it was. `object` is the row's id
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from connectors.sandbox.dataverse.api import Call
from connectors.sandbox.dataverse.errors import DataverseError
from connectors.sandbox.dataverse.locks import deadlocked
from connectors.sandbox.dataverse.schema_types import Table
from connectors.sandbox.faults import Faults

SQL_TIMEOUT: Final = "0x80044151"
ABORTED: Final = "0x80040265"


class Spoiler:
    """Asks the rules before each write."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def check(self, call: Call, table: Table, ids: Sequence[str]) -> None:
        """Raises DataverseError when a rule spoils the write of these rows."""
        where = call.incoming.method, urlsplit(call.root).path + call.incoming.path
        if self._faults.work("deadlock", *where, table.logical_name):
            raise deadlocked()
        timeout = self._faults.work("sql_timeout", *where, table.logical_name)
        if timeout and len(ids) > timeout.value:
            raise DataverseError(SQL_TIMEOUT, "SQL timeout expired.", status=500)
        if any(self._faults.work("poison_row", *where, record_id) for record_id in ids):
            raise DataverseError(ABORTED, "A validation in custom code refused the change.")
