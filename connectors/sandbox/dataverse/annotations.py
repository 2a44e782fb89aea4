"""Annotations of a column's value: the label people read, and for lookups the table and navigation property behind the id.

Each is a piece of a JSON object made in SQL: null when there is nothing to say, so that it drops out.
"""

from __future__ import annotations

from typing import Final

from connectors.sandbox.dataverse.odata.scope import Scope
from connectors.sandbox.dataverse.odata.values import label, quoted
from connectors.sandbox.dataverse.preferences import Preferences
from connectors.sandbox.dataverse.schema_types import CHOICES, DATE_ONLY, Attribute, Table

FORMATTED: Final = "OData.Community.Display.V1.FormattedValue"
TARGET: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION: Final = "Microsoft.Dynamics.CRM.associatednavigationproperty"
_DAY: Final = "%-m/%-d/%Y"


def annotation_pieces(scope: Scope, attribute: Attribute, value: str, preferences: Preferences) -> list[str]:
    """SQL of the annotations wanted for one column, each `"column@annotation":"text"` or null."""
    made = {FORMATTED: _formatted(scope, attribute, value) if preferences.wants(FORMATTED) else None}
    if attribute.is_lookup:
        made[NAVIGATION] = _navigation(scope, attribute, value) if preferences.wants(NAVIGATION) else None
        made[TARGET] = _target(scope, attribute, value) if preferences.wants(TARGET) else None
    return [f"{label(f'{attribute.column}@{name}')} || to_json({sql})" for name, sql in made.items() if sql]


def _target(scope: Scope, attribute: Attribute, value: str) -> str:
    """The logical name of the table a lookup points to."""
    return _kind(scope, attribute) if attribute.type_column else f"case when {value} is not null then {quoted(attribute.targets[0])} end"


def _kind(scope: Scope, attribute: Attribute) -> str:
    return f'{scope.alias}."{attribute.type_column}"'


def _navigation(scope: Scope, attribute: Attribute, value: str) -> str:
    if not attribute.type_column:
        return f"case when {value} is not null then {quoted(attribute.navigation[0])} end"
    pairs = dict(zip(attribute.targets, attribute.navigation, strict=True))
    return _case(_kind(scope, attribute), {quoted(target): quoted(name) for target, name in pairs.items()})


def _formatted(scope: Scope, attribute: Attribute, value: str) -> str | None:
    """What a person sees; dates in the caller's time zone and format, which is why a program must not read them."""
    if attribute.is_lookup:
        return _names(scope, attribute, value)
    if attribute.type in CHOICES:
        return _case(value, {str(option.value): quoted(option.label) for option in attribute.options})
    if attribute.type == "Boolean":
        no, yes = (option.label for option in attribute.options)
        return _case(value, {"true": quoted(yes), "false": quoted(no)})
    if attribute.type == "DateTime":
        return f"strftime({value}, '{_DAY if attribute.behavior == DATE_ONLY else f'{_DAY} %-I:%M %p'}')"
    if attribute.type == "Money":
        return f"format('€{{:,.2f}}', {value})"
    if attribute.type in ("Integer", "BigInt"):
        return f"format('{{:,}}', {value})"
    if attribute.type == "EntityName":
        return _case(value, {quoted(item.logical_name): quoted(item.label) for item in scope.access.store.catalog.values()})
    return f"format('{{:,.{attribute.precision}f}}', {value})" if attribute.type in ("Decimal", "Double") else None


def _names(scope: Scope, attribute: Attribute, value: str) -> str | None:
    """The primary name of the row a lookup points to, by target table."""
    tables = [item for target in attribute.targets if (item := scope.access.store.table(target)) is not None and item.primary_name]
    names = {quoted(item.logical_name): _name_of(item, value, scope.fresh()) for item in tables}
    if not names:
        return None
    return _case(_kind(scope, attribute), names) if attribute.type_column else next(iter(names.values()))


def _name_of(table: Table, value: str, alias: str) -> str:
    return f'(select {alias}."{table.primary_name}" from "{table.logical_name}" {alias} where {alias}."{table.primary_id}" = {value})'  # noqa: S608


def _case(subject: str, results: dict[str, str]) -> str:
    return f"case {subject} " + " ".join(f"when {when} then {then}" for when, then in results.items()) + " end"
