"""Rows every environment has from the start: organisation, root unit, currency, role, publisher, solution, the integration user."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import duckdb

from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.schema import TABLES

TENANT_ID: Final = guid("tenant", 1)
ORGANIZATION_ID: Final = guid("organization", 1)
BUSINESS_UNIT_ID: Final = guid("businessunit", 1)
CURRENCY_ID: Final = guid("transactioncurrency", 1)
INTEGRATION_USER_ID: Final = guid("systemuser", "integration")
APPLICATION_ID: Final = guid("application", 1)
SYSTEM_USER_ID: Final = guid("systemuser", "system")
"""SYSTEM: author of what the platform makes by itself."""
ADMINISTRATOR_ROLE_ID: Final = guid("role", "System Administrator")
DEFAULT_PUBLISHER_ID: Final = guid("publisher", "default")
DEFAULT_SOLUTION_ID: Final = guid("solution", "default")
RETENTION_DAYS: Final = 7
MESSAGES: Final = ("Create", "Update", "Delete", "Retrieve", "RetrieveMultiple", "CreateMultiple", "UpdateMultiple", "Merge")


def insert_standing_rows(cursor: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Insert them, stamped `now` (naive UTC, whole seconds)."""
    stamps = {"createdon": now, "modifiedon": now, "_createdby_value": SYSTEM_USER_ID, "_modifiedby_value": SYSTEM_USER_ID}
    for table, row in (*_organisation(), *_users(), *_solutions()):
        _insert(cursor, table, row | stamps)
    for name in MESSAGES:
        _insert(cursor, "sdkmessage", {"sdkmessageid": guid("sdkmessage", name), "name": name} | stamps)
    _insert_filters(cursor, now)


def _insert_filters(cursor: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Which message exists for which table: where clients find out whether UpdateMultiple does."""
    names = ("sdkmessagefilterid", "_sdkmessageid_value", "primaryobjecttypecode")
    found = [(guid("filter", f"{message}/{table}"), guid("sdkmessage", message), table) for message, table in _supported()]
    lists = [list(column) for column in zip(*found, strict=True)]
    columns = ", ".join(f"unnest(?::varchar[]) as {name}" for name in names)
    cursor.execute(f"insert into sdkmessagefilter by name select {columns}, ? as createdon, ? as modifiedon", [*lists, now, now])


def _insert(cursor: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    cursor.execute(f'insert into "{table}" by name select ' + ", ".join(f'? as "{name}"' for name in row), list(row.values()))


def _organisation() -> list[tuple[str, dict[str, Any]]]:
    organisation = {"organizationid": ORGANIZATION_ID, "name": "Sandbox", "languagecode": 1033, "_basecurrencyid_value": CURRENCY_ID}
    windows = {"expirechangetrackingindays": RETENTION_DAYS, "futureexpansionwindow": 12, "pastexpansionwindow": 3}
    euro = {"transactioncurrencyid": CURRENCY_ID, "currencyname": "Euro", "isocurrencycode": "EUR", "currencysymbol": "€"}
    unit = {"businessunitid": BUSINESS_UNIT_ID, "name": "Sandbox", "_organizationid_value": ORGANIZATION_ID}
    role = {"roleid": ADMINISTRATOR_ROLE_ID, "name": "System Administrator", "_businessunitid_value": BUSINESS_UNIT_ID}
    return [
        ("organization", organisation | windows),
        ("transactioncurrency", euro | {"currencyprecision": 2, "exchangerate": 1.0}),
        ("businessunit", unit),
        ("role", role),
    ]


def _users() -> list[tuple[str, dict[str, Any]]]:
    """The application user we log in as, and SYSTEM."""
    shared = {"_businessunitid_value": BUSINESS_UNIT_ID, "islicensed": False}
    integration = {"systemuserid": INTEGRATION_USER_ID, "firstname": "#", "lastname": "guanxi", "applicationid": APPLICATION_ID}
    access = {"accessmode": 4, "isintegrationuser": True, "domainname": f"{APPLICATION_ID}@sandbox.example"}
    system = {"systemuserid": SYSTEM_USER_ID, "lastname": "SYSTEM", "accessmode": 3, "isdisabled": True}
    granted = {"systemuserroleid": guid("systemuserroles", 1), "systemuserid": INTEGRATION_USER_ID, "roleid": ADMINISTRATOR_ROLE_ID}
    return [("systemuser", integration | access | shared), ("systemuser", system | shared), ("systemuserroles", granted)]


def _solutions() -> list[tuple[str, dict[str, Any]]]:
    prefix = {"customizationprefix": "new", "customizationoptionvalueprefix": 10_000}
    publisher = {"publisherid": DEFAULT_PUBLISHER_ID, "uniquename": "DefaultPublisherSandbox", "friendlyname": "Default Publisher"}
    solution = {"solutionid": DEFAULT_SOLUTION_ID, "uniquename": "Default", "friendlyname": "Default Solution", "version": "1.0"}
    return [
        ("publisher", publisher | prefix | {"isreadonly": False}),
        ("solution", solution | {"_publisherid_value": DEFAULT_PUBLISHER_ID, "ismanaged": False}),
    ]


def _supported() -> list[tuple[str, str]]:
    """Which message each table supports."""
    stored = [item for item in TABLES.values() if not item.view]
    return [(name, item.logical_name) for item in stored for name in MESSAGES if _supports(name, item.logical_name)]


def _supports(message: str, table: str) -> bool:
    item = TABLES[table]
    allowed = {
        "Create": item.creatable,
        "Update": item.updatable,
        "Delete": item.deletable,
        "CreateMultiple": item.multiple and item.creatable,
        "UpdateMultiple": item.multiple and item.updatable,
        "Merge": item.mergeable,
        "Retrieve": not item.activity_party,
    }
    return allowed.get(message, True)
