"""A run is taken back to what the CRM held before it, and nothing that somebody else wrote since is touched."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from connectors.activation import push as pushing
from connectors.activation import rollback, verify
from connectors.activation.errors import GuardTripped, PlanUnusable, Unsettled
from connectors.activation.reports import Plan
from connectors.activation.settings import ActivationSettings
from connectors.errors import Unreachable
from connectors.fields import OUTPUT, column
from warehouse.ledger import sync_quarantine, sync_row, sync_run, sync_state

TOMORROW, LATER = date(2026, 6, 2), date(2026, 6, 3)
Contact = Callable[..., dict[str, Any]]


def wrote(bench: Any, rows: Any, day: date = TOMORROW, entity: Any = "contact") -> str:
    """A run that writes these rows; its id."""
    bench.put(rows, entity)
    return str(bench.push(bench.plan(day)).plan_id)


def planned(bench: Any, run_id: str, target: str = "GX") -> tuple[Plan, Any]:
    undone = rollback.find(bench.warehouse, run_id)
    assert undone.target == target
    return rollback.build(bench.warehouse, bench.crm, undone, bench.tables)


def taken_back(bench: Any, run_id: str) -> str:
    """Roll the run back; the id of the run that did it. What the CRM took last is in `bench.crm.sent`."""
    made, _ = planned(bench, run_id)
    bench.crm.sent.clear()
    return str(bench.push(made).plan_id)


def known(bench: Any) -> dict[str, Any]:
    return {row["record_id"]: row["payload"] for row in bench.rows(sync_state)}


def test_only_the_fields_of_the_run_go_back_and_the_ledger_knows_it(bench: Any, contact: Contact) -> None:
    wrote(bench, [contact("003A"), contact("003B")])
    before = known(bench)
    second = wrote(bench, [contact("003A", touches_90d=9), contact("003B")], LATER)
    undo = taken_back(bench, second)
    assert bench.crm.sent == [("003A", {"touches_90d": 4, "scored_on": TOMORROW})]
    assert known(bench) == before
    assert verify.run(bench.warehouse, bench.crm, undo).ok
    [run] = bench.rows(sync_run, sync_run.c.run_id == undo)
    assert (run["mode"], run["status"], run["as_of"], run["counts"]["contact"]["updated"]) == ("rollback", "done", TOMORROW, 1)


def test_a_first_push_goes_back_to_blank_and_the_crm_is_then_known_to_be_blank(bench: Any, contact: Contact) -> None:
    bench.put([contact()], wide=True)
    undo = taken_back(bench, bench.push().plan_id)
    names = {column(spec) for spec in OUTPUT["contact"]}
    assert bench.crm.sent == [("003A", dict.fromkeys(names))]
    assert known(bench) == {"003A": dict.fromkeys(names)}
    assert bench.rows(sync_run, sync_run.c.run_id == undo)[0]["as_of"] is None
    assert (bench.plan().mode, bench.plan().updates) == ("incremental", 1)


def test_the_next_run_writes_the_same_figures_again_unless_their_cause_was_mended(bench: Any, contact: Contact) -> None:
    wrote(bench, [contact()])
    taken_back(bench, wrote(bench, [contact(touches_90d=9)], LATER))
    assert bench.plan(LATER).entities["contact"].fields["touches_90d"] == 1
    bench.put([contact()])
    assert bench.plan(LATER).updates == 0


def test_a_rollback_can_be_rolled_back(bench: Any, contact: Contact) -> None:
    wrote(bench, [contact()])
    second = wrote(bench, [contact(touches_90d=9)], LATER)
    after = known(bench)
    again = taken_back(bench, taken_back(bench, second))
    assert bench.crm.sent == [("003A", {"touches_90d": 9, "scored_on": LATER})]
    assert known(bench) == after
    assert bench.rows(sync_run, sync_run.c.run_id == again)[0]["as_of"] == LATER


def test_runs_are_taken_back_one_after_the_other_newest_first(bench: Any, contact: Contact) -> None:
    first, second, third = (wrote(bench, [contact(touches_90d=n)], date(2026, 6, n)) for n in (2, 3, 4))
    with pytest.raises(PlanUnusable, match=r"nothing to roll back \(contact: 1 written since by a later run or rollback\)"):
        planned(bench, second)
    for run_id, left in ((third, 3), (second, 2), (first, None)):
        undo = taken_back(bench, run_id)
        assert bench.crm.held["003A"]["touches_90d"] == left
    assert bench.rows(sync_run, sync_run.c.run_id == undo)[0]["as_of"] is None


def test_what_somebody_changed_in_the_crm_since_is_left_alone_and_told(bench: Any, contact: Contact) -> None:
    wrote(bench, [contact(key) for key in "ABCD"])
    second = wrote(bench, [contact(key, touches_90d=9) for key in "ABCD"], LATER)
    wrote(bench, [contact("A", touches_90d=9), contact("B", touches_90d=10), *(contact(key, touches_90d=9) for key in "CD")], LATER)
    bench.crm.held["C"]["touches_90d"] = 1
    bench.crm.held["A"]["why"] = "not a field of that run"
    del bench.crm.held["D"]
    made, left = planned(bench, second)
    assert (left["contact"].again, left["contact"].changed, left["contact"].gone) == (1, ["C"], ["D"])
    counts = made.entities["contact"]
    assert (counts.rows, counts.updates, counts.unchanged, counts.skipped) == (4, 1, 0, 3)
    bench.crm.sent.clear()
    bench.push(made)
    assert [record_id for record_id, _ in bench.crm.sent] == ["A"]
    assert bench.crm.held["A"]["why"] == "not a field of that run"


def test_nothing_to_roll_back_leaves_the_waiting_plan_alone(bench: Any, contact: Contact) -> None:
    run_id = wrote(bench, [contact()])
    del bench.crm.held["003A"]
    bench.put([contact(touches_90d=9)])
    waiting = bench.plan()
    with pytest.raises(PlanUnusable, match=r"nothing to roll back \(contact: 1 gone\)"):
        planned(bench, run_id)
    assert bench.push(waiting).total("planned") == 1


def test_a_rollback_that_stopped_half_way_goes_on_where_it_stopped(bench: Any, contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "CHUNK_ROWS", 2)
    keys = [f"003{n}" for n in range(6)]
    wrote(bench, [contact(key) for key in keys])
    second = wrote(bench, [contact(key, touches_90d=9) for key in keys], LATER)
    made, _ = planned(bench, second)
    bench.crm.sent.clear()
    bench.crm.dies_after = 3
    with pytest.raises(Unreachable):
        bench.push(made)
    bench.crm.dies_after = None
    with pytest.raises(Unsettled):
        planned(bench, second)
    assert bench.settle() == (1, 1)
    taken_back(bench, second)
    assert len(bench.crm.sent) == 3
    assert {row["touches_90d"] for row in bench.crm.held.values()} == {4}


def test_a_push_that_stopped_half_way_can_be_rolled_back_as_far_as_it_came(bench: Any, contact: Contact) -> None:
    wrote(bench, [contact("003A"), contact("003B")])
    bench.put([contact("003A", touches_90d=9), contact("003B", touches_90d=9)])
    made = bench.plan(LATER)
    bench.crm.dies_after = len(bench.crm.sent) + 1
    with pytest.raises(Unreachable):
        bench.push(made)
    bench.crm.dies_after = None
    bench.settle()
    taken_back(bench, made.plan_id)
    assert [record_id for record_id, _ in bench.crm.sent] == ["003A"]


def test_the_guard_looks_at_a_rollback_as_at_any_plan(bench: Any, contact: Contact) -> None:
    bench.settings = ActivationSettings(guard_min_rows=2)
    run_id = wrote(bench, [contact("003A"), contact("003B")])
    made, _ = planned(bench, run_id)
    with pytest.raises(GuardTripped, match=f"changes 2 of 2 rows.*guanxi push {made.plan_id} --reason"):
        bench.push(made)
    bench.push(made, override="the wrong mail addresses were ours")
    assert bench.crm.held["003A"]["touches_90d"] is None


def test_fields_first_sent_by_the_run_go_back_to_blank(bench: Any, contact: Contact) -> None:
    wrote(bench, [contact()])
    run_id = wrote(bench, [contact(rhythm="Late")], LATER)
    taken_back(bench, run_id)
    assert bench.crm.sent == [("003A", {"rhythm": None, "scored_on": TOMORROW})]
    assert bench.plan(LATER).entities["contact"].fields["rhythm"] == 1


def test_a_row_the_crm_refused_was_not_written_and_one_it_refuses_to_take_back_can_be_tried_again(bench: Any, contact: Contact) -> None:
    bench.crm.refuse = {"003C": "LOCKED"}
    run_id = wrote(bench, [contact("003A"), contact("003B"), contact("003C")])
    bench.crm.refuse = {"003B": "LOCKED"}
    taken_back(bench, run_id)
    assert [record_id for record_id, _ in bench.crm.sent] == ["003A", "003B"]
    assert {row["record_id"]: row["attempts"] for row in bench.rows(sync_quarantine)} == {"003B": 1, "003C": 1}
    bench.crm.refuse = {}
    taken_back(bench, run_id)
    assert [record_id for record_id, _ in bench.crm.sent] == ["003B"]
    assert bench.rows(sync_row, sync_row.c.status == "accepted", sync_row.c.record_id == "003B")[-1]["attempt"] == 2


def test_objects_that_are_not_named_are_left_alone(bench: Any, contact: Contact) -> None:
    bench.put([{"record_id": "005A", "rep_grade": "Junior"}], "user")
    run_id = wrote(bench, [contact()])
    del bench.tables["user"]
    assert set(planned(bench, run_id)[0].entities) == {"contact"}


@pytest.mark.parametrize(("pushed", "told"), [(None, "there is no run nonsense"), (False, "was never pushed")])
def test_only_what_was_pushed_can_be_rolled_back(bench: Any, contact: Contact, pushed: bool | None, told: str) -> None:
    bench.put([contact()])
    with pytest.raises(PlanUnusable, match=told):
        rollback.find(bench.warehouse, "nonsense" if pushed is None else bench.plan().plan_id)
