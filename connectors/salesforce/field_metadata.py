"""A field of the catalogue as the Tooling API wants it (`Metadata` of a CustomField).

Numbers get just the digits they need, dates are dates without time, picklists are restricted, lookups have a relationship
name of their own so that no two of them meet on the object they point to.
"""

from collections.abc import Sequence
from typing import Any

from connectors.fields import Choice, FieldSpec, Labels, api_name, label


def full_name(spec: FieldSpec, prefix: str) -> str:
    """`Contact.GX_Closeness__c`."""
    return f"{spec.entity.capitalize()}.{api_name(spec, prefix)}"


def metadata(spec: FieldSpec, prefix: str, labels: Labels) -> dict[str, Any]:
    """The `Metadata` mapping of one field."""
    common = {"label": label(spec, labels), "description": spec.description, "inlineHelpText": spec.description}
    return {**common, **_type(spec, prefix, labels)}


def _type(spec: FieldSpec, prefix: str, labels: Labels) -> dict[str, Any]:
    match spec.kind:
        case "number" | "integer":
            return {"type": "Number", "precision": spec.precision, "scale": spec.decimals}
        case "boolean":
            return {"type": "Checkbox", "defaultValue": "false"}
        case "date":
            return {"type": "Date"}
        case "text":
            return {"type": "Text", "length": spec.length}
        case "picklist":
            return {"type": "Picklist", "valueSet": _values(spec.values, labels)}
        case "multipicklist":
            return {"type": "MultiselectPicklist", "visibleLines": len(spec.values), "valueSet": _values(spec.values, labels)}
        case "lookup":
            return _lookup(spec, prefix)


def _values(values: Sequence[Choice], labels: Labels) -> dict[str, Any]:
    listed = [{"fullName": choice.value, "label": label(choice, labels), "default": False} for choice in values]
    return {"restricted": True, "valueSetDefinition": {"sorted": False, "value": listed}}


def _lookup(spec: FieldSpec, prefix: str) -> dict[str, Any]:
    relationship = f"{prefix}_{spec.name}_{spec.entity.capitalize()}"
    target = str(spec.lookup_to).capitalize()
    return {
        "type": "Lookup",
        "referenceTo": target,
        "relationshipName": relationship,
        "relationshipLabel": spec.label_en,
        "deleteConstraint": "SetNull",
    }
