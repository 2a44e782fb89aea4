"""What queries mean: Salesforce's own truth about nulls, case, dates, deleted and archived rows, parents and children."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from tests.connectors.sandbox.orgkit import NOW, Org, new_org

OLD = (NOW - timedelta(days=366)).date()
RECENT = (NOW - timedelta(days=364)).date()


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with new_org(tmp_path_factory.mktemp("org")) as made:
        _fill(made)
        yield made


def _fill(org: Org) -> None:
    acme, beta, _ = org.create(
        "Account",
        {"Name": "Acme", "Industry": "Banking", "AnnualRevenue": 10, "BillingCity": "Bonn"},
        {"Name": "beta 100%", "Industry": "banking", "AnnualRevenue": 20},
        {"Name": "Čapek_1"},
    )
    org.create(
        "Contact",
        {"LastName": "Ada", "AccountId": acme, "Email": "ada@acme.example", "Department": "NA"},
        {"LastName": "Bo", "AccountId": acme, "Title": "it's"},
        {"LastName": "Cy", "AccountId": beta},
        {"LastName": "Di"},
    )
    org.create(
        "Task",
        {"Subject": "closed old", "Status": "Completed", "ActivityDate": OLD.isoformat()},
        {"Subject": "closed recent", "Status": "Completed", "ActivityDate": RECENT.isoformat()},
        {"Subject": "open old", "Status": "Not Started", "ActivityDate": OLD.isoformat()},
    )
    org.create(
        "Event", {"Subject": "old", "StartDateTime": f"{OLD}T10:00:00Z"}, {"Subject": "new", "StartDateTime": "2026-06-01T10:00:00Z"}
    )
    gone = org.create("Account", {"Name": "Gone"})
    assert org.call("DELETE", f"/sobjects/Account/{gone[0]}").status_code == 204


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name != 'acme'", ["beta 100%", "Čapek_1"]),
        ("Industry = 'Banking'", ["Acme", "beta 100%"]),
        ("Industry != 'Banking'", ["Čapek_1"]),
        ("NOT Industry = 'Banking'", ["Čapek_1"]),
        ("Industry NOT IN ('Banking')", ["Čapek_1"]),
        ("Industry IN ('Banking', null)", ["Acme", "beta 100%", "Čapek_1"]),
        ("Industry = null", ["Čapek_1"]),
        ("Industry = ''", []),
        ("Name LIKE 'a%'", ["Acme"]),
        ("Name LIKE '%0\\%'", ["beta 100%"]),
        ("Name LIKE '%k\\_1'", ["Čapek_1"]),
        ("NOT Name LIKE '%e%'", []),
        ("AnnualRevenue > 10", ["beta 100%"]),
        ("NOT AnnualRevenue > 10", ["Acme", "Čapek_1"]),
        ("AnnualRevenue <= 20.0", ["Acme", "beta 100%"]),
        ("(Name = 'acme' OR AnnualRevenue = 20) AND Industry != null", ["Acme", "beta 100%"]),
        ("BillingCity = 'bonn'", ["Acme"]),
        ("CreatedDate = TODAY", ["Acme", "beta 100%", "Čapek_1"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate >= 2026-06-01T00:00:00Z AND CreatedDate < 2026-06-02T00:00:00Z", ["Acme", "beta 100%", "Čapek_1"]),
        ("Owner.IsActive = true", ["Acme", "beta 100%", "Čapek_1"]),
        ("Parent.IsDeleted = false", ["Acme", "beta 100%", "Čapek_1"]),
        ("Id IN (SELECT AccountId FROM Contact WHERE Email != null)", ["Acme"]),
        ("Id NOT IN (SELECT AccountId FROM Contact)", ["Čapek_1"]),
    ],
)
def test_conditions(org: Org, where: str, found: list[str]) -> None:
    assert org.values(f"SELECT Name FROM Account WHERE {where}") == found


def test_ids_match_in_both_lengths(org: Org) -> None:
    (record_id,) = org.values("SELECT Id FROM Account WHERE Name = 'acme'")
    assert org.values(f"SELECT Name FROM Account WHERE Id = '{record_id[:15]}'") == ["Acme"]
    assert org.values(f"SELECT LastName FROM Contact WHERE AccountId IN ('{record_id}')") == ["Ada", "Bo"]


def test_texts_that_look_like_nulls_are_texts(org: Org) -> None:
    assert org.values("SELECT LastName FROM Contact WHERE Department = 'na'") == ["Ada"]
    assert org.values(r"SELECT LastName FROM Contact WHERE Title = 'it\'s'") == ["Bo"]


def test_query_hides_deleted_rows_and_query_all_shows_them(org: Org) -> None:
    assert "Gone" not in org.values("SELECT Name FROM Account")
    assert "Gone" in org.values("SELECT Name FROM Account", all_rows=True)
    assert "Gone" in org.values("SELECT Name FROM Account ALL ROWS")
    assert org.values("SELECT Name FROM Account WHERE IsDeleted = true") == []


def test_query_hides_archived_activities_but_not_old_open_tasks(org: Org) -> None:
    assert org.values("SELECT Subject FROM Task") == ["closed recent", "open old"]
    assert org.values("SELECT Subject FROM Event") == ["new"]
    assert org.values("SELECT Subject FROM Task WHERE IsArchived = true", all_rows=True) == ["closed old"]
    assert org.values("SELECT Subject FROM Event WHERE IsArchived = true", all_rows=True) == ["old"]


def test_a_closed_task_without_a_date_is_archived_by_its_creation(org: Org) -> None:
    (record_id,) = org.create("Task", {"Subject": "undated", "Status": "Completed"})
    with org.store.write() as cursor:
        cursor.execute('update "Task" set "CreatedDate" = ? where "Id" = ?', [datetime(2025, 5, 1), record_id])
    assert "undated" not in org.values("SELECT Subject FROM Task")
    assert "undated" in org.values("SELECT Subject FROM Task", all_rows=True)


def test_order_puts_nulls_first_and_ignores_case(org: Org) -> None:
    names = [row[0] for row in org.select("SELECT Name FROM Account ORDER BY AnnualRevenue, Name")]
    assert names == ["Čapek_1", "Acme", "beta 100%"]
    names = [row[0] for row in org.select("SELECT Name FROM Account ORDER BY AnnualRevenue DESC")]
    assert names == ["beta 100%", "Acme", "Čapek_1"]
    assert [row[0] for row in org.select("SELECT LastName FROM Contact ORDER BY LastName LIMIT 2 OFFSET 1")] == ["Bo", "Cy"]


def test_parents_are_joined_over_several_levels(org: Org) -> None:
    compiled = org.compile("SELECT account.owner.name, Owner.Name FROM Contact WHERE Account.Name = 'acme'")
    assert [column.name for column in compiled.columns] == ["Account.Owner.Name", "Owner.Name"]
    assert org.store.read(compiled.sql, compiled.params) == [("Sandbox Integration", "Sandbox Integration")] * 2


def test_polymorphic_parents_have_a_name_and_a_type(org: Org) -> None:
    queue = org.create("Group", {"Name": "Night shift", "Type": "Queue"})[0]
    lead = org.create("Lead", {"LastName": "Eve", "Company": "E"})[0]
    org.create("Task", {"Subject": "poly", "OwnerId": queue, "WhoId": lead})
    rows = org.select("SELECT Owner.Name, Owner.Type, Who.Name, Who.Type, What.Name FROM Task WHERE Subject = 'poly'")
    assert rows == [("Night shift", "Group", "Eve", "Lead", None)]


def test_aggregates_group_and_filter(org: Org) -> None:
    rows = org.select("SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId HAVING COUNT(Id) > 1")
    assert [row[1] for row in rows] == [2]
    compiled = org.compile("SELECT MAX(AnnualRevenue), COUNT(Id), SUM(AnnualRevenue) total, COUNT_DISTINCT(Industry) FROM Account")
    assert [column.name for column in compiled.columns] == ["expr0", "expr1", "total", "expr2"]
    assert org.store.read(compiled.sql, compiled.params) == [(20.0, 3, 30.0, 2)]
    assert org.select("SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) n FROM Account GROUP BY CALENDAR_YEAR(CreatedDate)") == [(2026, 3)]


def test_fields_functions_expand_to_what_is_visible(org: Org) -> None:
    everything = {column.name for column in org.compile("SELECT FIELDS(ALL) FROM Contact LIMIT 10").columns}
    assert everything == set(org.access.catalog["Contact"].fields)
    assert org.compile("SELECT FIELDS(STANDARD) FROM Contact").columns
    bulk = {column.name for column in org.compile("SELECT FIELDS(STANDARD) FROM Contact", dialect="bulk").columns}
    assert everything - bulk == {"MailingAddress"}


def test_csv_carries_instants_as_bulk_writes_them(org: Org) -> None:
    compiled = org.compile("SELECT StartDateTime, ActivityDate FROM Event WHERE Subject = 'new'")
    assert org.store.read(compiled.csv_sql, compiled.params) == [("2026-06-01T10:00:00.000Z", date(2026, 6, 1))]


def test_without_view_all_only_own_records_are_seen(tmp_path: pytest.TempPathFactory) -> None:
    with new_org(tmp_path / "state") as org:  # type: ignore[operator]
        other = org.create("User", {"LastName": "Other", "Username": "o@x.example", "Email": "o@x.example"})[0]
        org.create("Account", {"Name": "Mine"}, {"Name": "Theirs", "OwnerId": other})
        org.access.restrict(view_all=False)
        assert org.values("SELECT Name FROM Account") == ["Mine"]
