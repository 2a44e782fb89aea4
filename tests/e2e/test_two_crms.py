"""Both CRMs in one run, and one of them failing alone: the other is written, and the end of the run says which part is fresh."""

import re
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.gate import Gate
from tests.e2e.kit import User, new_user, soql

RUN = ("run", "--as-of", "2026-06-01T12:00:00Z")
TABLES = {
    "accounts": "accountid",
    "contacts": "contactid",
    "leads": "leadid",
    "opportunities": "opportunityid",
    "systemusers": "systemuserid",
}
OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "User")
Result = subprocess.CompletedProcess[str]


@dataclass
class Story:
    """One user: provisioned, run, run with a wrong secret for Dynamics after a change in Salesforce, run as it should be, interrupted."""

    user: User
    dynamics: Any
    provisioned: Result
    first: Result
    broken: Result
    mended: Result
    interrupted: Result
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, sandbox: Any, dynamics: Any) -> Story:
    user = new_user(tmp_path_factory.mktemp("two-crms"), sandbox, dynamics)
    provisioned, first = user.guanxi("provision"), user.guanxi(*RUN)
    add_a_call(user)
    broken = user.guanxi(*RUN, DYN_CLIENT_SECRET="very-wrong-secret")
    before = stamps(user, dynamics)
    mended = user.guanxi(*RUN)
    after = stamps(user, dynamics)
    return Story(user, dynamics, provisioned, first, broken, mended, interrupted(user, sandbox), before, after)


def interrupted(user: User, sandbox: Any) -> Result:
    """A run that a scheduler stops (as Ctrl-C would) while Salesforce, the first of the two, is being read."""
    gate = Gate(sandbox)
    with gate.holding(r"^GET .*/results") as hold:
        process = user.start(*RUN, SF_INSTANCE_URL=gate.url)
        hold.wait()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        hold.release(drop=False)
        out, err = process.communicate(timeout=60)
    gate.close()
    return Result(RUN, process.returncode, out, err)


def add_a_call(user: User) -> None:
    """A call with somebody of whom none was logged in the last days."""
    with user.salesforce() as session:
        caller = soql(session, "SELECT Id FROM User WHERE IsActive = true AND Title LIKE '%Account%' LIMIT 1")[0]["Id"]
        called = soql(session, "SELECT Id FROM Contact WHERE AccountId != null AND Email != null LIMIT 1")[0]["Id"]
        call = {"Subject": "Call", "TaskSubtype": "Call", "Status": "Completed", "ActivityDate": "2026-05-30"}
        session.post("sobjects/Task", json={**call, "WhoId": called, "OwnerId": caller}).raise_for_status()


def stamps(user: User, dynamics: Any) -> dict[str, Any]:
    """What moves with every write, by record."""
    with user.salesforce() as session, dynamics.client() as environment:
        found = {row["Id"]: row["SystemModstamp"] for name in OBJECTS for row in soql(session, f"SELECT Id, SystemModstamp FROM {name}")}
        return found | {
            row[key]: row["versionnumber"] for name, key in TABLES.items() for row in rows(environment, name, key, "versionnumber")
        }


def rows(environment: httpx.Client, table: str, *columns: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = environment.get(table, params={"$select": ",".join(columns)}).raise_for_status().json()["value"]
    return found


def closing(result: Result) -> dict[str, str]:
    """The closing lines by CRM; nothing is said after them."""
    last = [line.partition(": ") for line in result.stdout.splitlines()[-2:]]
    return {crm: told for crm, _, told in last}


def written(result: Result) -> dict[str, int]:
    return {crm: int(told.removeprefix("fresh, ").removesuffix(" rows written").replace(",", "")) for crm, told in closing(result).items()}


def test_both_are_provisioned_at_once_and_the_role_that_dynamics_needs_is_said(story: Story) -> None:
    assert story.provisioned.returncode == 0, story.provisioned.stdout + story.provisioned.stderr
    assert "sales_cloud: created 113 fields, 1 permission set" in story.provisioned.stdout
    assert "dynamics: created 1 publisher, 1 solution, 113 fields" in story.provisioned.stdout
    assert "prvReadActivity" in story.provisioned.stdout


def test_one_run_writes_both(story: Story) -> None:
    assert story.first.returncode == 0, story.first.stdout + story.first.stderr
    counted = story.user.warehouse("select crm, count(*) from ledger.sync_row where status = 'accepted' group by all")
    numbers = written(story.first)
    assert numbers.keys() == {"sales_cloud", "dynamics"}
    assert min(numbers.values()) > 100
    assert dict(counted)["dynamics"] == numbers["dynamics"]


def test_each_crm_shows_what_was_computed_for_its_own_records(story: Story) -> None:
    query = "select record_id, closeness, touches_365d from enrichment.contact where crm = 'dynamics'"
    computed = {record: (closeness, touches) for record, closeness, touches in story.user.warehouse(query)}
    assert computed
    with story.dynamics.client() as environment:
        held = {row["contactid"]: row for row in rows(environment, "contacts", "contactid", "gx_closeness", "gx_touches_365d")}
    assert {record: (held[record]["gx_closeness"], held[record]["gx_touches_365d"]) for record in computed} == computed


def test_a_crm_that_fails_does_not_stop_the_other_and_the_run_says_which_part_is_fresh(story: Story) -> None:
    assert story.broken.returncode == 1
    (fault,) = story.broken.stderr.splitlines()
    assert fault.startswith("failed: extract dynamics: ")
    assert "client_secret" in fault
    assert "very-wrong-secret" not in story.broken.stdout + fault
    told = closing(story.broken)
    assert 0 < int(told["sales_cloud"].removeprefix("fresh, ").removesuffix(" rows written")) < 30
    assert told["dynamics"] == f"NOT fresh: {fault.removeprefix('failed: ')}; figures in the CRM are those of 2026-06-01"


def test_once_mended_a_run_ends_like_a_quiet_one(story: Story) -> None:
    assert story.mended.returncode == 0, story.mended.stdout + story.mended.stderr
    assert written(story.mended) == {"sales_cloud": 0, "dynamics": 0}
    assert story.after == story.before


def test_after_ctrl_c_no_other_crm_is_begun(story: Story) -> None:
    assert story.interrupted.returncode == 1
    assert closing(story.interrupted)["dynamics"] == "NOT fresh: its run did not start"
    assert "interrupted; what is complete is kept" in closing(story.interrupted)["sales_cloud"]


def test_the_ledger_and_the_status_tell_the_crms_apart(story: Story) -> None:
    runs = story.user.warehouse("select status, counts ->> 'crms' from ledger.pipeline_run order by started")
    together, alone = "sales_cloud, dynamics", ("done", "sales_cloud")
    assert runs == [("done", together), ("failed", together), alone, ("done", together), ("failed", together)]
    said = story.user.done("status")
    for crm in ("sales_cloud", "dynamics"):
        assert re.search(rf"{crm} *│ 2026-06-01", said)


def test_one_person_known_in_both_is_explained_from_both_sides_however_the_id_is_written(story: Story) -> None:
    met = {record for (record,) in story.user.warehouse("select record_id from enrichment.contact where closeness > 10")}
    twin = next(row for row in story.dynamics.truth("twins") if row["table"] == "contact" and {row["id"], row["salesforce_id"]} <= met)
    said = story.user.done("explain", f"sales_cloud:{twin['salesforce_id']}", f"dynamics:{{{twin['id'].upper()}}}")
    assert said.count("kappa") >= 2
