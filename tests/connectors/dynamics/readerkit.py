"""What tests of reading share: an environment with a warehouse behind it, and the same rows read by a client that takes no short cuts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx

from connectors.contract import ExtractReport
from connectors.dynamics.reader import DynamicsReader
from connectors.dynamics.settings import DynamicsSettings
from tests.conftest import Dynamics
from warehouse import DuckDBWarehouse

CRM = "dyn"
TYPE = "@Microsoft.Dynamics.CRM.lookuplogicalname"
TYPED = {"Prefer": f'odata.maxpagesize=5000,odata.include-annotations="{TYPE[1:]}"'}
SETS = {
    "account": "accounts",
    "contact": "contacts",
    "lead": "leads",
    "systemuser": "systemusers",
    "opportunity": "opportunities",
    "connection": "connections",
    "connectionrole": "connectionroles",
    "email": "emails",
    "phonecall": "phonecalls",
    "appointment": "appointments",
    "recurringappointmentmaster": "recurringappointmentmasters",
    "task": "tasks",
    "activityparty": "activityparties",
}
WITH_PARTIES = ("email", "phonecall", "appointment")
UNTRACKED = ("connection", "connectionrole")


class Extracted:
    """An environment, a warehouse in `folder`, and a reader between them; `lines` is the progress shown."""

    def __init__(self, dynamics: Dynamics, settings: DynamicsSettings, folder: Path) -> None:
        self.dynamics, self.settings, self.folder = dynamics, settings, folder
        self.warehouse = DuckDBWarehouse(folder / "warehouse.duckdb")
        self.client = dynamics.client()
        self.lines: list[str] = []

    def extract(self, full_refresh: bool = False, **changes: Any) -> ExtractReport:
        reader = DynamicsReader(self.settings.model_copy(update=changes), CRM, "GX", self.folder / "work")
        return reader.extract(self.warehouse, full_refresh=full_refresh, progress=self.lines.append)

    def later(self, days: float) -> None:
        """Time passes; tokens end with it."""
        self.dynamics.switch("clock", advance_seconds=days * 86_400)
        self.login()

    def login(self) -> None:
        """A new token for our own questions."""
        self.client.close()
        self.client = self.dynamics.client()

    def close(self) -> None:
        self.client.close()
        self.warehouse.close()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with self.warehouse.native() as cursor:
            cursor.execute(f"use raw_{CRM}")
            return cursor.execute(query).fetchall()

    def value(self, query: str) -> Any:
        return self.ask(query)[0][0]

    def held(self, name: str) -> list[dict[str, Any]]:
        """The living rows of a raw table in the columns visible today, by key."""
        visible = [column for (column,) in self.ask(f"select column_name from extracted_columns where object_name = '{name}'")]
        columns = ", ".join(f'"{column}"' for column in visible if column != "is_deleted")
        with self.warehouse.native() as cursor:
            rows = cursor.sql(f'select {columns} from raw_{CRM}."{name}" where not is_deleted').to_arrow_table().to_pylist()
        return sorted(({column: plain(value) for column, value in row.items()} for row in rows), key=str)

    def there(self, name: str) -> list[dict[str, Any]]:
        """The rows of the environment in the same columns, by key."""
        visible = [column for (column,) in self.ask(f"select column_name from extracted_columns where object_name = '{name}'")]
        select = ",".join(column for column in visible if column != "is_deleted" and not (column[0] == "_" and column.endswith("_type")))
        rows = list(self.pages(f"{SETS[name]}?$select={select}"))
        shown = [{column: sent(row, column) for column in visible if column != "is_deleted"} for row in rows]
        if name == "activityparty":
            shown = [row for row in shown if row["_activityid_type"] in WITH_PARTIES]
        return sorted(shown, key=str)

    def pages(self, link: str) -> Iterator[dict[str, Any]]:
        """All rows, page after page."""
        while link:
            page = self.client.get(link, headers=TYPED).raise_for_status().json()
            yield from page["value"]
            link = page.get("@odata.nextLink", "")

    def differences(self) -> list[str]:
        """Tables whose living rows are not exactly those of the environment."""
        return [name for name in SETS if self.held(name) != self.there(name)]

    def count(self, name: str) -> int:
        return int(self.client.get(f"{SETS[name]}/$count").text)

    def first(self, name: str, where: str = "", position: int = 0) -> str:
        """Id of a row, the first by key that meets a condition, or a later one."""
        params = {"$select": "versionnumber", "$top": str(position + 1), **({"$filter": where} if where else {})}
        row = self.client.get(SETS[name], params=params).raise_for_status().json()["value"][position]
        return str(next(value for column, value in row.items() if column.endswith("id") and "@" not in column))

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> str:
        """A write by a foreign client; the id of what was made."""
        answer = send(self.client, method, path, body)
        return answer.headers.get("OData-EntityId", "").partition("(")[2].rstrip(")")

    def merge(self, table: str, target: str, subordinate: str) -> None:
        rows = {
            "Target": {"@odata.type": f"Microsoft.Dynamics.CRM.{table}", f"{table}id": target},
            "Subordinate": {"@odata.type": f"Microsoft.Dynamics.CRM.{table}", f"{table}id": subordinate},
        }
        self.send("POST", "Merge", {**rows, "PerformParentingChecks": False})


def send(client: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """A write that must succeed."""
    answer = client.request(method, path, json=body, headers={"If-Match": "*"} if method == "PATCH" else {})
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer


def plain(value: Any) -> Any:
    """A stored value as the Web API writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def sent(row: dict[str, Any], column: str) -> Any:
    """What the Web API says of a raw column."""
    if column.startswith("_") and column.endswith("_type"):
        return row.get(f"{column.removesuffix('_type')}_value{TYPE}")
    value = row.get(column)
    return value.lower() if isinstance(value, str) and column.startswith("_") and column.endswith("_value") else value


@contextmanager
def extracted(dynamics: Dynamics, settings: DynamicsSettings, folder: Path) -> Iterator[Extracted]:
    """An environment with a warehouse of its own, closed at the end."""
    made = Extracted(dynamics, settings, folder)
    try:
        yield made
    finally:
        made.close()
