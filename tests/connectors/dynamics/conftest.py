"""What tests of the Dynamics connector share: impatience, settings, and a stub for answers the sandbox never gives."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import stamina
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.dynamics.client import DynamicsClient
from connectors.dynamics.settings import DynamicsSettings


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    """Retries as often as in production, without the waits; also of what a module does before its first test."""
    stamina.set_testing(True, attempts=10, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture(scope="session")
def settings_of() -> Callable[..., DynamicsSettings]:
    """`settings_of(dynamics, **changes)`: the configuration of a running environment or stub."""

    def settings(environment: Any, **changes: Any) -> DynamicsSettings:
        given = environment.variables()
        names = {"environment_url": "DYN_URL", "authority": "DYN_AUTHORITY", "tenant_id": "DYN_TENANT", "client_id": "DYN_CLIENT_ID"}
        values = {name: given[variable] for name, variable in names.items()}
        return DynamicsSettings(**{**values, "client_secret": given["DYN_CLIENT_SECRET"], **changes})

    return settings


@pytest.fixture
def client_of(settings_of: Callable[..., DynamicsSettings]) -> Iterator[Callable[..., DynamicsClient]]:
    """`client_of(dynamics, gate=None, **changes)`: a client, closed after the test."""
    opened: list[DynamicsClient] = []

    def make(environment: Any, gate: Any = None, **changes: Any) -> DynamicsClient:
        opened.append(DynamicsClient(settings_of(environment, **changes), gate))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@dataclass
class Stub:
    """An environment that gives prepared answers, in order, the last one for ever.

    `seen` are the requests (method, target as on the wire, headers, body), `at` their instants, `grants` prepared answers to logins.
    """

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    grants: list[Response] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    logins: list[dict[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def variables(self) -> dict[str, str]:
        names = {"DYN_URL": self.url, "DYN_AUTHORITY": self.url, "DYN_TENANT": "stub.example"}
        return {**names, "DYN_CLIENT_ID": "stub", "DYN_CLIENT_SECRET": "stub-secret"}

    async def token(self, request: Request) -> Response:
        self.logins.append({name: str(value) for name, value in (await request.form()).items()})
        if self.grants:
            return self.grants.pop(0)
        return JSONResponse({"access_token": f"token-{len(self.logins)}", "expires_in": 3_599})

    async def answer(self, request: Request) -> Response:
        query = request.scope["query_string"]
        target = (request.scope["raw_path"] + (b"?" + query if query else b"")).decode()
        body = await request.body()
        with self.lock:
            self.seen.append((request.method, target, dict(request.headers), body))
            self.at.append(time.monotonic())
            prepared = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        made: Response = prepared(request) if callable(prepared) and not isinstance(prepared, Response) else prepared
        return made


@pytest.fixture
def stub(running_stub: Stub) -> Stub:
    """A running stub that has seen nothing yet; set `stub.answers` before calling it."""
    for held in (running_stub.answers, running_stub.grants, running_stub.seen, running_stub.at, running_stub.logins):
        held.clear()
    return running_stub


@pytest.fixture(scope="module")
def running_stub() -> Iterator[Stub]:
    """One server for all tests of a module."""
    environment = Stub()
    routes = [
        Route("/{tenant}/oauth2/v2.0/token", environment.token, methods=["POST"]),
        Route("/{rest:path}", environment.answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    environment.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield environment
    server.should_exit = True
    thread.join(10)
