"""The vocabulary in which the tables of `schema_*.py` are declared: one constructor per kind of column, and what tables share."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from connectors.sandbox.dataverse.schema_types import DATE_ONLY, USER_LOCAL, Attribute, Option, Table


def _label(logical_name: str) -> str:
    return logical_name.removesuffix("id").removesuffix("code").capitalize() or logical_name


def _attribute(logical_name: str, kind: str, **facts: Any) -> Attribute:
    return Attribute(logical_name, kind, facts.pop("label", "") or _label(logical_name), facts.pop("schema_name", logical_name), **facts)


def text(logical_name: str, length: int = 100, **facts: Any) -> Attribute:
    """A line of text; `length` counts characters."""
    return _attribute(logical_name, "String", max_length=length, format=facts.pop("format", "Text"), **facts)


def memo(logical_name: str, length: int = 2_000, **facts: Any) -> Attribute:
    return _attribute(logical_name, "Memo", max_length=length, format="TextArea", **facts)


def integer(logical_name: str, minimum: int = 0, maximum: int = 2_147_483_647, **facts: Any) -> Attribute:
    return _attribute(logical_name, "Integer", minimum=minimum, maximum=maximum, format="None", **facts)


def decimal(logical_name: str, precision: int = 2, minimum: float = 0, maximum: float = 100_000_000_000, **facts: Any) -> Attribute:
    return _attribute(logical_name, "Decimal", precision=precision, minimum=minimum, maximum=maximum, **facts)


def money(logical_name: str, **facts: Any) -> Attribute:
    return _attribute(logical_name, "Money", precision=2, minimum=0.0, maximum=922_337_203_685_477.0, **facts)


def yes_no(logical_name: str, no: str = "No", yes: str = "Yes", default: bool = False, **facts: Any) -> Attribute:
    """A two-option column; its default is also the SQL default of rows that say nothing."""
    filled = "true" if default else "false"
    return _attribute(logical_name, "Boolean", options=(Option(0, no), Option(1, yes)), default=default, filled=filled, **facts)


def instant(logical_name: str, **facts: Any) -> Attribute:
    """A point in time, UTC on the wire."""
    return _attribute(logical_name, "DateTime", format="DateAndTime", behavior=USER_LOCAL, **facts)


def day(logical_name: str, **facts: Any) -> Attribute:
    """A date without a time."""
    return _attribute(logical_name, "DateTime", format="DateOnly", behavior=DATE_ONLY, **facts)


def choice(logical_name: str, *labels: tuple[int, str], kind: str = "Picklist", **facts: Any) -> Attribute:
    return _attribute(logical_name, kind, options=tuple(Option(value, label) for value, label in labels), **facts)


def state(*labels: tuple[int, str], default: int = 0) -> Attribute:
    """The table's statecode."""
    return choice("statecode", *labels, kind="State", label="Status", default=default, filled=str(default), required=True)


def status(*reasons: tuple[int, str, int], default: int = 1) -> Attribute:
    """The table's statuscode: (value, label, the state it belongs to)."""
    options = tuple(Option(value, label, of) for value, label, of in reasons)
    return _attribute("statuscode", "Status", options=options, label="Status Reason", default=default, filled=str(default))


def lookup(logical_name: str, *targets: str, navigation: tuple[str, ...] = (), kind: str = "Lookup", **facts: Any) -> Attribute:
    """A reference; with several targets each has a navigation property of its own, `<name>_<target>` unless given."""
    single = (logical_name,) if len(targets) == 1 else tuple(f"{logical_name}_{target}" for target in targets)
    return _attribute(logical_name, kind, targets=targets, navigation=navigation or single, **facts)


def customer(logical_name: str, **facts: Any) -> Attribute:
    """A reference to an account or a contact."""
    return lookup(logical_name, "account", "contact", kind="Customer", **facts)


def parties(logical_name: str, label: str = "") -> Attribute:
    """A list of activity parties: seen in metadata, never selectable."""
    return _attribute(logical_name, "PartyList", label=label, readable=False)


def computed(declared: Attribute, expression: str) -> Attribute:
    """A column the platform computes from others of the row."""
    return replace(declared, expression=expression, creatable=False, updatable=False)


def read_only(declared: Attribute) -> Attribute:
    return replace(declared, creatable=False, updatable=False)


def required(declared: Attribute) -> Attribute:
    return replace(declared, required=True)


def key(logical_name: str) -> Attribute:
    """The primary key: may be given on create, never changed."""
    return _attribute(logical_name, "Uniqueidentifier", primary_id=True, required=True, updatable=False)


def version() -> Attribute:
    """The row version: one sequence counts over all tables; etags and delta tokens are made of it."""
    return _attribute("versionnumber", "BigInt", creatable=False, updatable=False, filled="nextval('_versions')")


def stamps() -> list[Attribute]:
    """What nearly every table has: when and by whom created and changed, and the version."""
    return [
        read_only(instant("createdon", label="Created On")),
        read_only(instant("modifiedon", label="Modified On")),
        read_only(lookup("createdby", "systemuser", label="Created By")),
        read_only(lookup("modifiedby", "systemuser", label="Modified By")),
        version(),
    ]


def ownership() -> list[Attribute]:
    """What user-owned tables have besides."""
    by_kind = {kind: f'case when "_ownerid_type" = \'{kind}\' then "_ownerid_value" end' for kind in ("systemuser", "team")}
    return [
        lookup("ownerid", "systemuser", "team", kind="Owner", navigation=("ownerid", "ownerid"), label="Owner", required=True),
        computed(lookup("owninguser", "systemuser", label="Owning User"), by_kind["systemuser"]),
        computed(lookup("owningteam", "team", label="Owning Team"), by_kind["team"]),
        read_only(lookup("owningbusinessunit", "businessunit", label="Owning Business Unit")),
        replace(instant("overriddencreatedon", label="Record Created On"), updatable=False),
        integer("importsequencenumber"),
        integer("timezoneruleversionnumber"),
        integer("utcconversiontimezonecode"),
    ]


def full_name() -> Attribute:
    """First and last name, as the platform joins them."""
    joined = 'trim(concat_ws(\' \', "firstname", "lastname"))'
    return computed(replace(text("fullname", 160, label="Full Name"), primary_name=True), joined)


def table(
    logical_name: str, entity_set: str, object_type_code: int, attributes: Iterable[Attribute], primary_name: str = "name", **facts: Any
) -> Table:
    """A table whose key is `<logical name>id` unless one of its columns is marked as the key."""
    named = {item.logical_name: item for item in attributes}
    primary_id = next((name for name, item in named.items() if item.primary_id), f"{logical_name}id")
    named = {primary_id: named.get(primary_id) or key(primary_id), **named}
    if primary_name in named:
        named[primary_name] = replace(named[primary_name], primary_name=True)
    facts.setdefault("label", logical_name.capitalize())
    facts.setdefault("label_plural", entity_set.capitalize())
    return Table(logical_name, entity_set, primary_id, primary_name, object_type_code, named, **facts)
