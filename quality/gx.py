"""Expectations checked by Great Expectations, on a frame of just the columns the suite names.

Great Expectations takes seconds and some 200 MB to import, so that happens on the first use. Results come in no fixed
order: each carries its id in `meta`. What could not be evaluated is an error, not a failure. Deliberately absent: its
stores, data docs, usage statistics and its own reading of the warehouse.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from quality import sql
from quality.expectations import AtLeast, Belongs, Between, Expectation, InSet, NotNull, Ordered, Outcome, Suite, Unique, columns_of
from quality.later import import_later
from warehouse import DuckDBWarehouse

if TYPE_CHECKING:
    import pandas as pd

UNUSED = ("scipy.stats", "altair")
"""More than a third of what Great Expectations' import takes, and no expectation of ours needs them."""
WHETHER = {"result_format": "BOOLEAN_ONLY"}
HOW_MANY = {"result_format": "BASIC", "partial_unexpected_count": 0}
_CONFIGURED: dict[int, tuple[Any, Any]] = {}
"""By identity, the expectations of the suite in hand, each with its configuration."""


def run(suite: Suite, warehouse: DuckDBWarehouse, rows: int) -> list[Outcome]:
    """Check the suite by Great Expectations; `rows` is the size of its table."""
    results = _validate(_frame(suite, warehouse), suite)
    return [_outcome(suite, expectation, results[expectation.id], warehouse, rows) for expectation in suite.expectations]


def _frame(suite: Suite, warehouse: DuckDBWarehouse) -> "pd.DataFrame":
    table = sql.table_of(suite)
    needed = {column for item in suite.expectations if not isinstance(item.rule, Belongs) for column in columns_of(item.rule)}
    found = [sql.belongs(item.rule, table).label(item.id) for item in suite.expectations if isinstance(item.rule, Belongs)]
    columns = [table.c[name] for name in sorted(needed)]
    return warehouse.arrow(sa.select(*columns, *found, sa.literal(1).label("_row")).select_from(table)).to_pandas()


@cache
def _library() -> tuple[Any, Any]:
    """Great Expectations and a batch definition that takes any frame."""
    library = imported()
    context = library.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return library, asset.add_batch_definition_whole_dataframe("whole")


def imported() -> Any:
    """Great Expectations itself."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in UNUSED:
        import_later(name)
    library = import_module("great_expectations")
    _configure_once(library.expectations.Expectation)
    return library


def _configure_once(expectation: Any) -> None:
    """Let each expectation derive its configuration once: Great Expectations asks some fifty times, a third of what a check costs."""
    derive = expectation.configuration.fget
    if derive.__module__ == __name__:
        return

    def configuration(asked: Any) -> Any:
        _, found = _CONFIGURED.get(id(asked)) or (asked, derive(asked))
        _CONFIGURED[id(asked)] = asked, found
        return found

    expectation.configuration = property(configuration)


def _validate(frame: "pd.DataFrame", suite: Suite) -> Mapping[str, Any]:
    """Results by id. Only what fails is counted, in a second look: counting costs a third more, and few expectations fail."""
    _, whole = _library()
    batch = whole.get_batch({"dataframe": frame})
    found = _results(batch, suite.name, suite.expectations, WHETHER)
    failed = [item for item in suite.expectations if not found[item.id].success]
    return found | (_results(batch, suite.name, failed, HOW_MANY) if failed else {})


def _results(batch: Any, name: str, expectations: Sequence[Expectation], wanted: Mapping[str, Any]) -> dict[str, Any]:
    library, _ = _library()
    suite = library.ExpectationSuite(name=name, expectations=[_translated(library, item) for item in expectations])
    found = batch.validate(suite, result_format=wanted)
    _CONFIGURED.clear()
    return {result.expectation_config.meta["id"]: result for result in found.results}


def _translated(library: Any, item: Expectation) -> Any:
    name, options = _named(item)
    return getattr(library.expectations, name)(**options, meta={"id": item.id})


def _named(item: Expectation) -> tuple[str, dict[str, Any]]:
    match item.rule:
        case NotNull(column):
            return "ExpectColumnValuesToNotBeNull", {"column": column}
        case Between(column, low, high):
            return "ExpectColumnValuesToBeBetween", {"column": column, "min_value": low, "max_value": high}
        case InSet(column, values):
            return "ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(values)}
        case Ordered(low, high):
            pair = {"column_A": high, "column_B": low, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
            return "ExpectColumnPairValuesAToBeGreaterThanB", pair
        case Unique((column,)):
            return "ExpectColumnValuesToBeUnique", {"column": column}
        case Unique(columns):
            return "ExpectCompoundColumnsToBeUnique", {"column_list": list(columns), "ignore_row_if": "any_value_is_missing"}
        case Belongs():
            return "ExpectColumnValuesToBeInSet", {"column": item.id, "value_set": [True]}
        case AtLeast(rows):
            return "ExpectTableRowCountToBeBetween", {"min_value": rows}


def _outcome(suite: Suite, expectation: Expectation, result: Any, warehouse: DuckDBWarehouse, rows: int) -> Outcome:
    rule = expectation.rule
    if fault := _fault(result.exception_info):
        return Outcome(expectation, None, rows, detail=fault, engine="gx")
    if isinstance(rule, AtLeast):
        return Outcome(expectation, bool(result.success), rows, max(rule.rows - rows, 0), engine="gx")
    unexpected = 0 if result.success else int(result.result.get("unexpected_count") or 1)
    ids = sql.examples(suite, rule, warehouse) if unexpected else ()
    return Outcome(expectation, bool(result.success), rows, unexpected, ids, engine="gx")


def _fault(info: Mapping[str, Any]) -> str:
    entries = [info] if "raised_exception" in info else list(info.values())
    raised = [str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception")]
    return raised[0].splitlines()[0] if raised else ""
