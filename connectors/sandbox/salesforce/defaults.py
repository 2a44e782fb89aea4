"""What a created record has although nobody said so, which combinations may exist once only, and values that the catalog decides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from connectors.sandbox.salesforce.metadata import SObject

OWNER: Final = "OwnerId"
_STANDARD: Final[Mapping[str, Mapping[str, str]]] = {
    "Lead": {"Status": "Open - Not Contacted"},
    "Opportunity": {"CurrencyIsoCode": "USD"},
    "User": {"UserType": "Standard", "IsActive": "true"},
    "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
    "Event": {"EventSubtype": "Event", "GroupEventType": "0"},
    "EmailMessage": {"Status": "0"},
    "AccountContactRelation": {"IsActive": "true"},
    "EventRelation": {"Status": "New"},
    "PermissionSet": {"IsOwnedByProfile": "false"},
}
_UNIQUE: Final[Mapping[str, Sequence[tuple[str, ...]]]] = {
    "User": (("Username",),),
    "AccountContactRelation": (("AccountId", "ContactId"),),
    "PermissionSet": (("Name",),),
    "PermissionSetAssignment": (("PermissionSetId", "AssigneeId"),),
    "FieldPermissions": (("ParentId", "Field"),),
    "ObjectPermissions": (("ParentId", "SobjectType"),),
}


def defaults(declared: SObject, user_id: str) -> Mapping[str, str]:
    """Default cells of a new record by field."""
    boxes = {item.name: item.default for item in declared.fields.values() if item.type == "boolean" and item.default}
    owner = {OWNER: user_id} if OWNER in declared.fields else {}
    return {**boxes, **owner, **_STANDARD.get(declared.name, {})}


def unique_keys(declared: SObject) -> Sequence[tuple[str, ...]]:
    """Field combinations that may exist once only."""
    custom = tuple((item.name,) for item in declared.fields.values() if item.unique)
    return (*_UNIQUE.get(declared.name, ()), *custom)


def with_choices(declared: SObject, catalog: Mapping[str, SObject]) -> SObject:
    """FieldPermissions and ObjectPermissions may name only what exists: their picklists are the catalog."""
    if "SobjectType" not in declared.fields:
        return declared
    choices = {"SobjectType": tuple(catalog), "Field": tuple(f"{name}.{field}" for name, item in catalog.items() for field in item.fields)}
    fields = {
        name: replace(item, values=choices[name], restricted=True) if name in choices else item for name, item in declared.fields.items()
    }
    return replace(declared, fields=fields)
