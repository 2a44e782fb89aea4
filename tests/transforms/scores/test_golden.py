"""Small companies written down with their expected fields, worked out by hand (the reasons stand in the files)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.scores.small_company import Company, by_id, context, score
from transforms.enrichment import tables as enrichment
from warehouse import DuckDBWarehouse

PARTS = ("users", "accounts", "people", "members", "events", "deals", "roles")
ENTITIES = ("contact", "lead", "account", "user", "opportunity")
FILES = sorted(Path(__file__).with_name("golden").glob("*.toml"))


@dataclass(frozen=True)
class Scored:
    """What a file says, and the enrichment rows by entity and record."""

    text: dict[str, Any]
    found: dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module", params=FILES, ids=[file.stem for file in FILES])
def scored(request: pytest.FixtureRequest, warehouse: DuckDBWarehouse) -> Scored:
    text = tomllib.loads(request.param.read_text(encoding="utf-8"))
    score(warehouse, Company(**{name: text[name] for name in PARTS if name in text}), context(text["as_of"]))
    return Scored(text, {entity: by_id(warehouse, getattr(enrichment, entity)) for entity in ENTITIES})


def test_company_scores_as_worked_out_by_hand(scored: Scored) -> None:
    assert _differences(scored.text["expect"], scored.found) == []


def test_every_record_that_gets_values_is_there_and_no_other(scored: Scored) -> None:
    text, ids = scored.text, {entity: set(rows) for entity, rows in scored.found.items()}
    assert ids["contact"] | ids["lead"] == {name for name, given in text["people"].items() if given.get("is_live", True)}
    assert ids["account"] == {name for name, given in text["accounts"].items() if given.get("is_live", True)}
    assert ids["opportunity"] == {name for name, given in text.get("deals", {}).items() if not given.get("is_closed")}
    assert ids["user"] == {name for name, given in text["users"].items() if given.get("is_active", True)}


def _differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Each field that is not as expected, in words."""
    return [
        f"{entity}.{record}.{name}: expected {value!r}, got {found[entity][record][name]!r}"
        for entity, records in expected.items()
        for record, fields in records.items()
        for name, value in fields.items()
        if found[entity][record][name] != (None if value == "blank" else value)
    ]
