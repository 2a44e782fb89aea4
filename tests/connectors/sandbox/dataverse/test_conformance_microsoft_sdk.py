"""Microsoft's Dataverse SDK for Python, unmodified (its async client, which accepts http), with packages of its own outside the tree.

It is not part of guanxi's set-up: where nothing can install it this module is left out.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "microsoft_sdk"
INSTALLER = next((tool for tool in ("uv", "pip") if shutil.which(tool)), None)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
COMMANDS = {"uv": ["uv", "pip", "install", "--python", sys.executable], "pip": ["pip", "install", "--python-version", PYTHON]}

pytestmark = pytest.mark.skipif(INSTALLER is None, reason="not on this machine: pip or uv (they install Microsoft's SDK beside guanxi)")


def installed() -> Path:
    """A folder outside the tree holding the SDK as the requirements pin it; filled once per requirements file."""
    requirements = HERE / "requirements.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "guanxi-tests" / f"dataverse-sdk-{PYTHON}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]}"
    if not (folder / ".complete").exists():
        options = ["--only-binary", ":all:", "--target", str(folder), "-r", str(requirements), "--quiet"]
        subprocess.run([*COMMANDS[str(INSTALLER)], *options], check=True, timeout=300)
        (folder / ".complete").touch()
    return folder


@pytest.fixture(scope="module")
def seen(dynamics: Any) -> dict[str, Any]:
    """What the SDK saw, by check."""
    variables = {"DYN_URL": dynamics.url, "DYN_ACCESS_TOKEN": dynamics.token(), "PYTHONPATH": str(installed())}
    command = [sys.executable, HERE / "conformance.py"]
    script = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=120)
    assert script.returncode == 0, script.stderr
    answers: dict[str, Any] = json.loads(script.stdout)
    return answers


def test_metadata_is_understood(seen: dict[str, Any]) -> None:
    assert seen["table"] == {"set": "accounts", "key": "accountid"}
    assert seen["columns"] == ["statuscode"]


def test_pages_and_typed_lookups(seen: dict[str, Any]) -> None:
    assert seen["pages"] == {"first": 30, "distinct": True, "pages": True}
    assert seen["query"] == ["account", "account"]


def test_single_rows(seen: dict[str, Any]) -> None:
    assert seen["record"] == {"name": "Changed", "employees": 5, "gone": None}


def test_many_rows_are_all_or_nothing(seen: dict[str, Any]) -> None:
    assert seen["many"] == {"created": 3, "found": 3, "refused": {"status": 400, "code": "0x80044331"}, "kept": 0}


def test_a_change_set_and_a_refusal(seen: dict[str, Any]) -> None:
    assert seen["batch"] == {"ok": True, "made": 2}
    assert seen["refusal"] == {"status": 400, "code": "0x80060888"}
