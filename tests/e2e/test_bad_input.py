"""What a user or an org can get wrong: one clear line that says what and what to do, nothing half-written, and the next command goes on."""

import re
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.e2e.kit import CONFIG, User, new_user, plan_of, soql

RUN = ("run", "--as-of", "2026-06-01T12:00:00Z")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
KEPT = ("warehouse.duckdb", "warehouse.duckdb.wal")
"""Where people's names and addresses belong; besides them only the pages on their way may hold any."""


def line(result: "subprocess.CompletedProcess[str]", code: int = 1) -> str:
    assert result.returncode == code, result.stdout + result.stderr
    (told,) = [text for text in result.stderr.splitlines() if text]
    return told


@pytest.fixture
def somebody(tmp_path: Path) -> User:
    """A user whose org nobody can reach."""
    (tmp_path / "guanxi.toml").write_text(CONFIG, encoding="utf-8")
    return User(tmp_path, "http://127.0.0.1:9", "somebody", "very-secret")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("[output", "is not valid TOML"),
        ("[outputs]", "[outputs]: unknown section; the known ones are: warehouse, crm, output"),
        ("[activation]\nmin_detla = 2", "[activation] min_detla: unknown key; the known ones are: min_delta"),
        ("[activation]\nmax_reject_rate = 5", "[activation] max_reject_rate: must be less than or equal to 1"),
        ('[method]\nhalf_lives = "long"', "half_lives"),
        ('[grading]\nindividual = "env:GUANXI_GRADING"', "the environment variable GUANXI_GRADING is not set"),
    ],
)
def test_a_fault_in_the_configuration_is_told_by_its_key_before_anything_is_made(somebody: User, more: str, told: str) -> None:
    (somebody.folder / "guanxi.toml").write_text(f"{CONFIG}\n{more}\n", encoding="utf-8")
    assert told in line(somebody.guanxi(*RUN), code=2)
    assert not (somebody.folder / ".guanxi").exists()


