"""A Salesforce org in the test's own process, with no company in it: tests put in the handful of records they need."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.testclient import TestClient

from connectors.sandbox.salesforce import rest
from connectors.sandbox.salesforce.api import Api
from connectors.sandbox.salesforce.cells import from_json
from connectors.sandbox.salesforce.records import create_many, update_many
from connectors.sandbox.salesforce.soql import Compiled, compile_query
from connectors.sandbox.salesforce.store import INTEGRATION_USER_ID, Store

NOW = datetime(2026, 6, 1, 8)
BASE = "/services/data/v62.0"
Row = Mapping[str, Any]


class Org:
    """The org, its API behind a client that is logged in, and short ways to fill and ask it."""

    def __init__(self, state: Path) -> None:
        self.store = Store.create(state, NOW)
        self.api = Api(self.store)
        self.access = self.api.access
        self.client = TestClient(Starlette(routes=rest.routes(self.api)))
        self.client.headers["Authorization"] = f"Bearer {self.api.tokens.issue()}"

    def create(self, object_name: str, *rows: Row) -> list[str]:
        """Ids of new records, which must all be accepted."""
        verdicts = create_many(self.store, self.access, object_name, from_json(rows)).to_pylist()
        assert all(verdict["success"] for verdict in verdicts), verdicts
        return [verdict["id"] for verdict in verdicts]

    def refused(self, object_name: str, row: Row) -> tuple[str, list[str]]:
        """Code and fields of the refusal of a new record."""
        verdict = create_many(self.store, self.access, object_name, from_json([row])).to_pylist()[0]
        return verdict["code"], verdict["fields"]

    def update(self, object_name: str, *rows: Row) -> list[str | None]:
        """Refusal codes of an update, None for accepted rows."""
        codes: list[str | None] = update_many(self.store, self.access, object_name, from_json(rows)).column("code").to_pylist()
        return codes

    def put(self, object_name: str, **values: Any) -> None:
        """Set columns of all rows behind the API's back."""
        sets = ", ".join(f'"{name}" = ?' for name in values)
        with self.store.write() as cursor:
            cursor.execute(f'update "{object_name}" set {sets}', list(values.values()))

    def compile(self, soql: str, **options: Any) -> Compiled:
        return compile_query(soql, self.access, **options)

    def select(self, soql: str, **options: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement, as the database gives them."""
        compiled = self.compile(soql, **options)
        return self.store.read(compiled.sql, compiled.params)

    def values(self, soql: str, **options: Any) -> list[Any]:
        """The first column, sorted as text."""
        return sorted((row[0] for row in self.select(soql, **options)), key=str)

    def row(self, object_name: str, record_id: str) -> dict[str, Any]:
        """All columns of one row."""
        found: list[dict[str, Any]] = self.store.arrow(f'select * from "{object_name}" where "Id" = ?', [record_id]).to_pylist()
        return found[0]

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the data API."""
        return self.client.request(method, f"{BASE}{path}", **options)

    def query(self, soql: str) -> dict[str, Any]:
        answer = self.call("GET", "/query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    def custom_field(self, full_name: str, **metadata: Any) -> httpx.Response:
        body = {"FullName": full_name, "Metadata": {"label": "Custom", **metadata}}
        return self.call("POST", "/tooling/sobjects/CustomField", json=body)

    def grant(self, *fields: str, edit: bool = True) -> str:
        """A permission set that opens fields, assigned to the integration user."""
        (parent,) = self.create("PermissionSet", {"Name": f"Set{len(fields)}{fields[0][:9].replace('.', '')}", "Label": "Set"})
        rights = [{"ParentId": parent, "SobjectType": name.partition(".")[0], "Field": name} for name in fields]
        self.create("FieldPermissions", *({**right, "PermissionsRead": True, "PermissionsEdit": edit} for right in rights))
        self.create("PermissionSetAssignment", {"PermissionSetId": parent, "AssigneeId": INTEGRATION_USER_ID})
        return parent


@contextmanager
def new_org(state: Path) -> Iterator[Org]:
    """An empty org, closed at the end."""
    org = Org(state)
    try:
        yield org
    finally:
        org.store.close()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()[0]["errorCode"]


def codes(results: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Status codes of a Collections answer, None for accepted rows."""
    return [None if result["success"] else result["errors"][0]["statusCode"] for result in results]
