"""Provisioning a Salesforce org: our fields, and one permission set that lets the integration user see and write them.

fields (Tooling API) -> permission set -> field and object permissions -> assignment to the user we run as. Each step looks
first and creates only what is missing, so a second run does nothing and a run that broke half-way goes on where it
stopped. Nothing is ever deleted or changed. A field made by API is invisible to everybody until a permission set opens it.

Deliberately absent: page layouts (people place the fields where they want them), and fields mapped to the org's own.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self

from connectors.contract import Progress, ProvisionStep, silent
from connectors.errors import MissingPermission, RequestRejected
from connectors.fields import FieldSpec, Labels, column
from connectors.salesforce import collections, inventory
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.field_metadata import full_name, metadata
from connectors.salesforce.inventory import HIDDEN, Inventory, needing
from connectors.salesforce.settings import SalesforceSettings

LABEL: Final = "Guanxi"
DESCRIPTION: Final = "Lets the integration user of guanxi read and write the fields of guanxi."
WORKERS: Final = 3
"""Objects whose fields are made at the same time; the fields of one object follow one another, or they meet locks."""
NO_OBJECT_RIGHTS: Final = frozenset({"User"})
THERE_ALREADY: Final = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
CUSTOMIZE: Final = "Customize Application and Modify Metadata Through Metadata API Functions"
MANAGE_SETS: Final = "Manage Profiles and Permission Sets and Assign Permission Sets"


class SalesforceProvisioner:
    """The provisioning side of one org: fields called `<prefix>_<Name>__c`, labelled in `labels`. Close it, or use `with`."""

    def __init__(self, settings: SalesforceSettings, prefix: str = "GX", labels: Labels = "en") -> None:
        self.client = SalesforceClient(settings)
        self.settings = settings
        self.prefix = prefix
        self.labels: Labels = labels

    @property
    def set_name(self) -> str:
        """API name of the permission set."""
        return f"{self.prefix}_{LABEL}"

    def plan(self, specs: Sequence[FieldSpec]) -> Sequence[ProvisionStep]:
        """What is there and what is missing; makes nothing. Raises `MissingPermission` and other CrmErrors."""
        wanted = self._ours(specs)
        return self._steps(wanted, self._inventory(wanted))

    def apply(self, specs: Sequence[FieldSpec], *, progress: Progress = silent) -> Sequence[ProvisionStep]:
        """Make what is missing; returns the steps taken, none when all was there. Raises as `plan`; can be run again."""
        wanted = self._ours(specs)
        found = self._inventory(wanted)
        steps = [step for step in self._steps(wanted, found) if not step.done]
        self._make_fields([spec for spec in wanted if full_name(spec, self.prefix) not in found.fields], progress)
        if any(step.kind != "field" for step in steps):
            self._make_rights(wanted, found, progress)
        return [ProvisionStep(step.kind, step.name, True, "created") for step in steps]

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ours(self, specs: Sequence[FieldSpec]) -> list[FieldSpec]:
        """Without the entered fields the configuration maps to the org's own."""
        mapped = {(entity, name) for entity, names in self.settings.map.items() for name in names}
        return [spec for spec in specs if spec.written or (spec.entity, column(spec)) not in mapped]

    def _inventory(self, specs: Sequence[FieldSpec]) -> Inventory:
        return inventory.take(self.client, self.set_name, _sobjects(specs))

    def _steps(self, specs: Sequence[FieldSpec], found: Inventory) -> list[ProvisionStep]:
        names = {full_name(spec, self.prefix): spec for spec in specs}
        fields = [ProvisionStep("field", name, name in found.fields, spec.kind) for name, spec in names.items()]
        rights = [ProvisionStep("field_permission", name, name in found.field_permissions, _right(spec)) for name, spec in names.items()]
        objects = [
            ProvisionStep("object_permission", name, name in found.object_permissions, "read, edit")
            for name in _sobjects(specs)
            if name not in NO_OBJECT_RIGHTS
        ]
        made = ProvisionStep("permission_set", self.set_name, found.permission_set is not None, LABEL)
        return [*fields, made, *rights, *objects, ProvisionStep("assignment", self.set_name, found.assigned, f"to user {found.user}")]

    def _make_fields(self, specs: Sequence[FieldSpec], progress: Progress) -> None:
        by_object = [[spec for spec in specs if spec.entity.capitalize() == name] for name in _sobjects(specs)]
        with ThreadPoolExecutor(WORKERS) as pool, needing("to create fields", CUSTOMIZE):
            for name in pool.map(self._make_fields_of_object, by_object):
                progress(f"{name}: fields created")

    def _make_fields_of_object(self, specs: Sequence[FieldSpec]) -> str:
        for spec in specs:
            body = {"FullName": full_name(spec, self.prefix), "Metadata": metadata(spec, self.prefix, self.labels)}
            try:
                self.client.post_json("tooling/sobjects/CustomField", body)
            except RequestRejected as refusal:
                if refusal.code not in THERE_ALREADY:
                    raise
        return specs[0].entity.capitalize()

    def _make_rights(self, specs: Sequence[FieldSpec], found: Inventory, progress: Progress) -> None:
        with needing("to create permission sets", MANAGE_SETS):
            parent = found.permission_set or self._make_set()
            self._create("ObjectPermissions", list(self._object_rights(specs, found, parent)))
            self._create("FieldPermissions", list(self._field_rights(specs, found, parent)))
            if not found.assigned:
                self._create("PermissionSetAssignment", [{"PermissionSetId": parent, "AssigneeId": found.user}])
        progress(f"permission set {self.set_name}: rights granted")

    def _make_set(self) -> str:
        body = {"Name": self.set_name, "Label": LABEL, "Description": DESCRIPTION}
        return str(self.client.post_json("sobjects/PermissionSet", body)["id"])

    def _object_rights(self, specs: Sequence[FieldSpec], found: Inventory, parent: str) -> Iterator[dict[str, Any]]:
        for name in _sobjects(specs):
            if name not in found.object_permissions | NO_OBJECT_RIGHTS:
                yield {"ParentId": parent, "SobjectType": name, "PermissionsRead": True, "PermissionsEdit": True}

    def _field_rights(self, specs: Sequence[FieldSpec], found: Inventory, parent: str) -> Iterator[dict[str, Any]]:
        for spec in specs:
            name = full_name(spec, self.prefix)
            if name not in found.field_permissions:
                owner = {"ParentId": parent, "SobjectType": spec.entity.capitalize(), "Field": name}
                yield {**owner, "PermissionsRead": True, "PermissionsEdit": spec.written}

    def _create(self, sobject: str, records: Sequence[dict[str, Any]]) -> None:
        refused = [collections.error_of(answer) for answer in collections.create(self.client, sobject, records) if not answer["success"]]
        serious = [(code, text) for code, text in refused if code not in THERE_ALREADY]
        if not serious:
            return
        code, text = serious[0]
        if code in HIDDEN:
            raise MissingPermission(text)
        raise RequestRejected(f"{sobject}: {len(serious)} of {len(records)} refused, the first with {code} {text}", code)


def _sobjects(specs: Sequence[FieldSpec]) -> list[str]:
    """Objects of the specs, accounts first: the others' rights depend on theirs."""
    return sorted({spec.entity.capitalize() for spec in specs})


def _right(spec: FieldSpec) -> str:
    return "read, edit" if spec.written else "read"
