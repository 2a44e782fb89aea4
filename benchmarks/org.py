"""The org the benchmarks read: a sandbox of a given size, generated once and kept under `.guanxi/sandbox/`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from connectors.salesforce.settings import SalesforceSettings

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
