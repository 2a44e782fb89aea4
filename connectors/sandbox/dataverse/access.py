"""What the application user may do and see.

Everything is allowed until a control call takes it away. A table without read right refuses (403); a secured column without a
profile is null for readers and refused for writers; without organisation-wide read only own rows are seen and change tracking is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from connectors.sandbox.dataverse.errors import (
    MISSING_PRIVILEGE,
    NOT_A_MEMBER,
    DataverseError,
    QueryError,
    no_such_property,
    no_such_segment,
)
from connectors.sandbox.dataverse.schema_types import Attribute, Table
from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from connectors.sandbox.dataverse.store import Store

Right = Literal["Read", "Write", "Create", "Delete"]
_TAKEN: Final = {"Write": "read_only_tables", "Create": "read_only_tables", "Delete": "read_only_tables", "Read": "hidden_tables"}


@dataclass(frozen=True)
class Restrictions:
    """What was taken away: reading and writing of tables, secured columns as `table.column`, wide reading, customizing, membership."""

    hidden_tables: frozenset[str] = frozenset()
    read_only_tables: frozenset[str] = frozenset()
    secured_columns: frozenset[str] = frozenset()
    organization_read: bool = True
    customize: bool = True
    member: bool = True


class Access:
    """The application user's rights over the catalog."""

    def __init__(self, store: Store, user_id: str = INTEGRATION_USER_ID) -> None:
        self.store = store
        self.user_id = user_id
        self.restrictions = Restrictions()

    def restrict(self, **changes: bool | Iterable[str]) -> None:
        """Change restrictions by name (`secured_columns=["contact.jobtitle"]`, `member=False`); unnamed ones stay."""
        frozen = {name: value if isinstance(value, bool) else frozenset(value) for name, value in changes.items()}
        self.restrictions = replace(self.restrictions, **frozen)  # type: ignore[arg-type]

    def check_membership(self) -> None:
        """Raises DataverseError (403) when the application has no user in the environment."""
        if not self.restrictions.member:
            raise DataverseError(NOT_A_MEMBER, "The user is not a member of the organization.", status=403)

    def check(self, table: Table, right: Right) -> None:
        """Raises DataverseError (403) when the user's role lacks the privilege."""
        if table.logical_name in getattr(self.restrictions, _TAKEN[right]):
            raise self.missing(f"prv{right}{table.logical_name.capitalize()}", table)

    def check_customizer(self) -> None:
        """Raises DataverseError (403) when the user may not change the schema."""
        if not self.restrictions.customize:
            raise self.missing("prvCreateAttribute", None)

    def missing(self, privilege: str, table: Table | None) -> DataverseError:
        """The refusal that names a missing privilege."""
        on = f" on OTC={table.object_type_code} for entity '{table.logical_name}'" if table else ""
        text = f"Principal user (Id={self.user_id}, type=8, roleCount=1, accessMode=4) is missing {privilege} privilege{on}."
        return DataverseError(MISSING_PRIVILEGE, text, status=403)

    def is_secured(self, table: Table, attribute: Attribute) -> bool:
        """Whether a column is behind a column security profile the user does not have."""
        return f"{table.logical_name}.{attribute.logical_name}" in self.restrictions.secured_columns

    def readable(self, name: str) -> Table:
        """A table by logical name; raises QueryError (unknown) or DataverseError (403)."""
        table = self.store.table(name)
        if table is None:
            raise QueryError(f"The entity with a name = '{name}' was not found in the MetadataCache.", "0x80041102", status=404)
        self.check(table, "Read")
        return table

    def table_of_set(self, entity_set: str) -> Table:
        """A table by entity set; raises QueryError (404) for none. Its rights are the caller's to check."""
        table = self.store.by_entity_set(entity_set)
        if table is None:
            raise no_such_segment(entity_set)
        return table

    def column_sql(self, table: Table, column: str, alias: str) -> str:
        """SQL of a readable column's value; raises QueryError when the table has none of this name."""
        attribute = table.columns.get(column)
        if attribute is None or not attribute.readable:
            raise no_such_property(column, table.logical_name)
        return f"cast(null as {attribute.column_type})" if self.is_secured(table, attribute) else f'{alias}."{column}"'

    def row_filter(self, table: Table, alias: str) -> str:
        """SQL that keeps the rows the user may see."""
        if self.restrictions.organization_read or "ownerid" not in table.attributes:
            return "true"
        return f"{alias}.\"_ownerid_value\" = '{self.user_id}'"
