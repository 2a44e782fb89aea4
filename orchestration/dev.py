"""`make dev`: Dagster's pages over the configured pipeline, schedules on; the two CRMs of the demonstration when nothing is configured."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from orchestration.config import locate
from orchestration.demo import SCRIPT, ends_on_signal, sandbox
from orchestration.home import dagster_home

PAGES = "http://127.0.0.1:3000"


def main() -> int:
    """Serve until interrupted."""
    ends_on_signal()
    if locate().exists():
        return _serve(os.environ)
    print("no guanxi.toml here: showing the two CRMs of the demonstration (make demo fills them)")
    with sandbox("small") as environment:
        subprocess.run([SCRIPT, "provision"], env=dict(environment), check=True)
        return _serve(environment)


def _serve(environment: Mapping[str, str]) -> int:
    home = dagster_home(environment.get("GUANXI_CONFIG"))
    variables = {**environment, "DAGSTER_HOME": str(home), "PYTHONWARNINGS": "ignore"}
    print(f"\nassets, checks and schedules: {PAGES}  (Ctrl-C stops)", flush=True)
    dagster = str(Path(sys.executable).with_name("dagster"))
    process = subprocess.Popen([dagster, "dev", "-m", "orchestration.definitions", "--log-level", "warning"], env=variables)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
