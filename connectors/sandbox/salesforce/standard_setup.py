"""Owners that are not users, the org itself, and the objects through which rights are granted; CustomField belongs to the Tooling API."""

from typing import Final

from connectors.sandbox.salesforce.metadata import (
    Field,
    SObject,
    boolean,
    create_only,
    lookup,
    pick,
    read_only,
    required,
    sobject,
    system_fields,
    text,
)

_GRANTED_OBJECT: Final = create_only(required(Field("SobjectType", "picklist", "Sobject Type", length=40)))
_GRANTED_FIELD: Final = create_only(required(Field("Field", "picklist", "Field Name", length=255)))
_OBJECT_RIGHTS: Final = ("Create", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")


def _setup(*fields: Field) -> list[Field]:
    return [*system_fields(is_deleted=False), *fields]


GROUP: Final[SObject] = sobject(
    "Group",
    "00G",
    _setup(
        required(text("Name", 40)),
        text("DeveloperName", 80),
        create_only(pick("Type", "Regular", "Queue", "Role", "Organization", length=40)),
        text("Email", 255, type="email"),
    ),
    undeletable=False,
    replicateable=False,
)
CALENDAR: Final[SObject] = sobject(
    "Calendar",
    "023",
    _setup(text("Name", 80), lookup("UserId", "User"), pick("Type", "Public", "Resource", "User", length=40), boolean("IsActive")),
    createable=False,
    updateable=False,
    deletable=False,
    undeletable=False,
    replicateable=False,
    bulk=False,
)
ORGANIZATION: Final[SObject] = sobject(
    "Organization",
    "00D",
    _setup(
        read_only(text("Name", 80)),
        read_only(text("InstanceName", 5)),
        read_only(text("OrganizationType", 40)),
        read_only(boolean("IsSandbox")),
        read_only(text("NamespacePrefix", 15)),
        read_only(text("TimeZoneSidKey", 40)),
    ),
    createable=False,
    updateable=False,
    deletable=False,
    undeletable=False,
    replicateable=False,
    bulk=False,
)
PERMISSION_SET: Final[SObject] = sobject(
    "PermissionSet",
    "0PS",
    _setup(
        required(text("Name", 80)),
        required(text("Label", 80)),
        text("Description", 255),
        read_only(boolean("IsOwnedByProfile")),
        boolean("PermissionsApiEnabled"),
        boolean("PermissionsViewAllData"),
        read_only(text("NamespacePrefix", 15)),
    ),
    label="Permission Set",
    table="_permission_sets",
    undeletable=False,
    replicateable=False,
)
ASSIGNMENT: Final[SObject] = sobject(
    "PermissionSetAssignment",
    "0Pa",
    _setup(create_only(required(lookup("PermissionSetId", "PermissionSet"))), create_only(required(lookup("AssigneeId", "User")))),
    label="Permission Set Assignment",
    table="_assignments",
    updateable=False,
    undeletable=False,
    replicateable=False,
)
FIELD_PERMISSIONS: Final[SObject] = sobject(
    "FieldPermissions",
    "01k",
    _setup(
        create_only(required(lookup("ParentId", "PermissionSet"))),
        _GRANTED_OBJECT,
        _GRANTED_FIELD,
        boolean("PermissionsRead"),
        boolean("PermissionsEdit"),
    ),
    label="Field Permissions",
    label_plural="Field Permissions",
    table="_field_permissions",
    undeletable=False,
    replicateable=False,
)
OBJECT_PERMISSIONS: Final[SObject] = sobject(
    "ObjectPermissions",
    "110",
    _setup(
        create_only(required(lookup("ParentId", "PermissionSet"))),
        _GRANTED_OBJECT,
        *(boolean("Permissions" + right) for right in _OBJECT_RIGHTS),
    ),
    label="Object Permissions",
    label_plural="Object Permissions",
    table="_object_permissions",
    undeletable=False,
    replicateable=False,
)

CUSTOM_FIELD: Final[SObject] = sobject(
    "CustomField",
    "00N",
    _setup(
        read_only(text("DeveloperName", 80)),
        read_only(text("TableEnumOrId", 255)),
        read_only(text("NamespacePrefix", 15)),
        create_only(required(text("FullName", 255))),
        Field("Metadata", "complexvalue", "Metadata"),
        read_only(text("Object", 80)),
        read_only(text("ApiName", 80)),
    ),
    label="Custom Field",
    table="_fields",
    updateable=False,
    undeletable=False,
    replicateable=False,
    bulk=False,
)

SETUP: Final = (GROUP, CALENDAR, ORGANIZATION, PERMISSION_SET, ASSIGNMENT, FIELD_PERMISSIONS, OBJECT_PERMISSIONS)
TOOLING_OBJECTS: Final = (CUSTOM_FIELD,)
