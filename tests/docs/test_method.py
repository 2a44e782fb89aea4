"""The pages of the method: all fields and numbers are in, and everything the map names exists."""

import re
from pathlib import Path

import pytest

from connectors.fields import ENTERED, OUTPUT, api_name
from docs import method_page
from orchestration.cli import commands
from orchestration.config import SECTIONS
from transforms import method
from transforms.base import Source
from transforms.registry import all_models

DOCS = Path(__file__).parents[2] / "docs"
MAP = (DOCS / "method-map.md").read_text(encoding="utf-8")
ROWS = (
    "WHCSE five elements, 三知, 三察",
    "ESP+ seven steps, three core tasks",
    "TAS+",
    "MCI",
    "BRM four maps, three degrees, seven features, two votes, two relations, four views",
    "Relationship seven elements",
    "Five rep grades, rep types and their mix",
    "Life cycle, 8 purchase factors, buying roles, funnel",
    "Scenarios",
)
"""The rows of the specification, section 12."""
EXPLAINED = (
    "closeness",
    "kappa",
    "capture",
    "grade",
    "attitude",
    "stated_gap",
    "interaction_level",
    "rhythm",
    "confidence",
    "insight",
    "level",
    "rep",
    "lifecycle",
    "importance",
    "win_signal",
    "horizon",
    "account_ops",
)
"""Sections of the method whose every number has its place in the text."""
ELSEWHERE = {"lifecycle.large_amount", "closeness.cap_slope", "closeness.weight_sms", "closeness.meeting_time_adds"} | {
    "closeness.together",
    "closeness.attention",
}
"""Off as shipped: named in the text by key, or of event logs only."""


def test_every_written_field_is_explained_in_words() -> None:
    text = "\n".join(method_page.lines())
    fields = {api_name(spec) for specs in OUTPUT.values() for spec in specs}
    assert sorted(name for name in fields if f"`{name}`" not in text) == []


def test_every_number_behind_a_written_field_is_in_the_text() -> None:
    template = method_page.TEMPLATE.read_text(encoding="utf-8")
    keys = {key for key in method.entries() if key.split(".")[0] in EXPLAINED} - ELSEWHERE
    assert sorted(key for key in keys if f"{{{{number {key}}}}}" not in template) == []


@pytest.mark.parametrize("mark", ["number kappa.defautl", "field account.Nothing", "example levels contact.nobody", "guess x"])
def test_a_mark_that_names_nothing_is_an_error(mark: str) -> None:
    with pytest.raises(KeyError):
        list(method_page.filled([f"{{{{{mark}}}}}"]))


def test_the_map_has_a_part_for_every_row_and_says_of_every_system_what_serves_it() -> None:
    assert tuple(re.findall(r"^## (.*)$", MAP, re.MULTILINE)) == ROWS
    systems = [line.split("|")[1:3] for line in MAP.splitlines() if line.startswith("| ") and "served by" not in line]
    assert len(systems) > 40
    assert [name for name, served in systems if not re.search(r"`|not yet|left to people", served)] == []


def test_everything_the_map_names_exists() -> None:
    known = tables() | {f"{name}.{column}" for name, columns in columns_of().items() for column in columns} | fields()
    known |= {f"guanxi {name}" for name in commands.commands} | {"grading.individual", "entity.Field", "schema.table"}
    assert sorted({name for name in re.findall(r"`([^`]+)`", MAP) if name not in known}) == []
    assert "grading" in SECTIONS
    assert [link for link in re.findall(r"\]\(([^)]+)\)", MAP) if not (DOCS / link).exists()] == []


def test_every_field_and_every_table_that_people_read_has_its_place_on_the_map() -> None:
    assert sorted(name for name in fields() if not (name.startswith("lead.") or by_any_entity(name))) == []
    read = [name for name in tables() if name.split(".")[0] in ("maps", "coverage", "suggestions", "history", "deals", "operation")]
    assert [name for name in read if name not in MAP] == []


def by_any_entity(name: str) -> bool:
    """A field that several entities have is mapped once."""
    return re.search(rf"`(contact|account|user|opportunity)\.{name.split('.')[1]}`", MAP) is not None


def fields() -> set[str]:
    return {f"{entity}.{spec.name}" for catalogue in (OUTPUT, ENTERED) for entity, specs in catalogue.items() for spec in specs}


def tables() -> set[str]:
    return set(columns_of())


def columns_of() -> dict[str, list[str]]:
    built = [model.table for model in all_models([Source("sales_cloud", "salesforce", {}), Source("dynamics", "dynamics", {})])]
    return {f"{table.schema}.{table.name}": list(table.columns.keys()) for table in built}
