"""Column definitions as EntityDefinitions takes them (`DecimalAttributeMetadata` and its like) turned into `Attribute`s.

Options without a value get the publisher's option prefix followed by 0000, 0001, ... A lookup comes with a relationship: see `columns`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError, bad_payload
from connectors.sandbox.dataverse.schema_types import DATE_ONLY, INDEPENDENT, USER_LOCAL, Attribute, Option

TYPE_OF: Final = re.compile(r"#?Microsoft\.Dynamics\.CRM\.(?:Complex)?(\w+)AttributeMetadata")
SCHEMA_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{1,7}_\w+")
OPTIONS_PER_PREFIX: Final = 10_000
Definition = Mapping[str, Any]
Facts = dict[str, Any]


def attribute_of(definition: Definition, option_prefix: int) -> Attribute:
    """The column a definition describes.

    Raises:
        DataverseError: no type or name, an unknown type (0x80048d19), or limits outside of what the type allows (0x80040203).
    """
    match = TYPE_OF.fullmatch(str(definition.get("@odata.type", "")))
    make = _KINDS.get(match[1]) if match else None
    if match is None or make is None:
        raise bad_payload("The definition must carry '@odata.type' with the metadata type of a column that can be created.")
    return Attribute(type=match[1], **_common(definition), **make(definition, option_prefix))


def lookup_of(definition: Definition, target: str, navigation: str) -> Attribute:
    """The lookup of a relationship; its navigation property has the name given there, else the lookup's schema name."""
    common = _common(definition)
    return Attribute(type="Lookup", targets=(target,), navigation=(navigation or common["schema_name"],), **common)


def label_of(label: Any, otherwise: str = "") -> str:
    """The text of a Label: that of the user's language, else the first."""
    if not isinstance(label, dict):
        return otherwise
    texts = [item for item in (label.get("LocalizedLabels") or [label.get("UserLocalizedLabel")]) if isinstance(item, dict)]
    chosen = next((item for item in texts if item.get("LanguageCode") == 1033), texts[0] if texts else {})
    return str(chosen.get("Label") or otherwise)


def _common(definition: Definition) -> Facts:
    name = str(definition.get("SchemaName", ""))
    if not SCHEMA_NAME.fullmatch(name):
        raise bad_payload(f"The schema name '{name}' is not valid: expected a publisher's prefix, an underscore and a name.")
    return {
        "logical_name": name.lower(),
        "schema_name": name,
        "label": label_of(definition.get("DisplayName"), name),
        "description": label_of(definition.get("Description")),
        "required": _value(definition.get("RequiredLevel"), "None") == "ApplicationRequired",
        "secured": bool(definition.get("IsSecured", False)),
        "custom": True,
    }


def _value(managed: Any, otherwise: str) -> str:
    """The text of a managed property or an enumeration: plain, or as `{"Value": ...}`."""
    held = managed.get("Value") if isinstance(managed, dict) else managed
    return str(held) if held else otherwise


def _within(definition: Definition, name: str, otherwise: float, least: float, most: float) -> float:
    value = definition.get(name)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise DataverseError(INVALID_ARGUMENT, f"{name} must be a number from {least:.0f} to {most:.0f}.")
    return value


def _text(definition: Definition, option_prefix: int) -> Facts:
    kind = _value(definition.get("FormatName"), _value(definition.get("Format"), "Text"))
    return {"max_length": int(_within(definition, "MaxLength", 100, 1, 4_000)), "format": kind}


def _memo(definition: Definition, option_prefix: int) -> Facts:
    return {"max_length": int(_within(definition, "MaxLength", 2_000, 1, 1_048_576)), "format": "TextArea"}


def _range(definition: Definition, least: float, most: float) -> Facts:
    minimum = _within(definition, "MinValue", least, least, most)
    return {"minimum": minimum, "maximum": _within(definition, "MaxValue", most, minimum, most)}


def _integer(definition: Definition, option_prefix: int) -> Facts:
    return {**_range(definition, -(2**31), 2**31 - 1), "format": "None"}


def _big(definition: Definition, option_prefix: int) -> Facts:
    return {}


def _decimal(definition: Definition, option_prefix: int) -> Facts:
    return {**_range(definition, -1e11, 1e11), "precision": int(_within(definition, "Precision", 2, 0, 10))}


def _double(definition: Definition, option_prefix: int) -> Facts:
    return {**_range(definition, -1e11, 1e11), "precision": int(_within(definition, "Precision", 2, 0, 5))}


def _money(definition: Definition, option_prefix: int) -> Facts:
    return {**_range(definition, -922_337_203_685_477, 922_337_203_685_477), "precision": int(_within(definition, "Precision", 2, 0, 4))}


def _yes_no(definition: Definition, option_prefix: int) -> Facts:
    chosen = definition.get("OptionSet") or {}
    labels = [label_of((chosen.get(name) or {}).get("Label"), text) for name, text in (("FalseOption", "No"), ("TrueOption", "Yes"))]
    return {"options": tuple(Option(value, label) for value, label in enumerate(labels)), "default": bool(definition.get("DefaultValue"))}


def _choice(definition: Definition, option_prefix: int) -> Facts:
    listed = (definition.get("OptionSet") or {}).get("Options")
    if not isinstance(listed, list) or not listed:
        raise bad_payload("A choice must carry an OptionSet with Options.")
    default = definition.get("DefaultFormValue")
    return {"options": _options(listed, option_prefix), "default": default if default not in (None, -1) else None}


def _options(listed: Sequence[Any], option_prefix: int) -> tuple[Option, ...]:
    first = option_prefix * OPTIONS_PER_PREFIX
    values = [first + place if item.get("Value") is None else int(item["Value"]) for place, item in enumerate(listed)]
    if len(set(values)) < len(values):
        raise DataverseError(INVALID_ARGUMENT, "The values of the options must be different.")
    return tuple(Option(value, label_of(item.get("Label"), str(value))) for value, item in zip(values, listed, strict=True))


def _moment(definition: Definition, option_prefix: int) -> Facts:
    shown = _value(definition.get("Format"), "DateOnly")
    behavior = _value(definition.get("DateTimeBehavior"), USER_LOCAL)
    if behavior not in (USER_LOCAL, DATE_ONLY, INDEPENDENT) or (behavior == DATE_ONLY and shown != "DateOnly"):
        raise DataverseError(INVALID_ARGUMENT, f"The behavior '{behavior}' does not go with the format '{shown}'.")
    return {"format": shown, "behavior": behavior}


_KINDS: Final[Mapping[str, Callable[[Definition, int], Facts]]] = {
    "String": _text,
    "Memo": _memo,
    "Integer": _integer,
    "BigInt": _big,
    "Decimal": _decimal,
    "Double": _double,
    "Money": _money,
    "Boolean": _yes_no,
    "Picklist": _choice,
    "MultiSelectPicklist": _choice,
    "DateTime": _moment,
}
