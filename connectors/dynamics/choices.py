"""Labels of choice columns. Rows carry numbers; what the service would format for us comes in the user's language and time zone."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Final

import pyarrow as pa

from connectors.dynamics.client import DynamicsClient

ENGLISH: Final = 1033
_TYPES: Final[Mapping[str, pa.DataType]] = {
    "object_name": pa.string(),
    "column_name": pa.string(),
    "value": pa.int64(),
    "label": pa.string(),
}
SCHEMA: Final = pa.schema(_TYPES)
_EXPAND: Final = "OptionSet($select=Options),GlobalOptionSet($select=Options)"


def labels(client: DynamicsClient, pool: Executor, tables: Sequence[tuple[str, Mapping[str, str]]]) -> pa.Table:
    """Columns object_name, column_name, value (int64), label: the English label of each value, else the user's, else blank.

    `tables`: logical name, and its choice columns with their metadata types; asked for in one request per table and type. Raises CrmError.
    """
    wanted = [(table, kind, _of(kind, columns)) for table, columns in tables for kind in sorted(set(columns.values()))]
    found = pool.map(lambda item: list(_read(client, *item)), wanted)
    return pa.Table.from_pylist([row for rows in found for row in rows], SCHEMA)


def _of(kind: str, columns: Mapping[str, str]) -> list[str]:
    return [name for name, its in columns.items() if its == kind]


def _read(client: DynamicsClient, table: str, kind: str, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    path = f"EntityDefinitions(LogicalName='{table}')/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata"
    named = " or ".join(f"LogicalName eq '{name}'" for name in columns)
    for item in client.get_json(path, {"$select": "LogicalName", "$filter": named, "$expand": _EXPAND})["value"]:
        options = item.get("OptionSet") or item.get("GlobalOptionSet") or {}
        for option in options.get("Options", ()):
            yield {"object_name": table, "column_name": item["LogicalName"], "value": option["Value"], "label": _label(option["Label"])}


def _label(label: Mapping[str, Any]) -> str | None:
    localized = {item["LanguageCode"]: item["Label"] for item in label.get("LocalizedLabels") or ()}
    own = (label.get("UserLocalizedLabel") or {}).get("Label")
    return localized.get(ENGLISH, own)
