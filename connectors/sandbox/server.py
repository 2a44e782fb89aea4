"""The sandbox as one server: every CRM's half behind one port of 127.0.0.1, over one state folder.

    serve -> prepare (generate unless the folder holds this very company) -> Sandbox (halves, faults, traffic) -> uvicorn until a signal

Nothing listens on any other address than loopback. A further CRM is one more `Half` in `Sandbox`.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.sandbox.control import Control
from connectors.sandbox.faults import Faults
from connectors.sandbox.state import Announce, SandboxError, WrongUsage, prepare, read_mark
from connectors.sandbox.striking import ABORT, FaultMiddleware, reset_connection
from connectors.sandbox.traffic import Kinds, Traffic, TrafficMiddleware

HOST = "127.0.0.1"

KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS = 3

__all__ = ["Sandbox", "SandboxError", "WrongUsage", "serve"]


class Half(Protocol):
    """One CRM of the sandbox: its routes, its kinds of requests, its credentials, its truth."""

    @property
    def kinds(self) -> Kinds:
        """Names of requests, by pattern."""

    def routes(self) -> Sequence[BaseRoute]:
        """API and control routes."""

    def exports(self, url: str) -> Mapping[str, str]:
        """Environment variables a client needs."""

    def truth(self, name: str) -> str:
        """`pairs` or `traps` as CSV; raises KeyError for another name."""

    def now(self) -> datetime:
        """The org's present time, UTC."""

    def close(self) -> None:
        """Give files back."""


class Sandbox:
    """All halves over one prepared state folder."""

    def __init__(self, state: Path, faults: Faults | None = None) -> None:
        from connectors.sandbox.dataverse.environment import DynamicsEnvironment
        from connectors.sandbox.salesforce.org import SalesforceOrg

        self.settings = read_mark(state)
        self.faults = faults or Faults()
        try:
            self.halves: list[Half] = [SalesforceOrg(state, self.faults), DynamicsEnvironment(state, self.faults)]
        except duckdb.IOException as error:
            raise SandboxError(f"cannot open the state in {state}: is another sandbox running on it? ({error})") from error
        self.traffic = Traffic([kind for half in self.halves for kind in half.kinds])

    def app(self) -> Starlette:
        """The ASGI application."""
        control = Control(self.faults, self.traffic, self._describe, self.halves[0].truth)
        routes = [*control.routes(), *(route for half in self.halves for route in half.routes())]
        middleware = [Middleware(TrafficMiddleware, traffic=self.traffic), Middleware(FaultMiddleware, faults=self.faults)]
        return Starlette(routes=routes, middleware=middleware)

    def exports(self, url: str) -> dict[str, str]:
        """Every variable a client of any half needs."""
        return {name: value for half in self.halves for name, value in half.exports(url).items()}

    def close(self) -> None:
        for half in self.halves:
            half.close()

    def _describe(self) -> Mapping[str, Any]:
        return {**asdict(self.settings), "now": self.halves[0].now().isoformat()}


def serve(port: int, seed: int, size: str, as_of: datetime | None, state: Path, faults: str, announce: Announce = print) -> None:
    """Serve until SIGINT or SIGTERM; port 0 takes a free one. `announce` gets the base URL and the credentials as shell lines.

    Raises:
        SandboxError: the port is taken, the state is in use, or the folder cannot be written.
        BadRule: unknown fault profile.
    """
    rules, listener = Faults(faults), _listen(port)
    prepare(state, seed, size, as_of, announce)
    sandbox = Sandbox(state, rules)
    try:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        config = _configured(sandbox.app())
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_run(uvicorn.Server(config), listener, lambda: announce(announcement(sandbox, url))))
    finally:
        sandbox.close()


def _configured(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=AbortableProtocol,
        lifespan="off",
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


async def _run(server: uvicorn.Server, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Run until a signal; the announcement follows the first moment requests are answered."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.005)
    if server.started:
        ready()
    await serving


def _ignore(number: int, frame: object) -> None:
    """uvicorn raises the signal again once it has shut down: the end is clean, so there is nothing left to do."""


def announcement(sandbox: Sandbox, url: str) -> str:
    """What a user pastes into a shell."""
    return "\n".join(f"export {name}={value}" for name, value in sandbox.exports(url).items())


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SandboxError(f"port {port} cannot be used ({error}); choose another with --port") from error
    return listener


class AbortableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which also tells the application how to reset the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: self._reset}  # type: ignore[dict-item]

    def _reset(self) -> None:
        reset_connection(self.transport)
