"""The SQL says of every odd activity what the contract, written once more one record after the other, says."""

from collections import Counter
from typing import Any

import pytest

from tests.transforms.interactions.odd_worlds import OddWorld
from tests.transforms.interactions.plain_rules import verdicts
from tests.transforms.kit import AS_OF, VERDICTS, World, build_model, open_warehouse, rows
from transforms.tables import interactions, interactions_dropped

ROW = ("user_id", "person_id", "is_cc", "direction", "two_way", "recipients", "participants_outside", "at_s", "channel")
REASONS = """deleted unknown_type private draft failed_send cancelled series_master invitee_copy email_twin plain_task open future
mass_mail not_a_person auto_reply internal_only no_person counted"""


def found(world: World) -> dict[str, Any]:
    with open_warehouse() as warehouse:
        build_model(warehouse, world.load(warehouse), only=VERDICTS)
        answers: dict[str, Any] = {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)}
        for row in rows(warehouse, interactions):
            answers.setdefault(row["event_id"], set()).add(tuple(row[name] for name in ROW))
        return answers


@pytest.mark.parametrize("seed", range(3))
def test_every_activity_gets_the_verdict_of_the_contract(seed: int) -> None:
    world = OddWorld(seed, size=250).draw()
    wanted, answers = verdicts(world, AS_OF), found(world)
    assert {event: (answer, answers.get(event)) for event, answer in wanted.items() if answers.get(event) != answer} == {}
    assert set(Counter(answer if isinstance(answer, str) else "counted" for answer in wanted.values())) == set(REASONS.split())
