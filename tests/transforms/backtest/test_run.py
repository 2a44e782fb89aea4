"""The backtest of a generated company: kept for its month, told in plain words, its tables described."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.kit import build, build_model, context, load_sandbox, open_warehouse, rows
from transforms.backtest import run, stability, tables
from transforms.backtest.text import backtest_lines
from transforms.base import DAY, Context
from transforms.method import load
from transforms.registry_backtest import backtest_models
from transforms.registry_scores import score_models
from transforms.tables import interactions, opportunities, people
from warehouse import DuckDBWarehouse

Tested = tuple[DuckDBWarehouse, Context]


@pytest.fixture(scope="module")
def tested(sandbox_state: Callable[[str], Path]) -> Iterator[Tested]:
    with open_warehouse() as opened:
        source = load_sandbox(opened, sandbox_state("tiny"))
        build_model(opened, source, only=[interactions, people, opportunities])
        given = context([source], backtest={"cuts": 3})
        build(opened, score_models()[:5], given)
        assert backtest_lines(opened) == []
        build(opened, backtest_models(), given)
        yield opened, given


def test_all_questions_are_answered(tested: Tested) -> None:
    warehouse, _ = tested
    found = sorted(rows(warehouse, tables.verdicts), key=lambda row: row["position"])
    assert [row["position"] for row in found] == list(range(6))
    assert {row["answer"] for row in found} <= {"yes", "no", "not distinguishable", "not measured"}
    assert found[0]["question"] == "Better than counting?"
    assert found[0]["answer"] != "not measured"


def test_a_terminal_shows_the_table_and_the_answers(tested: Tested) -> None:
    lines = list(backtest_lines(tested[0]))
    text = "\n".join(lines)
    assert lines[0] == "sales_cloud: does the score tell who stays in contact? (computed 2026-06-01, once a month)"
    for words in (
        "closeness (ours)",
        "count of events, 1 year",
        "days since last contact",
        "count with half-life",
        "Better than counting?",
    ):
        assert words in text
    assert max(map(len, lines)) <= 110


def test_every_pair_and_date_is_asked_once(tested: Tested) -> None:
    keys = [(row["cut"], row["user_key"], row["person_key"]) for row in rows(tested[0], tables.outcomes)]
    assert len(keys) == len(set(keys)) > 100
    assert len({cut for cut, *_ in keys}) == 3


def marked(warehouse: DuckDBWarehouse) -> int:
    """Take the outcomes of one date out, so that a kept table can be told from one made anew; returns what is left."""
    with warehouse.native() as cursor:
        cursor.execute("delete from backtest.outcomes where cut = (select max(cut) from backtest.outcomes)")
    return run.count(warehouse, tables.outcomes)


def test_it_is_computed_once_a_month_and_anew_for_another_method(tested: Tested) -> None:
    warehouse, given = tested
    whole, left = run.count(warehouse, tables.outcomes), marked(warehouse)
    run.RUNS.build(warehouse, replace(given, as_of=given.as_of + 29 * DAY))
    assert run.count(warehouse, tables.outcomes) == left < whole
    assert run.kept(warehouse, given, ["sales_cloud"])
    assert not run.kept(warehouse, replace(given, as_of=given.as_of + 30 * DAY), ["sales_cloud"])
    assert not run.kept(warehouse, replace(given, method=load({"closeness.cc": 0.5})), ["sales_cloud"])
    assert not run.kept(warehouse, given, ["dynamics", "sales_cloud"])
    with warehouse.native() as cursor:
        cursor.execute("update backtest.runs set month = date '2026-05-01'")
    run.RUNS.build(warehouse, given)
    assert run.count(warehouse, tables.outcomes) == whole


def test_order_hardly_hangs_on_the_channel_weights(tested: Tested) -> None:
    warehouse, given = tested
    found = stability.stability(warehouse, given, movers=3)
    print("\n".join(stability.lines(found)))
    assert len(found) == 10
    assert min(one.correlation for one in found) >= 0.85
    assert all(len(one.movers) == 3 for one in found)
    shares = [abs(share) for _, share in found[0].movers]
    assert shares == sorted(shares, reverse=True)


def test_every_table_and_figure_is_explained() -> None:
    unexplained: list[Any] = [
        f"{table.name}.{column.name}"
        for table in tables.metadata.sorted_tables
        for column in table.columns
        if not column.comment and column.name not in PLAIN
    ]
    assert unexplained == []
    assert all(table.comment for table in tables.metadata.sorted_tables)
    assert {model.table for model in backtest_models()} == set(tables.metadata.tables.values())


PLAIN = {"crm", "pairs", "auc_high", "ahead_high", "high", "closeness_lost", "opportunity_id", "account_key", "user_id", "won", "question",
         "position", "figure"}  # fmt: skip
"""Columns that say what they are, or whose neighbour does."""
