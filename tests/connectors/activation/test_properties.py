"""Whatever was computed and whatever the CRM refused: after a push the plan holds what was refused, and nothing else."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.fields import OUTPUT, column
from warehouse import DuckDBWarehouse, ledger

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=300)
VALUES = {
    "number": lambda spec: st.floats(spec.minimum, spec.maximum),
    "integer": lambda spec: st.integers(0, 10_000),
    "date": lambda spec: st.dates(date(1990, 1, 1), date(2050, 1, 1)),
    "boolean": lambda spec: st.booleans(),
    "picklist": lambda spec: st.sampled_from([choice.value for choice in spec.values]),
    "text": lambda spec: TEXT,
    "lookup": lambda spec: st.sampled_from(["005A", "005B"]),
}
ACCOUNTS = st.fixed_dictionaries({column(spec): st.none() | VALUES[spec.kind](spec) for spec in OUTPUT["account"]})
ROUNDS = st.lists(st.tuples(st.lists(ACCOUNTS, min_size=2, max_size=2), st.sets(st.sampled_from("01"))), min_size=1, max_size=2)


@settings(max_examples=8)
@given(rounds=ROUNDS)
def test_only_refused_rows_stay_planned_and_the_ledger_knows_what_the_crm_holds(bench_type: Any, empty_ledger: Any, rounds: Any) -> None:
    with TemporaryDirectory() as folder, DuckDBWarehouse(shutil.copy(empty_ledger, Path(folder) / "w.duckdb")) as warehouse:
        bench = bench_type(warehouse)
        for day, (rows, refused) in enumerate(rounds):
            bench.put([{"record_id": str(n), **row} for n, row in enumerate(rows)], "account")
            bench.crm.refuse = dict.fromkeys(refused, "LOCKED")
            made = bench.plan(date(2026, 6, 1) + timedelta(days=day))
            bench.push(made)
            pending = planned_in(bench, made)
            assert planned_in(bench, bench.plan(date(2026, 6, 2) + timedelta(days=day))) == pending & refused
        for state in bench.rows(ledger.sync_state):
            assert state["payload"] == as_json(bench.crm.held[state["record_id"]])


def planned_in(bench: Any, made: Any) -> Any:
    return {row["record_id"] for row in bench.rows(ledger.sync_row, ledger.sync_row.c.run_id == made.plan_id)}


def as_json(values: Any) -> Any:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
