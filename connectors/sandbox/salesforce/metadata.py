"""What an sObject and a field are here: frozen declarations from which tables, describe answers and every rule of SOQL and writes follow.

The constructors below are the vocabulary of the declarations in `standard_*.py`; a custom field made at run time is the same `Field`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

DUCKDB_TYPES: Final[Mapping[str, str]] = {
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "double": "DOUBLE",
    "currency": "DOUBLE",
    "percent": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
"""Column type by field type; every other type is VARCHAR. Timestamps are UTC without a zone."""

LONG_TEXT: Final = 255


@dataclass(frozen=True)
class Field:
    """One field as describe shows it; `values` are picklist API values, `length` counts characters."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    values: tuple[str, ...] = ()
    value_labels: tuple[str, ...] = ()
    restricted: bool = False
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    default: str | None = None
    compound: str | None = None
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    id_lookup: bool = False
    help_text: str | None = None

    @property
    def is_compound(self) -> bool:
        """True for address fields, which have no column of their own."""
        return self.type in ("address", "location")

    @property
    def column_type(self) -> str:
        """The DuckDB type of its column."""
        return DUCKDB_TYPES.get(self.type, "VARCHAR")

    @property
    def polymorphic(self) -> bool:
        """True when the reference may point at more than one object."""
        return len(self.reference_to) > 1

    @property
    def filterable(self) -> bool:
        """Long texts and compound addresses cannot stand in WHERE."""
        return not self.is_compound and not (self.type == "textarea" and self.length > LONG_TEXT)

    @property
    def groupable(self) -> bool:
        """What may stand in GROUP BY."""
        return self.filterable and self.type not in ("datetime", "double", "currency", "percent", "multipicklist")

    @property
    def sortable(self) -> bool:
        """What may stand in ORDER BY."""
        return self.filterable and self.type != "multipicklist"

    @property
    def aggregatable(self) -> bool:
        """What MIN, MAX and COUNT take."""
        return self.sortable and self.type != "boolean"


@dataclass(frozen=True)
class SObject:
    """One object; `table` is where its rows live, `child_relationships` maps a relationship name to (child object, child field)."""

    name: str
    label: str
    key_prefix: str
    fields: Mapping[str, Field]
    label_plural: str = ""
    table: str = ""
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    undeletable: bool = True
    queryable: bool = True
    replicateable: bool = True
    mergeable: bool = False
    retrieveable: bool = True
    bulk: bool = True
    activity: bool = False
    child_relationships: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def by_lower_name(self) -> Mapping[str, Field]:
        """Fields by lower-case name: SOQL names have no case."""
        return {name.lower(): declared for name, declared in self.fields.items()}

    @cached_property
    def by_relationship(self) -> Mapping[str, Field]:
        """Reference fields by lower-case relationship name."""
        return {item.relationship_name.lower(): item for item in self.fields.values() if item.relationship_name}

    @property
    def columns(self) -> tuple[Field, ...]:
        """Fields that have a column."""
        return tuple(item for item in self.fields.values() if not item.is_compound)

    def with_fields(self, extra: Iterable[Field]) -> "SObject":
        """The same object with custom fields added."""
        return replace(self, fields={**self.fields, **{item.name: item for item in extra}})


def sobject(name: str, key_prefix: str, fields: Iterable[Field], **flags: object) -> SObject:
    """An sObject from its fields; the table is named as the object unless said otherwise."""
    label = str(flags.pop("label", name))
    plural = str(flags.pop("label_plural", label + "s"))
    table = str(flags.pop("table", name))
    by_name = {item.name: item for item in fields}
    return SObject(name, label, key_prefix, by_name, label_plural=plural, table=table, **flags)  # type: ignore[arg-type]


def _labelled(name: str) -> str:
    words = "".join(f" {letter}" if letter.isupper() and index else letter for index, letter in enumerate(name))
    return words.removesuffix(" Id")


def read_only(declared: Field) -> Field:
    """The field, neither createable nor updateable."""
    return replace(declared, createable=False, updateable=False)


def create_only(declared: Field) -> Field:
    """The field, settable at create and fixed afterwards."""
    return replace(declared, updateable=False)


def required(declared: Field) -> Field:
    """The field, refused when blank."""
    return replace(declared, nillable=False)


def text(name: str, length: int, *, compound: str | None = None, type: str = "string") -> Field:
    """A text field of `length` characters; `type` may also be textarea, email, phone, url."""
    return Field(name, type, _labelled(name), length=length, compound=compound)


def boolean(name: str) -> Field:
    """A checkbox: never null, false by default."""
    return Field(name, "boolean", _labelled(name), nillable=False, default="false")


def date(name: str) -> Field:
    """A date without zone."""
    return Field(name, "date", _labelled(name))


def datetime(name: str) -> Field:
    """An instant."""
    return Field(name, "datetime", _labelled(name))


def integer(name: str, digits: int = 8) -> Field:
    """A whole number."""
    return Field(name, "int", _labelled(name), precision=digits)


def number(name: str, type: str = "double", precision: int = 18, scale: int = 2) -> Field:
    """A number with decimals; `type` may be double, currency, percent."""
    return Field(name, type, _labelled(name), precision=precision, scale=scale)


def pick(name: str, *values: str, restricted: bool = False, multi: bool = False, length: int = 255) -> Field:
    """A picklist (or, with `multi`, a multi-select one)."""
    kind = "multipicklist" if multi else "picklist"
    return Field(name, kind, _labelled(name), length=4099 if multi else length, values=values, restricted=restricted)


def combobox(name: str, *values: str) -> Field:
    """Free text with suggestions."""
    return Field(name, "combobox", _labelled(name), length=255, values=values)


def lookup(name: str, *targets: str, relationship: str | None = None) -> Field:
    """A reference to one object, or to several (polymorphic)."""
    relation = relationship or name.removesuffix("Id")
    return Field(name, "reference", _labelled(name), length=18, reference_to=targets, relationship_name=relation)


def address(name: str) -> list[Field]:
    """A compound address and its parts (the parts carry the columns)."""
    stem = name.removesuffix("Address")
    parts = [text(stem + part, size, compound=name) for part, size in (("City", 40), ("State", 80), ("PostalCode", 20), ("Country", 80))]
    street = text(stem + "Street", 255, compound=name, type="textarea")
    return [read_only(Field(name, "address", _labelled(name))), street, *parts]


def person_name(last_required: bool = True) -> list[Field]:
    """FirstName, LastName and the derived Name."""
    last = text("LastName", 80, compound="Name")
    name = Field("Name", "string", "Full Name", length=121, nillable=False)
    return [required(last) if last_required else last, text("FirstName", 40, compound="Name"), read_only(name)]


def system_fields(*, is_deleted: bool = True) -> list[Field]:
    """Id, IsDeleted and the audit fields every object has."""
    identity = Field("Id", "id", "Record ID", length=18, createable=False, updateable=False, nillable=False, id_lookup=True)
    deleted = [read_only(boolean("IsDeleted"))] if is_deleted else []
    stamps = [
        datetime("CreatedDate"),
        lookup("CreatedById", "User"),
        datetime("LastModifiedDate"),
        lookup("LastModifiedById", "User"),
        datetime("SystemModstamp"),
    ]
    return [identity, *deleted, *(read_only(required(stamp)) for stamp in stamps)]
