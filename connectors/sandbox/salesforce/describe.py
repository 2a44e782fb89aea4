"""Describe answers: what Salesforce says of objects and fields, from the declarations the user may see."""

from collections.abc import Mapping
from typing import Any, Final

from connectors.sandbox.salesforce.metadata import Field, SObject

_SOAP_TYPES: Final[Mapping[str, str]] = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
_NUMERIC: Final = ("double", "currency", "percent")


def global_describe(catalog: Mapping[str, SObject], base: str) -> dict[str, Any]:
    """The answer of `/sobjects`."""
    listed = [object_flags(item, base) for item in sorted(catalog.values(), key=lambda item: item.name)]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}


def object_flags(declared: SObject, base: str) -> dict[str, Any]:
    """One entry of the global describe."""
    root = f"{base}/sobjects/{declared.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": declared.createable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": declared.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": declared.key_prefix,
        "label": declared.label,
        "labelPlural": declared.label_plural,
        "layoutable": True,
        "mergeable": declared.mergeable,
        "mruEnabled": True,
        "name": declared.name,
        "queryable": declared.queryable,
        "replicateable": declared.replicateable,
        "retrieveable": declared.retrieveable,
        "searchable": declared.queryable,
        "triggerable": True,
        "undeletable": declared.undeletable,
        "updateable": declared.updateable,
        "urls": {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"},
    }


def describe(declared: SObject, catalog: Mapping[str, SObject], base: str) -> dict[str, Any]:
    """The answer of `/sobjects/X/describe`."""
    children = [
        _child(name, child, link)
        for name, (child, link) in declared.child_relationships.items()
        if child in catalog and link in catalog[child].fields
    ]
    return {
        **object_flags(declared, base),
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(item) for item in declared.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All", "name": "everything"}],
    }


def _child(name: str, child: str, link: str) -> dict[str, Any]:
    return {
        "cascadeDelete": False,
        "childSObject": child,
        "deprecatedAndHidden": False,
        "field": link,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": name,
        "restrictedDelete": False,
    }


def describe_field(field: Field) -> dict[str, Any]:
    """One entry of `fields`."""
    return {**_identity(field), **_shape(field), **_powers(field)}


def _identity(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "custom": field.custom,
        "compoundFieldName": field.compound,
        "inlineHelpText": field.help_text,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": None,
        "referenceTargetField": None,
        "polymorphicForeignKey": field.polymorphic,
        "namePointing": field.polymorphic,
        "nameField": field.name == "Name",
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "controllerName": None,
        "mask": None,
        "maskType": None,
        "filteredLookupInfo": None,
        "calculatedFormula": None,
        "defaultValueFormula": None,
    }


def _shape(field: Field) -> dict[str, Any]:
    return {
        "length": field.length,
        "byteLength": field.length * 3 if field.type not in ("id", "reference") else field.length,
        "digits": field.precision if field.type == "int" else 0,
        "precision": field.precision if field.type in _NUMERIC else 0,
        "scale": field.scale,
        "picklistValues": picklist_values(field),
        "restrictedPicklist": field.restricted,
        "dependentPicklist": False,
        "defaultValue": field.default == "true" if field.type == "boolean" else None,
    }


def picklist_values(field: Field) -> list[dict[str, Any]]:
    """The values of a picklist with their labels."""
    labels = field.value_labels or field.values
    return [
        {"active": True, "defaultValue": False, "label": label, "validFor": None, "value": value}
        for value, label in zip(field.values, labels, strict=True)
    ]


def _powers(field: Field) -> dict[str, Any]:
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": False,
        "calculated": False,
        "cascadeDelete": False,
        "caseSensitive": False,
        "createable": field.createable,
        "defaultedOnCreate": field.default is not None or not field.createable,
        "deprecatedAndHidden": False,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.id_lookup,
        "nillable": field.nillable,
        "permissionable": field.custom or (field.nillable and field.createable),
        "queryByDistance": False,
        "restrictedDelete": False,
        "searchPrefilterable": field.type == "reference",
        "sortable": field.sortable,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }
