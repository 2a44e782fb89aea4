"""A Dataverse environment in the test's own process, with no company in it: tests write the handful of rows they need over HTTP."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.testclient import TestClient

from connectors.sandbox.clock import Clock
from connectors.sandbox.dataverse import reading, writes
from connectors.sandbox.dataverse.access import Access
from connectors.sandbox.dataverse.api import Api
from connectors.sandbox.dataverse.limits import Protection
from connectors.sandbox.dataverse.store import Store
from connectors.sandbox.dataverse.tokens import Tokens
from connectors.sandbox.faults import Faults, Rule

NOW = datetime(2026, 6, 1, 8)
ROOT = "http://testserver/api/data/v9.2/"
TYPE = "Microsoft.Dynamics.CRM."
NOBODY = "00000000-0000-0000-0000-00000000000f"


class Still(Clock):
    """A clock that only moves when it is told to."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@cache
def _empty() -> TemporaryDirectory[str]:
    """A state without a company, made once: making one takes three times as long as copying it."""
    folder = TemporaryDirectory()
    Store.create(Path(folder.name) / "state", NOW).close()
    return folder


class Environment:
    """The environment behind a client that is logged in, and short ways to fill and ask it."""

    def __init__(self, state: Path) -> None:
        self.store = Store.open(shutil.copytree(Path(_empty().name) / "state", state, dirs_exist_ok=True))
        self.store.clock = Still(NOW)
        self.access = Access(self.store)
        self.tokens = Tokens(self.store.clock.now)
        self.waited = 0.0
        self.protection = Protection(now=lambda: time.monotonic() + self.waited)
        self.faults = Faults()
        self.api = Api(self.store, self.access, self.tokens, self.protection)
        reading.register(self.api)
        writes.register(self.api, self.faults)
        self.client = TestClient(Starlette(routes=self.api.routes()), base_url=ROOT)
        self.client.headers.update({"Authorization": f"Bearer {self.tokens.issue()}", "OData-Version": "4.0", "If-None-Match": "null"})

    def create(self, entity_set: str, **values: Any) -> str:
        """The id of a new row; `__` in a name stands for `@odata.bind`."""
        answer = self.client.post(entity_set, json=row(values))
        assert answer.status_code == 204, answer.text
        return answer.headers["OData-EntityId"].partition("(")[2].rstrip(")")

    def patch(self, address: str, headers: Mapping[str, str] | None = None, **values: Any) -> httpx.Response:
        return self.client.patch(address, json=row(values), headers={"If-Match": "*", **(headers or {})})

    def refused(self, address: str, **values: Any) -> tuple[int, str]:
        """Status and code of the refusal of an update."""
        return refusal(self.patch(address, **values))

    def multiple(self, action: str, entity_set: str, table: str, *rows: Mapping[str, Any]) -> httpx.Response:
        targets = [{"@odata.type": TYPE + table, **item} for item in rows]
        return self.client.post(f"{entity_set}/{TYPE}{action}", json={"Targets": targets})

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        return self.store.read(sql, params)

    def value(self, table: str, column: str, record_id: str) -> Any:
        """One stored value, read behind the API's back."""
        key = self.store.catalog[table].primary_id
        return self.store.read(f'select "{column}" from "{table}" where "{key}" = ?', [record_id])[0][0]

    def wait(self, seconds: float) -> None:
        """Let time pass for service protection, without waiting."""
        self.waited += seconds

    def break_with(self, *rules: Rule) -> None:
        self.faults.replace(rules)


def row(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "@odata.bind"): value for name, value in values.items()}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@contextmanager
def environment(state: Path) -> Iterator[Environment]:
    made = Environment(state)
    try:
        yield made
    finally:
        made.store.close()
