"""What counts as a change, what goes along with it, and what a plan says about itself."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.activation.errors import FieldNotWritable, PlanUnusable
from connectors.activation.plan import build, load
from connectors.activation.settings import ActivationSettings
from connectors.fields import OUTPUT, column
from warehouse import ledger

TOMORROW = date(2026, 6, 2)


def pushed(bench: Any, rows: Any, entity: Any = "contact") -> None:
    bench.put(rows, entity)
    bench.push()
    bench.crm.sent.clear()


def sent_after(bench: Any, rows: Any, entity: Any = "contact") -> Any:
    bench.put(rows, entity)
    bench.push(bench.plan(TOMORROW))
    return dict(bench.crm.sent)


def test_the_first_plan_sends_every_field_so_that_the_crm_is_known_afterwards(bench: Any, contact: Any) -> None:
    bench.put([contact()], wide=True)
    made = bench.plan()
    assert (made.mode, made.updates) == ("first", 1)
    bench.push(made)
    [(_, values)] = bench.crm.sent
    assert set(values) == {column(spec) for spec in OUTPUT["contact"]}
    assert values["rhythm"] is None
    assert values["scored_on"] == date(2026, 6, 1)


def test_a_second_push_writes_nothing_also_on_a_later_day(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    made = bench.plan(TOMORROW)
    assert (made.mode, made.updates, made.entities["contact"].unchanged) == ("incremental", 0, 1)


def test_a_score_is_rewritten_from_min_delta_on(bench: Any, contact: Any) -> None:
    moves = {"a": 0.9, "b": 1.0, "c": -1.0, "d": -0.9}
    pushed(bench, [contact(record_id) for record_id in moves])
    assert set(sent_after(bench, [contact(record_id, closeness=50.0 + moved) for record_id, moved in moves.items()])) == {"b", "c"}


def test_slow_drift_adds_up_until_it_counts(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    assert sent_after(bench, [contact(closeness=50.6)]) == {}
    assert sent_after(bench, [contact(closeness=51.2)]) == {"003A": {"closeness": 51.2, "scored_on": TOMORROW}}


def test_min_delta_counts_in_hundredths_of_the_scale(bench: Any) -> None:
    row = {"record_id": "001A", "solution_acceptance_avg": 0.50}
    pushed(bench, [row], "account")
    assert sent_after(bench, [row | {"solution_acceptance_avg": 0.53}], "account") == {}
    assert "solution_acceptance_avg" in sent_after(bench, [row | {"solution_acceptance_avg": 0.54}], "account")["001A"]


def test_trends_are_scores_and_frequency_is_a_count(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    assert sent_after(bench, [contact(trend_30d=2.9)]) == {}
    assert sent_after(bench, [contact(frequency=1.67)]) == {"003A": {"frequency": 1.67, "scored_on": TOMORROW}}


def test_a_score_goes_along_when_a_label_changed_so_that_they_agree(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    sent = sent_after(bench, [contact(closeness=49.9, closeness_grade="Fair")])
    assert sent == {"003A": {"closeness": 49.9, "closeness_grade": "Fair", "scored_on": TOMORROW}}


def test_a_score_that_moved_little_stays_when_only_a_count_changed(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    assert sent_after(bench, [contact(closeness=50.5, touches_90d=5)]) == {"003A": {"touches_90d": 5, "scored_on": TOMORROW}}


def test_becoming_blank_is_a_change_and_is_sent_as_an_explicit_blank(bench: Any, contact: Any) -> None:
    fields = ("touches_90d", "last_touch", "closeness", "closeness_grade", "strongest_user")
    pushed(bench, [contact(field, strongest_user="005A") for field in fields])
    sent = sent_after(bench, [contact(field, strongest_user="005A") | {field: None} for field in fields])
    assert [(field in sent[field], sent[field].get(field)) for field in fields] == [(True, None)] * len(fields)


def test_why_and_version_never_alone_but_with_another_change(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    assert sent_after(bench, [contact(why="other words", method_version="m2")]) == {}
    sent = sent_after(bench, [contact(why="other words", method_version="m2", touches_90d=5)])["003A"]
    assert sent == {"touches_90d": 5, "why": "other words", "method_version": "m2", "scored_on": TOMORROW}


def test_the_computed_scored_on_is_no_change_by_itself(bench: Any, contact: Any) -> None:
    pushed(bench, [contact(scored_on=date(2026, 6, 1))])
    assert sent_after(bench, [contact(scored_on=TOMORROW)]) == {}


def test_values_are_compared_as_the_crm_can_hold_them(bench: Any, contact: Any) -> None:
    pushed(bench, [contact(closeness=50.04, why=" 4 touches ", rhythm="")])
    assert bench.crm.held["003A"]["closeness"] == 50.0
    assert bench.crm.held["003A"]["why"] == "4 touches"
    assert sent_after(bench, [contact(closeness=50.0, why="4 touches", rhythm=None, touches_90d=4)]) == {}


def test_text_is_cut_to_the_length_of_the_field(bench: Any, contact: Any) -> None:
    pushed(bench, [contact(why="x" * 300)])
    assert len(bench.crm.held["003A"]["why"]) == 255


def test_quotes_newlines_and_chinese_survive_the_ledger(bench: Any, contact: Any) -> None:
    text = 'said "yes",\n{"a": 1} 关系 \\ end'
    pushed(bench, [contact(why=text)])
    assert bench.crm.held["003A"]["why"] == text
    assert bench.plan().updates == 0


def test_counts_add_up_and_the_field_summary_tells_what_changes(bench: Any, contact: Any) -> None:
    pushed(bench, [contact(f"003{n}") for n in range(5)])
    bench.put([contact(f"003{n}", touches_90d=4 + (n < 2)) for n in range(5)])
    counts = bench.plan().entities["contact"]
    assert (counts.rows, counts.updates, counts.unchanged, counts.skipped) == (5, 2, 3, 0)
    assert {name: rows for name, rows in counts.fields.items() if rows} == {"touches_90d": 2, "scored_on": 2}


def test_a_new_prefix_shows_as_rebaseline(bench: Any, contact: Any) -> None:
    pushed(bench, [contact()])
    made = bench.plan(target="ZZ")
    assert (made.mode, made.entities["contact"].rebaseline) == ("rebaseline", 1)


def test_a_field_that_was_never_sent_is_sent_and_shows_as_rebaseline(bench: Any, contact: Any) -> None:
    bench.put([contact(rhythm=None)])
    full = dict(bench.tables)
    narrow = sa.Table(
        "contact", sa.MetaData(), *(item.copy() for item in full["contact"].columns if item.name != "rhythm"), schema="enrichment"
    )
    bench.tables = {"contact": narrow}
    bench.push()
    bench.crm.sent.clear()
    bench.tables = full
    made = bench.plan(TOMORROW)
    assert made.mode == "rebaseline"
    bench.push(made)
    assert dict(bench.crm.sent)["003A"] == {"rhythm": None, "scored_on": TOMORROW}
    assert bench.plan(TOMORROW).updates == 0


def test_a_field_people_enter_is_refused_before_anything_is_stored(bench: Any) -> None:
    table = sa.Table("contact", sa.MetaData(), *(sa.Column(name, sa.String) for name in ("crm", "record_id", "parent_id", "attitude")))
    with pytest.raises(FieldNotWritable, match="attitude is no output field of contact"):
        build(bench.warehouse, "sales_cloud", {"contact": table}, TOMORROW, ActivationSettings())
    assert bench.rows(ledger.sync_run) == []


def test_a_newer_plan_supersedes_the_one_that_was_not_pushed(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    old, new = bench.plan(), bench.plan()
    with pytest.raises(PlanUnusable, match="superseded"):
        load(bench.warehouse, old.plan_id)
    assert load(bench.warehouse, new.plan_id) == new
    assert {row["run_id"] for row in bench.rows(ledger.sync_row)} == {new.plan_id}


def test_a_plan_can_be_pushed_once(bench: Any, contact: Any) -> None:
    bench.put([contact()])
    made = bench.plan()
    bench.push(made)
    with pytest.raises(PlanUnusable, match="is done and cannot be pushed again"):
        bench.push(made)
    with pytest.raises(PlanUnusable, match="there is no plan nonsense"):
        load(bench.warehouse, "nonsense")


def test_other_crms_rows_are_not_looked_at(bench: Any, contact: Any) -> None:
    bench.put([contact(), contact("003B") | {"crm": "dynamics"}])
    assert bench.plan().entities["contact"].rows == 1


def test_rows_are_ordered_by_parent(bench: Any, contact: Any) -> None:
    bench.put([contact("3", parent_id="b"), contact("1", parent_id="b"), contact("2", parent_id="a")])
    bench.push()
    assert [record_id for record_id, _ in bench.crm.sent] == ["2", "1", "3"]
