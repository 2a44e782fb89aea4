"""Small structures that metadata is full of."""

from __future__ import annotations

from typing import Any, Final

ENGLISH: Final = 1033


def label(text: str) -> dict[str, Any]:
    """A text in the organisation's language."""
    if not text:
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    shown = {"Label": text, "LanguageCode": ENGLISH, "IsManaged": True, "MetadataId": None, "HasChanged": None}
    return {"LocalizedLabels": [shown], "UserLocalizedLabel": shown}


def managed(value: Any, name: str, *, can_be_changed: bool = True) -> dict[str, Any]:
    """A managed property."""
    return {"Value": value, "CanBeChanged": can_be_changed, "ManagedPropertyLogicalName": name}
