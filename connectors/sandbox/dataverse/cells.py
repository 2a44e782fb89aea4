"""What Dataverse checks in a written value: one converter per column, made once and applied to every row of a request.

Text that is empty is stored as null; numbers are rounded to the column's precision; dates and times become naive UTC. Lookups are not
values but bindings: see `bind`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from connectors.sandbox.dataverse.errors import DataverseError, bad_payload
from connectors.sandbox.dataverse.schema_types import DATE_ONLY, Attribute

TOO_LONG: Final = "0x80044331"
OUT_OF_RANGE: Final = "0x80044330"
NO_SUCH_OPTION: Final = "0x8004431a"
REQUIRED_MISSING: Final = "0x80040200"

Convert = Callable[[Any], Any]
GUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_INT_BITS: Final[Mapping[str, int]] = {"Integer": 31, "BigInt": 63}
_EDM: Final[Mapping[str, str]] = {
    "Integer": "Edm.Int32",
    "Picklist": "Edm.Int32",
    "State": "Edm.Int32",
    "Status": "Edm.Int32",
    "BigInt": "Edm.Int64",
    "Decimal": "Edm.Decimal",
    "Money": "Edm.Decimal",
    "Double": "Edm.Double",
    "Boolean": "Edm.Boolean",
    "Uniqueidentifier": "Edm.Guid",
}


def converter(table: str, attribute: Attribute) -> Convert:
    """Turns a JSON value into what the column stores, null into null.

    Raises (the converter, for a value that cannot be):
        DataverseError: wrong type (0x80048d19), too long (0x80044331), out of range (0x80044330), no such option (0x8004431a).
    """
    make = _KINDS.get(attribute.type, _text)
    convert = make(table, attribute)
    return lambda value: None if value is None else convert(value)


def edm_type(attribute: Attribute) -> str:
    """The type OData knows the column by."""
    if attribute.type == "DateTime":
        return "Edm.Date" if attribute.behavior == DATE_ONLY else "Edm.DateTimeOffset"
    return _EDM.get(attribute.type, "Edm.String")


def required_missing(table: str, attribute: str) -> DataverseError:
    """A required column is blanked."""
    return DataverseError(REQUIRED_MISSING, f"Attribute '{attribute}' of table '{table}' cannot be set to NULL")


def _wrong_type(attribute: Attribute, value: Any) -> DataverseError:
    shown = type(value).__name__ if isinstance(value, str | list | dict) else repr(value)
    return bad_payload(f"Cannot convert a value of '{attribute.logical_name}' ({shown}) to the expected type '{edm_type(attribute)}'.")


def _outside(table: str, attribute: Attribute, accepted: str, code: str) -> DataverseError:
    where = f"'{attribute.logical_name}' on record of type '{table}'"
    text = f"A validation error occurred. The value of {where} is outside the valid range. Accepted Values: {accepted}"
    return DataverseError(code, text)


def _text(table: str, attribute: Attribute) -> Convert:
    def convert(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _wrong_type(attribute, value)
        if attribute.max_length and len(value) > attribute.max_length:
            what = f"the '{attribute.logical_name}' attribute of the '{table}' entity"
            text = f"A validation error occurred. The length of {what} exceeded the maximum allowed length of '{attribute.max_length}'."
            raise DataverseError(TOO_LONG, text)
        return value or None

    return convert


def _whole(table: str, attribute: Attribute) -> Convert:
    most = 2 ** _INT_BITS[attribute.type]
    least, top = (
        attribute.minimum if attribute.minimum is not None else -most,
        attribute.maximum if attribute.maximum is not None else most - 1,
    )

    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(attribute, value)
        if not least <= value <= top:
            raise _outside(table, attribute, f"{least:.0f} - {top:.0f}", OUT_OF_RANGE)
        return value

    return convert


def _number(table: str, attribute: Attribute) -> Convert:
    least = attribute.minimum if attribute.minimum is not None else -1e11
    most = attribute.maximum if attribute.maximum is not None else 1e11

    def convert(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(attribute, value)
        if not least <= value <= most:
            raise _outside(table, attribute, f"{least:.0f} - {most:.0f}", OUT_OF_RANGE)
        return round(float(value), attribute.precision)

    return convert


def _boolean(table: str, attribute: Attribute) -> Convert:
    def convert(value: Any) -> bool:
        if not isinstance(value, bool):
            raise _wrong_type(attribute, value)
        return value

    return convert


def _choice(table: str, attribute: Attribute) -> Convert:
    known = frozenset(option.value for option in attribute.options)

    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(attribute, value)
        if value not in known:
            raise _outside(table, attribute, ",".join(str(item) for item in sorted(known)), NO_SUCH_OPTION)
        return value

    return convert


def _choices(table: str, attribute: Attribute) -> Convert:
    """Several options as text, separated by commas; stored in the order of their values."""
    known = {str(option.value): option.value for option in attribute.options}

    def convert(value: Any) -> str | None:
        if not isinstance(value, str):
            raise _wrong_type(attribute, value)
        given = [item.strip() for item in value.split(",") if item.strip()]
        if any(item not in known for item in given):
            raise _outside(table, attribute, ",".join(known), NO_SUCH_OPTION)
        return ",".join(sorted(set(given), key=lambda item: known[item])) or None

    return convert


def _moment(table: str, attribute: Attribute) -> Convert:
    return _day(attribute) if attribute.behavior == DATE_ONLY else _instant(attribute)


def _day(attribute: Attribute) -> Convert:
    def convert(value: Any) -> date:
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except (TypeError, ValueError) as error:
            raise _wrong_type(attribute, value) from error

    return convert


def _instant(attribute: Attribute) -> Convert:
    """Stored to the second, as the product does."""

    def convert(value: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise _wrong_type(attribute, value) from error
        return (at.astimezone(UTC) if at.tzinfo else at).replace(tzinfo=None, microsecond=0)

    return convert


def _guid(table: str, attribute: Attribute) -> Convert:
    def convert(value: Any) -> str:
        if not isinstance(value, str) or not GUID.fullmatch(value):
            raise _wrong_type(attribute, value)
        return value.lower()

    return convert


_KINDS: Final[Mapping[str, Callable[[str, Attribute], Convert]]] = {
    "Integer": _whole,
    "BigInt": _whole,
    "Decimal": _number,
    "Double": _number,
    "Money": _number,
    "Boolean": _boolean,
    "Picklist": _choice,
    "State": _choice,
    "Status": _choice,
    "MultiSelectPicklist": _choices,
    "DateTime": _moment,
    "Uniqueidentifier": _guid,
}
