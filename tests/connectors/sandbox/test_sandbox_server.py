"""The sandbox as a process: start, reuse of a state, refusals in one line, clean end; and its controls."""

import json
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.sandbox.__main__ import main as serve_sandbox
from connectors.sandbox.state import MARK, Settings, prepare, read_mark
from tests.connectors.sandbox.kit import bulk_rows, refused
from tests.forks import Forked

ROOT = Path(__file__).parents[3]
AS_OF = datetime(2026, 6, 1)
COMMAND = (sys.executable, "-m", "connectors.sandbox")


@dataclass(frozen=True)
class Ended:
    """A command that is over."""

    returncode: int
    stderr: str


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ended]:
    """`run("--size", "tiny")`: a command that ends by itself."""

    def ended(*arguments: str) -> Ended:
        folder = tmp_path_factory.mktemp("command")
        command = Forked(serve_sandbox, list(arguments), ROOT, folder / "out", folder / "err")
        code = command.wait(30)
        return Ended(code, (folder / "err").read_text())

    return ended


def test_the_command_line_starts_it_in_less_than_three_seconds_of_cpu(sandbox_state: Callable[..., Path], tmp_path: Path) -> None:
    state = shutil.copytree(sandbox_state("tiny"), tmp_path / "state")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    arguments = ("--port", "0", "--size", "tiny", "--state", str(state))
    with subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        url = next(line.partition("=")[2].strip() for line in server.stdout or () if line.startswith("export SF_INSTANCE_URL="))
        described = httpx.get(f"{url}/_sandbox").json()
        server.terminate()
        assert server.wait(30) == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (described["seed"], described["size"], described["as_of"]) == (7, "tiny", "2026-06-01T00:00:00")
    assert described["now"] > described["as_of"]
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3


def test_a_signal_ends_it_cleanly_and_its_writes_are_kept(start_sandbox: Callable[..., Any]) -> None:
    server = start_sandbox()
    with server.client() as session:
        made = session.post("sobjects/Account", json={"Name": "Kept Ltd"}).json()["id"]
    assert server.stop() == 0
    again = start_sandbox(state=server.state)
    with again.client() as session:
        assert session.get(f"sobjects/Account/{made}").json()["Name"] == "Kept Ltd"
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(10) == 0
    assert "Traceback" not in server.log.read_text() + again.log.read_text()


def test_it_listens_on_loopback_only(sandbox: Any) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1", "127.0.1.1"}
    for address in addresses:
        with pytest.raises(OSError), socket.create_connection((str(address), port), timeout=1):
            pass
    assert sandbox.url.startswith("http://127.0.0.1:")


