"""A run that is killed, interrupted or doubled loses nothing and writes nothing twice: the next plain run makes it good.

One user's run is stopped at ever later moments, each start finding what the one before left behind; a second user, whose org
is the same, has one quiet run. In the end nobody can tell the two orgs and warehouses apart.
"""

import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.gate import Gate, Hold
from tests.e2e.kit import User, new_user, soql
from tests.forks import Forked

pytestmark = pytest.mark.slow

RUN = ("run", "--as-of", "2026-06-01T12:00:00Z")
ENTITIES = ("Account", "Contact", "Lead", "Opportunity", "User")
PAGE = r"^GET .*/results"
UPDATE = r"^PATCH .*/composite/sobjects$"
Moment = Callable[[], bool]


@dataclass
class Story:
    """What happened to the unlucky user, and what was there to see at each stop."""

    user: User
    quiet: User
    interrupted: "subprocess.CompletedProcess[str]"
    doubled: "subprocess.CompletedProcess[str]"
    last: "subprocess.CompletedProcess[str]"
    stops: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, sandbox: Any, start_sandbox: Any) -> Iterator[Story]:
    """Interrupted and doubled while downloading; killed while loading, scoring, with rows on their way, with rows not acknowledged."""
    folder = tmp_path_factory.mktemp("crashes")
    quiet = new_user(folder / "quiet", start_sandbox())
    sandbox.post_control("salesforce/bulk", {"page_rows": 200})
    gate = Gate(sandbox)
    user = new_user(folder / "unlucky", gate)
    user.done("provision")
    quiet.done("provision")
    quiet_run = quiet.start(*RUN)
    with gate.holding(PAGE, 6) as hold:
        process = user.start(*RUN)
        hold.wait()
        doubled = user.guanxi(*RUN)
        interrupted = _interrupt(process, hold)
    stops = [stamps(user)]
    _kill_when(user.start(*RUN), lambda: _loading(user))
    _kill_when(user.start(*RUN), lambda: _building(user, "build_scores"))
    for nth, answered in ((2, False), (1, True)):
        with gate.holding(UPDATE, nth, answered=answered) as hold:
            process = user.start(*RUN)
            hold.wait()
            _kill(process)
        stops.append(stamps(user))
    last = user.guanxi(*RUN)
    stops.append(stamps(user))
    out, err = quiet_run.communicate(timeout=300)
    assert quiet_run.returncode == 0, out + err
    yield Story(user, quiet, interrupted, doubled, last, stops)
    gate.close()


def _interrupt(process: Forked, hold: Hold) -> "subprocess.CompletedProcess[str]":
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    hold.release(drop=False)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(RUN, process.returncode, out, err)


def _kill(process: Forked) -> None:
    assert process.poll() is None, "it ended before it could be killed"
    process.kill()
    process.communicate(timeout=60)


def _kill_when(process: Forked, moment: Moment) -> None:
    while not moment():
        assert process.poll() is None, process.communicate(10)
        time.sleep(0.005)
    _kill(process)


def _loading(user: User) -> bool:
    return any((user.folder / ".guanxi/work/sales_cloud/load").glob("dlt/*/load/normalized/*/completed_jobs/*"))


def _building(user: User, step: str) -> bool:
    query = "select count(*) from event_logs where step_key = ? and dagster_event_type = 'STEP_START'"
    return any(_count(file, query, step) for file in (user.folder / ".guanxi/dagster/history/runs").glob("*-*.db"))


def _count(file: Path, query: str, value: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return int(connection.execute(query, [value]).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def stamps(user: User) -> dict[str, str]:
    with user.salesforce() as session:
        return {row["Id"]: row["SystemModstamp"] for name in ENTITIES for row in soql(session, f"SELECT Id, SystemModstamp FROM {name}")}


def written(user: User) -> dict[str, dict[str, Any]]:
    """Every field of ours in the org, by object and record."""
    with user.salesforce() as session:
        found = {}
        for name in ENTITIES:
            described = session.get(f"sobjects/{name}/describe").raise_for_status().json()
            fields = [item["name"] for item in described["fields"] if item["name"].startswith("GX_") or item["name"] == "Id"]
            found[name] = {row["Id"]: row for row in soql(session, f"SELECT {', '.join(fields)} FROM {name}")}
        return found


def landed(user: User) -> dict[str, int]:
    """Rows of every raw table."""
    found = user.warehouse("select table_name from information_schema.tables where table_schema = 'raw_sales_cloud'")
    names = [name for (name,) in found if not name.startswith("_dlt")]
    return {name: user.warehouse(f'select count(*) from raw_sales_cloud."{name}"')[0][0] for name in names}


def test_after_all_that_a_plain_run_ends_well(story: Story) -> None:
    assert story.last.returncode == 0, story.last.stdout + story.last.stderr
    assert story.last.stderr == ""


def test_org_and_warehouse_end_as_after_a_quiet_run(story: Story) -> None:
    ours, theirs = written(story.user), written(story.quiet)
    assert {name: len(rows) for name, rows in ours.items()} == {name: len(rows) for name, rows in theirs.items()}
    for name in ENTITIES:
        assert ours[name] == theirs[name]
    assert landed(story.user) == landed(story.quiet)


def test_no_record_is_written_twice(story: Story) -> None:
    moved = Counter(
        record for before, after in zip(story.stops, story.stops[1:], strict=False) for record in before if before[record] != after[record]
    )
    assert moved
    assert max(moved.values()) == 1
    twice = "select count(*) from (select record_id from ledger.sync_row where status = 'accepted' group by all having count(*) > 1)"
    assert story.user.warehouse(twice) == [(0,)]


def test_rows_the_org_took_are_acknowledged_and_those_that_never_arrived_are_sent_again(story: Story) -> None:
    statuses = Counter(dict(story.user.warehouse("select status, count(*) from ledger.sync_row group by all")))
    assert statuses["sent"] == 0
    assert statuses["lost"] > 0
    assert "an earlier push had ended half-way" in story.last.stdout
    assert "0 are planned again" in story.last.stdout


def test_ctrl_c_is_one_line_and_exit_1(story: Story) -> None:
    assert story.interrupted.returncode == 1
    (line,) = story.interrupted.stderr.split("\n")[:-1]
    assert line.endswith("interrupted; what is complete is kept, the next run goes on from there")


def test_a_run_beside_another_is_one_line_and_exit_1(story: Story) -> None:
    assert story.doubled.returncode == 1
    assert story.doubled.stdout == ""
    (line,) = story.doubled.stderr.splitlines()
    assert line.endswith("warehouse.duckdb is open in another process; wait for that run to end or stop it")


def test_the_ledger_tells_how_each_run_ended(story: Story) -> None:
    runs = story.user.warehouse("select status from ledger.pipeline_run order by started")
    assert [status for (status,) in runs] == ["failed", "interrupted", "interrupted", "interrupted", "interrupted", "done"]
    assert story.user.warehouse("select distinct status from ledger.sync_run where status in ('pushing', 'planned')") == []
