"""The environment's standard tables (`TABLES`, by logical name) and their DuckDB statements; the store adds columns at run time."""

from collections.abc import Iterable, Mapping
from typing import Final

from connectors.sandbox.dataverse.schema_activities import ACTIVITIES, PARTY, POINTER, SHARED_COLUMNS
from connectors.sandbox.dataverse.schema_records import RECORDS
from connectors.sandbox.dataverse.schema_setup import SETUP
from connectors.sandbox.dataverse.schema_types import Attribute, Option, Table

__all__ = ["ACTIVITY_TABLES", "ENTITY_SETS", "TABLES", "Attribute", "Option", "Table", "ddl", "pointer_ddl"]

TABLES: Final[Mapping[str, Table]] = {item.logical_name: item for item in (*RECORDS, *ACTIVITIES, POINTER, PARTY, *SETUP)}
ENTITY_SETS: Final[Mapping[str, str]] = {item.entity_set: item.logical_name for item in TABLES.values()}
ACTIVITY_TABLES: Final = tuple(item.logical_name for item in ACTIVITIES)
_POINTER_REASONS: Final = "case statecode when 0 then 1 when 1 then 2 when 2 then 3 else 4 end"


def ddl(declared: Table) -> str:
    """The CREATE TABLE statement of one table."""
    columns = ", ".join(_columns(declared.attributes.values()))
    return f'create table if not exists "{declared.logical_name}" ({columns})'


def pointer_ddl() -> str:
    """The activity pointer: the columns all activities share, with a status reason of its own."""
    return "create or replace view activitypointer as " + " union all by name ".join(map(_pointer_part, ACTIVITY_TABLES))


def _pointer_part(kind: str) -> str:
    shared = [*SHARED_COLUMNS, "_regardingobjectid_type", "_ownerid_type", "_owninguser_value", "_owningteam_value"]
    names = ", ".join(f'"{name}"' for name in dict.fromkeys(shared))
    return f'select {names}, activitytypecode, statecode, {_POINTER_REASONS} as statuscode from "{kind}"'  # noqa: S608


def _columns(attributes: Iterable[Attribute]) -> Iterable[str]:
    for item in attributes:
        if item.column_type:
            yield f'"{item.column}" {item.column_type}{_rule(item)}'
        if item.type_column:
            yield f'"{item.type_column}" VARCHAR'


def _rule(item: Attribute) -> str:
    if item.expression:
        return f" generated always as ({item.expression}) virtual"
    return f" default {item.filled}" if item.filled else ""
