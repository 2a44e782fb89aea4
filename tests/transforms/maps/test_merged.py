"""People of an account that was merged away are on the map of the one that stayed, with their lines."""

from tests.transforms.kit import World, build, context, needed, open_warehouse
from tests.transforms.maps.kit import told
from transforms.maps import links, people, tables
from transforms.registry_model import model_models
from transforms.registry_scores import score_models

WORLD = """
User 005uma Name=Uma Email=uma@ours.example
Account 001stay Name=Stay OwnerId=005uma
Account 001gone Name=Gone OwnerId=005uma IsDeleted=true MasterRecordId=001stay
Contact 003top AccountId=001stay Name=Top
Contact 003moved AccountId=001gone Name=Moved ReportsToId=003twin
Contact 003twin AccountId=001gone Name=Top IsDeleted=true MasterRecordId=003top
"""


def test_people_and_lines_of_a_merged_account_and_a_merged_boss_are_followed() -> None:
    with open_warehouse() as warehouse:
        source = World.of(WORLD).load(warehouse)
        models = [*model_models([source]), *score_models(), links.MODEL, people.MODEL]
        build(warehouse, needed(models, tables.links, tables.people), context([source]))
        assert told(warehouse, tables.links, "account_id", "from_id", "to_id") == [("001stay", "003top", "003moved")]
        assert told(warehouse, tables.people, "account_id", "person_id", "depth") == [("001stay", "003moved", 1), ("001stay", "003top", 0)]
