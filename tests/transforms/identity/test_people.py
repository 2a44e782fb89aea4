"""Outside people and users across CRMs: the same address joins, nothing else does, and what is refused is listed."""

import pytest

from tests.transforms.identity.kit import World, context, group, groups, identified, rows
from tests.transforms.kit import World as Salesforce
from tests.transforms.kit import build
from transforms.base import Context
from transforms.identity import tables as identity
from transforms.method import load
from transforms.registry_identity import identity_models
from transforms.registry_model import model_models
from transforms.tables import people
from warehouse import DuckDBWarehouse

WORLD = World("""
    user east:uma Uma@Ours.example
    user west:u9 uma@ours.example
    user west:udo udo@ours.example
    user east:bot bot@ours.example nobody
    user west:bot bot@ours.example
    person east:ann ANN@acme.example
    person west:a1 other@x.example,ann@acme.example
    person north:n1 ann@acme.example
    person east:namesake
    person west:namesake
    person east:two1 two@acme.example
    person east:two2 two@acme.example
    person west:two two@acme.example
    person east:front info@acme.example
    person west:front info@acme.example
    person east:robot noreply@acme.example
    person west:robot noreply@acme.example
    person east:udo udo@ours.example
    person north:udo udo@ours.example
    person east:chain x@chain.example,y@chain.example
    person west:chain1 x@chain.example
    person west:chain2 y@chain.example
    person east:dot k.im.lee+news@gmail.com
    person west:dot kimlee@gmail.com
    person east:tag lee+kim@acme.example
    person west:tag lee@acme.example
    person east:out al.ee+x@outlook.com
    person west:out alee@outlook.com
    person east:old old@acme.example nobody
    person west:old old@acme.example
    person east:broken not-an-address
    person west:broken not-an-address
""")


@pytest.fixture(scope="module")
def found(warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
    identified(warehouse, WORLD, context())
    return warehouse


def test_only_people_with_a_common_address_of_their_own_are_one(found: DuckDBWarehouse) -> None:
    assert groups(found, identity.people) == {group("east:ann", "west:a1", "north:n1"), group("east:dot", "west:dot")}


def test_every_record_has_one_row_with_the_evidence_to_check_the_join(found: DuckDBWarehouse) -> None:
    known = {(row["crm"], row["person_id"]): row for row in rows(found, identity.people)}
    assert len(known) == sum(kind == "person" for kind, *_ in WORLD.records)
    ann, alone = known["north", "n1"], known["west", "namesake"]
    assert (ann["identity_id"], ann["records"], ann["crms"]) == ("east:ann", 3, "east, north, west")
    assert (ann["evidence"], ann["address"]) == ("same address", "ann@acme.example")
    assert (alone["identity_id"], alone["records"], alone["crms"]) == ("west:namesake", 1, "west")
    assert (alone["evidence"], alone["address"], alone["identity_key"]) == ("single", None, alone["person_key"])


def test_what_looked_alike_and_was_not_joined_is_listed_with_the_reason(found: DuckDBWarehouse) -> None:
    listed = {
        (row["crm"], row["record_id"], row["reason"]): row["others"] for row in rows(found, identity.apart) if row["entity"] == "person"
    }
    assert listed == {
        **{(crm, name, "shared_address"): 2 for crm, name in (("east", "two1"), ("east", "two2"), ("west", "two"))},
        **{(crm, "front", "role_address"): 1 for crm in ("east", "west")},
        **{(crm, "udo", "our_user"): 1 for crm in ("east", "north")},
        ("east", "chain", "several_records"): 1,
        **{("west", name, "several_records"): 1 for name in ("chain1", "chain2")},
    }


def test_users_are_one_by_address_and_machines_are_nobody(found: DuckDBWarehouse) -> None:
    assert groups(found, identity.users) == {group("east:uma", "west:u9")}


def test_without_the_switch_every_record_stands_alone(warehouse: DuckDBWarehouse) -> None:
    identified(warehouse, WORLD, context(across=False))
    for table in (identity.people, identity.users, identity.accounts):
        assert groups(warehouse, table) == set()
    assert rows(warehouse, identity.apart) == []
    assert {row["evidence"] for row in rows(warehouse, identity.people)} == {"single"}


def test_the_lists_of_the_method_are_the_ones_used(warehouse: DuckDBWarehouse) -> None:
    lists = {"role_addresses": ["Ann"], "plus_tag_domains": ["Acme.example"], "dotless_domains": ["acme.example "]}
    identified(warehouse, WORLD, context(identity=lists))
    assert groups(warehouse, identity.people) == {group("east:front", "west:front"), group("east:tag", "west:tag")}


def test_a_person_whose_crm_merged_two_records_is_joined_by_the_one_that_lives(warehouse: DuckDBWarehouse) -> None:
    merged = "Contact 003loser IsDeleted=true MasterRecordId=003ann Email=ann@acme.example\nContact 003ann Email=ann@acme.example"
    sources = [
        Salesforce.of(merged).load(warehouse, "east"),
        Salesforce.of("Contact 003one Email=ann@acme.example").load(warehouse, "west"),
    ]
    given = Context(0, load(), sources, across_crms=True)
    models = model_models(sources)
    last = [model.table for model in models].index(people) + 1
    build(warehouse, [*models[:last], *identity_models(sources)[:1]], given)
    assert groups(warehouse, identity.people) == {group("east:003ann", "west:003one")}
