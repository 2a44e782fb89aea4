"""Functions of the service that read: who am I, how many rows, which version, which languages."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.sandbox.dataverse.api import Api, Call
from connectors.sandbox.dataverse.errors import QueryError
from connectors.sandbox.dataverse.metadata.labels import ENGLISH
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_constant, parse_key
from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID, ORGANIZATION_ID

VERSION: Final = "9.2.25104.00174"
_SNAPSHOT_AGE: Final = timedelta(hours=24)


class Functions:
    """Handlers; row totals are a snapshot up to a day old, as in the service."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[str, tuple[datetime, int]] = {}

    def register(self, api: Api) -> None:
        """Serve them, with and without empty parentheses."""
        for name, handler in (("WhoAmI", who_am_i), ("RetrieveVersion", version), ("RetrieveProvisionedLanguages", provisioned_languages)):
            api.on("GET", name, handler)
            api.on("GET", f"{name}()", handler)
        api.on("GET", "RetrieveTotalRecordCount({key})", self.total_record_count)

    def total_record_count(self, call: Call) -> dict[str, Any]:
        """RetrieveTotalRecordCount(EntityNames=[...])"""
        names = _entity_names(call)
        values = [self._total(call, name) for name in names]
        kind = "Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse"
        counts = {"Count": len(names), "IsReadOnly": False, "Keys": names, "Values": values}
        return {"@odata.context": f"{call.root}$metadata#{kind}", "EntityRecordCountCollection": counts}

    def _total(self, call: Call, name: str) -> int:
        now, table = call.store.clock.now(), call.access.readable(name)
        with self._lock:
            taken, total = self._totals.get(name, (datetime.min, 0))
            if now - taken > _SNAPSHOT_AGE:
                total = int(call.store.read(f'select count(*) from "{table.logical_name}"')[0][0])  # noqa: S608
                self._totals[name] = (now, total)
        return total


def who_am_i(call: Call) -> dict[str, Any]:
    """WhoAmI"""
    kind = "Microsoft.Dynamics.CRM.WhoAmIResponse"
    ids = {"BusinessUnitId": BUSINESS_UNIT_ID, "UserId": call.access.user_id, "OrganizationId": ORGANIZATION_ID}
    return {"@odata.context": f"{call.root}$metadata#{kind}", **ids}


def version(call: Call) -> dict[str, Any]:
    """RetrieveVersion"""
    return {"@odata.context": f"{call.root}$metadata#Microsoft.Dynamics.CRM.RetrieveVersionResponse", "Version": VERSION}


def provisioned_languages(call: Call) -> dict[str, Any]:
    """RetrieveProvisionedLanguages"""
    kind = "Microsoft.Dynamics.CRM.RetrieveProvisionedLanguagesResponse"
    return {"@odata.context": f"{call.root}$metadata#{kind}", "RetrieveProvisionedLanguages": [ENGLISH]}


def _entity_names(call: Call) -> list[str]:
    given = parse_key(call.name("key"))
    value = None if isinstance(given, tree.Literal) else given.get("EntityNames")
    if isinstance(value, tree.Alias):
        value = parse_constant(call.options.get(value.name, "null"))
    if not isinstance(value, tuple):
        raise QueryError("The parameter 'EntityNames' must be a collection of names.")
    return [str(item.value) for item in value]
