"""The whole nightly job on a sandbox, as a user runs it: extraction speed, seconds per step, peak memory of the process."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.org import CLIENT_ID, CLIENT_SECRET, Org

CONFIG = """
[crm.sales_cloud]
kind = "salesforce"
instance_url = "env:SF_INSTANCE_URL"
client_id = "env:SF_CLIENT_ID"
client_secret = "env:SF_CLIENT_SECRET"
max_calls_share = 1.0
"""


def table(org: Org) -> Iterator[str]:
    """What `guanxi run` prints for a first run and for the next one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "guanxi.toml").write_text(CONFIG, encoding="utf-8")
        for words in (["provision"], ["run", "--as-of", "2026-06-01"], ["run", "--as-of", "2026-06-01"]):
            yield f"$ guanxi {' '.join(words)}\n{_guanxi(folder, org, words)}"


def _guanxi(folder: Path, org: Org, words: list[str]) -> str:
    variables = {**os.environ, "SF_INSTANCE_URL": org.url, "SF_CLIENT_ID": CLIENT_ID, "SF_CLIENT_SECRET": CLIENT_SECRET}
    script = Path(sys.executable).with_name("guanxi")
    return subprocess.run([script, *words], cwd=folder, env=variables, capture_output=True, text=True, check=True).stdout
