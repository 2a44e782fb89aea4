"""The addresses of metadata: tables, columns (with casts to one kind), keys, relationships, global option sets, the entity model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectors.sandbox.dataverse.api import Answer, Api, Call
from connectors.sandbox.dataverse.errors import NO_SUCH_ATTRIBUTE, NO_SUCH_ENTITY, QueryError, no_such_property
from connectors.sandbox.dataverse.metadata import attributes, definitions
from connectors.sandbox.dataverse.metadata.csdl import document
from connectors.sandbox.dataverse.metadata.select import Definition, chosen, shown
from connectors.sandbox.dataverse.odata import tree
from connectors.sandbox.dataverse.odata.parse import parse_key, parse_options
from connectors.sandbox.dataverse.schema_types import Table

_TABLE: Final = "EntityDefinitions({key})"
_COLUMN: Final = f"{_TABLE}/Attributes({{key_column}})"
_CAST: Final = "Microsoft.Dynamics.CRM.{kind}"
_ENTITY, _ATTRIBUTE, _RELATION = "EntityMetadata", "AttributeMetadata", "OneToManyRelationshipMetadata"
_ONLY_HERE: Final = frozenset({"MaxLength", "Format", "FormatName", "MinValue", "MaxValue", "Precision", "DateTimeBehavior"}) | frozenset(
    {"CanChangeDateTimeBehavior", "Targets", "DefaultFormValue", "DefaultValue", "OptionSet"}
)


def register(api: Api) -> None:
    """Serve them."""
    for template, handler in (
        ("$metadata", entity_model),
        ("EntityDefinitions", tables),
        (_TABLE, table),
        (f"{_TABLE}/Attributes", columns),
        (f"{_TABLE}/Attributes/{_CAST}", columns),
        (_COLUMN, column),
        (f"{_COLUMN}/{_CAST}", column),
        (f"{_COLUMN}/{_CAST}/OptionSet", option_set),
        (f"{_TABLE}/Keys", keys),
        (f"{_TABLE}/OneToManyRelationships", one_to_many),
        (f"{_TABLE}/ManyToOneRelationships", many_to_one),
        (f"{_TABLE}/ManyToManyRelationships", keys),
        ("RelationshipDefinitions", relationships),
        ("RelationshipDefinitions/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", relationships),
        ("GlobalOptionSetDefinitions", keys),
    ):
        api.on("GET", template, handler)


def entity_model(call: Call) -> Answer:
    """GET $metadata"""
    return Answer(200, document(call.store.catalog).encode(), {"Content-Type": "application/xml"})


def tables(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions"""
    options = parse_options(call.options)
    found = [(item, definitions.definition(item)) for item in call.store.catalog.values()]
    kept = chosen([made for _, made in found], options.filter, _ENTITY)
    wanted = [(item, made) for item, made in found if made in kept][: options.top]
    rows = [{**shown(made, options.select, _ENTITY), **_expanded(call, item, options)} for item, made in wanted]
    return {"@odata.context": f"{call.root}$metadata#EntityDefinitions", "value": rows}


