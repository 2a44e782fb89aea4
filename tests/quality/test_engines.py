"""Both engines give the same answer on the same rows, whatever the rule."""

import subprocess
import sys
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality import gx, sql
from quality.check import run_suite
from quality.expectations import AtLeast, Belongs, Between, Expectation, InSet, NotNull, Ordered, Outcome, Rule, Suite, Unique
from warehouse import DuckDBWarehouse

RULES: dict[str, Rule] = {
    "present": NotNull("id"),
    "once": Unique(("id",)),
    "once_together": Unique(("id", "word")),
    "between": Between("number", 0, 100),
    "not_negative": Between("number", 0),
    "word": InSet("word", ("a", "b")),
    "ordered": Ordered("number", "other"),
    "living": Belongs(("id",), "model.known", ("id",), "is_live"),
    "known": Belongs(("id",), "model.known", ("id",)),
    "enough": AtLeast(3),
}
SUITE = Suite("model", "things", ("id",), tuple(Expectation(name, name, rule) for name, rule in RULES.items()))
SCHEMA = pa.schema([("id", pa.string()), ("number", pa.float64()), ("other", pa.float64()), ("word", pa.string())])
CLEAN = [("i1", 0.0, 0.0, "a"), ("i2", 100.0, 100.0, "b"), ("i3", None, 1.0, None)]
BROKEN: dict[str, tuple[object, ...]] = {
    "present": (None, 1.0, 1.0, "a"),
    "once": ("i1", 1.0, 1.0, "b"),
    "once_together": ("i1", 1.0, 1.0, "a"),
    "between": ("i4", 100.1, 200.0, "a"),
    "not_negative": ("i4", -0.1, 1.0, "a"),
    "word": ("i4", 1.0, 1.0, "c"),
    "ordered": ("i4", 2.0, 1.0, "a"),
    "living": ("i5", 1.0, 1.0, "a"),
    "known": ("i6", 1.0, 1.0, "a"),
}
NAMES = st.none() | st.sampled_from([f"i{number}" for number in range(1, 8)])
NUMBERS = st.none() | st.sampled_from([-1.0, 0.0, 0.5, 99.9, 100.0, 100.5])
ROWS = st.lists(st.tuples(NAMES, NUMBERS, NUMBERS, st.none() | st.sampled_from("abc")), min_size=1, max_size=12)


def put(warehouse: DuckDBWarehouse, rows: Sequence[tuple[object, ...]]) -> None:
    things = pa.table([list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 4, schema=SCHEMA)
    known = pa.table({"id": [f"i{number}" for number in range(1, 6)], "is_live": [True, True, True, True, False]})
    with warehouse.native() as cursor:
        cursor.register("arrow_things", things)
        cursor.register("arrow_known", known)
        cursor.execute("create or replace table model.things as select * from arrow_things")
        cursor.execute("create or replace table model.known as select * from arrow_known")


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, tuple[bool | None, int, tuple[str, ...]]]:
    return {outcome.expectation.id: (outcome.passed, outcome.unexpected, outcome.examples) for outcome in outcomes}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_great_expectations_and_sql_agree_on_every_rule(warehouse: DuckDBWarehouse, rows: list[tuple[object, ...]]) -> None:
    put(warehouse, rows)
    assert verdicts(gx.run(SUITE, warehouse, len(rows))) == verdicts(sql.run(SUITE, warehouse, len(rows)))


@pytest.mark.parametrize("frame_rows", [0, 100])
def test_clean_rows_satisfy_every_rule(warehouse: DuckDBWarehouse, frame_rows: int) -> None:
    put(warehouse, CLEAN)
    assert all(outcome.passed for outcome in run_suite(SUITE, warehouse, frame_rows))


@pytest.mark.parametrize("frame_rows", [0, 100])
@pytest.mark.parametrize("name", BROKEN)
def test_each_rule_can_fail(warehouse: DuckDBWarehouse, name: str, frame_rows: int) -> None:
    put(warehouse, [*CLEAN, BROKEN[name]])
    found = verdicts(run_suite(SUITE, warehouse, frame_rows))
    assert found[name][0] is False
    assert found[name][1] >= 1


