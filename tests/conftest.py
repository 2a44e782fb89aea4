"""Running sandboxes for every test: generated once per session and size, copied per server, each server its own process on a free port.

sandbox          module scope: the tiny org of a private copy; tests of one module share it
fresh_sandbox    function scope: as `sandbox`, for tests that break things
small_sandbox    session scope, size small: read only by agreement
dynamics         module scope: the Dynamics environment of `sandbox`, logged in
fresh_dynamics   function scope: as `dynamics`, for tests that break things
start_sandbox    session scope: starts further servers (other size, faults, a given state), stopped at the end
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from hypothesis import settings

from connectors.sandbox.__main__ import main as serve_sandbox
from connectors.sandbox.dataverse.login import CLIENT_ID, CLIENT_SECRET
from connectors.sandbox.dataverse.standing import TENANT_ID
from tests.forks import Forked, expect_guanxi

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("steady")
"""The same examples each time, however slow the machine; `make test-all` explores."""

ROOT = Path(__file__).parent.parent
AS_OF = "2026-06-01"
SEED = "7"
START_SECONDS = 60
PLAIN = httpx.create_ssl_context()
"""For every client here: reading the certificate authorities takes 35 ms of CPU, and each client would do so."""
EXPORT = re.compile(r"^export (SF_[A-Z_]+)=(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class RunningSandbox:
    """One server: where it listens, its credentials, its state folder, and its control calls."""

    url: str
    client_id: str
    client_secret: str
    state: Path
    process: Forked
    log: Path

    def control(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call below `/_sandbox/`; raises when the server refuses."""
        response = httpx.request(
            method,
            f"{self.url}/_sandbox/{path.strip('/').removeprefix('_sandbox/')}".rstrip("/"),
            timeout=60,
            verify=PLAIN,
            **options,
        )
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response

    def post_control(self, path: str, json: Any = None) -> Any:
        """POST a control; returns the decoded answer."""
        return self.control("POST", path, json=json if json is not None else {}).json()

    def faults(self, *rules: dict[str, Any]) -> None:
        """Put fault rules in force (none: clear them)."""
        self.post_control("faults", {"rules": list(rules)})

    def requests(self) -> dict[str, int]:
        """Counts of requests by kind since the start."""
        counted: dict[str, int] = self.control("GET", "requests").json()["kinds"]
        return counted

    def traps(self) -> list[dict[str, str]]:
        """The planted traps: trap, object, record_id, expected."""
        return self._truth("traps")

    def pairs(self) -> list[dict[str, str]]:
        """The true closeness: user_id, person_id, closeness."""
        return self._truth("pairs")

    def stop(self) -> int:
        """End it as a user does (SIGTERM), by force after ten seconds; returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)

    def token(self) -> str:
        """An access token by client credentials."""
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret}
        response = httpx.post(f"{self.url}/services/oauth2/token", data=form, verify=PLAIN)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def client(self, version: str = "62.0") -> httpx.Client:
        """A session with the org; paths are relative to `/services/data/vXX.X/`."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        return httpx.Client(base_url=f"{self.url}/services/data/v{version}/", headers=headers, timeout=60, verify=PLAIN)

    def _truth(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.control("GET", f"truth/{name}").text)))