def test_a_taken_port_is_one_line_and_exit_1_of_the_command_line(sandbox: Any, tmp_path: Path) -> None:
    arguments = ("--port", sandbox.url.rpartition(":")[2], "--size", "tiny", "--state", str(tmp_path))
    ended = subprocess.run([*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "choose another with --port" in ended.stderr


def test_a_state_in_use_is_one_line_and_exit_1(sandbox: Any, run: Callable[..., Ended]) -> None:
    ended = run("--port", "0", "--size", "tiny", "--as-of", "2026-06-01", "--state", str(sandbox.state))
    assert ended.returncode == 1
    assert "another sandbox" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_state_in_use_is_not_made_anew_under_its_user(sandbox: Any, run: Callable[..., Ended]) -> None:
    ended = run("--port", "0", "--size", "tiny", "--seed", "8", "--state", str(sandbox.state), "--generate-only")
    assert (ended.returncode, "another sandbox is running" in ended.stderr) == (1, True)
    assert sandbox.traps()


def test_an_unknown_size_or_profile_is_wrong_usage(run: Callable[..., Ended]) -> None:
    assert run("--size", "huge").returncode == 2
    assert run("--faults", "hurricane").returncode == 2


def test_a_matching_state_is_reused_and_another_is_made_anew(sandbox_state: Callable[..., Path], tmp_path: Path) -> None:
    said: list[str] = []
    state = shutil.copytree(sandbox_state("tiny"), tmp_path / "state")
    made = (state / "salesforce.duckdb").stat().st_mtime_ns
    assert prepare(state, 7, "tiny", AS_OF, said.append) == prepare(state, 7, "tiny", None, said.append) == read_mark(state)
    assert (len(said), (state / "salesforce.duckdb").stat().st_mtime_ns) == (0, made)
    prepare(state, 8, "tiny", AS_OF, said.append)
    assert (len(said), read_mark(state)) == (1, Settings(8, "tiny", "2026-06-01T00:00:00"))


def test_a_half_generated_state_is_made_anew_and_strangers_files_stay(tmp_path: Path) -> None:
    (tmp_path / "salesforce.duckdb").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")
    prepare(tmp_path, 7, "tiny", AS_OF, lambda line: None)
    assert json.loads((tmp_path / MARK).read_text())["size"] == "tiny"
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_one_line_and_exit_1(run: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run("--port", "0", "--size", "tiny", "--state", str(tmp_path / "file" / "state"))
    assert ended.returncode == 1
    assert "cannot write the state" in ended.stderr


def test_truth_is_served_as_csv(sandbox: Any) -> None:
    assert {"trap", "object", "record_id", "expected"} == set(sandbox.traps()[0])
    pairs = sandbox.pairs()
    assert set(pairs[0]) == {"user_id", "person_id", "closeness"}
    assert all(pair["user_id"].startswith("005") for pair in pairs)
    assert httpx.get(f"{sandbox.url}/_sandbox/truth/secrets").status_code == 404


def test_truth_and_side_tables_are_not_in_the_api(sandbox: Any) -> None:
    with sandbox.client() as session:
        for name in ("_truth_pairs", "_truth_traps", "_deleted"):
            assert session.get("query", params={"q": f"SELECT Id FROM {name}"}).status_code == 400


def test_the_clock_moves_and_sessions_grow_old(sandbox: Any) -> None:
    with sandbox.client() as session:
        before = datetime.fromisoformat(sandbox.control("GET", "").json()["now"])
        after = datetime.fromisoformat(sandbox.post_control("salesforce/clock", {"advance_seconds": 7_300})["now"])
        assert (after - before).total_seconds() >= 7_300
        assert refused(session.get("limits")) == (401, "INVALID_SESSION_ID")


def test_a_hidden_field_and_a_dropped_object_come_back_when_the_restriction_is_lifted(sandbox: Any) -> None:
    with sandbox.client() as session:
        sandbox.post_control("salesforce/access", {"hidden_fields": ["Contact.Email"], "hidden_objects": ["TaskRelation"]})
        assert refused(session.post("jobs/query", json={"operation": "query", "query": "SELECT Email FROM Contact"})) == (
            400,
            "INVALID_FIELD",
        )
        assert session.get("sobjects/TaskRelation/describe").status_code == 404
        sandbox.post_control("salesforce/access", {"hidden_fields": [], "hidden_objects": []})
        assert bulk_rows(session, "SELECT Email FROM Contact")
        assert session.get("sobjects/TaskRelation/describe").status_code == 200


def test_an_unknown_control_key_is_refused(sandbox: Any) -> None:
    answer = httpx.post(f"{sandbox.url}/_sandbox/salesforce/access", json={"hide": []})
    assert answer.status_code == 400
    assert "hidden_fields" in answer.json()["error"]


def test_what_has_yet_to_happen_happens_once(sandbox: Any) -> None:
    expected = {(trap["trap"], trap["record_id"]) for trap in sandbox.traps()}
    late = next(record for trap, record in expected if trap == "committed_late")
    member = next(record for trap, record in expected if trap == "hard_deleted_team_member")
    with sandbox.client() as session:
        asked = {"q": f"SELECT SystemModstamp FROM Task WHERE Id = '{late}'"}
        newest = session.get("query", params={"q": "SELECT MAX(SystemModstamp) newest FROM Task"}).json()["records"][0]["newest"]
        assert session.get("query", params=asked).json()["totalSize"] == 0
        happened = sandbox.post_control("salesforce/later")
        assert (late in happened["committed"], member in happened["deleted"]) == (True, True)
        assert session.get("query", params=asked).json()["records"][0]["SystemModstamp"] < newest
        everything = {"q": f"SELECT Id FROM AccountTeamMember WHERE Id = '{member}'"}
        assert session.get("queryAll", params=everything).json()["totalSize"] == 0
    assert sandbox.post_control("salesforce/later") == {"committed": [], "deleted": []}
