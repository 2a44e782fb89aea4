"""The store: tables as declared, one version sequence, columns made at run time, and a clock that survives."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from connectors.sandbox.company import build
from connectors.sandbox.dataverse.project import load
from connectors.sandbox.dataverse.schema import TABLES
from connectors.sandbox.dataverse.schema_build import choice, decimal, lookup
from connectors.sandbox.dataverse.schema_types import DATE_ONLY, Attribute, Option, attribute_from
from connectors.sandbox.dataverse.standing import INTEGRATION_USER_ID
from connectors.sandbox.dataverse.store import Store
from connectors.sandbox.store import insert_row

NOW = datetime(2026, 6, 1)
ATTITUDES = ("Strong support", "Support", "Neutral", "Against", "Strongly against")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "state", NOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A new store for tests that only look."""
    made = Store.create(tmp_path_factory.mktemp("untouched") / "state", NOW)
    yield made
    made.close()


def account(name: str) -> dict[str, object]:
    return {"accountid": name, "name": name, "createdon": NOW, "modifiedon": NOW}


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if not table.view])
def test_tables_have_the_declared_columns(untouched: Store, name: str) -> None:
    found = {row[0]: row[1] for row in untouched.read("select column_name, data_type from duckdb_columns() where table_name = ?", [name])}
    declared = {item.column: item.column_type for item in TABLES[name].columns.values()}
    kinds = {item.type_column: "VARCHAR" for item in TABLES[name].attributes.values() if item.type_column}
    assert found == declared | kinds


def test_a_new_state_has_the_organisation_and_our_application_user(untouched: Store) -> None:
    assert untouched.read("select expirechangetrackingindays from organization") == [(7,)]
    user = untouched.read("select accessmode, applicationid is not null from systemuser where systemuserid = ?", [INTEGRATION_USER_ID])
    assert user == [(4, True)]


@pytest.mark.parametrize(("message", "table", "there"), [("UpdateMultiple", "account", True), ("UpdateMultiple", "connection", False),
                                                         ("Merge", "opportunity", False), ("Merge", "lead", True)])  # fmt: skip
def test_message_filters_say_which_bulk_operations_exist(untouched: Store, message: str, table: str, there: bool) -> None:
    sql = """select count(*) from sdkmessagefilter f join sdkmessage m on m.sdkmessageid = f._sdkmessageid_value
        where m.name = ? and f.primaryobjecttypecode = ?"""
    assert untouched.read(sql, [message, table]) == [(int(there),)]


def test_rows_get_ever_higher_versions_whatever_their_table(store: Store) -> None:
    before = store.last_version()
    with store.write() as cursor:
        insert_row(cursor, "account", account("a"))
        insert_row(cursor, "contact", {"contactid": "c", "lastname": "L"})
    versions = [store.read(f"select versionnumber from {name}")[0][0] for name in ("account", "contact")]
    assert before < versions[0] < versions[1] == store.last_version()


def test_versions_go_on_after_the_state_was_opened_again(tmp_path: Path) -> None:
    first = Store.create(tmp_path, NOW)
    given = first.last_version()
    first.close()
    again = Store.open(tmp_path)
    with again.write() as cursor:
        insert_row(cursor, "account", account("a"))
    assert again.read("select versionnumber from account") == [(given + 1,)]
    again.close()


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    with pytest.raises(duckdb.Error), store.write() as cursor:
        cursor.execute("insert into account (accountid) values ('a'); select nonsense")
    assert store.read("select count(*) from account") == [(0,)]


