"""The generated company in two CRMs: who is joined, against the truth; what is written does not change; what `explain` says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from quality import sql
from quality.identity import identity_suites
from tests.transforms.identity.kit import Row, rows
from tests.transforms.kit import context, load_sandbox
from tests.transforms.staging.dynamics.kit import load_environment
from transforms.base import Context
from transforms.company import tables as company
from transforms.enrichment import tables as enrichment
from transforms.explanation.evidence import explain
from transforms.explanation.text import render
from transforms.identity import tables as identity
from transforms.registry_identity import identity_models
from transforms.registry_model import model_models
from transforms.registry_scores import score_models
from transforms.scores import tables as scores
from warehouse import DuckDBWarehouse

OURS, THEIRS = "dynamics", "sales_cloud"


@dataclass(frozen=True)
class Both:
    """The two CRMs built with the switch on, what was written without it, and the truth: record ids of twins by neutral table."""

    warehouse: DuckDBWarehouse
    context: Context
    written_without: dict[str, list[Row]]
    written_with: dict[str, list[Row]]
    twins: dict[str, list[tuple[str, str, bool]]]

    def joined(self, table: sa.Table, entity: str) -> set[tuple[str, str]]:
        ids: dict[str, dict[str, str]] = {OURS: {}, THEIRS: {}}
        for row in rows(self.warehouse, table):
            ids[row["crm"]][row["identity_id"]] = row[f"{entity}_id"]
        return {(ids[OURS][name], ids[THEIRS][name]) for name in ids[OURS].keys() & ids[THEIRS].keys()}


@pytest.fixture(scope="module")
def both(sandbox_state: Callable[[str], Path]) -> Iterator[Both]:
    state = sandbox_state("tiny")
    with DuckDBWarehouse(":memory:") as warehouse:
        sources = [load_sandbox(warehouse, state, THEIRS), load_environment(warehouse, state, OURS)]
        alone = context(sources)
        across, written = replace(alone, across_crms=True), []
        for model in model_models(sources):
            model.build(warehouse, alone)
        for given in (alone, across):
            for model in (*score_models(), *(identity_models(sources) if given.across_crms else ())):
                model.build(warehouse, given)
            written.append({name: rows(warehouse, table) for name, table in enrichment.metadata.tables.items()})
        yield Both(warehouse, across, *written, _twins(warehouse, state))


def _twins(warehouse: DuckDBWarehouse, state: Path) -> dict[str, list[tuple[str, str, bool]]]:
    found: dict[str, list[tuple[str, str, bool]]] = {}
    with warehouse.native() as cursor:
        cursor.execute(f"attach '{state / 'dataverse.duckdb'}' as environment (read_only)")
        for table, *twin in cursor.execute("select * from environment.main._truth_twins").fetchall():
            found.setdefault(table, []).append(tuple(twin))
        cursor.execute("detach environment")
    return found


@pytest.mark.parametrize(
    ("table", "entity", "truth"),
    [
        (identity.people, "person", ("contact", "lead")),
        (identity.accounts, "account", ("account",)),
        (identity.users, "user", ("systemuser",)),
    ],
    ids=["people", "accounts", "users"],
)
def test_everybody_who_is_in_both_crms_is_joined_and_nobody_else(both: Both, table: sa.Table, entity: str, truth: tuple[str, ...]) -> None:
    twins = {twin[:2] for name in truth for twin in both.twins[name]}
    found = both.joined(table, entity)
    assert len(found & twins) / len(found) == 1
    assert len(found & twins) / len(twins) == 1


def test_what_is_written_to_a_crm_does_not_change_by_the_switch(both: Both) -> None:
    assert both.written_with == both.written_without
    assert {row["crm"] for row in both.written_with["enrichment.contact"]} == {OURS, THEIRS}


def test_a_person_of_whom_both_logs_tell_the_same_has_the_touches_of_one_of_them(both: Both) -> None:
    keys = {row["person_key"]: (row["crm"], row["person_id"]) for row in rows(both.warehouse, identity.people)}
    each = {keys[row["person_key"]]: row for row in rows(both.warehouse, scores.person_touches)}
    whole = {row["identity_id"]: row for row in rows(both.warehouse, company.people)}
    compared = 0
    for name, other, same_log in both.twins["contact"]:
        found, alone = whole.get(f"{OURS}:{name}"), each.get((OURS, name))
        if same_log and found and alone:
            compared += 1
            names = ("touches_90d", "touches_365d", "contact_days_90d", "meetings_365d", "first_s", "last_s", "last_two_way_s")
            assert [found[column] for column in names] == [alone[column] for column in names]
            assert found["last_s"] == each[THEIRS, other]["last_s"]
    assert compared > 20


def test_no_company_figure_is_below_that_of_a_crm_or_above_their_sum(both: Both) -> None:
    known = {row["person_key"]: row["identity_id"] for row in rows(both.warehouse, identity.people)}
    parts: dict[str, list[int]] = {}
    for row in rows(both.warehouse, scores.person_touches):
        parts.setdefault(known[row["person_key"]], []).append(row["touches_365d"])
    for row in rows(both.warehouse, company.people):
        several = parts.get(row["identity_id"], [0])
        assert max(several) <= row["touches_365d"] <= sum(several)


def test_the_tables_satisfy_their_expectations(both: Both) -> None:
    outcomes = [outcome for suite in identity_suites() for outcome in sql.run(suite, both.warehouse, sql.count(suite, both.warehouse))]
    assert [outcome.expectation.meaning for outcome in outcomes if not outcome.passed] == []


def test_explain_says_where_else_a_record_is_and_shows_no_address(both: Both) -> None:
    name, other, _ = both.twins["contact"][0]
    text = render(explain(both.warehouse, both.context, THEIRS, other))
    address = next(row["address"] for row in rows(both.warehouse, identity.people) if row["person_id"] == other)
    assert f"{OURS}:{name}  same address {address[0]}***@" in text
    assert "Over all CRMs (what is written to a CRM rests on its own log alone)" in text
    assert address not in text


def test_explain_tells_what_makes_an_account_one_and_where_else_a_user_is(both: Both) -> None:
    account, user = both.twins["account"][0], both.twins["systemuser"][0]
    assert f"{THEIRS}:{account[1]}  of " in render(explain(both.warehouse, both.context, OURS, account[0]))
    assert f"{THEIRS}:{user[1]}  same address" in render(explain(both.warehouse, both.context, OURS, user[0]))


def test_explain_says_nothing_of_other_crms_without_the_switch(both: Both) -> None:
    name, other, _ = both.twins["contact"][0]
    told = explain(both.warehouse, replace(both.context, across_crms=False), THEIRS, other)
    assert told.elsewhere is None
    assert name not in render(told)


def test_explain_says_why_a_record_was_not_joined(both: Both) -> None:
    alone = next(row for row in rows(both.warehouse, identity.people) if row["records"] == 1 and _has_values(both, row))
    refused = {
        "entity": "person",
        "crm": alone["crm"],
        "record_id": alone["person_id"],
        "reason": "role_address",
        "evidence": "info@x.example",
    }
    with both.warehouse.connection() as connection:
        connection.execute(sa.insert(identity.apart).values({**refused, "others": 1}))
    text = render(explain(both.warehouse, both.context, alone["crm"], alone["person_id"]))
    assert "the address belongs to a function, not to one person: i***@x.example (1 alike)" in text


def _has_values(both: Both, row: Row) -> bool:
    return any((found["crm"], found["record_id"]) == (row["crm"], row["person_id"]) for found in both.written_with["enrichment.contact"])
