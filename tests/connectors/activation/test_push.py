"""The ledger moves by what the CRM says of each row, and by nothing else."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.activation import push as pushing
from connectors.activation import quarantine
from connectors.activation.reports import MAX_ATTEMPTS
from connectors.activation.settings import ActivationSettings
from connectors.errors import MissingPermission, Unreachable
from tests.connectors.activation.conftest import CRM
from warehouse import ledger
from warehouse.ledger import sync_quarantine, sync_row, sync_run, sync_state


def test_verdicts_are_matched_by_id_never_by_position(bench: Any, contact: Any) -> None:
    bench.put([contact(f"003{n}") for n in range(6)])
    bench.crm.refuse = {"0032": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    report = bench.push()
    statuses = {row["record_id"]: row["status"] for row in bench.rows(sync_row)}
    assert statuses == {f"003{n}": "rejected" if n == 2 else "accepted" for n in range(6)}
    assert (report.total("updated"), report.total("rejected")) == (5, 1)
    assert report.entities["contact"].codes == {"FIELD_CUSTOM_VALIDATION_EXCEPTION": 1}


def test_state_moves_for_accepted_rows_only_and_rejected_ones_come_again(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003B": "LOCKED"}
    bench.push()
    assert {row["record_id"] for row in bench.rows(sync_state)} == {"003A"}
    bench.crm.refuse = {}
    bench.crm.sent.clear()
    bench.push()
    assert [record_id for record_id, _ in bench.crm.sent] == ["003B"]
    assert bench.rows(sync_quarantine) == []


def test_a_rejected_row_is_left_out_after_five_attempts_and_told(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003B": "ENTITY_IS_DELETED"}
    for attempt in range(1, MAX_ATTEMPTS + 1):
        made = bench.plan()
        assert made.entities["contact"].skipped == 0
        report = bench.push(made)
        assert bench.rows(sync_quarantine)[0]["attempts"] == attempt
    assert report.quarantined == 1
    [listed] = ledger.quarantined(bench.warehouse, MAX_ATTEMPTS)
    assert (listed["record_id"], listed["code"], listed["message"]) == ("003B", "ENTITY_IS_DELETED", "refused")
    assert listed["first_at"] < listed["last_at"]
    counts = bench.plan().entities["contact"]
    assert (counts.rows, counts.updates, counts.unchanged, counts.skipped) == (2, 0, 1, 1)


def test_a_record_left_out_is_tried_once_more_when_somebody_asks_and_leaves_when_it_is_accepted(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003B": "LOCKED"}
    for _ in range(MAX_ATTEMPTS):
        bench.push()
    quarantine.release(bench.warehouse, "another")
    assert bench.plan().entities["contact"].skipped == 1
    for refuse, left in (({"003B": "LOCKED"}, [MAX_ATTEMPTS]), ({}, [])):
        quarantine.release(bench.warehouse, CRM)
        bench.crm.refuse = refuse
        bench.push()
        assert [row["attempts"] for row in bench.rows(sync_quarantine)] == left
    assert bench.plan().entities["contact"].unchanged == 2


def test_a_record_left_out_is_tried_again_a_week_after_the_last_time(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003B": "ENTITY_IS_LOCKED"}
    for _ in range(MAX_ATTEMPTS):
        bench.push()
    for days, tried in ((6, 0), (8, 1)):
        with bench.warehouse.connection() as connection:
            connection.execute(sa.update(sync_quarantine).values(last_at=ledger.now() - timedelta(days=days)))
        assert bench.push().total("rejected") == tried
    assert bench.rows(sync_quarantine)[0]["attempts"] == MAX_ATTEMPTS + 1
    assert bench.plan().entities["contact"].skipped == 1


def test_a_record_that_is_not_written_any_more_is_rejected_no_more(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003A": "LOCKED", "003B": "ENTITY_IS_DELETED"}
    bench.push()
    bench.put([contact("003A")])
    bench.plan()
    assert [row["record_id"] for row in bench.rows(sync_quarantine)] == ["003A"]


def test_an_accepted_row_starts_counting_attempts_anew(bench: Any, contact: Any) -> None:
    bench.put([contact("003B")])
    bench.crm.refuse = {"003B": "LOCKED"}
    bench.push()
    bench.crm.refuse = {}
    bench.push()
    bench.crm.refuse = {"003B": "LOCKED"}
    bench.put([contact("003B", touches_90d=9)])
    bench.push()
    assert [row["attempts"] for row in bench.rows(sync_quarantine)] == [1]


def test_images_before_and_after_are_kept(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    first = bench.push()
    bench.put([contact(touches_90d=5)])
    second = bench.push()
    by_run = {row["run_id"]: row for row in bench.rows(sync_row)}
    assert by_run[first.plan_id]["before"] is None
    assert by_run[second.plan_id]["before"] == by_run[first.plan_id]["after"]
    assert by_run[second.plan_id]["fields"] == "touches_90d,scored_on"
    assert (by_run[second.plan_id]["before"]["touches_90d"], by_run[second.plan_id]["after"]["touches_90d"]) == (4, 5)


def test_every_number_is_reported_zero_included(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    bench.push()
    numbers = bench.push().numbers()
    assert numbers.pop("seconds") >= 0
    names = {"planned", "updated", "skipped", "rejected", "reject_rate", "quarantined", "calls_used"}
    assert numbers == {**dict.fromkeys(names, 0), "unchanged": 1, "calls_left": None}


def test_the_run_keeps_its_numbers(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    report = bench.push(override="", approved_by="ana")
    [run] = bench.rows(sync_run)
    assert (run["status"], run["mode"], run["approved_by"], run["calls_used"]) == ("done", "first", "ana", 1)
    assert (run["counts"]["contact"]["updated"], run["counts"]["contact"]["rows"]) == (1, 1)
    assert run["run_id"] == report.plan_id


@pytest.mark.parametrize(("rejected", "ok"), [(1, True), (2, False)])
def test_too_many_rejections_fail_the_push(bench: Any, contact: Any, rejected: Any, ok: Any) -> None:
    bench.put([contact(f"003{n:02}") for n in range(20)])
    bench.crm.refuse = {f"003{n:02}": "LOCKED" for n in range(rejected)}
    report = bench.push()
    assert report.ok is ok
    assert bench.rows(sync_run)[0]["status"] == ("done" if ok else "failed")


def test_dry_run_sends_nothing_and_leaves_the_plan(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    made = bench.plan()
    report = bench.push(made, dry_run=True)
    assert (report.dry_run, report.total("planned"), report.total("updated"), bench.crm.sent) == (True, 1, 0, [])
    assert bench.rows(sync_state) == []
    assert bench.push(made).total("updated") == 1


def test_users_are_left_out_and_told_when_they_may_not_be_edited(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    bench.put([{"record_id": "005A", "rep_grade": "Junior"}], "user")
    bench.crm.refusals = {"user": "User: no right to edit it"}
    report = bench.push()
    assert (report.entities["user"].reason, report.total("updated"), report.ok) == ("User: no right to edit it", 1, True)
    assert [record_id for record_id, _ in bench.crm.sent] == ["003A"]
    bench.crm.refusals = {}
    assert bench.plan().entities["user"].updates == 1


def test_users_refused_row_by_row_for_a_missing_right_are_left_out_too(bench: Any) -> None:
    bench.put([{"record_id": "005A", "rep_grade": "Junior"}, {"record_id": "005B", "rep_grade": "Top"}], "user")
    bench.crm.refuse = dict.fromkeys(["005A", "005B"], "INSUFFICIENT_ACCESS_OR_READONLY")
    report = bench.push()
    assert (report.total("rejected"), report.ok, report.entities["user"].reason) == (0, True, "no right to edit these records")
    assert {row["status"] for row in bench.rows(sync_row)} == {"skipped"}
    assert bench.rows(sync_quarantine) == []


def test_any_other_object_without_rights_stops_before_the_first_write(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    bench.put([{"record_id": "001A"}], "account")
    bench.crm.refusals = {"account": "Account: no right to edit it"}
    with pytest.raises(MissingPermission, match="Account: no right"):
        bench.push()
    assert bench.crm.sent == []


def test_an_error_half_way_keeps_what_was_acknowledged(bench: Any, contact: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "CHUNK_ROWS", 2)
    bench.put([contact(f"003{n}") for n in range(6)])
    bench.crm.dies_after = 3
    with pytest.raises(Unreachable):
        bench.push()
    assert sorted(row["status"] for row in bench.rows(sync_row)) == ["accepted"] * 2 + ["planned"] * 2 + ["sent"] * 2
    assert len(bench.rows(sync_state)) == 2
    assert (bench.rows(sync_run)[0]["status"], bench.rows(sync_run)[0]["message"]) == ("interrupted", "the CRM does not answer")


def test_settings_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValueError, match="min_dleta"):
        ActivationSettings.model_validate({"min_dleta": 1})
    with pytest.raises(ValueError, match="max_changed_share"):
        ActivationSettings(max_changed_share=1.5)