def test_writers_on_several_threads_do_not_disturb_each_other(store: Store) -> None:
    def add(number: int) -> None:
        with store.write() as cursor:
            insert_row(cursor, "account", account(str(number)))

    threads = [Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("select count(*), count(distinct versionnumber) from account") == [(8, 8)]


def test_computed_columns_follow_what_they_are_computed_from(store: Store) -> None:
    with store.write() as cursor:
        insert_row(
            cursor, "contact", {"contactid": "c", "firstname": "Ann", "lastname": "Lee", "_ownerid_value": "t", "_ownerid_type": "team"}
        )
        cursor.execute("update contact set lastname = 'Low'")
    assert store.read("select fullname, _owninguser_value, _owningteam_value from contact") == [("Ann Low", None, "t")]
    with pytest.raises(duckdb.Error), store.write() as cursor:
        cursor.execute("update contact set fullname = 'x'")


def test_deletes_are_logged_with_a_version_and_an_instant(store: Store) -> None:
    before = store.last_version()
    with store.write() as cursor:
        store.log_deletes(cursor, "account", ["a", "b"])
    rows = store.read('select "table", id, versionnumber > ?, deleted_at >= ? from _deleted order by id', [before, NOW])
    assert rows == [("account", "a", True, True), ("account", "b", True, True)]


def test_the_clock_goes_on_where_it_stood(tmp_path: Path) -> None:
    first = Store.create(tmp_path, NOW)
    first.clock.advance(86_400)
    first.close()
    again = Store.open(tmp_path)
    assert timedelta() <= again.clock.now() - (NOW + timedelta(days=1)) < timedelta(minutes=1)
    again.close()


def test_a_folder_holds_one_state_only(tmp_path: Path) -> None:
    Store.create(tmp_path, NOW).close()
    with pytest.raises(FileExistsError):
        Store.create(tmp_path, NOW)
    with pytest.raises(FileNotFoundError):
        Store.open(tmp_path / "elsewhere")


def added(store: Store, table: str, *attributes: Attribute) -> None:
    with store.write() as cursor:
        for item in attributes:
            store.add_column(cursor, table, item)
    store.refresh_catalog()


def test_columns_made_at_run_time_are_there_after_reopening(tmp_path: Path) -> None:
    store = Store.create(tmp_path, NOW)
    version = store.version
    score, strongest = decimal("gx_closeness", 1, 0, 100, custom=True), lookup("gx_strongest_user", "systemuser", custom=True)
    added(store, "contact", score, strongest)
    assert store.version > version
    store.close()
    again = Store.open(tmp_path)
    table = again.table("contact")
    assert table is not None
    assert table.attributes["gx_closeness"] == score
    assert "_gx_strongest_user_value" in table.columns
    assert again.by_entity_set("contacts") == table
    assert again.read("select gx_closeness, _gx_strongest_user_value from contact") == []
    again.close()


def test_a_made_column_is_filled_with_what_people_had_entered(tmp_path: Path) -> None:
    store = Store.create(tmp_path, NOW)
    load(build(7, "tiny", NOW.replace(tzinfo=UTC)), store)
    given = store.last_version()
    values = tuple((727_000_000 + place, label) for place, label in enumerate(ATTITUDES))
    roles = Attribute("gx_buying_role", "MultiSelectPicklist", "Buying Role", options=tuple(Option(10 + n, str(n)) for n in range(5)))
    added(store, "contact", choice("gx_attitude", *values), roles, lookup("gx_influenced_by", "contact"))
    attitudes = store.read("select gx_attitude - e from (select c.gx_attitude, e.gx_attitude as e from contact c "
                           "join _entered_contact e using (contactid)) where e is not null")  # fmt: skip
    assert {row[0] for row in attitudes} == {727_000_000}
    pairs = store.read("select c.gx_buying_role, e.gx_buying_role from contact c join _entered_contact e using (contactid)")
    expected = [(None if given is None else ",".join(str(10 + int(one)) for one in given.split(";")), given) for _, given in pairs]
    assert pairs == expected
    assert any(given and ";" in given for _, given in pairs)
    assert store.read("select count(_gx_influenced_by_value) from contact")[0][0] > 0
    assert store.last_version() == given
    store.close()


def test_an_attribute_survives_its_stored_form() -> None:
    for table in TABLES.values():
        for item in table.attributes.values():
            assert attribute_from(item.stored()) == item


@pytest.mark.parametrize("name", list(TABLES))
def test_declarations_are_consistent(name: str) -> None:
    table = TABLES[name]
    assert table.attributes[table.primary_id].type == "Uniqueidentifier"
    assert all(target in TABLES for item in table.attributes.values() for target in item.targets)
    assert all(len(item.targets) == len(item.navigation) for item in table.attributes.values())
    assert all(child in TABLES and key in TABLES[child].attributes for child, key in table.collections.values())


def test_navigation_of_regarding_is_named_by_target_and_activity() -> None:
    task = TABLES["task"].navigation["regardingobjectid_account_task"]
    assert dict(zip(task.navigation, task.targets, strict=True))["regardingobjectid_account_task"] == "account"
    owner = TABLES["contact"].navigation["ownerid"]
    assert (owner.navigation, owner.targets) == (("ownerid", "ownerid"), ("systemuser", "team"))


def test_days_are_stored_as_days() -> None:
    closed = TABLES["opportunity"].attributes["actualclosedate"]
    assert (closed.behavior, closed.column_type) == (DATE_ONLY, "DATE")
