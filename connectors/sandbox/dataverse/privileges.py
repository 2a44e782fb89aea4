"""What a user may do, as the service tells it: privileges on tables, and rights on secured columns.

GET systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()                  held privileges with their depth
GET systemusers(id)/Microsoft.Dynamics.CRM.RetrievePrincipalAttributePrivileges()    secured columns a profile opens

Both follow from `access.Restrictions`; no column is ever opened by a profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectors.sandbox.dataverse.access import Right
from connectors.sandbox.dataverse.api import Api, Call
from connectors.sandbox.dataverse.errors import DataverseError
from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.standing import BUSINESS_UNIT_ID

_BOUND: Final = "systemusers({key})/Microsoft.Dynamics.CRM."
_RIGHTS: Final[tuple[Right, ...]] = ("Read", "Write", "Create", "Delete")
_NAMES: Final[Mapping[str, str]] = {"systemuser": "User", "connectionrole": "ConnectionRole", "activitypointer": "Activity"}
"""Privileges are named by schema names, of which most are the logical name with a capital."""
_CUSTOMIZER: Final = ("prvCreateAttribute", "prvCreateRelationship", "prvCreateOptionSet")
_METADATA: Final = ("prvReadEntity", "prvReadAttribute", "prvReadRelationship", "prvReadOptionSet", "prvReadSdkMessage")
_APPEND: Final = ("prvAppendContact", "prvAppendLead", "prvAppendToUser")


def register(api: Api) -> None:
    """Serve both."""
    api.on("GET", f"{_BOUND}RetrieveUserPrivileges()", of_user)
    api.on("GET", f"{_BOUND}RetrievePrincipalAttributePrivileges()", of_columns)


def of_user(call: Call) -> dict[str, Any]:
    """RetrieveUserPrivileges"""
    depth = "Global" if call.access.restrictions.organization_read else "Basic"
    unit = {"BusinessUnitId": BUSINESS_UNIT_ID, "RecordFilterId": guid("filter", 0), "RecordFilterUniqueName": ""}
    held = [{"Depth": depth, "PrivilegeId": guid("privilege", name), "PrivilegeName": name, **unit} for name in _held(call)]
    return _answer(call, "RetrieveUserPrivilegesResponse", "RolePrivileges", held)


def of_columns(call: Call) -> dict[str, Any]:
    """RetrievePrincipalAttributePrivileges"""
    return _answer(call, "RetrievePrincipalAttributePrivilegesResponse", "AttributePrivileges", [])


def _held(call: Call) -> Iterator[str]:
    yield from (*_METADATA, *_APPEND)
    yield from _CUSTOMIZER if call.access.restrictions.customize else ()
    for table in call.store.catalog.values():
        for right in _RIGHTS:
            try:
                call.access.check(table, right)
            except DataverseError:
                continue
            yield f"prv{right}{_NAMES.get(table.logical_name, table.logical_name.capitalize())}"


def _answer(call: Call, kind: str, name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@odata.context": f"{call.root}$metadata#Microsoft.Dynamics.CRM.{kind}", name: items}
