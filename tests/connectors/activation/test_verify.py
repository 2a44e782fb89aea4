"""What was acknowledged is read back; differences are told by field."""

from typing import Any

from connectors.activation import verify


def test_no_difference_when_the_crm_holds_what_it_took(bench: Any, contact: Any) -> None:
    bench.put([contact(f"003{n}") for n in range(3)])
    report = verify.run(bench.warehouse, bench.crm, bench.push().plan_id)
    assert (report.ok, report.checked) == (True, 3)


def test_a_value_somebody_changed_and_a_record_that_is_gone_are_told(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B"), contact("003C")])
    pushed = bench.push()
    bench.crm.held["003A"]["closeness"] = 12.0
    bench.crm.held["003A"]["why"] = None
    del bench.crm.held["003C"]
    report = verify.run(bench.warehouse, bench.crm, pushed.plan_id)
    found = {(item.record_id, item.field): (item.expected, item.actual) for item in report.differences}
    assert found == {("003A", "closeness"): ("50", "12"), ("003A", "why"): ("4 touches in 90 days", None)}
    assert (report.missing, report.ok) == (["003C"], False)


def test_only_what_was_sent_is_compared(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    bench.push()
    bench.put([contact(touches_90d=5)])
    bench.crm.held["003A"]["closeness"] = 1.0
    assert verify.run(bench.warehouse, bench.crm, bench.push().plan_id).ok


def test_a_checkbox_has_no_blank(bench: Any) -> None:
    bench.put([{"record_id": "001A", "key_account": None}], "account")
    pushed = bench.push()
    bench.crm.held["001A"]["key_account"] = False
    assert verify.run(bench.warehouse, bench.crm, pushed.plan_id).ok


def test_a_sample_is_enough_and_the_same_each_time(bench: Any, contact: Any) -> None:
    bench.put([contact(f"003{n:02}") for n in range(30)])
    pushed = bench.push()
    assert verify.run(bench.warehouse, bench.crm, pushed.plan_id, sample=7).checked == 7


def test_rejected_rows_are_not_verified(bench: Any, contact: Any) -> None:
    bench.put([contact("003A"), contact("003B")])
    bench.crm.refuse = {"003A": "LOCKED"}
    assert verify.run(bench.warehouse, bench.crm, bench.push().plan_id).checked == 1
