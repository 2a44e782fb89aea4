"""Actions without a table: merging rows, and publishing what was customized (new columns need no publishing)."""

from __future__ import annotations

from connectors.sandbox.dataverse.api import Api, Call
from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError
from connectors.sandbox.dataverse.merge import merge, typed_row
from connectors.sandbox.dataverse.spoiling import Spoiler


class Actions:
    """The handlers."""

    def __init__(self, api: Api, spoiler: Spoiler) -> None:
        self._api, self._spoiler = api, spoiler

    def register(self) -> None:
        """Serve the actions."""
        for name, handler in (("Merge", self.merge), ("PublishXml", self.publish), ("PublishAllXml", self.publish_all)):
            self._api.on("POST", name, handler)

    def merge(self, call: Call) -> None:
        """POST Merge"""
        body = call.json_object()
        table, target = typed_row(call.store, body.get("Target"), "Target")
        self._spoiler.check(call, table, [target])
        merge(call.store, call.access, body)
        call.work.rows_written += 2

    def publish(self, call: Call) -> None:
        """POST PublishXml"""
        if not isinstance(call.json_object().get("ParameterXml"), str):
            raise DataverseError(INVALID_ARGUMENT, "The required parameter 'ParameterXml' is missing.")
        call.access.check_customizer()

    def publish_all(self, call: Call) -> None:
        """POST PublishAllXml"""
        call.access.check_customizer()
