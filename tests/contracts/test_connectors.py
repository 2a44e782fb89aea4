"""What every connector must do, whatever its CRM: the promises of `connectors.contract`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.contract import Capabilities
from connectors.errors import PermanentError
from connectors.fields import OUTPUT, Entity, all_specs, arrow_type, column
from warehouse import DuckDBWarehouse

ENTITIES: tuple[Entity, ...] = ("account", "contact", "lead", "user", "opportunity")


def example(spec: Any, ids: Any) -> Any:
    kinds = {"number": 1.5, "integer": 3, "date": date(2026, 6, 1), "boolean": True, "text": "text"}
    if spec.kind == "lookup":
        return ids["user"][0]
    return spec.values[0].value if spec.values else kinds[spec.kind]


def every_field(connector: Any, entity: Entity) -> pa.Table:
    ids = connector.ids[entity]
    values = {column(spec): pa.array([example(spec, connector.ids)] * len(ids), arrow_type(spec)) for spec in OUTPUT[entity]}
    return pa.table({"record_id": ids, **values})


def test_provisioning_is_planned_done_and_then_over(unprovisioned: Any) -> None:
    assert not all(step.done for step in unprovisioned.provisioner.plan(all_specs()))
    assert all(step.done for step in unprovisioned.provisioner.apply(all_specs()))
    assert all(step.done for step in unprovisioned.provisioner.plan(all_specs()))
    assert list(unprovisioned.provisioner.apply(all_specs())) == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_output_field_can_be_written_and_read_back(connector: Any, entity: Entity) -> None:
    rows = every_field(connector, entity)
    results = connector.writer.update(entity, rows)
    assert {result.record_id: result.accepted for result in results} == dict.fromkeys(connector.ids[entity], True)
    held = connector.writer.read_back(entity, connector.ids[entity], [column(spec) for spec in OUTPUT[entity]])
    assert held.schema.names == rows.schema.names
    assert sorted(held.to_pylist(), key=lambda row: row["record_id"]) == sorted(rows.to_pylist(), key=lambda row: row["record_id"])


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_null_is_an_explicit_blank(connector: Any, entity: Entity) -> None:
    connector.writer.update(entity, every_field(connector, entity))
    names = [column(spec) for spec in OUTPUT[entity] if spec.kind != "boolean"]
    ids = connector.ids[entity]
    blanks = {column(spec): pa.nulls(len(ids), arrow_type(spec)) for spec in OUTPUT[entity] if spec.kind != "boolean"}
    assert all(result.accepted for result in connector.writer.update(entity, pa.table({"record_id": ids, **blanks})))
    held = connector.writer.read_back(entity, ids, names).to_pylist()
    assert {value for row in held for name, value in row.items() if name != "record_id"} == {None}


def test_columns_a_row_does_not_name_stay(connector: Any) -> None:
    ids, names = connector.ids["contact"][:2], ["touches_90d", "known_by"]
    connector.writer.update("contact", pa.table({"record_id": ids, **{name: [1, 1] for name in names}}))
    changed = pa.array([names[:1], names[1:]], pa.list_(pa.string()))
    connector.writer.update("contact", pa.table({"record_id": ids, **{name: [2, 2] for name in names}, "changed": changed}))
    held = {row["record_id"]: row for row in connector.writer.read_back("contact", ids, names).to_pylist()}
    assert [[held[key][name] for name in names] for key in ids] == [[2, 1], [1, 2]]


def test_a_vanished_record_is_a_rejected_row_with_the_crms_reason(connector: Any) -> None:
    ids = [connector.ids["contact"][0], connector.vanished]
    answers = connector.writer.update("contact", pa.table({"record_id": ids, "touches_90d": [5, 5]}))
    results = {result.record_id: result for result in answers}
    assert (results[ids[0]].accepted, results[ids[1]].accepted) == (True, False)
    assert results[ids[1]].code
    assert connector.writer.read_back("contact", ids, ["touches_90d"])["record_id"].to_pylist() == ids[:1]


@pytest.mark.parametrize("name", ["attitude", "owner_id"])
def test_what_is_no_output_field_is_never_sent(connector: Any, name: str) -> None:
    before = connector.writer.calls_used()
    with pytest.raises(PermanentError):
        connector.writer.update("contact", pa.table({"record_id": connector.ids["contact"][:1], name: ["x"]}))
    assert connector.writer.calls_used() == before


def test_nothing_is_refused_where_all_rights_are_there(connector: Any) -> None:
    assert [connector.writer.refusal(entity, [column(spec) for spec in OUTPUT[entity]]) for entity in ENTITIES] == [""] * 5


def test_capabilities_and_calls_are_told(connector: Any) -> None:
    assert isinstance(connector.writer.capabilities, Capabilities)
    before = connector.writer.calls_used()
    connector.writer.read_back("contact", connector.ids["contact"], ["why"])
    assert connector.writer.calls_used() > before


def test_a_second_extraction_reads_the_same_totals(connector: Any, tmp_path: Path) -> None:
    with DuckDBWarehouse(tmp_path / "w.duckdb") as warehouse:
        reader = connector.reader("crm", tmp_path)
        first, second = reader.extract(warehouse), reader.extract(warehouse)
        visible = set(warehouse.columns("raw_crm", "extracted_columns"))
    totals = {name: report.total for name, report in first.objects.items()}
    assert totals == {name: report.total for name, report in second.objects.items()}
    assert sum(totals.values()) > 0
    assert {"object_name", "column_name", "data_type"} <= visible
    assert first.calls_used > 0
