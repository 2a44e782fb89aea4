"""The org's rows: one DuckDB file with one table per sObject, shared by all requests of the server.

Custom fields are columns added at run time; what people "had entered" in them waits in side tables `_entered_<Object>` that the
projection makes.

Tables beside the objects:
  _deleted(object, id, deleted_at)          the log behind getDeleted
  _fields, _permission_sets, _assignments, _field_permissions, _object_permissions   what provisioning made
  _later(object, record)                    rows (JSON) that another transaction commits later, stamped earlier
  _truth_pairs, _truth_traps                what the generator knows; no API shows them
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import duckdb

from connectors.sandbox.entered import Entered
from connectors.sandbox.salesforce import ids
from connectors.sandbox.salesforce.customfields import owners, stored_field
from connectors.sandbox.salesforce.metadata import Field, SObject
from connectors.sandbox.salesforce.schema import SOBJECTS, TOOLING, column_ddl
from connectors.sandbox.store import BaseStore, insert_row

INTEGRATION_USER_ID: Final = ids.make_id("005", 1, ids.RUNTIME_POD)
ORGANIZATION_ID: Final = ids.make_id("00D", 1, ids.RUNTIME_POD)
INTEGRATION_USERNAME: Final = "integration@sandbox.example"
_PLAIN_TABLES: Final = (
    "create table if not exists _deleted (object varchar, id varchar, deleted_at timestamp)",
    "create table if not exists _later (object varchar, record varchar)",
    "create table if not exists _truth_pairs (user_id varchar, person_id varchar, closeness double)",
    "create table if not exists _truth_traps (trap varchar, object varchar, record_id varchar, expected varchar)",
    "create sequence if not exists _ids start 1000",
)


class Store(BaseStore):
    """One open state. `catalog` holds the data API's objects with their custom fields, `tooling` the Tooling API's."""

    half = "Salesforce"
    database = "salesforce.duckdb"
    catalog: Mapping[str, SObject] = SOBJECTS
    tooling: Mapping[str, SObject] = TOOLING

    @cached_property
    def entered(self) -> Entered:
        """What people had entered in fields that are not made yet."""
        return Entered()

    def lay_out(self, cursor: duckdb.DuckDBPyConnection) -> None:
        for statement in (*map(column_ddl, (*SOBJECTS.values(), *TOOLING.values())), *_PLAIN_TABLES):
            cursor.execute(statement)
        _insert_standing_rows(cursor, self.stamp())

    def copy_csv(self, sql: str, params: Sequence[Any], path: Path, options: str = "header, force_quote *, nullstr ''") -> int:
        """Write a query's rows to a CSV file at disk speed; returns their number."""
        with self.cursor() as cursor:
            written = cursor.execute(f"copy ({sql}) to '{path}' (format csv, {options})", list(params)).fetchall()
        return int(written[0][0])

    def sobject(self, name: str, *, tooling: bool = False) -> SObject | None:
        """An object by name in any case, custom fields included."""
        catalog = self.tooling if tooling else self.catalog
        found = catalog.get(name)
        return found or next((item for key, item in catalog.items() if key.lower() == name.lower()), None)

    def by_prefix(self, record_id: str) -> SObject | None:
        """The object a record id belongs to."""
        return next((item for item in self.catalog.values() if item.key_prefix == record_id[:3]), None)

    def new_ids(self, prefix: str, count: int) -> list[str]:
        """Fresh record ids."""
        numbers = [row[0] for row in self.read("select nextval('_ids') from range(?)", [count])]
        return [str(made) for made in ids.make_ids(prefix, sorted(numbers), ids.RUNTIME_POD).to_pylist()]

    def refresh_catalog(self) -> None:
        added: dict[str, list[Field]] = {}
        for table, api_name, metadata in self.read('select "TableEnumOrId", "ApiName", "Metadata" from _fields order by "Id"'):
            for owner in owners(table):
                added.setdefault(owner, []).append(stored_field(api_name, metadata))
        self.catalog = {name: item.with_fields(added.get(name, ())) for name, item in SOBJECTS.items()}
        self.version += 1


def _insert_standing_rows(cursor: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """The org itself and its integration user."""
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
    audit = {**stamps, "CreatedById": INTEGRATION_USER_ID, "LastModifiedById": INTEGRATION_USER_ID}
    user = {"Id": INTEGRATION_USER_ID, "LastName": "Integration", "FirstName": "Sandbox", "Name": "Sandbox Integration"}
    login = {"Username": INTEGRATION_USERNAME, "Email": INTEGRATION_USERNAME, "IsActive": True, "UserType": "Standard"}
    org = {"Id": ORGANIZATION_ID, "Name": "Sandbox", "InstanceName": "SBX1", "OrganizationType": "Developer Edition", "IsSandbox": True}
    insert_row(cursor, "User", {**user, **login, **audit})
    insert_row(cursor, "Organization", {**org, "TimeZoneSidKey": "UTC", **audit})
