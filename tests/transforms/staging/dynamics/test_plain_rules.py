"""The SQL and the plain oracle agree on every activity: those of the generated environment, and random ones among odd people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.kit import AS_OF, VERDICTS, build, context, needed, open_warehouse, rows
from tests.transforms.staging.dynamics.kit import CRM, RAW, load_environment
from tests.transforms.staging.dynamics.odd_worlds import OddWorld
from tests.transforms.staging.dynamics.plain_rules import PlainRules
from transforms.base import Counting, Source
from transforms.registry_model import model_models
from transforms.tables import interactions, interactions_dropped
from warehouse import DuckDBWarehouse, raw_schema


def told_by_sql(warehouse: DuckDBWarehouse) -> dict[str, Any]:
    """Event to its reason, or to the rows it counts as."""
    found: dict[str, Any] = {row["event_id"]: row["reason"] for row in rows(warehouse, interactions_dropped)}
    for row in rows(warehouse, interactions):
        ways = (row[name] for name in ("direction", "two_way", "recipients", "participants_outside", "at_s", "channel", "minutes"))
        found.setdefault(row["event_id"], set()).add((row["user_id"], row["person_id"], row["is_cc"], *ways))
    return found


def told_by_contract(warehouse: DuckDBWarehouse, past_scheduled: bool) -> dict[str, Any]:
    with warehouse.native() as cursor:
        raw = {name: cursor.sql(f'from "{raw_schema(CRM)}"."{name}"').to_arrow_table().to_pylist() for name in RAW}
    return PlainRules(raw, AS_OF, past_scheduled).verdicts()


def assert_agreed(warehouse: DuckDBWarehouse, source: Source, past_scheduled: bool) -> dict[str, Any]:
    build(warehouse, needed(model_models([source]), *VERDICTS), context([source], rules=Counting(past_scheduled_meetings=past_scheduled)))
    found, wanted = told_by_sql(warehouse), told_by_contract(warehouse, past_scheduled)
    assert {key: (found.get(key), wanted[key]) for key in wanted if found.get(key) != wanted[key]} == {}
    assert found.keys() == wanted.keys()
    return found


@pytest.mark.parametrize("seed", range(2))
def test_the_contract_decides_every_random_activity(seed: int) -> None:
    with open_warehouse() as warehouse:
        found = assert_agreed(warehouse, OddWorld(seed, 200).draw().load(warehouse), past_scheduled=seed != 1)
    reasons = {reason for reason in found.values() if isinstance(reason, str)}
    assert len(reasons) >= 13
    assert sum(isinstance(verdict, set) for verdict in found.values()) > 60


def test_the_contract_decides_every_activity_of_the_environment(sandbox_state: Callable[[str], Path]) -> None:
    with open_warehouse() as warehouse:
        found = assert_agreed(warehouse, load_environment(warehouse, sandbox_state("tiny")), past_scheduled=True)
    assert len(found) > 700