def test_too_few_rows_fail_and_say_how_many_are_missing(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, CLEAN[:1])
    assert verdicts(run_suite(SUITE, warehouse))["enough"] == (False, 2, ())


def test_large_tables_go_to_sql_and_small_ones_to_great_expectations(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, CLEAN)
    assert {outcome.engine for outcome in run_suite(SUITE, warehouse, frame_rows=2)} == {"sql"}
    assert {outcome.engine for outcome in run_suite(SUITE, warehouse, frame_rows=3)} == {"gx"}


def test_outcomes_come_in_the_order_of_the_suite(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, CLEAN)
    assert [outcome.expectation.id for outcome in run_suite(SUITE, warehouse)] == list(RULES)


def test_a_rule_on_a_missing_column_is_not_a_failure_but_could_not_be_checked(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, CLEAN)
    suite = Suite("model", "things", ("id",), (Expectation("gone", "", NotNull("gone")), Expectation("there", "", NotNull("id"))))
    gone, there = run_suite(suite, warehouse)
    assert (gone.passed, there.passed) == (None, True)
    assert "model.things" in gone.detail


def test_a_missing_table_could_not_be_checked(warehouse: DuckDBWarehouse) -> None:
    (outcome,) = run_suite(Suite("model", "nothing", (), (Expectation("there", "", NotNull("id")),)), warehouse)
    assert outcome.passed is None
    assert outcome.detail == "there is no table model.nothing"


def test_what_great_expectations_cannot_evaluate_is_an_error_with_its_reason(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, CLEAN)
    suite = Suite("model", "things", ("id",), (Expectation("nonsense", "", Between("word", 0, 1)),))
    (outcome,) = gx.run(suite, warehouse, 3)
    assert outcome.passed is None
    assert outcome.detail


def test_examples_are_few_and_hold_ids_only(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, [(f"i{number:02}", 500.0, 500.0, "secret@example.com") for number in range(50)])
    found = verdicts(run_suite(SUITE, warehouse))
    assert found["word"] == (False, 50, ("i00", "i01", "i02", "i03", "i04"))


TWO_CRMS = [
    ("a", "i1", 0.0, 0.0, "a"),
    ("a", "i2", 1.0, 1.0, "b"),
    ("a", "i3", 2.0, 2.0, "a"),
    ("b", "i1", 500.0, 1.0, "c"),
    ("b", None, 1.0, 1.0, "a"),
]


@pytest.mark.parametrize("frame_rows", [0, 100])
def test_of_a_table_of_both_crms_only_the_rows_of_the_one_asked_about_are_judged(warehouse: DuckDBWarehouse, frame_rows: int) -> None:
    put(warehouse, [row[1:] for row in TWO_CRMS])
    with warehouse.native() as cursor:
        cursor.register("arrow_crms", pa.table({"crm": [row[0] for row in TWO_CRMS]}))
        cursor.execute("create or replace table model.things as select * from arrow_crms positional join model.things")
    good = run_suite(SUITE, warehouse, frame_rows, crm="a")
    assert {(outcome.passed, outcome.rows) for outcome in good} == {(True, 3)}
    bad = {outcome.expectation.id: outcome for outcome in run_suite(SUITE, warehouse, frame_rows, crm="b")}
    assert {name for name, outcome in bad.items() if not outcome.passed} == {"present", "between", "word", "ordered", "enough"}
    assert bad["word"].examples == ("i1",)
    assert not {outcome.passed for outcome in run_suite(SUITE, warehouse, frame_rows) if outcome.expectation.id == "once"} - {False}


def test_a_table_that_does_not_tell_crms_apart_is_judged_whole(warehouse: DuckDBWarehouse) -> None:
    put(warehouse, CLEAN)
    assert {(outcome.passed, outcome.rows) for outcome in run_suite(SUITE, warehouse, crm="a")} == {(True, 3)}


IMPORTED = """
import sys
from quality import gx
gx.imported(), gx.imported()
print([name for name in ("scipy.stats._stats_py", "altair.vegalite") if name in sys.modules])
import altair, scipy.stats
from scipy import stats
print(altair.Chart.__name__, stats is scipy.stats, stats.norm.cdf(0))
"""


def test_what_no_expectation_needs_is_imported_when_somebody_needs_it_however_often_the_library_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "Chart True 0.5"]
