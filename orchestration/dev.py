"""`make dev`: Dagster's pages over the configured pipeline, schedules on; the demonstration org when nothing is configured."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestration.config import locate
from orchestration.demo import sandbox

PAGES = "http://127.0.0.1:3000"


def main() -> int:
    """Serve until interrupted."""
    if locate().exists():
        return _serve(os.environ)
    print("no guanxi.toml here: showing the demonstration org (make demo fills it)")
    with sandbox("small") as environment:
        return _serve(environment)


def _serve(environment: Mapping[str, str]) -> int:
    from orchestration.home import dagster_home

    variables = {**environment, "DAGSTER_HOME": str(dagster_home(environment.get("GUANXI_CONFIG")))}
    print(f"\nassets, checks and schedules: {PAGES}  (Ctrl-C stops)", flush=True)
    dagster = str(Path(sys.executable).with_name("dagster"))
    try:
        return subprocess.run([dagster, "dev", "-m", "orchestration.definitions"], env=variables, check=False).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
