"""The org and the environment the benchmarks read: a sandbox of a given size, generated once and kept under `.guanxi/sandbox/`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.dynamics.settings import DynamicsSettings
from connectors.salesforce.settings import SalesforceSettings
from connectors.sandbox.dataverse import login
from connectors.sandbox.dataverse.standing import TENANT_ID

CLIENT_ID, CLIENT_SECRET = "sandbox-integration", "sandbox-secret"


@dataclass(frozen=True)
class Org:
    """A running sandbox."""

    url: str

    def settings(self) -> SalesforceSettings:
        """As the configuration would have it."""
        return SalesforceSettings.model_validate(
            {"instance_url": self.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "max_calls_share": 1.0}
        )

    def dynamics(self, **changes: Any) -> DynamicsSettings:
        """The environment beside the org, as the configuration would have it."""
        hosts = {"environment_url": self.url, "authority": self.url, "tenant_id": TENANT_ID}
        return DynamicsSettings.model_validate({**hosts, "client_id": login.CLIENT_ID, "client_secret": login.CLIENT_SECRET, **changes})

    def limit(self, **settings: float) -> None:
        """How long the environment's server takes for a page, and what it allows a user; the windows begin anew."""
        httpx.post(f"{self.url}/_sandbox/dynamics/limits", json=settings).raise_for_status()

    def requests(self) -> int:
        """Requests answered so far."""
        return int(httpx.get(f"{self.url}/_sandbox/requests").raise_for_status().json()["total"])

    def token(self) -> str:
        """A session id."""
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return str(httpx.post(f"{self.url}/services/oauth2/token", data=form).raise_for_status().json()["access_token"])


@contextmanager
def running(size: str) -> Iterator[Org]:
    """A sandbox of this size on a free port, stopped at the end."""
    words = [sys.executable, "-m", "connectors.sandbox", "--size", size, "--port", "0", "--as-of", "2026-06-01"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        yield Org(next(line for line in lines if "SF_INSTANCE_URL=" in line).strip().split("=", 1)[1])
    finally:
        process.terminate()
        process.wait(timeout=30)
