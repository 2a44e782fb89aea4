"""What of our fields and rights an org has already: read by a handful of queries, changed by nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import MissingPermission, RequestRejected
from connectors.salesforce.client import SalesforceClient

HIDDEN = frozenset({"INVALID_TYPE", "NOT_FOUND", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"})


@dataclass(frozen=True)
class Inventory:
    """Names are `Contact.GX_Closeness__c`; ids are Salesforce's. `permission_set` is None when it has to be made."""

    user: str
    permission_set: str | None
    fields: frozenset[str] = frozenset()
    field_permissions: Mapping[str, bool] = field(default_factory=dict)
    object_permissions: frozenset[str] = frozenset()
    assigned: bool = False


def take(client: SalesforceClient, set_name: str, sobjects: Sequence[str]) -> Inventory:
    """The org's inventory; raises `MissingPermission` when the user may not look at fields or permission sets."""
    listed = ", ".join(f"'{name}'" for name in sobjects)
    with needing("to see custom fields", "View Setup and Configuration and Customize Application"):
        found = list(query(client, "CustomField", "TableEnumOrId, DeveloperName", f"TableEnumOrId IN ({listed})", tooling=True))
    fields = frozenset(f"{row['TableEnumOrId']}.{row['DeveloperName']}__c" for row in found)
    user = str(client.get_json("")["identity"]).rstrip("/").rpartition("/")[2]
    with needing("to see permission sets", "View Setup and Configuration"):
        sets = list(query(client, "PermissionSet", "Id", f"Name = '{set_name}'"))
        return _with_rights(client, user, str(sets[0]["Id"]), fields) if sets else Inventory(user, None, fields)


def _with_rights(client: SalesforceClient, user: str, parent: str, fields: frozenset[str]) -> Inventory:
    on_fields = query(client, "FieldPermissions", "Field, PermissionsEdit", f"ParentId = '{parent}'")
    on_objects = query(client, "ObjectPermissions", "SobjectType", f"ParentId = '{parent}'")
    ours = f"PermissionSetId = '{parent}' AND AssigneeId = '{user}'"
    return Inventory(
        user=user,
        permission_set=parent,
        fields=fields,
        field_permissions={row["Field"]: bool(row["PermissionsEdit"]) for row in on_fields},
        object_permissions=frozenset(row["SobjectType"] for row in on_objects),
        assigned=any(True for _ in query(client, "PermissionSetAssignment", "Id", ours)),
    )


def query(client: SalesforceClient, sobject: str, names: str, where: str, *, tooling: bool = False) -> Iterator[Mapping[str, Any]]:
    """All records of a SOQL query, page after page."""
    soql = f"SELECT {names} FROM {sobject} WHERE {where}"  # noqa: S608
    answer = client.request("GET", "tooling/query" if tooling else "query", params={"q": soql}, expects="json").json()
    yield from answer["records"]
    while not answer.get("done", True):
        answer = client.get_json(answer["nextRecordsUrl"])
        yield from answer["records"]


@contextmanager
def needing(what: str, right: str) -> Iterator[None]:
    """A refusal inside means that a right is missing: one line that names it."""
    try:
        yield
    except RequestRejected as refusal:
        if refusal.code not in HIDDEN:
            raise
        raise MissingPermission(_advice(what, right)) from refusal
    except MissingPermission as refusal:
        raise MissingPermission(_advice(what, right)) from refusal


def _advice(what: str, right: str) -> str:
    return f"the integration user has no right {what}; give it {right}, or let an administrator run `guanxi provision`"
