"""The console script as a user runs it, with one CRM or both, and a Salesforce session as another application has it."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import httpx

from tests.forks import Forked, guanxi

CONFIG = """
[warehouse]
url = "duckdb:///.guanxi/warehouse.duckdb"

[crm.sales_cloud]
kind = "salesforce"
instance_url = "env:SF_INSTANCE_URL"
auth = "client_credentials"
client_id = "env:SF_CLIENT_ID"
client_secret = "env:SF_CLIENT_SECRET"
"""

DYNAMICS = """
[crm.dynamics]
kind = "dynamics"
environment_url = "env:DYN_URL"
authority = "env:DYN_AUTHORITY"
tenant_id = "env:DYN_TENANT"
client_id = "env:DYN_CLIENT_ID"
client_secret = "env:DYN_CLIENT_SECRET"
"""


@dataclass(frozen=True)
class User:
    """Somebody with a shell in a folder that holds guanxi.toml, and a Salesforce org; `also`: further variables in the shell."""

    folder: Path
    url: str
    client_id: str
    client_secret: str
    also: Mapping[str, str] = field(default_factory=dict)

    def guanxi(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the console script to its end."""
        process = self.start(*words, **variables)
        try:
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def start(self, *words: str, **variables: str) -> Forked:
        """Start the command in a process of its own that has the imports behind it."""
        out, err = (self._paper(f"{name}.txt") for name in ("out", "err"))
        return Forked(guanxi, list(words), self.folder, out, err, self._shell(variables))

    def script(self, *words: str, file_size: int | None = None, **variables: str) -> "subprocess.Popen[str]":
        """Start the installed console script; `file_size`: no file may grow beyond it, as on a full disk (bytes)."""
        command = [str(Path(sys.executable).with_name("guanxi")), *words]
        if file_size is not None:
            command = ["prlimit", f"--fsize={file_size}", *command]
        return subprocess.Popen(
            command, cwd=self.folder, env=self._shell(variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _paper(self, suffix: str) -> Path:
        """A fresh file for what a command prints, beside the folder of the user."""
        number, name = tempfile.mkstemp(suffix=suffix, dir=self.folder.parent)
        os.close(number)
        return Path(name)

    def _shell(self, variables: Mapping[str, str]) -> dict[str, str]:
        return {
            **os.environ,
            "SF_INSTANCE_URL": self.url,
            "SF_CLIENT_ID": self.client_id,
            "SF_CLIENT_SECRET": self.client_secret,
            "NO_COLOR": "1",
            "COLUMNS": "200",
            **self.also,
            **variables,
        }

    def done(self, *words: str, installed: bool = False) -> str:
        """Run it (`installed`: by the console script on the disk), expect exit code 0, return what was printed."""
        process = self.script(*words) if installed else self.start(*words)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, f"guanxi {' '.join(words)} ended {process.returncode}\n{out}\n{err}"
        return out

    def warehouse(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse file, between runs."""
        with duckdb.connect(str(self.folder / ".guanxi" / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql, list(values)).fetchall()

    def salesforce(self) -> httpx.Client:
        """A session of another application with the org."""
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret}
        token = httpx.post(f"{self.url}/services/oauth2/token", data=form).raise_for_status().json()["access_token"]
        return httpx.Client(base_url=f"{self.url}/services/data/v62.0/", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def soql(session: httpx.Client, query: str) -> list[dict[str, Any]]:
    """All records of a query."""
    page = session.get("query", params={"q": query}).raise_for_status().json()
    records = page["records"]
    while not page["done"]:
        page = session.get(page["nextRecordsUrl"]).raise_for_status().json()
        records += page["records"]
    return [{name: value for name, value in record.items() if name != "attributes"} for record in records]


def plan_of(text: str) -> str:
    """The number of the plan that a command says can be pushed."""
    found = re.search(r"guanxi push (\w{12})", text)
    assert found, text
    return found[1]


def new_user(folder: Path, sandbox: Any, dynamics: Any = None) -> User:
    """A fresh folder with a configuration for the running sandbox; with `dynamics`, for both of its CRMs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "guanxi.toml").write_text(CONFIG + (DYNAMICS if dynamics else ""), encoding="utf-8")
    return User(folder, sandbox.url, sandbox.client_id, sandbox.client_secret, dynamics.variables() if dynamics else {})
