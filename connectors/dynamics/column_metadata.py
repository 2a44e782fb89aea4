"""A field of the catalogue as Dataverse defines columns: the bodies of `.../Attributes` and `RelationshipDefinitions`.

Numbers have just the decimals and limits they need, dates are dates without a time zone, the values of a choice are the
publisher's option prefix followed by 0000, 0001, ... in the contract's order, a lookup comes with a relationship of its own.
No column is audited: every push would fill the log. All can be filtered on in views and Advanced Find.

Deliberately absent: global choices, and changing a definition that is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.dynamics.specs import logical_name
from connectors.fields import Choice, Entity, FieldSpec, Labels, label

TYPE: Final = "Microsoft.Dynamics.CRM."
ENGLISH: Final = 1033
CHINESE: Final = 2052
OPTIONS_PER_PREFIX: Final = 10_000
Definition = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table we write to, by its names in the API."""

    logical_name: str
    entity_set: str
    primary_id: str


TABLES: Final[Mapping[Entity, Table]] = {
    "account": Table("account", "accounts", "accountid"),
    "contact": Table("contact", "contacts", "contactid"),
    "lead": Table("lead", "leads", "leadid"),
    "user": Table("systemuser", "systemusers", "systemuserid"),
    "opportunity": Table("opportunity", "opportunities", "opportunityid"),
}
ATTRIBUTE_TYPES: Final[Mapping[str, str]] = {
    "number": "Decimal",
    "integer": "Integer",
    "date": "DateTime",
    "boolean": "Boolean",
    "text": "String",
    "picklist": "Picklist",
    "multipicklist": "MultiSelectPicklist",
    "lookup": "Lookup",
}
YES: Final = Choice("Yes", "是")
NO: Final = Choice("No", "否")


@dataclass(frozen=True)
class Wording:
    """How names are written: the configured labels, in the languages an environment has (its base language first).

    An environment with English and Chinese shows each user theirs where both are wanted; any other shows both in one label.
    """

    labels: Labels
    languages: tuple[int, ...] = (ENGLISH,)

    def of(self, item: FieldSpec | Choice) -> Definition:
        """A Label in every language that is wanted and there."""
        wanted = dict.fromkeys([self.languages[0], *(code for code in (ENGLISH, CHINESE) if code in self.languages)])
        return _label({code: label(item, self._labels(code)) for code in wanted})

    def plain(self, text: str) -> Definition:
        """A Label of a text that is not translated."""
        return _label({self.languages[0]: text})

    def _labels(self, language: int) -> Labels:
        if self.labels != "both" or not {ENGLISH, CHINESE} <= set(self.languages):
            return self.labels
        return "zh" if language == CHINESE else "en"


def column_name(spec: FieldSpec, prefix: str) -> str:
    """`contact.gx_closeness`."""
    return f"{TABLES[spec.entity].logical_name}.{logical_name(spec, prefix)}"


def definition(spec: FieldSpec, prefix: str, option_prefix: int, wording: Wording) -> Definition:
    """The body that makes a column; of a lookup, the `Lookup` of its relationship."""
    kind = ATTRIBUTE_TYPES[spec.kind]
    return {
        "@odata.type": f"{TYPE}{kind}AttributeMetadata",
        "AttributeType": "Virtual" if kind == "MultiSelectPicklist" else kind,
        "AttributeTypeName": {"Value": f"{kind}Type"},
        "SchemaName": schema_name(spec, prefix),
        "DisplayName": wording.of(spec),
        "Description": wording.plain(spec.description),
        "RequiredLevel": _managed("None", "canmodifyrequirementlevelsettings"),
        "IsAuditEnabled": _managed(False, "canmodifyauditsettings"),
        "IsValidForAdvancedFind": _managed(True, "canmodifysearchsettings"),
        **_own(spec, option_prefix, wording),
    }


def relationship(spec: FieldSpec, prefix: str, option_prefix: int, wording: Wording) -> Definition:
    """The body that makes a lookup: deleting the row it points to blanks it, nothing else follows from the link."""
    table, target = TABLES[spec.entity].logical_name, TABLES[spec.lookup_to or spec.entity]
    unlinked = dict.fromkeys(("Assign", "Share", "Unshare", "Reparent", "Merge"), "NoCascade")
    return {
        "@odata.type": f"{TYPE}OneToManyRelationshipMetadata",
        "SchemaName": f"{schema_name(spec, prefix)}_{table}_{target.logical_name}",
        "ReferencedEntity": target.logical_name,
        "ReferencedAttribute": target.primary_id,
        "ReferencingEntity": table,
        "CascadeConfiguration": {**unlinked, "Delete": "RemoveLink"},
        "AssociatedMenuConfiguration": {"Behavior": "DoNotDisplay", "Group": "Details", "Order": 10_000},
        "Lookup": definition(spec, prefix, option_prefix, wording),
    }


def schema_name(spec: FieldSpec, prefix: str) -> str:
    """`gx_Closeness`: the publisher's prefix is in lower case, the rest keeps its capitals."""
    return f"{prefix.lower()}_{spec.name}"


def option_values(spec: FieldSpec, option_prefix: int) -> Sequence[int]:
    """Values of a choice we make, in the contract's order."""
    return [option_prefix * OPTIONS_PER_PREFIX + place for place in range(len(spec.values))]


def _own(spec: FieldSpec, option_prefix: int, wording: Wording) -> Definition:
    """What only columns of this kind have."""
    match spec.kind:
        case "number":
            return {"Precision": spec.decimals, "MinValue": spec.minimum, "MaxValue": spec.maximum}
        case "integer":
            return {"Format": "None", "MinValue": _whole(spec.minimum), "MaxValue": _whole(spec.maximum)}
        case "date":
            return {"Format": "DateOnly", "DateTimeBehavior": {"Value": "DateOnly"}}
        case "text":
            return {"MaxLength": spec.length, "FormatName": {"Value": "Text"}}
        case "boolean":
            return {"DefaultValue": False, "OptionSet": _yes_no(wording)}
        case "picklist" | "multipicklist":
            return {"DefaultFormValue": -1, "OptionSet": _options(spec, option_prefix, wording)}
        case "lookup":
            return {}


def _yes_no(wording: Wording) -> Definition:
    options = {"TrueOption": {"Value": 1, "Label": wording.of(YES)}, "FalseOption": {"Value": 0, "Label": wording.of(NO)}}
    return {"@odata.type": f"{TYPE}BooleanOptionSetMetadata", "OptionSetType": "Boolean", **options}


def _options(spec: FieldSpec, option_prefix: int, wording: Wording) -> Definition:
    listed = zip(option_values(spec, option_prefix), spec.values, strict=True)
    options = [{"Value": value, "Label": wording.of(choice)} for value, choice in listed]
    return {"@odata.type": f"{TYPE}OptionSetMetadata", "IsGlobal": False, "OptionSetType": "Picklist", "Options": options}


def _label(texts: Mapping[int, str]) -> Definition:
    kind = f"{TYPE}LocalizedLabel"
    listed = [{"@odata.type": kind, "Label": text, "LanguageCode": code} for code, text in texts.items()]
    return {"@odata.type": f"{TYPE}Label", "LocalizedLabels": listed}


def _managed(value: Any, name: str) -> Definition:
    return {"Value": value, "CanBeChanged": True, "ManagedPropertyLogicalName": name}


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
