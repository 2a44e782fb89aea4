"""The org's standard objects: `SOBJECTS` for the data API, `TOOLING` for the Tooling API; the store adds custom fields at run time."""

from collections.abc import Mapping
from typing import Final

from connectors.sandbox.salesforce.metadata import Field, SObject
from connectors.sandbox.salesforce.standard_activities import ACTIVITIES
from connectors.sandbox.salesforce.standard_records import RECORDS
from connectors.sandbox.salesforce.standard_setup import SETUP, TOOLING_OBJECTS

__all__ = ["DATA_OBJECTS", "SOBJECTS", "TOOLING", "Field", "SObject", "column_ddl"]

DATA_OBJECTS: Final = tuple(item.name for item in (*RECORDS, *ACTIVITIES))
"""The objects a company is projected into (Group and Calendar hold the owners that are not users)."""
SOBJECTS: Final[Mapping[str, SObject]] = {item.name: item for item in (*RECORDS, *ACTIVITIES, *SETUP)}
TOOLING: Final[Mapping[str, SObject]] = {item.name: item for item in TOOLING_OBJECTS}


def column_ddl(declared: SObject) -> str:
    """The CREATE TABLE statement of one object."""
    columns = ", ".join(f'"{item.name}" {item.column_type}{_default(item)}' for item in declared.columns)
    return f'create table if not exists "{declared.table}" ({columns})'


def _default(declared: Field) -> str:
    return " default false" if declared.type == "boolean" else ""