def table(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions({key})"""
    found, options = table_of(call), parse_options(call.options)
    made = shown(definitions.definition(found), options.select, _ENTITY)
    return {"@odata.context": f"{call.root}$metadata#EntityDefinitions/$entity", **made, **_expanded(call, found, options)}


def columns(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions({key})/Attributes, also cast to one kind"""
    found = table_of(call)
    rows = _columns(call, found, parse_options(call.options), call.names.get("kind"))
    return _listed(call, f"EntityDefinitions('{found.logical_name}')/Attributes", rows)


def column(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions({key})/Attributes({key_column}), also cast"""
    found, kind = _column(call), call.names.get("kind")
    context = f"{call.root}$metadata#EntityDefinitions('{found['EntityLogicalName']}')/Attributes/$entity"
    return {"@odata.context": context, **_shown_column(found, parse_options(call.options), kind)}


def option_set(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions({key})/Attributes({key_column})/Microsoft.Dynamics.CRM.{kind}/OptionSet"""
    found = _column(call)
    if "OptionSet" not in found:
        raise no_such_property("OptionSet", call.name("kind"))
    return shown(found["OptionSet"], parse_options(call.options).select, "OptionSetMetadata")


def keys(call: Call) -> dict[str, Any]:
    """What no table here has: alternate keys, many-to-many relationships, global option sets."""
    if "key" in call.names:
        table_of(call)
    return _listed(call, call.incoming.path, [])


def one_to_many(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions({key})/OneToManyRelationships"""
    return _relationships(call, definitions.one_to_many(table_of(call), call.store.catalog))


def many_to_one(call: Call) -> dict[str, Any]:
    """GET EntityDefinitions({key})/ManyToOneRelationships"""
    return _relationships(call, definitions.many_to_one(table_of(call), call.store.catalog))


def relationships(call: Call) -> dict[str, Any]:
    """GET RelationshipDefinitions"""
    return _relationships(
        call, [made for item in call.store.catalog.values() for made in definitions.many_to_one(item, call.store.catalog)]
    )


def table_of(call: Call) -> Table:
    """The table an address names by `LogicalName='x'` or its MetadataId; raises QueryError (404)."""
    name, wanted = _wanted(call.name("key"))
    found = next((item for item in call.store.catalog.values() if definitions.definition(item)[name] == wanted), None)
    if found is None:
        raise QueryError(f"Could not find an entity with name {wanted} in the metadata cache.", NO_SUCH_ENTITY, status=404)
    return found


def _column(call: Call) -> Definition:
    found, (name, wanted) = table_of(call), _wanted(call.name("key_column"))
    made = next((item for item in _all_columns(call, found) if item[name] == wanted), None)
    if made is None:
        raise QueryError(f"Could not find an attribute with name {wanted} on entity {found.logical_name}.", NO_SUCH_ATTRIBUTE, status=404)
    return made


def _wanted(text: str) -> tuple[str, str]:
    """The property a key compares, and its value."""
    key = parse_key(text)
    if isinstance(key, tree.Literal):
        return "MetadataId", str(key.value)
    name, value = next(iter(key.items()))
    if name not in ("LogicalName", "MetadataId") or not isinstance(value, tree.Literal):
        raise no_such_property(name, "MetadataBase")
    return name, str(value.value)


def _expanded(call: Call, found: Table, options: tree.Options) -> dict[str, Any]:
    """The navigation properties of a table that are to be shown."""
    return {item.name: _expansion(call, found, item) for item in options.expand}


def _expansion(call: Call, found: Table, wanted: tree.Expand) -> list[dict[str, Any]]:
    if wanted.name == "Attributes":
        return _columns(call, found, wanted.options, None)
    made: dict[str, list[dict[str, Any]]] = {"Keys": [], "ManyToManyRelationships": []}
    if wanted.name == "OneToManyRelationships":
        made[wanted.name] = definitions.one_to_many(found, call.store.catalog)
    elif wanted.name == "ManyToOneRelationships":
        made[wanted.name] = definitions.many_to_one(found, call.store.catalog)
    elif wanted.name not in made:
        raise no_such_property(wanted.name, _ENTITY)
    kept = chosen(made[wanted.name], wanted.options.filter, _RELATION)
    return [shown(item, wanted.options.select, _RELATION) for item in kept]


def _all_columns(call: Call, found: Table) -> Sequence[Definition]:
    return attributes.definitions(found, call.access.restrictions.secured_columns)


def _columns(call: Call, found: Table, options: tree.Options, kind: str | None) -> list[dict[str, Any]]:
    held = [item for item in _all_columns(call, found) if kind is None or item["@odata.type"].endswith(f".{kind}")]
    kept = chosen(held, options.filter, kind or _ATTRIBUTE)[: options.top]
    return [_shown_column(item, options, kind) for item in kept]


def _shown_column(item: Definition, options: tree.Options, kind: str | None) -> dict[str, Any]:
    """A column; what only its kind has can be selected and expanded under a cast only."""
    if kind is None and (own := [name for name in (*options.select, *(e.name for e in options.expand)) if name in _ONLY_HERE]):
        raise no_such_property(own[0], _ATTRIBUTE)
    made = shown(item, options.select, kind or _ATTRIBUTE)
    for wanted in options.expand:
        made[wanted.name] = _expanded_options(item, wanted, kind or _ATTRIBUTE)
    return made


def _expanded_options(item: Definition, wanted: tree.Expand, kind: str) -> dict[str, Any] | None:
    if wanted.name == "GlobalOptionSet":
        return None
    if wanted.name != "OptionSet" or "OptionSet" not in item:
        raise no_such_property(wanted.name, kind)
    return shown(item["OptionSet"], wanted.options.select, "OptionSetMetadata")


def _relationships(call: Call, found: Sequence[Definition]) -> dict[str, Any]:
    options = parse_options(call.options)
    kept = chosen(found, options.filter, _RELATION)
    return _listed(call, "RelationshipDefinitions", [shown(item, options.select, _RELATION) for item in kept])


def _listed(call: Call, what: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@odata.context": f"{call.root}$metadata#{what}", "value": rows}