@dataclass(frozen=True)
class Dynamics:
    """One environment behind a running server (`sandbox`: its process and controls)."""

    sandbox: RunningSandbox

    @property
    def url(self) -> str:
        return self.sandbox.url

    def variables(self) -> dict[str, str]:
        """What the server prints for a configuration to read."""
        names = {"DYN_URL": self.url, "DYN_AUTHORITY": self.url, "DYN_TENANT": TENANT_ID}
        return {**names, "DYN_CLIENT_ID": CLIENT_ID, "DYN_CLIENT_SECRET": CLIENT_SECRET}

    def truth(self, name: str) -> list[dict[str, str]]:
        """`pairs`, `twins` or `traps`: what the generator knows."""
        return list(csv.DictReader(io.StringIO(self.sandbox.control("GET", f"dynamics/truth/{name}").text)))

    def login(self, **changes: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": f"{self.url}/.default"}
        tenant = changes.pop("tenant", TENANT_ID)
        return httpx.post(f"{self.url}/{tenant}/oauth2/v2.0/token", data={**form, **changes}, verify=PLAIN)

    def token(self) -> str:
        answer = self.login()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def client(self, **headers: str) -> httpx.Client:
        """A session; paths are relative to the service root."""
        authorized = {"Authorization": f"Bearer {self.token()}", **headers}
        return httpx.Client(base_url=f"{self.url}/api/data/v9.2/", headers=authorized, timeout=60, verify=PLAIN)

    def switch(self, name: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.sandbox.post_control(f"dynamics/{name}", body)
        return answer


Starter = Callable[..., RunningSandbox]


@pytest.fixture(scope="session")
def sandbox_state(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the pristine state folder of a size, generating it at the first call of the session (across xdist workers)."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def pristine(size: str = "tiny") -> Path:
        folder = shared / f"sandbox-{size}"
        with _locked(shared / f"sandbox-{size}.lock"):
            if not (folder / "sandbox.json").exists():
                arguments = ["--size", size, "--seed", SEED, "--as-of", AS_OF, "--state", str(folder), "--generate-only"]
                subprocess.run([sys.executable, "-m", "connectors.sandbox", *arguments], cwd=ROOT, check=True)
        return folder

    return pristine


@pytest.fixture(scope="session")
def start_sandbox(sandbox_state: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """`start_sandbox(size="tiny", faults="none", state=None)`: a further server on a private copy of the state."""
    running: list[RunningSandbox] = []

    def start(size: str = "tiny", faults: str = "none", state: Path | None = None) -> RunningSandbox:
        home = tmp_path_factory.mktemp("sandbox")
        folder = state or Path(shutil.copytree(sandbox_state(size), home / "state"))
        running.append(_start(folder, home / "server.log", size, faults))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def sandbox(start_sandbox: Starter) -> Iterator[RunningSandbox]:
    """The tiny org, one per test module."""
    yield from _alive(start_sandbox())


@pytest.fixture
def fresh_sandbox(start_sandbox: Starter) -> Iterator[RunningSandbox]:
    """The tiny org, one per test."""
    yield from _alive(start_sandbox())


@pytest.fixture(scope="session")
def small_sandbox(start_sandbox: Starter) -> Iterator[RunningSandbox]:
    """The small org, one per session; nobody writes into it."""
    yield from _alive(start_sandbox("small"))


@pytest.fixture(scope="module")
def dynamics(sandbox: RunningSandbox) -> Dynamics:
    """The tiny environment, one per test module."""
    return Dynamics(sandbox)


@pytest.fixture
def fresh_dynamics(start_sandbox: Starter) -> Iterator[Dynamics]:
    """The tiny environment, one per test."""
    for server in _alive(start_sandbox()):
        yield Dynamics(server)


def _alive(server: RunningSandbox) -> Iterator[RunningSandbox]:
    yield server
    died = server.process.poll()
    server.stop()
    if died is not None:
        pytest.fail(f"the sandbox died (exit {died}):\n{server.log.read_text(errors='replace')[-4000:]}")


def _start(state: Path, log: Path, size: str, faults: str) -> RunningSandbox:
    arguments = ["--port", "0", "--size", size, "--seed", SEED, "--as-of", AS_OF, "--state", str(state), "--faults", faults]
    log.touch()
    process = Forked(serve_sandbox, arguments, ROOT, log)
    exports = _announced(process, log)
    return RunningSandbox(exports["SF_INSTANCE_URL"], exports["SF_CLIENT_ID"], exports["SF_CLIENT_SECRET"], state, process, log)


def _announced(process: Forked, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = dict(EXPORT.findall(log.read_text(errors="replace")))
        if len(found) == 3:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.02)
    process.kill()
    pytest.fail(f"the sandbox did not start (exit {process.wait(10)}):\n{log.read_text(errors='replace')[-4000:]}")


def _locked(path: Path) -> IO[str]:
    """An open, exclusively locked file; closing it (leaving `with`) releases the lock."""
    import fcntl

    file = path.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


END_TO_END = "e2e"
LONGEST_FIRST = (END_TO_END, "orchestration", "connectors/activation", "transforms", "connectors/dynamics", "connectors/salesforce")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rooms whose files take longest go first, so that two workers end together."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT / "tests").as_posix()
        return next((number for number, room in enumerate(LONGEST_FIRST) if folder.startswith(room)), len(LONGEST_FIRST))

    items.sort(key=place)
    if items and place(items[0]) == LONGEST_FIRST.index(END_TO_END):
        expect_guanxi()
