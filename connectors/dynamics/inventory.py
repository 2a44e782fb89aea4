"""What of our columns an environment has already, as its definitions say: read by a few queries, changed by nothing.

The provisioner compares it with the catalogue, the writer takes from it what an address or a value is called here: which
option stands for a choice, and by which property a lookup is bound.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.column_metadata import ATTRIBUTE_TYPES, ENGLISH, OPTIONS_PER_PREFIX, TABLES, TYPE
from connectors.errors import MissingPermission
from connectors.fields import FieldSpec

READERS: Final = 8
CHOICES: Final = ("Picklist", "MultiSelectPicklist")
_COMMON: Final = "AttributeOf,AttributeTypeName,IsValidForUpdate,IsSecured,MetadataId"
_OWN: Final[Mapping[str, str]] = {
    "String": "MaxLength",
    "Decimal": "Precision,MinValue,MaxValue",
    "Integer": "MinValue,MaxValue",
    "DateTime": "DateTimeBehavior",
    "Lookup": "Targets",
    **dict.fromkeys(CHOICES, ""),
}


@dataclass(frozen=True)
class FoundColumn:
    """A column that is there. `type` is Dataverse's (`Decimal`, `String`, ...), `options` the values of a choice."""

    name: str
    type: str
    updatable: bool
    secured: bool
    metadata_id: str
    facts: Mapping[str, Any]
    options: tuple[int, ...] = ()

    def option(self, place: int) -> int | None:
        """The value that stands for the contract's choice at this place: its last four digits say so, whoever made it.

        An option that an administrator added under another publisher may end like one of ours: the prefix most options have goes first.
        """
        prefixes = Counter(value // OPTIONS_PER_PREFIX for value in self.options)
        ending = [value for value in self.options if value % OPTIONS_PER_PREFIX == place]
        return max(ending, key=lambda value: prefixes[value // OPTIONS_PER_PREFIX], default=None)


def columns(client: DynamicsClient, tables: Sequence[str]) -> dict[str, dict[str, FoundColumn]]:
    """The custom columns of tables by logical name.

    What only columns of one type have is asked for type by type: no list of all of them is sure to tell it.
    """
    asked = [(table, kind) for table in tables for kind in ("", *_OWN)]
    with ThreadPoolExecutor(READERS) as pool:
        answers = dict(zip(asked, pool.map(lambda pair: _definitions(client, *pair), asked), strict=True))
    return {table: _columns(answers[table, ""], [answers[table, kind] for kind in _OWN]) for table in tables}


def _definitions(client: DynamicsClient, table: str, kind: str) -> list[Mapping[str, Any]]:
    """Custom columns of a table: what all have in common, or those of one type with what is their own."""
    names = _OWN.get(kind, _COMMON)
    asked = {"$select": f"LogicalName,{names}" if names else "LogicalName", "$filter": "IsCustomAttribute eq true"}
    if kind in CHOICES:
        asked["$expand"] = "OptionSet($select=Options)"
    cast = f"/{TYPE}{kind}AttributeMetadata" if kind else ""
    found: list[Mapping[str, Any]] = client.get_json(f"EntityDefinitions(LogicalName='{table}')/Attributes{cast}", asked)["value"]
    return found


def _columns(common: Sequence[Mapping[str, Any]], own: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, FoundColumn]:
    facts = {item["LogicalName"]: item for items in own for item in items}
    return {item["LogicalName"]: _column(item, facts.get(item["LogicalName"], {})) for item in common if not item.get("AttributeOf")}


def _column(common: Mapping[str, Any], own: Mapping[str, Any]) -> FoundColumn:
    return FoundColumn(
        name=common["LogicalName"],
        type=common["AttributeTypeName"]["Value"].removesuffix("Type"),
        updatable=bool(common["IsValidForUpdate"]),
        secured=bool(common["IsSecured"]),
        metadata_id=common["MetadataId"],
        facts=own,
        options=tuple(option["Value"] for option in (own.get("OptionSet") or {}).get("Options", ())),
    )


def bindings(client: DynamicsClient, table: str) -> Mapping[str, str]:
    """The property each custom lookup of a table is bound by: it keeps the capitals the column was made with."""
    names = "ReferencingAttribute,ReferencingEntityNavigationPropertyName"
    path = f"EntityDefinitions(LogicalName='{table}')/ManyToOneRelationships"
    found = client.get_json(path, {"$select": names, "$filter": "IsCustomRelationship eq true"})["value"]
    return {item["ReferencingAttribute"]: item["ReferencingEntityNavigationPropertyName"] for item in found}


def supports_update_multiple(client: DynamicsClient, table: str) -> bool:
    """Whether many rows of a table can be updated by one request; not every standard table can."""
    wanted = f"sdkmessageid/name eq 'UpdateMultiple' and primaryobjecttypecode eq '{table}'"
    return bool(client.get_json("sdkmessagefilters", {"$select": "sdkmessagefilterid", "$filter": wanted})["value"])


def languages(client: DynamicsClient) -> tuple[int, ...]:
    """Languages the environment has, its base language first."""
    base = client.get_json("organizations", {"$select": "languagecode"})["value"]
    installed = client.get_json("RetrieveProvisionedLanguages()")["RetrieveProvisionedLanguages"]
    return tuple(dict.fromkeys([*(row["languagecode"] or ENGLISH for row in base), *installed]))


def mismatch(spec: FieldSpec, found: FoundColumn) -> str:
    """Why an existing column cannot hold the field, empty when it can. More room than needed is no reason."""
    wanted = ATTRIBUTE_TYPES[spec.kind]
    if found.type != wanted:
        return f"is {found.type}, not {wanted}"
    facts = found.facts
    match spec.kind:
        case "text" if facts["MaxLength"] < spec.length:
            return f"holds {facts['MaxLength']} characters, not {spec.length}"
        case "number" if facts["Precision"] < spec.decimals:
            return f"has {facts['Precision']} decimals, not {spec.decimals}"
        case "number" | "integer" if facts["MinValue"] > (spec.minimum or 0) or facts["MaxValue"] < (spec.maximum or 0):
            return f"holds {facts['MinValue']:g} to {facts['MaxValue']:g}, not {spec.minimum:g} to {spec.maximum:g}"
        case "date" if facts["DateTimeBehavior"]["Value"] != "DateOnly":
            return f"has the behaviour {facts['DateTimeBehavior']['Value']}, not DateOnly"
        case "lookup" if spec.lookup_to and TABLES[spec.lookup_to].logical_name not in facts["Targets"]:
            return f"points to {', '.join(facts['Targets'])}, not to {TABLES[spec.lookup_to].logical_name}"
        case "picklist" | "multipicklist" if missing := [place for place in range(len(spec.values)) if found.option(place) is None]:
            return f"has no option ending in {missing[0]:04d}"
    return ""


@contextmanager
def needing(what: str) -> Iterator[None]:
    """A refusal inside means that a right is missing: one line that says who can help."""
    try:
        yield
    except MissingPermission as refusal:
        raise MissingPermission(
            f"the application user has no right {what}; give it the role System Customizer, or let an administrator run"
            f" `guanxi provision` ({refusal})"
        ) from refusal


def quoted(text: str) -> str:
    """A text inside a filter."""
    return "'" + text.replace("'", "''") + "'"
