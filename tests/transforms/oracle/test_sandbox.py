"""The generated org, every trap in it, scored by SQL and by the oracle: not one field may differ."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.kit import build, build_model, context, load_sandbox, open_warehouse, sandbox_table
from tests.transforms.oracle.oracle import differences, expected, read_world, written
from transforms.base import DAY, Counting, Source
from transforms.enrichment import tables as enrichment
from transforms.registry_scores import score_models
from warehouse import DuckDBWarehouse

AS_OF = context([]).as_of
CHECKED_ELSEWHERE = {"crm", "record_id", "parent_id", "why", "method_version", "account_ops_score"}


@pytest.fixture(scope="module")
def org(sandbox_state: Callable[[str], Path]) -> Iterator[tuple[DuckDBWarehouse, Source]]:
    with open_warehouse() as opened:
        source = load_sandbox(opened, sandbox_state("tiny"))
        build_model(opened, source)
        yield opened, source


@pytest.mark.parametrize("at", [AS_OF, AS_OF - 200 * DAY + 40_000], ids=["today", "in the past, at noon"])
def test_every_field_of_every_record_is_what_the_contract_says(org: tuple[DuckDBWarehouse, Source], at: int) -> None:
    warehouse, source = org
    given = context([source], at)
    build(warehouse, score_models(), given)
    assert "\n".join(differences(warehouse, given)) == ""


def test_the_oracle_leaves_no_computed_field_out(org: tuple[DuckDBWarehouse, Source]) -> None:
    told = expected(read_world(org[0], context([])), AS_OF)
    for table in enrichment.metadata.sorted_tables:
        fields = next(row for (entity, _), row in told.items() if entity == table.name)
        assert {column.name for column in table.columns} - CHECKED_ELSEWHERE <= set(fields), table.name


def test_the_records_that_get_values_are_those_the_raw_tables_say(
    org: tuple[DuckDBWarehouse, Source], sandbox_state: Callable[[str], Path]
) -> None:
    """Section 3, closing paragraph: existing, active, not merged away, converted, disqualified or closed; people only."""
    warehouse, source = org
    build(warehouse, score_models(), context([source]))
    raw = {name: sandbox_table(sandbox_state("tiny"), name) for name in ("Contact", "Lead", "Account", "User", "Opportunity")}
    scored: dict[str, set[str]] = {}
    for entity, record_id in written(warehouse):
        scored.setdefault(entity, set()).add(record_id)
    ours = {address(user) for user in raw["User"] if user["UserType"] == "Standard"} - {""}
    assert scored["contact"] == {row["Id"] for row in raw["Contact"] if stands(row) and is_person(row, ours)}
    assert scored["lead"] == {row["Id"] for row in raw["Lead"] if stands(row) and is_person(row, ours) and open_lead(row)}
    assert scored["account"] == {row["Id"] for row in raw["Account"] if stands(row)}
    assert scored["user"] == {row["Id"] for row in raw["User"] if works_here(row)}
    assert scored["opportunity"] == {row["Id"] for row in raw["Opportunity"] if not row["IsDeleted"] and not row["IsClosed"]}
    assert [len(raw[name]) - len(scored[name.lower()]) for name in raw if len(raw[name]) == len(scored[name.lower()])] == []


def stands(row: dict[str, Any]) -> bool:
    return not row["IsDeleted"] and not row["MasterRecordId"]


def address(row: dict[str, Any]) -> str:
    return (row["Email"] or "").strip().lower()


def is_person(row: dict[str, Any], ours: set[str]) -> bool:
    return address(row) not in ours and address(row).split("@")[0] not in Counting().not_people


def open_lead(row: dict[str, Any]) -> bool:
    return not row["IsConverted"] and row["Status"].lower() not in ("disqualified", "unqualified", "closed - not converted")


def works_here(row: dict[str, Any]) -> bool:
    machine = row["Name"].lower().startswith("integration") or row["Username"].lower().startswith("integration")
    return row["IsActive"] and row["UserType"] == "Standard" and not machine
