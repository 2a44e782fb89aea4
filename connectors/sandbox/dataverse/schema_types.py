"""What a Dataverse table and column are here: frozen declarations from which DuckDB tables, metadata answers and write checks follow.

Names are Dataverse's: a *table* has a logical name (`account`) and an entity set (`accounts`), a *column* is an attribute. A lookup is
stored as `_<name>_value` (GUID text) and, when it may point at several tables, `_<name>_type` (the target's logical name). A column made
at run time is the same `Attribute`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Final

LOOKUPS: Final = frozenset({"Lookup", "Customer", "Owner"})
CHOICES: Final = frozenset({"Picklist", "State", "Status"})
DUCKDB_TYPES: Final[Mapping[str, str]] = {
    "String": "VARCHAR",
    "Memo": "VARCHAR",
    "EntityName": "VARCHAR",
    "Uniqueidentifier": "VARCHAR",
    "MultiSelectPicklist": "VARCHAR",
    "Lookup": "VARCHAR",
    "Customer": "VARCHAR",
    "Owner": "VARCHAR",
    "Integer": "INTEGER",
    "Picklist": "INTEGER",
    "State": "INTEGER",
    "Status": "INTEGER",
    "BigInt": "BIGINT",
    "Decimal": "DOUBLE",
    "Double": "DOUBLE",
    "Money": "DOUBLE",
    "Boolean": "BOOLEAN",
    "DateTime": "TIMESTAMP",
}
"""Column type by attribute type; types that are not here (PartyList, Virtual) have no column. Timestamps are UTC without a zone."""

USER_LOCAL: Final = "UserLocal"
DATE_ONLY: Final = "DateOnly"
INDEPENDENT: Final = "TimeZoneIndependent"


@dataclass(frozen=True)
class Option:
    """One value of a choice; `state` is the statecode a status reason belongs to."""

    value: int
    label: str
    state: int | None = None


@dataclass(frozen=True)
class Attribute:
    """One column as EntityDefinitions shows it.

    `targets` and `navigation` (property name per target) belong to lookups; `behavior` to dates; `expression` is the SQL of a column the
    platform computes; `filled` names the SQL default of new rows; `secured` columns need a column security profile.
    """

    logical_name: str
    type: str
    label: str
    schema_name: str = ""
    targets: tuple[str, ...] = ()
    navigation: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    max_length: int = 0
    precision: int = 0
    minimum: float | None = None
    maximum: float | None = None
    format: str = ""
    behavior: str = ""
    default: Any = None
    required: bool = False
    readable: bool = True
    creatable: bool = True
    updatable: bool = True
    primary_id: bool = False
    primary_name: bool = False
    secured: bool = False
    custom: bool = False
    expression: str = ""
    filled: str = ""
    description: str = ""

    @property
    def is_lookup(self) -> bool:
        """True for Lookup, Customer and Owner: read as `_<name>_value`."""
        return self.type in LOOKUPS

    @property
    def polymorphic(self) -> bool:
        """True when the target's table is a stored fact."""
        return len(self.targets) > 1

    @property
    def column_type(self) -> str | None:
        """The DuckDB type of its column; None when it has none."""
        return "DATE" if self.behavior == DATE_ONLY else DUCKDB_TYPES.get(self.type)

    @property
    def column(self) -> str:
        """Its column in the table, which is also its name in answers."""
        return f"_{self.logical_name}_value" if self.is_lookup else self.logical_name

    @property
    def type_column(self) -> str | None:
        """Where a polymorphic lookup keeps the logical name of its target."""
        return f"_{self.logical_name}_type" if self.polymorphic else None

    def stored(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def attribute_from(stored: Mapping[str, Any]) -> Attribute:
    """The attribute that `Attribute.stored` was made of."""
    texts = {name: tuple(stored[name]) for name in ("targets", "navigation")}
    return Attribute(**{**stored, **texts, "options": tuple(Option(**item) for item in stored["options"])})


@dataclass(frozen=True)
class Table:
    """One table; `collections` maps a collection-valued navigation property to (child table, its lookup).

    `view` marks a table that is a view over others; `multiple` says whether UpdateMultiple and CreateMultiple exist for it.
    """

    logical_name: str
    entity_set: str
    primary_id: str
    primary_name: str
    object_type_code: int
    attributes: Mapping[str, Attribute]
    label: str = ""
    label_plural: str = ""
    ownership: str = "UserOwned"
    change_tracking: bool = True
    can_change_tracking: bool = True
    optimistic_concurrency: bool = True
    is_activity: bool = False
    activity_party: bool = False
    mergeable: bool = False
    multiple: bool = True
    creatable: bool = True
    updatable: bool = True
    deletable: bool = True
    view: bool = False
    collections: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def schema_name(self) -> str:
        """The name used in `$metadata` is the logical name."""
        return self.logical_name

    @cached_property
    def columns(self) -> Mapping[str, Attribute]:
        """Attributes that have a column, by column name (`_x_value` for lookups)."""
        return {item.column: item for item in self.attributes.values() if item.column_type}

    @cached_property
    def navigation(self) -> Mapping[str, Attribute]:
        """Lookups by single-valued navigation property name."""
        return {name: item for item in self.attributes.values() for name in item.navigation}

    @property
    def has_modifiedon(self) -> bool:
        """False for activity parties."""
        return "modifiedon" in self.attributes

    def with_attributes(self, added: Iterable[Attribute]) -> "Table":
        """The same table with more columns."""
        return replace(self, attributes={**self.attributes, **{item.logical_name: item for item in added}})
