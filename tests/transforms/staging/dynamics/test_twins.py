"""One activity log brought in through Salesforce and through Dynamics: the same interactions and the same scores, to the last digit."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.fields import METHOD_VERSION, SCORED_ON
from tests.transforms.staging.dynamics.twins import Twins, told, twins_of
from transforms.enrichment import tables as enrichment
from transforms.tables import interactions, leads

LEAST = {"interactions": 5_000, "pairs": 300, "contact": 200, "lead": 5, "account": 30, "user": 10, "opportunity": 10}
ALIKE = {"lead": {"parent_id", "known_by"}}
"""Leads have no account, and those with a twin are known by one user each; the whole company's vary."""


@pytest.fixture(scope="module")
def twins(sandbox_state: Callable[[str], Path]) -> Iterator[Twins]:
    both = twins_of(sandbox_state("small"))
    yield both
    both.close()


@pytest.fixture(scope="module")
def ours(twins: Twins) -> dict[str, Any]:
    return told(twins.dynamics)


@pytest.fixture(scope="module")
def theirs(twins: Twins) -> dict[str, Any]:
    return told(twins.salesforce)


@pytest.mark.parametrize("what", LEAST)
def test_both_crms_say_the_same(ours: dict[str, Any], theirs: dict[str, Any], what: str) -> None:
    """Interactions, pairs, and every output field of people, accounts, users and deals; lookups among them name the twins."""
    assert ours[what] - theirs[what] == Counter()
    assert theirs[what] - ours[what] == Counter()
    assert sum(ours[what].values()) >= LEAST[what]


def test_every_channel_and_direction_is_compared(twins: Twins) -> None:
    ways = twins.dynamics.arrow(sa.select(interactions.c.channel, interactions.c.direction).distinct()).to_pylist()
    found = {(row["channel"], row["direction"]) for row in ways}
    assert found == {("meeting", "both"), ("call", "both"), ("call", "out"), ("email", "out"), ("email", "in")}


def test_every_field_that_is_compared_tells_records_apart(twins: Twins) -> None:
    for table in enrichment.metadata.sorted_tables:
        counts = sa.select(*(sa.func.count(column.distinct()).label(column.name) for column in table.columns if column.name != "crm"))
        constant = {name for name, count in twins.dynamics.arrow(counts).to_pylist()[0].items() if count < 2}
        assert constant == {SCORED_ON, METHOD_VERSION} | ALIKE.get(table.name, set()), table.name


@pytest.mark.parametrize("crm", ["salesforce", "dynamics"])
def test_leads_wait_are_lost_or_became_deals(twins: Twins, crm: str) -> None:
    counted = sa.select(leads.c.status, *(sa.func.count(leads.c[name]) for name in ("lead_id", "closed_s", "opportunity_id")))
    rows = getattr(twins, crm).arrow(counted.group_by(leads.c.status)).to_pylist()
    found = {status: counts for status, *counts in (row.values() for row in rows)}
    assert set(found) == {"open", "converted", "disqualified"}
    assert min(count for count, *_ in found.values()) >= 3
    assert min(found["converted"][1:]) >= 5
