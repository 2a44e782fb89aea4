"""Enrichment columns are the written fields of contract 4.1: same names, matching types, declared precision and values."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.fields import OUTPUT, FieldSpec, column
from tests.transforms.kit import open_warehouse
from tests.transforms.scores.small_company import Company, by_id, context, rows, score
from transforms.enrichment import tables as enrichment
from warehouse import DuckDBWarehouse

TYPES = {
    "number": sa.Double,
    "integer": sa.BigInteger,
    "date": sa.Date,
    "boolean": sa.Boolean,
    "picklist": sa.String,
    "text": sa.String,
    "lookup": sa.String,
}
ENTITIES = sorted(enrichment.metadata.tables)
EVENTS = [
    "2026-05-22 meeting anna -> kim minutes=50",
    "2026-05-27 email anna -> kim recipients=3",
    "2026-05-28 email anna <- kim",
    "2026-04-22 call anna -> lee",
    "2025-05-28 email anna <- lead",
]
COMPANY = Company(
    users={"anna": {"manager_id": "boss"}, "boss": {}},
    accounts={"acme": {}},
    people={"kim": {"account_id": "acme", "attitude": 1}, "lee": {"account_id": "acme"}, "lead": {"person_kind": "lead"}},
    members=["acme anna"],
    events=EVENTS,
    deals={"deal": {"account_id": "acme", "amount": 5.0, "close": "2026-08-01", "compelling_event": True}},
)


@pytest.fixture(scope="module")
def scored() -> Iterator[DuckDBWarehouse]:
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, context())
        yield warehouse


def specs(table: sa.Table) -> dict[str, FieldSpec]:
    return {column(spec): spec for spec in OUTPUT[table.name]}  # type: ignore[index]


def written(table: sa.Table) -> list[sa.Column[Any]]:
    return [one for one in table.columns if one.name not in ("crm", "record_id", "parent_id")]


@pytest.mark.parametrize("name", ENTITIES)
def test_every_column_is_a_written_field_of_its_type(name: str) -> None:
    table = enrichment.metadata.tables[name]
    known = specs(table)
    assert [one.name for one in written(table)] == [field for field in known if field in table.columns]
    assert all(known[one.name].written for one in written(table))
    assert [one.name for one in written(table) if not isinstance(one.type, TYPES[known[one.name].kind])] == []


@pytest.mark.parametrize("name", ENTITIES)
def test_values_keep_their_declared_precision_range_length_and_labels(name: str, scored: DuckDBWarehouse) -> None:
    table = enrichment.metadata.tables[name]
    found = rows(scored, table)
    wrong = [(field, row[field]) for row in found for field, spec in specs(table).items() if field in row and not fits(spec, row[field])]
    assert found
    assert wrong == []


def fits(spec: FieldSpec, value: Any) -> bool:
    """Whether a value may be written to its field."""
    if value is None:
        return True
    if spec.kind in ("number", "integer"):
        low, high = spec.minimum, spec.maximum
        return value == round(value, spec.decimals) and (low is None or low <= value) and (high is None or value <= high)
    if spec.kind == "picklist":
        return value in {choice.value for choice in spec.values}
    return spec.kind != "text" or 0 < len(value) <= spec.length


def test_parents_are_account_and_manager(scored: DuckDBWarehouse) -> None:
    assert by_id(scored, enrichment.contact)["kim"]["parent_id"] == "acme"
    assert by_id(scored, enrichment.opportunity)["deal"]["parent_id"] == "acme"
    assert by_id(scored, enrichment.user)["anna"]["parent_id"] == "boss"
    assert by_id(scored, enrichment.lead)["lead"]["parent_id"] is None


def test_no_field_is_written_on_users_when_individuals_are_not_graded() -> None:
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, context(grade_individuals=False), enrichment.user)
        assert rows(warehouse, enrichment.user) == []


def test_sentences_in_chinese() -> None:
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, context(language="zh"), enrichment.contact, enrichment.user, enrichment.account)
        contact, user = by_id(warehouse, enrichment.contact)["kim"], by_id(warehouse, enrichment.user)["anna"]
        account = by_id(warehouse, enrichment.account)["acme"]
    assert contact["why"] == "365天内：接触天数3，会议1，通话0，发出邮件1，收到邮件1；最近双向接触2026-05-28；关系最强同事：Anna。"
    assert user["next_grade_needs"] == "中级：还需2个中级及以上客户，7个初级及以上客户"
    assert account["missing_seats"].startswith("看门者, 采购者, 使用者, 决策者, 影响者")


def test_scored_on_is_the_as_of_date_and_the_version_that_of_the_method() -> None:
    given = context("2026-06-01T13:00")
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, given, enrichment.contact)
        row = by_id(warehouse, enrichment.contact)["kim"]
    assert (row["scored_on"], row["method_version"]) == (date(2026, 6, 1), given.method.version)
    assert len(row["method_version"]) <= 20
    assert context(method={"kappa.default": 9}).method.version != given.method.version


def test_the_sentence_says_nothing_that_decays(scored: DuckDBWarehouse) -> None:
    """Else every record would be rewritten every night."""
    before = by_id(scored, enrichment.contact)["kim"]
    with open_warehouse() as warehouse:
        score(warehouse, COMPANY, context("2026-06-10"), enrichment.contact)
        after = by_id(warehouse, enrichment.contact)["kim"]
    assert before["closeness"] > after["closeness"]
    assert before["why"] == after["why"]
