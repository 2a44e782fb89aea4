"""`make demo`: the whole loop on this machine, each step an ordinary `guanxi` command that a user could type.

A Salesforce org and a Dynamics 365 environment of one company (the sandbox) are started on loopback in `.guanxi/demo`, our
fields are provisioned in both, the nightly job runs, a contact known in both is explained, a second run shows that nothing
is written twice (as of the same day: a minute later an activity may be older than a year, and a count one less), and the report
is written. The folder stays, so that `make dev` can show the run; the sandbox is stopped at the end.
"""

import datetime as dt
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from orchestration.forked import get_ready, guanxi
from orchestration.home import private_home

HOME = Path(".guanxi") / "demo"
CONFIG = HOME / "guanxi.toml"
SCRIPT = str(Path(sys.executable).with_name("guanxi"))


def _factors(name: str) -> str:
    return "\n".join(f'factor_{number} = "{name.format(number)}"' for number in range(1, 9))


CONFIG_TEXT = f"""# Written by make demo: both CRMs of the sandbox on this machine; who is in both counts as one in company-wide figures.
[identity]
across_crms = true

[crm.sales_cloud]
kind = "salesforce"
instance_url = "env:SF_INSTANCE_URL"
client_id = "env:SF_CLIENT_ID"
client_secret = "env:SF_CLIENT_SECRET"

# fields these orgs have of their own: an account plan, and the eight purchase factors of a deal
[crm.sales_cloud.map.account]
plan = "Account_Plan__c"

[crm.sales_cloud.map.opportunity]
{_factors("Purchase_Factor_{}__c")}

[crm.dynamics]
kind = "dynamics"
environment_url = "env:DYN_URL"
authority = "env:DYN_AUTHORITY"
tenant_id = "env:DYN_TENANT"
client_id = "env:DYN_CLIENT_ID"
client_secret = "env:DYN_CLIENT_SECRET"

[crm.dynamics.map.account]
plan = "new_plan"

[crm.dynamics.map.opportunity]
{_factors("new_factor_{}")}
"""
VARIABLES = frozenset(re.findall(r"env:(\w+)", CONFIG_TEXT))
KNOWN_IN_BOTH = """
select 'sales_cloud:' || ours.record_id, 'dynamics:' || theirs.record_id
from enrichment.contact ours join model.people person on person.crm = ours.crm and person.person_id = ours.record_id
join model.people twin on twin.email = person.email
join enrichment.contact theirs on theirs.crm = twin.crm and theirs.record_id = twin.person_id
where ours.crm = 'sales_cloud' and theirs.crm = 'dynamics' and ours.rhythm is not null and theirs.rhythm is not null
order by ours.closeness, ours.record_id
"""


def main() -> int:
    """Run the demonstration; the exit code is that of the first command that fails."""
    ends_on_signal()
    started = time.monotonic()
    shutil.rmtree(HOME, ignore_errors=True)
    get_ready()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    with sandbox("small") as crms:
        codes = (
            _step("our fields into both CRMs", crms, "provision"),
            _step("the nightly job for each CRM: extract, transform, check, plan, push, verify", crms, "run", "--as-of", today),
            _step("why one contact, known in both, has the score it has in each", crms, "explain", *_known_in_both()),
            _step("the same job again: nothing new, so nothing is written", crms, "run", "--as-of", today),
            _step("what sales operations reads: the report, as pages for any browser", crms, "report"),
        )
    _say("what the log itself says about the score: the backtest, computed once a month")
    print("\n".join(_backtest()))
    _say(f"done in {time.monotonic() - started:.0f} s. Where to look now:")
    print(f"  {HOME}/.guanxi/report/index.html   the report")
    print("  make dev                                  the same assets, checks and schedules on Dagster's pages")
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
    _say(f"a Salesforce org and a Dynamics 365 environment on this machine\n$ guanxi {' '.join(command[1:])} &")
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
    while not found.keys() >= VARIABLES:
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the sandbox ended with code {process.wait()} before it was ready")
        print(f"  {line}", end="")
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and name in VARIABLES:
            found[name] = value.strip("'\"")
    return found


def _step(what: str, environment: Mapping[str, str], *words: str) -> int:
    _say(f"{what}\n$ guanxi {' '.join(words)}")
    return guanxi(words, environment)


def _known_in_both() -> tuple[str, ...]:
    """A contact known in both CRMs whose score is worth explaining: the one in the middle of those with a known rhythm."""
    import duckdb

    with duckdb.connect(str(HOME / ".guanxi" / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute(KNOWN_IN_BOTH).fetchall()
    return rows[len(rows) // 2] if rows else ()


def _backtest() -> Sequence[str]:
    from transforms.backtest.text import backtest_lines
    from warehouse import DuckDBWarehouse

    with DuckDBWarehouse(HOME / ".guanxi" / "warehouse.duckdb") as found:
        return backtest_lines(found)


def _say(text: str) -> None:
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit("stopped; make demo begins anew") from None
