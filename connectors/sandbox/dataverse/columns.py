"""Making columns at run time, alone or as the lookup of a relationship, in the solution that `MSCRM.SolutionUniqueName` names.

POST EntityDefinitions(LogicalName='account')/Attributes                            a column
PUT  EntityDefinitions(LogicalName='account')/Attributes(LogicalName='gx_x')        its whole definition anew (the type stays)
POST RelationshipDefinitions                                                        a lookup: OneToManyRelationshipMetadata with Lookup

The schema name begins with the prefix of the solution's publisher; without a solution any publisher's prefix will do. Deliberately
absent: tables, keys, global choices, and deleting columns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from connectors.sandbox.dataverse.api import Answer, Api, Call
from connectors.sandbox.dataverse.definitions import attribute_of, lookup_of
from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, NO_SUCH_ATTRIBUTE, DataverseError, QueryError, bad_payload
from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.metadata.routes import table_of
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_key
from connectors.sandbox.dataverse.schema_types import Attribute, Table

SOLUTION_HEADER: Final = "MSCRM.SolutionUniqueName"
ATTRIBUTE_EXISTS: Final = "0x80047013"
BAD_PREFIX: Final = "0x80048062"
OPTION_PREFIX: Final = 10_000
"""The default publisher's; that of publishers who have none."""
ONE_TO_MANY: Final = "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata"


class Columns:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def register(self) -> None:
        """Serve the addresses above."""
        self._api.on("POST", "EntityDefinitions({key})/Attributes", self.create)
        self._api.on("PUT", "EntityDefinitions({key})/Attributes({key_of_attribute})", self.replace)
        self._api.on("POST", "RelationshipDefinitions", self.relate)

    def create(self, call: Call) -> Answer:
        """POST EntityDefinitions(...)/Attributes"""
        call.access.check_customizer()
        table = table_of(call)
        prefixes = _prefixes(call)
        attribute = attribute_of(call.json_object(), _option_prefix(prefixes))
        _add(call, table, attribute, prefixes)
        where = f"{call.root}EntityDefinitions({guid('entity', table.logical_name)})/Attributes({_metadata_id(table, attribute)})"
        return Answer(204, headers={"OData-EntityId": where})

    def relate(self, call: Call) -> Answer:
        """POST RelationshipDefinitions"""
        call.access.check_customizer()
        body = call.json_object()
        lookup = body.get("Lookup")
        if str(body.get("@odata.type", "")).lstrip("#") != ONE_TO_MANY or not isinstance(lookup, dict):
            raise bad_payload(f"The definition must be a {ONE_TO_MANY} with a Lookup.")
        table, target = _named_table(call, body.get("ReferencingEntity")), _named_table(call, body.get("ReferencedEntity"))
        navigation = str(body.get("ReferencingEntityNavigationPropertyName") or "")
        attribute = lookup_of(lookup, target.logical_name, navigation)
        _add(call, table, attribute, _prefixes(call))
        made = guid("relationship", f"{target.logical_name}_{table.logical_name}_{attribute.logical_name}")
        return Answer(204, headers={"OData-EntityId": f"{call.root}RelationshipDefinitions({made})"})

    def replace(self, call: Call) -> None:
        """PUT EntityDefinitions(...)/Attributes(...)"""
        call.access.check_customizer()
        table = table_of(call)
        held = _attribute(table, call.name("key_of_attribute"))
        attribute = attribute_of(call.json_object(), _option_prefix(_prefixes(call)))
        if (attribute.type, attribute.logical_name) != (held.type, held.logical_name) or not held.custom:
            raise DataverseError(INVALID_ARGUMENT, f"The type and the name of column '{held.logical_name}' cannot be changed.")
        with call.store.write() as cursor:
            changed = [json.dumps(attribute.stored()), table.logical_name, attribute.logical_name]
            cursor.execute('update _columns set definition = ? where "table" = ? and logical_name = ?', changed)
        call.store.refresh_catalog()


def _add(call: Call, table: Table, attribute: Attribute, prefixes: Mapping[str, int]) -> None:
    _check_prefix(prefixes, attribute)
    with call.store.lock:
        if attribute.logical_name in call.store.catalog[table.logical_name].attributes:
            text = f"An attribute with the specified name '{attribute.logical_name}' already exists on entity '{table.logical_name}'"
            raise DataverseError(ATTRIBUTE_EXISTS, text)
        with call.store.write() as cursor:
            call.store.add_column(cursor, table.logical_name, attribute)
        call.store.refresh_catalog()


def _check_prefix(prefixes: Mapping[str, int], attribute: Attribute) -> None:
    if attribute.schema_name.partition("_")[0].lower() not in prefixes:
        raise DataverseError(
            BAD_PREFIX,
            f"Invalid name for attribute '{attribute.schema_name}'. Custom attribute names must start with a valid customization prefix."
            " The prefix for a solution component should match the prefix that is specified for the publisher of the solution.",
        )


def _prefixes(call: Call) -> Mapping[str, int]:
    """Prefix and option prefix of the publisher of the named solution; of all publishers when none is named."""
    columns = "select lower(p.customizationprefix), p.customizationoptionvalueprefix from publisher p"
    solution = call.header(SOLUTION_HEADER)
    if not solution:
        return dict(call.store.read(columns))
    joined = f"{columns} join solution s on s._publisherid_value = p.publisherid where lower(s.uniquename) = lower(?)"
    found = dict(call.store.read(joined, [solution]))
    if not found:
        raise DataverseError(INVALID_ARGUMENT, f"The solution with the unique name '{solution}' does not exist.")
    return found


def _option_prefix(prefixes: Mapping[str, int]) -> int:
    return next(iter(prefixes.values())) or OPTION_PREFIX


def _named_table(call: Call, name: Any) -> Table:
    return call.access.readable(str(name))


def _attribute(table: Table, key: str) -> Attribute:
    """The column an address names by `LogicalName='x'` or its MetadataId; raises QueryError (404)."""
    parsed = parse_key(key)
    wanted = parsed if isinstance(parsed, tree.Literal) else parsed.get("LogicalName")
    value = wanted.value if isinstance(wanted, tree.Literal) else None
    found = next((item for item in table.attributes.values() if value in (item.logical_name, _metadata_id(table, item))), None)
    if found is None:
        raise QueryError(f"Could not find an attribute with name {key} on entity {table.logical_name}.", NO_SUCH_ATTRIBUTE, status=404)
    return found


def _metadata_id(table: Table, attribute: Attribute) -> str:
    return guid("attribute", f"{table.logical_name}.{attribute.logical_name}")
