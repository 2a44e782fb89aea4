"""`$metadata`: the entity model as an OData CSDL document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from connectors.sandbox.dataverse.odata.scope import family
from connectors.sandbox.dataverse.schema_types import Attribute, Table

NAMESPACE: Final = "Microsoft.Dynamics.CRM"
_HEAD: Final = (
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    f'<Schema Namespace="{NAMESPACE}" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
_TAIL: Final = "</Schema></edmx:DataServices></edmx:Edmx>"
_ROOT: Final = '<EntityType Name="crmbaseentity" Abstract="true" />'
_EDM: Final = {"text": "Edm.String", "guid": "Edm.Guid", "boolean": "Edm.Boolean", "datetime": "Edm.DateTimeOffset", "date": "Edm.Date"}
_NUMBERS: Final = {"BigInt": "Edm.Int64", "Decimal": "Edm.Decimal", "Money": "Edm.Decimal", "Double": "Edm.Double"}


def document(catalog: Mapping[str, Table]) -> str:
    """The whole model."""
    types = "".join(_entity_type(item, catalog) for item in catalog.values())
    sets = "".join(_entity_set(item, catalog) for item in catalog.values())
    return f'{_HEAD}{_ROOT}{types}<EntityContainer Name="System">{sets}</EntityContainer>{_TAIL}'


def edm_type(attribute: Attribute) -> str:
    """The type of a column's value on the wire."""
    kind = family(attribute)
    return _EDM[kind] if kind in _EDM else _NUMBERS.get(attribute.type, "Edm.Int32")


def _entity_type(table: Table, catalog: Mapping[str, Table]) -> str:
    properties = "".join(f"<Property Name={quoteattr(name)} Type={quoteattr(edm_type(item))} />" for name, item in table.columns.items())
    relations = "".join([*_parents(table, catalog), *_children(table, catalog)])
    head = f'<EntityType Name={quoteattr(table.logical_name)} BaseType="mscrm.crmbaseentity">'
    return f"{head}<Key><PropertyRef Name={quoteattr(table.primary_id)} /></Key>{properties}{relations}</EntityType>"


def _parents(table: Table, catalog: Mapping[str, Table]) -> Iterable[str]:
    """Single-valued navigation; `ownerid` appears once although it has two targets."""
    seen: set[str] = set()
    for lookup in table.attributes.values():
        for name, target in zip(lookup.navigation, lookup.targets, strict=True):
            if target in catalog and name not in seen:
                seen.add(name)
                column, key = quoteattr(lookup.column), quoteattr(catalog[target].primary_id)
                yield (
                    f'<NavigationProperty Name={quoteattr(name)} Type={quoteattr(f"mscrm.{target}")} Nullable="true">'
                    f"<ReferentialConstraint Property={column} ReferencedProperty={key} /></NavigationProperty>"
                )


def _children(table: Table, catalog: Mapping[str, Table]) -> Iterable[str]:
    for name, (child, lookup) in table.collections.items():
        attribute = catalog[child].attributes[lookup]
        partner = dict(zip(attribute.targets, attribute.navigation, strict=True)).get(table.logical_name, lookup)
        yield f"<NavigationProperty Name={quoteattr(name)} Type={quoteattr(f'Collection(mscrm.{child})')} Partner={quoteattr(partner)} />"


def _entity_set(table: Table, catalog: Mapping[str, Table]) -> str:
    bindings = "".join(
        f"<NavigationPropertyBinding Path={quoteattr(name)} Target={quoteattr(catalog[child].entity_set)} />"
        for name, (child, _) in table.collections.items()
    )
    return (
        f"<EntitySet Name={quoteattr(table.entity_set)} EntityType={quoteattr(f'{NAMESPACE}.{table.logical_name}')}>{bindings}</EntitySet>"
    )
