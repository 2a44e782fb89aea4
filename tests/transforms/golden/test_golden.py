"""Small companies written down with their expected fields, worked out by hand (the reasons stand in the files)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.golden.company import Case, read, tables
from tests.transforms.kit import open_warehouse
from tests.transforms.scores.small_company import context, rows, store
from transforms import tables as model
from transforms.enrichment import tables as enrichment
from transforms.registry_scores import score_models

CASES = [read(file) for file in sorted(Path(__file__).with_name("cases").glob("*.toml"))]
ENTITIES = ("contact", "lead", "account", "user", "opportunity")
AS_OF = "2026-06-01"

Found = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    """Enrichment rows by case, entity and record, from one build of all cases."""
    filled = tables(CASES)
    with open_warehouse() as warehouse:
        for table in model.metadata.sorted_tables:
            store(warehouse, table, filled.get(table.name, []))
        for one in score_models():
            one.build(warehouse, context(AS_OF))
        yield {
            (row["crm"], entity, row["record_id"]): row
            for entity in ENTITIES
            for row in rows(warehouse, enrichment.metadata.tables[f"enrichment.{entity}"])
        }


@pytest.mark.parametrize("case", CASES, ids=[case.crm for case in CASES])
def test_company_scores_as_worked_out_by_hand(case: Case, found: Found) -> None:
    assert case.text["as_of"] == AS_OF
    wrong = [
        f"{entity}.{record}.{name}: expected {value!r}, got {got!r}"
        for entity, records in case.text["expect"].items()
        for record, fields in records.items()
        for name, value in fields.items()
        if (got := found[case.crm, entity, record][name]) != (None if value == "blank" else value)
    ]
    assert wrong == []


@pytest.mark.parametrize("case", CASES, ids=[case.crm for case in CASES])
def test_every_record_that_gets_values_is_there_and_no_other(case: Case, found: Found) -> None:
    ids = {entity: {record for crm, kind, record in found if (crm, kind) == (case.crm, entity)} for entity in ENTITIES}
    company = case.company
    assert ids["contact"] | ids["lead"] == {name for name, given in company.people.items() if given.get("is_live", True)}
    assert ids["account"] == {name for name, given in company.accounts.items() if given.get("is_live", True)}
    assert ids["opportunity"] == {name for name, given in company.deals.items() if not given.get("is_closed")}
    assert ids["user"] == {name for name, given in company.users.items() if given.get("is_active", True)}
