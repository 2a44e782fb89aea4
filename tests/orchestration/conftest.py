"""A configuration file and the console script as a user has them."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).with_name("guanxi")
VARIABLES = {
    "SF_INSTANCE_URL": "http://127.0.0.1:9",
    "SF_CLIENT_ID": "somebody",
    "SF_CLIENT_SECRET": "very-secret",
    "DYN_URL": "http://127.0.0.1:9",
    "DYN_AUTHORITY": "http://127.0.0.1:9",
    "DYN_TENANT": "86305e17-73a9-bd7e-bebc-8139d3869e80",
    "DYN_CLIENT_ID": "somebody",
    "DYN_CLIENT_SECRET": "very-secret",
}
MINIMAL = """
[crm.sales_cloud]
kind = "salesforce"
instance_url = "env:SF_INSTANCE_URL"
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

Guanxi = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a guanxi.toml: the minimal one, with `more` after it or `text` instead of it."""

    def written(more: str = "", text: str = MINIMAL) -> Path:
        file = tmp_path / "guanxi.toml"
        file.write_text(text + more, encoding="utf-8")
        return file

    return written


@pytest.fixture
def guanxi(tmp_path: Path) -> Guanxi:
    """Runs the console script in a folder of its own; `variables` come on top of those of an unreachable CRM."""

    def run(*words: str, variables: Mapping[str, str] = VARIABLES, timeout: float = 120) -> "subprocess.CompletedProcess[str]":
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SF_", "DYN_", "GUANXI_", "DAGSTER_"))}
        return subprocess.run(
            [str(SCRIPT), *words],
            cwd=tmp_path,
            env={**inherited, **variables},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
