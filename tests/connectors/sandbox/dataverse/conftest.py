"""The Dynamics half of a running sandbox, logged in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from connectors.sandbox.dataverse.login import CLIENT_ID, CLIENT_SECRET
from connectors.sandbox.dataverse.standing import TENANT_ID


@dataclass(frozen=True)
class Dynamics:
    """One environment behind a running server (`sandbox`: its process and controls)."""

    sandbox: Any

    @property
    def url(self) -> str:
        return str(self.sandbox.url)

    def login(self, **changes: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": f"{self.url}/.default"}
        tenant = changes.pop("tenant", TENANT_ID)
        return httpx.post(f"{self.url}/{tenant}/oauth2/v2.0/token", data={**form, **changes})

    def token(self) -> str:
        answer = self.login()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def client(self, **headers: str) -> httpx.Client:
        """A session; paths are relative to the service root."""
        authorized = {"Authorization": f"Bearer {self.token()}", **headers}
        return httpx.Client(base_url=f"{self.url}/api/data/v9.2/", headers=authorized, timeout=60)

    def switch(self, name: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.sandbox.post_control(f"dynamics/{name}", body)
        return answer


@pytest.fixture(scope="module")
def dynamics(sandbox: Any) -> Dynamics:
    """The tiny environment, one per test module."""
    return Dynamics(sandbox)


@pytest.fixture
def fresh_dynamics(start_sandbox: Callable[..., Any]) -> Iterator[Dynamics]:
    """The tiny environment, one per test."""
    server = start_sandbox()
    yield Dynamics(server)
    server.stop()