@pytest.fixture
def web_page() -> Iterator[str]:
    """The address of a host that answers everything with a page."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<html><body>Welcome</body></html>")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_host_that_is_no_salesforce_is_told_from_a_wrong_secret(somebody: User, web_page: str) -> None:
    told = line(somebody.guanxi("provision", SF_INSTANCE_URL=web_page))
    assert "answered the login with a web page (HTTP 200); set instance_url to the org's My Domain URL" in told


def test_a_file_in_the_place_of_our_folder_is_named(somebody: User) -> None:
    (somebody.folder / ".guanxi").write_text("notes", encoding="utf-8")
    told = line(somebody.guanxi(*RUN))
    assert f"cannot use the warehouse file {somebody.folder}/.guanxi/warehouse.duckdb" in told
    assert "move what is there away, or name another file" in told


def test_a_disk_too_full_for_the_warehouse_is_told_and_the_next_command_goes_on(somebody: User) -> None:
    full = somebody.script("status", file_size=4_000)
    out, err = full.communicate(timeout=60)
    told = line(subprocess.CompletedProcess("status", full.returncode, out, err))
    assert "is full; free space and run again" in told
    assert somebody.guanxi("status").returncode == 0


@pytest.fixture(scope="module")
def heard() -> list[str]:
    """Everything the commands of this module said."""
    return []


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, sandbox: Any, heard: list[str]) -> User:
    """A user with an org that lacks a feature and hides a field; the disk was full in the first run, the second waits for approval."""
    found = new_user(tmp_path_factory.mktemp("bad-input"), sandbox)
    sandbox.post_control("salesforce/access", {"hidden_objects": ["AccountTeamMember"], "hidden_fields": ["Contact.Title"]})
    configure(found, "approval = true")
    full = found.script(*RUN, file_size=1_500_000)
    heard.extend(full.communicate(timeout=120))
    assert full.returncode == 1
    result = found.guanxi(*RUN)
    heard.extend((result.stdout, result.stderr))
    assert result.returncode == 0, result.stdout + result.stderr
    return found


def configure(user: User, activation: str) -> None:
    (user.folder / "guanxi.toml").write_text(f"{CONFIG}\n[activation]\n{activation}\n", encoding="utf-8")


def ours(user: User) -> int:
    """Contacts that carry a value of ours."""
    with user.salesforce() as session:
        return len(soql(session, "SELECT Id FROM Contact WHERE GX_Scored_On__c != null"))


def test_a_disk_that_filled_up_during_a_run_is_one_line_and_the_next_run_goes_on(user: User, heard: list[str]) -> None:
    (told,) = heard[1].splitlines()
    assert "cannot be written (disk I/O error); free space if the disk is full" in told
    assert user.warehouse("select status from ledger.pipeline_run order by started") == [("failed",), ("done",)]


def test_what_the_org_lacks_or_hides_is_reported_and_the_run_goes_on(user: User, heard: list[str]) -> None:
    assert re.search(r"AccountTeamMember .*not read: not in this org", heard[2])
    assert heard[3] == ""
    columns = "select column_name from raw_sales_cloud.extracted_columns where object_name = 'Contact'"
    assert ("Title",) not in user.warehouse(columns)


def test_a_plan_goes_from_approval_past_a_missing_right_to_the_org(user: User, heard: list[str]) -> None:
    plan = plan_of(heard[2])
    assert f"plan {plan} waits for approval" in heard[2]
    told = line(user.guanxi("push", plan))
    assert "not there or not visible to us; run `guanxi provision` first; nothing was written" in told
    user.done("provision")
    assert ours(user) == 0
    with user.salesforce() as session:
        gone = soql(session, "SELECT Id FROM Contact WHERE AccountId != null AND Email != null ORDER BY Id LIMIT 1")[0]["Id"]
        assert session.delete(f"sobjects/Contact/{gone}").status_code == 204
    said = user.done("push", plan)
    assert "1 rows rejected (ENTITY_IS_DELETED 1); they come again with the next plan" in said
    assert ours(user) == user.warehouse("select count(*) - 1 from enrichment.contact")[0][0]
    assert "cannot be pushed again" in line(user.guanxi("push", plan))


def test_too_many_rejected_rows_end_with_1_and_the_status_says_so(user: User) -> None:
    configure(user, "max_reject_rate = 0.05")
    told = line(user.guanxi("push", plan_of(user.done("plan"))))
    assert "100.0% of the rows were rejected, allowed are 5.0%; see: guanxi status" in told
    assert "100.0%oftherowswererejected" in re.sub(r"\W(?<!%)(?<!\.)", "", user.done("status"))


def test_a_tripped_guard_says_how_to_go_on_and_a_reason_does(user: User) -> None:
    configure(user, "max_changed_share = 0\nguard_min_rows = 0\nmax_reject_rate = 1")
    said = user.done("plan")
    assert "the guard would stop it: contact: the plan changes 1 of" in said
    told = line(user.guanxi("push", plan_of(said)))
    assert "nothing was written" in told
    assert f"guanxi push {plan_of(said)} --reason" in told
    user.done("push", plan_of(said), "--reason", "it is only one row")
    assert user.warehouse("select reason from ledger.sync_run order by planned_at desc limit 1") == [("it is only one row",)]


def test_rights_taken_away_between_runs_are_told_and_provision_gives_them_back(user: User) -> None:
    configure(user, "max_reject_rate = 1")
    with user.salesforce() as session:
        assigned = soql(session, "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'GX_Guanxi'")
        for row in assigned:
            assert session.delete(f"sobjects/PermissionSetAssignment/{row['Id']}").status_code == 204
    assert assigned
    plan = plan_of(user.done("plan"))
    assert "run `guanxi provision` first" in line(user.guanxi("push", plan))
    assert "created 1 assignment" in user.done("provision")
    user.done("push", plan)


def test_neither_secrets_nor_addresses_are_said_or_left_beside_the_warehouse(user: User, heard: list[str], sandbox: Any) -> None:
    files = [file for file in (user.folder / ".guanxi").rglob("*") if file.is_file() and file.name not in KEPT]
    assert any(file.suffix == ".db" for file in files)
    with user.salesforce() as session:
        people = [row["Email"] for row in soql(session, "SELECT Email FROM Contact WHERE Email != null")]
    domains = {address.partition("@")[2] for address in people}
    texts = [*heard, *(file.read_text(encoding="utf-8", errors="replace") for file in files)]
    for text in texts:
        assert sandbox.client_secret not in text
        assert not [address for address in ADDRESS.findall(text) if address.partition("@")[2] in domains]


def test_our_folder_is_closed_to_others(user: User) -> None:
    assert (user.folder / ".guanxi").stat().st_mode & 0o777 == 0o700
