"""What the integration user sees and may change.

Standard objects and fields are open until a control call hides them; a custom field is closed to everybody until
FieldPermissions in an assigned permission set open it. Whatever is hidden does not exist for describe, queries and writes.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from connectors.sandbox.salesforce.metadata import Field, SObject
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store

_GRANTED: Final = (
    'select p."SobjectType", p."Field", bool_or(p."PermissionsRead"), bool_or(p."PermissionsEdit") from _field_permissions p'
    ' join _assignments a on a."PermissionSetId" = p."ParentId" where a."AssigneeId" = ? group by all'
)


@dataclass(frozen=True)
class Restrictions:
    """What was taken away: objects (feature off), fields as `Object.Field`, the right to edit objects, View All, customizing."""

    hidden_objects: frozenset[str] = frozenset()
    hidden_fields: frozenset[str] = frozenset()
    read_only_objects: frozenset[str] = frozenset()
    read_only_fields: frozenset[str] = frozenset()
    view_all: bool = True
    customize: bool = True


class Access:
    """The integration user's view of the catalog; recomputed when rights or fields change."""

    def __init__(self, store: Store, user_id: str = INTEGRATION_USER_ID) -> None:
        self.store = store
        self.user_id = user_id
        self.restrictions = Restrictions()
        self._lock = threading.Lock()
        self._seen: tuple[int, Mapping[str, SObject]] = (-1, {})

    def restrict(self, **changes: bool | Iterable[str]) -> None:
        """Change restrictions by name (`hidden_fields=["Contact.Email"]`, `view_all=False`); unnamed ones stay."""
        frozen = {name: value if isinstance(value, bool) else frozenset(value) for name, value in changes.items()}
        self.restrictions = replace(self.restrictions, **frozen)  # type: ignore[arg-type]
        self.store.version += 1

    @property
    def catalog(self) -> Mapping[str, SObject]:
        """Visible objects with visible fields; edit rights are folded into the flags."""
        with self._lock:
            version = self.store.version
            if self._seen[0] != version:
                self._seen = (version, self._visible())
            return self._seen[1]

    def sobject(self, name: str, *, tooling: bool = False) -> SObject | None:
        """A visible object by name in any case."""
        if tooling:
            return self.store.sobject(name, tooling=True) if self.restrictions.customize else None
        found = self.catalog.get(name)
        return found or next((item for key, item in self.catalog.items() if key.lower() == name.lower()), None)

    def _visible(self) -> Mapping[str, SObject]:
        grants = {
            (str(row[0]), str(row[1]).partition(".")[2]): (bool(row[2]), bool(row[3])) for row in self.store.read(_GRANTED, [self.user_id])
        }
        hidden = self.restrictions.hidden_objects
        return {name: self._view(item, grants) for name, item in self.store.catalog.items() if name not in hidden}

    def _view(self, declared: SObject, grants: Mapping[tuple[str, str], tuple[bool, bool]]) -> SObject:
        fields = {name: self._field(declared.name, item, grants) for name, item in declared.fields.items()}
        visible = {name: item for name, item in fields.items() if item is not None}
        if declared.name not in self.restrictions.read_only_objects:
            return replace(declared, fields=visible)
        return replace(declared, fields=visible, createable=False, updateable=False, deletable=False)

    def _field(self, owner: str, declared: Field, grants: Mapping[tuple[str, str], tuple[bool, bool]]) -> Field | None:
        full = f"{owner}.{declared.name}"
        read, edit = grants.get((owner, declared.name), (False, False)) if declared.custom else (True, True)
        if full in self.restrictions.hidden_fields or not (read or edit):
            return None
        closed = not edit or full in self.restrictions.read_only_fields or owner in self.restrictions.read_only_objects
        return replace(declared, createable=False, updateable=False) if closed else declared

    def row_filter(self, declared: SObject, alias: str) -> str:
        """SQL that keeps rows the user may see: everything with View All, else only own records."""
        if self.restrictions.view_all or "OwnerId" not in declared.fields:
            return ""
        return f"{alias}.\"OwnerId\" = '{self.user_id}'"
