"""The nightly loop as a user meets it: console script, real HTTP, a real warehouse file, a CRM that really changes.

That a second run over an unchanged CRM writes nothing is told of both CRMs in test_two_crms.
"""

from typing import Any

import duckdb
import pytest

from tests.e2e.kit import User, new_user, plan_of, soql

AS_OF = "2026-06-01T12:00:00Z"
ENTITIES = ("Account", "Contact", "Lead", "User")


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, sandbox: Any) -> User:
    """A user whose org is provisioned and whose first run is done."""
    somebody = new_user(tmp_path_factory.mktemp("nightly"), sandbox)
    somebody.done("provision", installed=True)
    somebody.done("run", "--as-of", AS_OF, installed=True)
    return somebody


def stamps(user: User) -> dict[str, str]:
    with user.salesforce() as session:
        return {
            row["Id"]: row["SystemModstamp"] for entity in ENTITIES for row in soql(session, f"SELECT Id, SystemModstamp FROM {entity}")
        }


def test_every_activity_record_read_is_counted_or_dropped_once(user: User) -> None:
    read = {kind: user.warehouse(f'select count(*) from raw_sales_cloud."{kind}"')[0][0] for kind in ("Task", "Event", "EmailMessage")}
    counted = user.warehouse("select count(distinct event_id) from model.interactions")[0][0]
    dropped = user.warehouse("select count(*), count(distinct event_id) from model.interactions_dropped")[0]
    assert dropped[0] == dropped[1]
    assert sum(read.values()) == counted + dropped[0]
    both = "select count(*) from (select event_id from model.interactions intersect select event_id from model.interactions_dropped)"
    assert user.warehouse(both) == [(0,)]


def test_every_planted_trap_is_counted_right(user: User, sandbox: Any) -> None:
    wrong = []
    outcomes = dict(user.warehouse("select event_id, reason from model.interactions_dropped"))
    outcomes |= dict(user.warehouse("select distinct event_id, 'counted' from model.interactions"))
    traps = [trap for trap in sandbox.traps() if trap["object"] in ("Task", "Event", "EmailMessage")]
    for trap in traps:
        if not trap["expected"].startswith("participant") and outcomes.get(trap["record_id"]) != trap["expected"]:
            wrong.append((trap, outcomes.get(trap["record_id"])))
    assert len(traps) > 30
    assert wrong == []


def test_what_the_crm_shows_is_what_was_computed(user: User) -> None:
    fields = "Id, GX_Closeness__c, GX_Closeness_Grade__c, GX_Touches_365d__c, GX_Strongest_User__c"
    with user.salesforce() as session:
        shown = {row["Id"]: row for row in soql(session, f"SELECT {fields} FROM Contact")}
    computed = user.warehouse("select record_id, closeness, closeness_grade, touches_365d, strongest_user from enrichment.contact")
    assert computed
    for record_id, *values in computed:
        assert [shown[record_id][name.strip()] for name in fields.split(",")[1:]] == values


@pytest.fixture(scope="module")
def called(user: User) -> list[dict[str, Any]]:
    """Five contacts of whom twenty calls are logged after the first run."""
    with user.salesforce() as session:
        callers = soql(session, "SELECT Id FROM User WHERE IsActive = true AND UserType = 'Standard' AND Title LIKE '%Account%' LIMIT 2")
        called = soql(session, "SELECT Id, AccountId FROM Contact WHERE AccountId != null AND Email != null LIMIT 5")
        calls = [
            {
                "attributes": {"type": "Task"},
                "Subject": "Call",
                "TaskSubtype": "Call",
                "Status": "Completed",
                "ActivityDate": f"2026-05-{day:02}",
                "WhoId": person["Id"],
                "OwnerId": callers[0]["Id"],
            }
            for person in called
            for day in (25, 26, 27, 28)
        ]
        answers = session.post("composite/sobjects", json={"allOrNone": False, "records": calls}).raise_for_status().json()
    assert [answer["errors"] for answer in answers if not answer["success"]] == []
    return called


def test_a_dry_run_writes_nothing_and_only_the_records_that_new_calls_touch_change_after_it(
    user: User, called: list[dict[str, Any]]
) -> None:
    before = stamps(user)
    user.done("run", "--dry-run", "--as-of", AS_OF)
    assert stamps(user) == before
    user.done("push", plan_of(user.done("plan")))
    changed = {record for record, stamp in stamps(user).items() if before[record] != stamp}
    touched = {person["Id"] for person in called}
    assert touched <= changed
    assert changed - touched <= {person["AccountId"] for person in called} | {
        user_id for (user_id,) in user.warehouse("select user_id from model.users")
    }


def test_explain_shows_the_terms_of_a_written_score(user: User) -> None:
    ((record_id, closeness),) = user.warehouse(
        "select record_id, closeness from enrichment.contact where closeness > 40 order by closeness desc limit 1"
    )
    said = user.done("explain", f"sales_cloud:{record_id}")
    assert f"{closeness:.1f}" in said
    assert "kappa" in said.lower()


def test_figures_of_another_version_are_not_explained_but_built_anew(user: User) -> None:
    ((record_id,),) = user.warehouse("select min(record_id) from enrichment.contact")
    with duckdb.connect(str(user.folder / ".guanxi" / "warehouse.duckdb")) as connection:
        connection.execute("alter table model.users add column of_another_version integer")
    ended = user.guanxi("explain", f"sales_cloud:{record_id}")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "guanxi run" in ended.stderr
