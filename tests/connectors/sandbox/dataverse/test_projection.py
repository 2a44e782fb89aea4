"""The company's Dataverse rows: whole, consistent with one another, and as Dataverse would have made them."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.sandbox.company import build
from connectors.sandbox.dataverse.ids import guid
from connectors.sandbox.dataverse.project import load
from connectors.sandbox.dataverse.projection.entered import OWN
from connectors.sandbox.dataverse.schema import ACTIVITY_TABLES, TABLES
from connectors.sandbox.dataverse.schema_types import CHOICES, Attribute
from connectors.sandbox.dataverse.store import Store

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
STORED = [name for name, table in TABLES.items() if not table.view]
DATED = [name for name in STORED if TABLES[name].has_modifiedon]
LOOKUPS = [(name, item) for name in STORED for item in TABLES[name].attributes.values() if item.is_lookup]
CHOSEN = [(name, item) for name in STORED for item in TABLES[name].attributes.values() if item.type in CHOICES]
TEXTS = [(name, item) for name in STORED for item in TABLES[name].attributes.values() if item.type in ("String", "Memo")]
DELETED_PERSON = "select record_id from _truth_traps where trap = 'party_deleted'"


def named(pairs: list[tuple[str, Attribute]]) -> list[str]:
    return [f"{table}.{item.logical_name}" for table, item in pairs]


def made(folder: Path, size: str = "tiny", seed: int = 7) -> Store:
    store = Store.create(folder, AS_OF.replace(tzinfo=None))
    load(build(seed, size, AS_OF), store)
    return store


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = made(tmp_path_factory.mktemp("environment"), "small")
    yield store
    store.close()


def count(store: Store, sql: str) -> int:
    return int(store.read(f"select count(*) from {sql}")[0][0])


def test_the_same_seed_fills_the_same_rows_but_for_their_versions(tmp_path: Path) -> None:
    sums = []
    for turn in ("first", "second"):
        store = made(tmp_path / turn)
        tables = [*STORED, "_truth_pairs", "_truth_twins", "_truth_traps", "_entered_contact"]
        without = {name: "exclude (versionnumber)" if name in TABLES else "" for name in tables}
        sums.append([store.read(f"select count(*), bit_xor(hash(t)) from (select * {without[name]} from {name}) t") for name in tables])
        store.close()
    assert sums[0] == sums[1]


@pytest.mark.parametrize("name", STORED)
def test_keys_are_unique_guids(environment: Store, name: str) -> None:
    found = [row[0] for row in environment.read(f'select "{TABLES[name].primary_id}" from "{name}"')]
    assert len(found) == len(set(found)) > 0
    assert str(uuid.UUID(found[0])) == found[0]


def test_versions_are_unique_over_all_tables(environment: Store) -> None:
    every = " union all ".join(f'select versionnumber from "{name}"' for name in STORED)
    assert environment.read(f"select count(*) - count(distinct versionnumber), count(*) - count(versionnumber) from ({every})") == [(0, 0)]


@pytest.mark.parametrize("name", DATED)
def test_rows_were_created_before_they_were_changed_and_never_ahead_of_now(environment: Store, name: str) -> None:
    wrong = f"\"{name}\" where createdon is null or createdon > modifiedon or modifiedon > timestamp '2026-06-01'"
    assert count(environment, wrong) == 0


@pytest.mark.parametrize(("name", "item"), LOOKUPS, ids=named(LOOKUPS))
def test_lookups_lead_to_rows_of_their_kind(environment: Store, name: str, item: Attribute) -> None:
    kind = f'"{item.type_column}"' if item.type_column else f"'{item.targets[0]}'"
    known = " union all ".join(
        f'select \'{target}\' as kind, "{TABLES[target].primary_id}" as id from "{target}"' for target in item.targets
    )
    lost = f'"{name}" t left join ({known}) k on k.id = t."{item.column}" and k.kind = {kind}'
    allowed = f"_activityid_value in ({DELETED_PERSON})" if name == "activityparty" else "false"
    assert count(environment, f'{lost} where t."{item.column}" is not null and k.id is null and not ({allowed})') == 0
    if item.type_column:
        assert count(environment, f'"{name}" where ("{item.column}" is null) <> ("{item.type_column}" is null)') == 0


@pytest.mark.parametrize(("name", "item"), CHOSEN, ids=named(CHOSEN))
def test_choices_have_declared_values_and_reasons_fit_their_state(environment: Store, name: str, item: Attribute) -> None:
    found = dict(environment.read(f'select {item.column}, count(*) from "{name}" where {item.column} is not null group by 1'))
    assert set(found) <= {option.value for option in item.options} | ({0} if name == "activityparty" else set())
    if item.type == "Status":
        pairs = set(environment.read(f'select statuscode, statecode from "{name}"'))
        assert pairs <= {(option.value, option.state) for option in item.options}


@pytest.mark.parametrize(("name", "item"), TEXTS, ids=named(TEXTS))
def test_texts_fit_their_columns(environment: Store, name: str, item: Attribute) -> None:
    assert count(environment, f'"{name}" where length("{item.column}") > {item.max_length}') == 0


def test_the_pointer_shows_every_activity_once_with_a_status_reason_of_its_own(environment: Store) -> None:
    total = sum(count(environment, f'"{name}"') for name in ACTIVITY_TABLES)
    assert environment.read("select count(*), count(distinct activityid) from activitypointer") == [(total, total)]
    kinds = dict(environment.read("select activitytypecode, count(*) from activitypointer group by 1"))
    assert set(kinds) == set(ACTIVITY_TABLES)
    assert environment.read("select distinct statecode, statuscode from activitypointer order by 1") == [(0, 1), (1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize("name", ACTIVITY_TABLES)
def test_every_activity_names_its_owner_and_matter_among_its_parties(environment: Store, name: str) -> None:
    for mask, column in ((9, "_ownerid_value"), (8, "_regardingobjectid_value")):
        told = f"select _activityid_value as activityid, _partyid_value as told from activityparty where participationtypemask = {mask}"
        missing = f'"{name}" a left join ({told}) p using (activityid) where a.{column} is not null and p.told is distinct from a.{column}'
        assert count(environment, missing) == 0


def test_parties_of_each_kind_of_activity_are_those_the_product_knows(environment: Store) -> None:
    found: dict[str, set[int]] = {}
    for kind, mask in environment.read(
        "select distinct _activityid_type, participationtypemask from activityparty where _activityid_value not in "
        "(select record_id from _truth_traps where trap in ('other_masks', 'named_twice'))"
    ):
        found.setdefault(kind, set()).add(mask)
    assert found["appointment"] == {5, 6, 7, 8, 9}
    assert found["phonecall"] == {1, 2, 8, 9}
    assert found["email"] == {1, 2, 3, 4, 8, 9}
    assert found["task"] == found["opportunityclose"] == {8, 9}


def test_some_parties_of_mails_are_addresses_without_a_record(environment: Store) -> None:
    share = environment.read("""select avg((_partyid_value is null)::int), count(*) filter (_partyid_value is null and addressused is null)
        from activityparty where _activityid_type = 'email' and participationtypemask <= 4""")[0]
    assert 0.04 < share[0] < 0.25
    assert share[1] == 0


def test_a_call_that_reached_nobody_is_a_voicemail_and_half_of_the_past_meetings_are_still_scheduled(environment: Store) -> None:
    left = environment.read("select avg(leftvoicemail::int) from phonecall where directioncode")[0][0]
    assert 0.1 < left < 0.7
    assert count(environment, "phonecall where leftvoicemail and not directioncode") == 0
    scheduled = environment.read("select avg((statecode = 3)::int) from appointment where scheduledend < timestamp '2026-06-01'")[0][0]
    assert 0.3 < scheduled < 0.6


def test_deleted_calls_are_in_the_delete_log_and_nowhere_else(environment: Store) -> None:
    assert count(environment, "_deleted where \"table\" = 'phonecall'") > 0
    assert count(environment, "_deleted d join phonecall p on p.activityid = d.id") == 0
    assert count(environment, "_deleted d join activityparty p on p._activityid_value = d.id") == 0


def test_every_link_is_two_connections_that_name_each_other(environment: Store) -> None:
    other = "connection a join connection b on b.connectionid = a._relatedconnectionid_value"
    swapped = "a._record1id_value = b._record2id_value and a._record2id_value = b._record1id_value and a.ismaster <> b.ismaster"
    assert count(environment, f"{other} where {swapped} and b._relatedconnectionid_value = a.connectionid") == count(
        environment, "connection"
    )
    kinds = environment.read("select distinct _record1id_type, _record2id_type from connection where ismaster order by all")
    assert kinds == [("account", "systemuser"), ("opportunity", "contact")]


def test_every_closed_opportunity_has_its_close_activity(environment: Store) -> None:
    closed = count(environment, "opportunity where statecode <> 0 and name not like 'Trap%'")
    told = "opportunityclose c join opportunity o on o.opportunityid = c._opportunityid_value where c.opportunitystatecode = o.statecode"
    assert count(environment, told) == closed > 0


def test_the_hidden_truth_names_people_and_users_that_exist(environment: Store) -> None:
    known = "(select contactid as id from contact union all select leadid from lead)"
    total = count(environment, "_truth_pairs")
    assert (
        count(environment, f"_truth_pairs t join {known} p on p.id = t.person_id join systemuser u on u.systemuserid = t.user_id")
        == total
        > 0
    )


@pytest.mark.parametrize("name", OWN)
def test_the_environment_has_columns_of_its_own_from_the_start(environment: Store, name: str) -> None:
    for attribute in OWN[name]:
        assert environment.catalog[name].attributes[attribute.logical_name].custom
        assert 0 < count(environment, f'"{name}" where {attribute.logical_name} is not null') < count(environment, f'"{name}"')


def test_what_people_had_entered_waits_by_the_keys_of_records(environment: Store) -> None:
    for name in ("contact", "account", "opportunity", "systemuser"):
        entered = count(environment, f'"_entered_{name}" join "{name}" using ("{TABLES[name].primary_id}")')
        assert entered == count(environment, f'"_entered_{name}"') > 0


@pytest.mark.parametrize(("kind", "number"), [("contact", 12), ("systemuser", "integration")])
def test_python_and_sql_tell_the_same_guid(environment: Store, kind: str, number: int | str) -> None:
    assert environment.read("select guid(?, ?)", [kind, number]) == [(guid(kind, number),)]
