"""dynamics-web-api from npm, unmodified, over plain http. Node.js is not part of guanxi's set-up: without it this module is left out."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "dynamics_web_api"
MISSING = [tool for tool in ("node", "npm") if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)} (dynamics-web-api runs on Node.js)")


def installed() -> Path:
    """A folder outside the tree holding the client as the lock file pins it; filled once per lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "guanxi-tests" / f"dynamics-web-api-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def seen(dynamics: Any) -> dict[str, Any]:
    """What the client saw, by check."""
    variables = {"DYN_URL": dynamics.url, "DYN_ACCESS_TOKEN": dynamics.token(), "NODE_PATH": str(installed() / "node_modules")}
    command = ["node", HERE / "conformance.cjs"]
    script = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=120)
    assert script.returncode == 0, script.stderr
    answers: dict[str, Any] = json.loads(script.stdout)
    return answers


def test_functions_and_metadata_are_understood(seen: dict[str, Any]) -> None:
    assert seen["whoAmI"] == {"mode": 4, "keys": ["BusinessUnitId", "OrganizationId", "UserId"]}
    assert seen["metadata"] == {"sets": ["accounts"], "model": True}
    assert seen["attributes"] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_queries_with_annotations_pages_and_expansions(seen: dict[str, Any]) -> None:
    assert seen["query"] == {"rows": 3, "counted": True, "target": "account", "named": True}
    assert seen["pages"]["distinct"] == seen["pages"]["fetched"] == seen["pages"]["counted"] > 50
    assert seen["expand"] == {"senders": 1, "link": True}


def test_a_record_is_created_changed_guarded_by_its_etag_and_deleted(seen: dict[str, Any]) -> None:
    assert seen["record"] == {"employees": 5, "name": "Changed", "stale": False, "gone": {"status": 404, "code": "0x80040217"}}


def test_changes_are_tracked(seen: dict[str, Any]) -> None:
    assert seen["tracking"] == {"changed": ["Tracked"], "reasons": ["deleted"]}


def test_batches_with_change_sets_and_refusals(seen: dict[str, Any]) -> None:
    assert seen["batch"] == {"made": 2, "user": True}
    assert seen["refusal"] == {"status": 400, "code": "0x80060888"}
