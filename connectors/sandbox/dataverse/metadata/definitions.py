"""One table as `EntityDefinitions` shows it, and its relationships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.metadata.labels import label, managed
from connectors.sandbox.dataverse.schema_types import Attribute, Table

Definition = dict[str, Any]
Catalog = Mapping[str, Table]


def definition(table: Table) -> Definition:
    """A table without its columns and relationships, which only `$expand` shows."""
    return {
        "MetadataId": guid("entity", table.logical_name),
        "LogicalName": table.logical_name,
        "SchemaName": table.schema_name,
        "EntitySetName": table.entity_set,
        "LogicalCollectionName": table.entity_set,
        "CollectionSchemaName": table.entity_set,
        "PrimaryIdAttribute": table.primary_id,
        "PrimaryNameAttribute": table.primary_name or None,
        "ObjectTypeCode": table.object_type_code,
        "OwnershipType": "None" if table.activity_party else table.ownership,
        "TableType": "Standard",
        "DataProviderId": None,
        "DisplayName": label(table.label),
        "DisplayCollectionName": label(table.label_plural),
        "Description": label(""),
        **_flags(table),
    }


def _flags(table: Table) -> Definition:
    return {
        "ChangeTrackingEnabled": table.change_tracking,
        "CanChangeTrackingBeEnabled": managed(table.can_change_tracking, "canchangetrackingbeenabled", can_be_changed=False),
        "IsOptimisticConcurrencyEnabled": table.optimistic_concurrency,
        "IsActivity": table.is_activity,
        "IsActivityParty": table.activity_party,
        "IsCustomEntity": False,
        "IsManaged": True,
        "IsIntersect": False,
        "IsPrivate": False,
        "IsLogicalEntity": False,
        "IsValidForAdvancedFind": True,
        "IsAuditEnabled": managed(False, "canmodifyauditsettings"),
        "IsCustomizable": managed(True, "iscustomizable", can_be_changed=False),
        "CanCreateAttributes": managed(True, "cancreateattributes", can_be_changed=False),
        "IsRenameable": managed(True, "isrenameable", can_be_changed=False),
    }


def many_to_one(table: Table, catalog: Catalog) -> list[Definition]:
    """What a table's lookups lead to."""
    lookups = [item for item in table.attributes.values() if item.is_lookup]
    return [
        _relationship(table, lookup, target, navigation, catalog)
        for lookup in lookups
        for target, navigation in zip(lookup.targets, lookup.navigation, strict=True)
        if target in catalog
    ]


def one_to_many(table: Table, catalog: Catalog) -> list[Definition]:
    """Which tables' lookups lead here."""
    found = [item for child in catalog.values() for item in many_to_one(child, catalog)]
    return [item for item in found if item["ReferencedEntity"] == table.logical_name]


def _relationship(table: Table, lookup: Attribute, target: str, navigation: str, catalog: Catalog) -> Definition:
    referenced = catalog[target]
    collections = {child: name for name, child in referenced.collections.items()}
    back = collections.get((table.logical_name, lookup.logical_name))
    name = back or f"{target}_{table.logical_name}_{lookup.logical_name}"
    return {
        "@odata.type": "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
        "MetadataId": guid("relationship", name),
        "SchemaName": name,
        "RelationshipType": "OneToManyRelationship",
        "ReferencedEntity": target,
        "ReferencedAttribute": referenced.primary_id,
        "ReferencingEntity": table.logical_name,
        "ReferencingAttribute": lookup.logical_name,
        "ReferencingEntityNavigationPropertyName": navigation,
        "ReferencedEntityNavigationPropertyName": back,
        "IsCustomRelationship": lookup.custom,
        "IsManaged": not lookup.custom,
    }
