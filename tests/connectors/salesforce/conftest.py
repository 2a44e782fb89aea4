"""What tests of the Salesforce connector share: settings, an org with a warehouse behind it, a stub for answers the sandbox never gives."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stamina
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.contract import ExtractReport
from connectors.salesforce.reader import SalesforceReader
from connectors.salesforce.settings import SalesforceSettings
from warehouse import DuckDBWarehouse


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    """Retries as often as in production, without the waits; also of what a module does before its first test."""
    stamina.set_testing(True, attempts=10, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., SalesforceSettings]:
    """`settings_of(sandbox, **changes)`: the configuration of a running sandbox or stub."""

    def settings(org: Any, **changes: Any) -> SalesforceSettings:
        secret = {"client_id": org.client_id, "client_secret": org.client_secret}
        return SalesforceSettings(**{"instance_url": org.url, **secret, **changes})

    return settings


class Org:
    """A sandbox, a warehouse in `folder`, and a reader between them; `lines` is the progress shown."""

    def __init__(self, sandbox: Any, settings: Any, folder: Path) -> None:
        self.sandbox, self.settings, self.folder = sandbox, settings, folder
        self.warehouse = DuckDBWarehouse(folder / "warehouse.duckdb")
        self.lines: list[str] = []

    def extract(self, full_refresh: bool = False, **changes: Any) -> ExtractReport:
        """One night. The org is a second older than what a test did last: of the second it begins in, a night leaves rows to the next."""
        self.sandbox.post_control("salesforce/clock", {"advance_seconds": 1})
        reader = SalesforceReader(self.settings.model_copy(update=changes), "sales", "GX", self.folder / "work")
        return reader.extract(self.warehouse, full_refresh=full_refresh, progress=self.lines.append)

    def raw(self, query: str) -> list[tuple]:
        with self.warehouse.native() as cursor:
            cursor.execute("use raw_sales")
            return cursor.execute(query).fetchall()

    def one(self, query: str) -> Any:
        return self.raw(query)[0][0]

    def ask(self, query: str) -> dict:
        with self.sandbox.client() as client:
            return client.get("queryAll", params={"q": query}).raise_for_status().json()

    def first(self, name: str, condition: str = "IsDeleted = false") -> str:
        return self.ask(f"SELECT Id FROM {name} WHERE {condition} ORDER BY Id LIMIT 1")["records"][0]["Id"]

    def send(self, method: str, path: str, **body: Any) -> str:
        with self.sandbox.client() as client:
            answer = client.request(method, f"sobjects/{path}", json=body or None).raise_for_status()
            return answer.json()["id"] if method == "POST" else ""

    def living(self, name: str) -> tuple[int, int]:
        """Living rows of an object in the org and in the raw table."""
        return self.ask(f"SELECT COUNT() FROM {name} WHERE IsDeleted = false")["totalSize"], self.one(
            f'select count(*) from "{name}" where not "IsDeleted"'
        )


@pytest.fixture
def org_of(settings_of: Callable[..., SalesforceSettings], tmp_path: Path) -> Iterator[Callable[..., Org]]:
    """`org_of(sandbox)`: with a warehouse of this test's own."""
    opened: list[Org] = []

    def make(sandbox: Any) -> Org:
        opened.append(Org(sandbox, settings_of(sandbox), tmp_path))
        return opened[-1]

    yield make
    for org in opened:
        org.warehouse.close()


@dataclass
class Stub:
    """An org that gives prepared answers, in order, the last one for ever; `seen` are the requests (method, path, headers, body)."""

    url: str = ""
    client_id: str = "stub"
    client_secret: str = "stub-secret"
    answers: list[Any] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    logins: int = 0

    async def token(self, request: Request) -> Response:
        self.logins += 1
        return JSONResponse({"access_token": f"token-{self.logins}", "instance_url": self.url})

    async def answer(self, request: Request) -> Response:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.seen.append((request.method, target, dict(request.headers), await request.body()))
        prepared = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        made: Response = prepared(request) if callable(prepared) and not isinstance(prepared, Response) else prepared
        return made


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A running stub; set `stub.answers` before calling it."""
    org = Stub()
    routes = [
        Route("/services/oauth2/token", org.token, methods=["POST"]),
        Route("/{rest:path}", org.answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    org.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield org
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def org_type() -> type[Org]:
    """For modules that keep one org through several nights."""
    return Org
