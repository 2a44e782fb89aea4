"""Contacts related to several accounts: on the map of each, counted for their own alone."""

from tests.transforms.kit import PEOPLE, World, build, context, needed, open_warehouse, rows
from transforms.maps.tables import related
from transforms.registry import all_models
from transforms.tables import account_contacts

WORLD = """
Contact 003dir AccountId=001beta Name='Di Rector' Title=Director Department=IT Email=di@beta.example
Contact 003free Name=Freelance Email=free@x.example
Contact 003ours AccountId=001beta Email=udo@ours.example
Event 00U1 OwnerId=005uma WhoId=003dir
"""
RELATED = """
AccountContactRelation 07k1 AccountId=001acme ContactId=003dir IsDirect=false Roles=Adviser
AccountContactRelation 07k2 AccountId=001acme ContactId=003free IsDirect=false
AccountContactRelation 07k3 AccountId=001acme ContactId=003ours IsDirect=false
AccountContactRelation 07k4 AccountId=001beta ContactId=003dir IsDirect=true
"""


def test_a_related_contact_is_shown_on_the_map_of_the_other_account() -> None:
    with open_warehouse() as warehouse:
        source = World.of(PEOPLE, WORLD, RELATED).load(warehouse)
        build(warehouse, needed(all_models([source]), related), context([source]))
        found = rows(warehouse, related)
    shown = ("account_id", "person_id", "name", "title", "department", "roles", "own_account_id", "strongest_user_id")
    assert [tuple(row[name] for name in shown) for row in found] == [
        ("001acme", "003dir", "Di Rector", "Director", "it", "Adviser", "001beta", "005uma"),
        ("001acme", "003free", "Freelance", None, None, None, None, None),
    ]


def test_a_related_contact_counts_nowhere() -> None:
    models, tables = all_models([]), (account_contacts.fullname, related.fullname)
    readers = {name: {model.name for model in models if name in model.reads} for name in tables}
    assert readers == {"model.account_contacts": {"maps.related"}, "maps.related": set()}
