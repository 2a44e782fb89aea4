"""The planted records: there in every size, each with a verdict, and each really what its name says."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.sandbox.company import build
from connectors.sandbox.dataverse.project import load
from connectors.sandbox.dataverse.schema import TABLES
from connectors.sandbox.dataverse.store import Store

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
REASONS = {
    "deleted", "unknown_type", "private", "draft", "failed_send", "cancelled", "series_master", "invitee_copy", "email_twin", "plain_task",
    "open", "future", "mass_mail", "not_a_person", "auto_reply", "internal_only", "no_person",
}  # fmt: skip
PLAIN = {"counted", "never_counted", "no_participant", "not_scored", "text_kept", "linked", "not_linked"}
LINKED = ("participant_is:", "account_is:")
REACHED = {
    "private", "draft", "failed_send", "cancelled", "series_master", "email_twin", "plain_task", "open", "future", "mass_mail",
    "not_a_person", "auto_reply", "internal_only", "no_person",
}  # fmt: skip
"""Reasons a Dynamics activity can have; deleted rows are gone, and nothing here is an invitee's copy."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Store.create(tmp_path_factory.mktemp("environment"), AS_OF.replace(tzinfo=None))
    load(build(7, "tiny", AS_OF), made)
    yield made
    made.close()


def trap(store: Store, name: str, table: str) -> dict[str, object]:
    """The row of a trap in a table."""
    key = TABLES[table].primary_id
    rows = store.arrow(f'select t.* from "{table}" t join _truth_traps p on p.record_id = t."{key}" where p.trap = ?', [name])
    return dict(rows.to_pylist()[0])


def test_verdicts_are_in_the_vocabulary(store: Store) -> None:
    found = {row[0] for row in store.read("select distinct expected from _truth_traps")}
    odd = {word for word in found if word not in REASONS | PLAIN and not word.startswith(LINKED)}
    assert odd == {f"participant_dropped:{reason}" for reason in ("unresolved", "ours", "not_a_person")}
    assert found >= REACHED


def test_every_trap_names_a_record_that_is_there(store: Store) -> None:
    for table, wanted in store.read('select "table", count(distinct record_id) from _truth_traps group by 1'):
        key = TABLES[table].primary_id
        there = store.read(
            f'select count(*) from "{table}" where "{key}" in (select record_id from _truth_traps where "table" = ?)', [table]
        )
        assert there[0][0] == wanted, table


def test_people_and_accounts_that_a_verdict_points_at_exist(store: Store) -> None:
    told = store.read("""
        select count(*), count(k.id) from (select split_part(expected, ':', 2) as id from _truth_traps
            where (expected like 'participant_is:%' or expected like 'account_is:%') and expected <> 'account_is:none')
        left join (
            select contactid as id from contact union all select leadid from lead union all select accountid from account) k using (id)
    """)[0]
    assert told[0] == told[1] > 5


def test_traps_are_the_same_in_every_state(store: Store) -> None:
    from connectors.sandbox.dataverse.traps import plant

    planted = plant(AS_OF.replace(tzinfo=None))["_truth_traps"]
    assert sorted(planted.to_pylist(), key=str) == sorted(store.arrow("select * from _truth_traps").to_pylist(), key=str)


def test_players_are_nobody_the_salesforce_org_knows(store: Store) -> None:
    addresses = store.read("""select emailaddress1 from contact where contactid in (
        select record_id from _truth_traps where "table" = 'contact')""")
    assert all(address.endswith("@dyntrap.example") for (address,) in addresses)


def test_a_merge_chain_ends_at_a_living_record(store: Store) -> None:
    chain = store.read("""
        with recursive path as (
            select contactid as start, contactid as at, _masterid_value as next from contact where merged
            union all select p.start, c.contactid, c._masterid_value from path p join contact c on c.contactid = p.next)
        select count(distinct start), max(steps) from (
            select start, count(*) as steps, count(*) filter (next is null) as ends from path group by start) where ends = 1""")
    assert chain == [(2, 3)]


def test_an_inactive_contact_was_not_merged(store: Store) -> None:
    quiet = trap(store, "inactive_contact", "contact")
    assert (quiet["statecode"], quiet["merged"], quiet["_masterid_value"]) == (1, False, None)


def test_instances_of_a_series_name_their_master(store: Store) -> None:
    master = trap(store, "series_master", "recurringappointmentmaster")
    kinds = [("series_instance", 2), ("series_exception", 3), ("series_instance_ahead", 2)]
    for name, instance in kinds:
        row = trap(store, name, "appointment")
        assert (row["_seriesid_value"], row["instancetypecode"]) == (master["activityid"], instance)


def test_the_sender_contradicts_the_direction_flag(store: Store) -> None:
    mail = trap(store, "inbound_flagged_outgoing", "email")
    sender = store.read(
        "select _partyid_type from activityparty where _activityid_value = ? and participationtypemask = 1", [mail["activityid"]]
    )
    assert (mail["directioncode"], sender) == (True, [("contact",)])


def test_a_back_dated_row_is_older_than_its_version(store: Store) -> None:
    mail = trap(store, "imported_back_dated", "email")
    sql = "select count(*) from account where modifiedon > ? and versionnumber < ?"
    assert store.read(sql, [mail["modifiedon"], mail["versionnumber"]])[0][0] > 0


def test_robots_are_told_by_three_different_marks(store: Store) -> None:
    marks = store.read("""
        select u.applicationid is not null, u.isintegrationuser, u.accessmode = 4 from systemuser u join phonecall p
        on p._ownerid_value = u.systemuserid join _truth_traps t on t.record_id = p.activityid
        where t.trap in ('application_user', 'integration_user', 'non_interactive_user') order by t.trap""")
    assert marks == [(True, False, False), (False, True, False), (False, False, True)]


def test_booleans_of_planted_rows_are_never_null(store: Store) -> None:
    for name, table in TABLES.items():
        flags = [item.column for item in table.attributes.values() if item.type == "Boolean"]
        if flags and not table.view:
            empty = " or ".join(f'"{flag}" is null' for flag in flags)
            assert store.read(f'select count(*) from "{name}" where {empty}') == [(0,)], name
