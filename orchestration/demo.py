"""`make demo`: the whole loop on this machine, each step an ordinary `guanxi` command that a user could type.

A Salesforce org (the sandbox) is started on loopback in `.guanxi/demo`, our fields are provisioned in it, the nightly job
runs, one written contact is explained, and a second run shows that nothing is written twice. The folder stays, so that
`make dev` can show the run; the org is stopped at the end.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from orchestration.home import private_home

HOME = Path(".guanxi") / "demo"
CONFIG = HOME / "guanxi.toml"
SCRIPT = str(Path(sys.executable).with_name("guanxi"))
CONFIG_TEXT = """# Written by make demo: one Salesforce org, the sandbox on this machine. All other settings at their defaults.
[crm.sales_cloud]
kind = "salesforce"
instance_url = "env:SF_INSTANCE_URL"
client_id = "env:SF_CLIENT_ID"
client_secret = "env:SF_CLIENT_SECRET"
"""


def main() -> int:
    """Run the demonstration; the exit code is that of the first command that fails."""
    ends_on_signal()
    started = time.monotonic()
    shutil.rmtree(HOME, ignore_errors=True)
    with sandbox("small") as org:
        codes = (
            _step("our fields and one permission set into the org", org, "provision"),
            _step("the nightly job: extract, transform, check, plan, push, verify", org, "run"),
            _step("why one contact has the score it has", org, "explain", _written_contact()),
            _step("the same job again: nothing new, so nothing is written", org, "run"),
        )
    _say(f"done in {time.monotonic() - started:.0f} s. Where to look now:")
    print("  make dev                                  the same assets, checks and schedule on Dagster's pages")
    print(f"  {HOME}/.guanxi/warehouse.duckdb   every table of the run, one schema per step")
    return next((code for code in codes if code), 0)


def ends_on_signal() -> None:
    """Make SIGTERM an ordinary end and SIGINT heard (a shell's background jobs ignore it), so that what was started is stopped."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


@contextmanager
def sandbox(size: str, port: int = 0) -> Iterator[Mapping[str, str]]:
    """A running sandbox over `.guanxi/demo/sandbox`; yields the variables that reach it, stops it at the end."""
    prepare()
    command = [SCRIPT, "sandbox", "--size", size, "--port", str(port), "--state", str(HOME / "sandbox")]
    _say(f"a Salesforce org on this machine\n$ guanxi {' '.join(command[1:])} &")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield {**os.environ, "GUANXI_CONFIG": str(CONFIG), **_announced(process)}
    finally:
        process.terminate()
        process.wait(timeout=30)


def prepare() -> None:
    """The folder of the demonstration with its configuration."""
    private_home(Path.cwd())
    HOME.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(CONFIG_TEXT, encoding="utf-8")


def _announced(process: subprocess.Popen[str]) -> dict[str, str]:
    """The `export NAME=value` lines the sandbox prints once it answers."""
    found: dict[str, str] = {}
    assert process.stdout is not None
    while len(found) < 3:
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the sandbox ended with code {process.wait()} before it was ready")
        print(f"  {line}", end="")
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and name.startswith("SF_"):
            found[name] = value.strip("'\"")
    return found


def _step(what: str, environment: Mapping[str, str], *words: str) -> int:
    _say(f"{what}\n$ guanxi {' '.join(words)}")
    return subprocess.run([SCRIPT, *words], env=dict(environment), check=False).returncode


def _written_contact() -> str:
    """A contact whose score is worth explaining: the one in the middle of those with a known rhythm."""
    import duckdb

    query = "select crm || ':' || record_id from enrichment.contact where rhythm is not null order by closeness, record_id"
    with duckdb.connect(str(HOME / ".guanxi" / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    return str(rows[len(rows) // 2][0]) if rows else ""


def _say(text: str) -> None:
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
