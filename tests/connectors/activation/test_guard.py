"""A plan that is too big stops by itself; a person can push it with a reason, except when its keys are broken."""

from typing import Any

import pytest

from connectors.activation import guard
from connectors.activation.errors import GuardTripped
from connectors.activation.reports import EntityPlan, Plan
from connectors.activation.settings import ActivationSettings
from warehouse.ledger import sync_run

SETTINGS = ActivationSettings()


def plan_of(**counts: Any) -> Any:
    usual = {"rows": 1000, "updates": 0, "unchanged": 0, "skipped": 0, "known": True}
    return Plan("p", "sales_cloud", "2026-06-01", "GX", "incremental", {"contact": EntityPlan(**(usual | counts))})


@pytest.mark.parametrize(
    ("counts", "trips"),
    [
        ({"updates": 200}, False),
        ({"updates": 201}, True),
        ({"updates": 499, "rows": 499}, False),
        ({"updates": 500, "rows": 500}, True),
        ({"updates": 1000, "known": False}, False),
        ({"blank_keys": 1}, True),
        ({"duplicate_keys": 1, "known": False, "rows": 3}, True),
    ],
)
def test_when_it_trips(counts: Any, trips: Any) -> None:
    assert bool(guard.findings(plan_of(**counts), SETTINGS)) is trips


def test_the_line_tells_the_numbers_and_what_to_do() -> None:
    with pytest.raises(GuardTripped, match=r"contact: the plan changes 300 of 1,000 rows \(30%, allowed 20%\); nothing was written"):
        guard.check(plan_of(updates=300), SETTINGS)


def test_a_reason_lets_a_large_plan_through_but_not_broken_keys() -> None:
    guard.check(plan_of(updates=300), SETTINGS, "new half-life")
    with pytest.raises(GuardTripped, match="2 blank and 0 duplicate"):
        guard.check(plan_of(updates=300, blank_keys=2), SETTINGS, "new half-life")


def test_a_blank_reason_is_none() -> None:
    with pytest.raises(GuardTripped):
        guard.check(plan_of(updates=300), SETTINGS, "  ")


def test_a_large_plan_writes_nothing_until_the_reason_is_given_and_kept(bench: Any, contact: Any) -> None:
    bench.settings = ActivationSettings(guard_min_rows=10)
    bench.put([contact(f"003{n:02}") for n in range(10)])
    bench.push(dry_run=True)
    bench.push()
    bench.crm.sent.clear()
    bench.put([contact(f"003{n:02}", touches_90d=9) for n in range(10)])
    made = bench.plan()
    with pytest.raises(GuardTripped, match="10 of 10 rows"):
        bench.push(made)
    assert bench.crm.sent == []
    bench.push(made, override="new half-life")
    assert len(bench.crm.sent) == 10
    assert {row["reason"] for row in bench.rows(sync_run, sync_run.c.run_id == made.plan_id)} == {"new half-life"}


def test_a_push_that_was_interrupted_is_no_first_push(bench: Any, contact: Any) -> None:
    bench.settings = ActivationSettings(guard_min_rows=2, max_reject_rate=0.1)
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003B": "LOCKED"}
    assert not bench.push().ok
    assert bench.plan().entities["contact"].known is False


@pytest.mark.parametrize("ids", [["003A", "003A"], ["003A", " "], ["003A", None]])
def test_broken_keys_are_found_in_the_table(bench: Any, contact: Any, ids: Any) -> None:
    bench.put([contact(record_id) for record_id in ids])
    with pytest.raises(GuardTripped, match="duplicate record ids in enrichment"):
        bench.push()
    assert bench.crm.sent == []
