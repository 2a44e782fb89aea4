"""jsforce from npm, unmodified, over plain http. Node.js is not part of guanxi's set-up: without it this module says so and is left out."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "jsforce"
MISSING = [tool for tool in ("node", "npm") if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {', '.join(MISSING)} (jsforce runs on Node.js)")


def installed() -> Path:
    """A folder outside the tree holding jsforce as the lock file pins it; filled once per lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "guanxi-tests" / f"jsforce-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def seen(sandbox: Any) -> dict[str, Any]:
    """What jsforce saw, by check."""
    variables = {"SF_INSTANCE_URL": sandbox.url, "SF_ACCESS_TOKEN": sandbox.token(), "SF_API_VERSION": "60.0"}
    environment = {**os.environ, **variables, "NODE_PATH": str(installed() / "node_modules")}
    script = subprocess.run(["node", HERE / "conformance.cjs"], env=environment, capture_output=True, text=True, timeout=120)
    assert script.returncode == 0, script.stderr
    answers: dict[str, Any] = json.loads(script.stdout)
    return answers


def test_identity_and_limits_are_read(seen: dict[str, Any]) -> None:
    assert seen["identity"] == {"user": "integration@sandbox.example", "organization": "00D"}
    assert seen["limits"] == 100_000


def test_describes_are_understood(seen: dict[str, Any]) -> None:
    assert seen["describe"] == {"name": "Task", "keyPrefix": "00T", "id": "Id"}
    assert sorted(seen["describeGlobal"]) == ["001", "003", "02s"]


def test_queries_with_parents_pages_and_deleted_rows(seen: dict[str, Any]) -> None:
    assert seen["query"] == {"rows": 3, "parent": "string", "type": "Contact"}
    assert seen["autoFetch"]["fetched"] == seen["autoFetch"]["counted"] > 200
    assert seen["scanAll"]["all"] > seen["scanAll"]["visible"] > 0


def test_a_record_is_created_changed_read_and_deleted(seen: dict[str, Any]) -> None:
    assert seen["record"] == {"created": True, "updated": True, "industry": "Banking", "gone": True, "after": "ENTITY_IS_DELETED"}


def test_a_collection_answers_row_by_row(seen: dict[str, Any]) -> None:
    refused = {"success": False, "errors": ["REQUIRED_FIELD_MISSING"]}
    good = {"success": True, "errors": []}
    assert seen["collection"] == {"created": [good, refused, good], "removed": [True, True]}


def test_bulk_query_streams_all_rows(seen: dict[str, Any]) -> None:
    assert seen["bulkQuery"]["rows"] >= seen["autoFetch"]["counted"]
    assert seen["bulkQuery"]["columns"] == ["Id", "Subject", "ActivityDate", "IsClosed"]
    assert seen["bulkQuery"]["closed"] == ["false", "true"]


def test_bulk_load_writes_clears_and_reports_the_row_that_fails(seen: dict[str, Any]) -> None:
    assert seen["bulkLoad"] == {
        "successful": 20,
        "created": ["false"],
        "failed": ["INVALID_CROSS_REFERENCE_KEY"],
        "unprocessed": 0,
        "cleared": None,
        "written": True,
    }
