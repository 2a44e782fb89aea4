"""After a push that ended half-way: nothing is lost, and nothing is written twice."""

from typing import Any

import pytest

from connectors.activation import acknowledge as acknowledging
from connectors.activation import push as pushing
from connectors.activation.errors import Unsettled
from connectors.errors import Unreachable
from warehouse.ledger import sync_row, sync_run, sync_state, sync_verdict


def broken_push(bench: Any, contact: Any, rows: int = 6, dies_after: int = 3) -> None:
    """Rows 0 and 1 acknowledged, row 2 taken by the CRM without an answer, the rest not sent or not taken."""
    bench.put([contact(f"003{n}") for n in range(rows)])
    bench.crm.dies_after = dies_after
    with pytest.raises(Unreachable):
        bench.push()
    bench.crm.dies_after = None


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "CHUNK_ROWS", 2)


def test_planning_refuses_until_the_open_rows_are_settled(bench: Any, contact: Any) -> None:
    broken_push(bench, contact)
    with pytest.raises(Unsettled, match="2 rows were sent and never answered"):
        bench.plan()


def test_what_the_crm_took_is_acknowledged_and_the_rest_is_planned_again(bench: Any, contact: Any) -> None:
    broken_push(bench, contact)
    assert bench.settle() == (1, 1)
    assert [row["status"] for row in bench.rows(sync_run)] == ["settled"]
    bench.push()
    sent = [record_id for record_id, _ in bench.crm.sent]
    assert sorted(sent) == [f"003{n}" for n in range(6)]
    assert bench.plan().updates == 0


def test_a_row_whose_value_differs_in_the_crm_is_lost_not_acknowledged(bench: Any, contact: Any) -> None:
    broken_push(bench, contact)
    bench.crm.held["0032"]["touches_90d"] = 99
    assert bench.settle() == (0, 2)
    assert {row["record_id"] for row in bench.rows(sync_state)} == {"0030", "0031"}


def test_verdicts_that_were_stored_but_not_applied_are_applied(bench: Any, contact: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put([contact(f"003{n}") for n in range(2)])

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(acknowledging, "apply_verdicts", killed)
        with pytest.raises(KeyboardInterrupt):
            bench.push()
    assert len(bench.rows(sync_verdict)) == 2
    assert bench.rows(sync_state) == []
    assert bench.settle() == (0, 0)
    assert {row["status"] for row in bench.rows(sync_row)} == {"accepted"}
    assert bench.rows(sync_verdict) == []
    assert (len(bench.rows(sync_state)), bench.plan().updates) == (2, 0)


def test_settling_asks_the_crm_nothing_when_nothing_is_open(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    bench.push()
    bench.crm = None
    assert bench.settle() == (0, 0)


def test_attempts_do_not_count_for_rows_without_a_verdict(bench: Any, contact: Any) -> None:
    broken_push(bench, contact)
    bench.settle()
    bench.plan()
    assert {row["attempt"] for row in bench.rows(sync_row, sync_row.c.status == "planned")} == {1}
